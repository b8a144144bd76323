"""The wizard of an upload: file, columns, dry run, import, result; and the way back."""

from contextlib import suppress

from django.contrib import messages
from django.core.paginator import Paginator
from django.db import transaction
from django.db.models import Q, Sum
from django.http import StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST
from django_htmx.http import HttpResponseClientRefresh

from customers.forms.uploads import ColumnsForm, HoldsForm, UploadForm
from customers.imports.arrival import hold, receive
from customers.imports.preview import columns_seen, first_rows, outcomes_of
from customers.imports.set_aside import lines_of
from customers.imports.table import UnreadableFile, peek
from customers.models import AuditEvent, Company, Department, Source, Upload, UploadCount, WorkMoved
from customers.models.facts.earlier import kept_until
from customers.tasks import import_upload

PER_PAGE = 50
COMES_IN = [UploadCount.STORED, UploadCount.CHANGED]
NOT_A_PROBLEM = [
    *COMES_IN,
    UploadCount.HERE_ALREADY,
    UploadCount.REMOVED,
    UploadCount.PUT_BACK,
]


@require_GET
def upload_list(request):
    imported = Q(counts__doing=Upload.Doing.IMPORT)
    uploads = (
        Upload.objects.select_related("source", "sent_by")
        .annotate(
            stored=Sum("counts__rows", filter=imported & Q(counts__outcome__in=COMES_IN)),
            put_aside=Sum("counts__rows", filter=imported & ~Q(counts__outcome__in=NOT_A_PROBLEM)),
        )
        .order_by("-pk")
    )
    page = Paginator(uploads, PER_PAGE).get_page(request.GET.get("page"))
    sources = Source.objects.order_by("name")
    return render(request, "customers/upload_list.html", {"page": page, "sources": sources})


@require_http_methods(["GET", "HEAD", "POST"])
def upload_new(request):
    form = UploadForm(request.POST or None, request.FILES or None)
    if form.is_valid():
        sent = form.cleaned_data
        try:
            upload = receive(
                sent["file"],
                source_name=sent["source"],
                department=sent["department"],
                holds=sent["holds"],
                complete_until=sent["complete_until"],
                sent_by=request.user,
            )
        except UnreadableFile as unreadable:
            form.add_error("file", str(unreadable))
        else:
            _record(request, upload, "Sent")
            return redirect("upload-page", upload.pk)
    context = {
        "form": form,
        "sources": Source.objects.order_by("name"),
        "has_departments": Department.objects.exists(),
    }
    return render(request, "customers/upload_new.html", context)


@require_GET
def upload_page(request, pk):
    return _page(request, _upload(pk))


@require_GET
def upload_progress(request, pk):
    upload = _upload(pk)
    if not upload.is_going_on and request.htmx:
        return HttpResponseClientRefresh()
    return render(request, "customers/_upload_progress.html", {"upload": upload})


@require_POST
def upload_holds(request, pk):
    upload = _upload(pk)
    form = HoldsForm(request.POST)
    if upload.can_be_checked and form.is_valid():
        try:
            hold(upload, form.cleaned_data["holds"])
        except UnreadableFile as unreadable:
            messages.error(request, str(unreadable))
    return redirect("upload-page", pk)


@require_POST
def upload_check(request, pk):
    upload = _upload(pk)
    table = _table(upload)
    if table is None or not upload.can_be_checked:
        return redirect("upload-page", pk)
    form = ColumnsForm(upload.holds, table.headers, upload.mapping(), request.POST)
    if not form.is_valid():
        return _page(request, upload, form)
    with suppress(WorkMoved), transaction.atomic():
        upload.map_columns(form.mapping())
        _ask(request, upload, Upload.Doing.CHECK)
    return redirect("upload-page", pk)


@require_POST
def upload_import(request, pk):
    upload = _upload(pk)
    if upload.can_be_imported:
        with suppress(WorkMoved), transaction.atomic():
            _ask(request, upload, Upload.Doing.IMPORT)
    return redirect("upload-page", pk)


@require_POST
def upload_undo(request, pk):
    upload = _upload(pk)
    if upload.can_be_undone:
        with suppress(WorkMoved), transaction.atomic():
            _ask(request, upload, Upload.Doing.UNDO)
    return redirect("upload-page", pk)


@require_POST
def upload_try_again(request, pk):
    upload = _upload(pk)
    with suppress(WorkMoved), transaction.atomic():
        upload.try_again()
        import_upload.delay_on_commit(pk)
    return redirect("upload-page", pk)


@require_POST
def upload_discard(request, pk):
    upload = _upload(pk)
    if not upload.can_be_discarded:
        return redirect("upload-page", pk)
    with transaction.atomic():
        _record(request, upload, "Discarded")
        upload.discard()
    return redirect("upload-list")


@require_GET
def upload_set_aside(request, pk):
    upload = _upload(pk)
    _record(request, upload, "Rows set aside of", verb=AuditEvent.Verb.EXPORTED)
    return StreamingHttpResponse(
        lines_of(upload),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="upload-{pk}-set-aside.csv"'},
    )


def _upload(pk):
    return get_object_or_404(
        Upload.objects.select_related("source", "department", "sent_by"), pk=pk
    )


def _table(upload):
    """What the file holds; None where it cannot be read any more."""
    with suppress(UnreadableFile):
        return peek(upload)


def _ask(request, upload, doing):
    """Put this step in the queue; belongs in a transaction."""
    upload.ask(doing=doing)
    _record(request, upload, f"{upload.get_doing_display()} of")
    import_upload.delay_on_commit(upload.pk)


def _record(request, upload, what, verb=AuditEvent.Verb.SENT_FILE):
    AuditEvent.objects.create(actor=request.user, verb=verb, about=f"{what} {upload}"[:200])


def _page(request, upload, form=None):
    """The wizard as far as this upload has come. form: its columns, where they had a mistake."""
    set_aside = upload.set_aside.filter(doing=upload.doing).order_by("number")
    outcomes = upload.outcomes()
    context = {
        "upload": upload,
        "outcomes": outcomes_of(upload),
        "stored": sum(outcomes.get(outcome, 0) for outcome in COMES_IN),
        "put_aside": sum(n for what, n in outcomes.items() if what not in NOT_A_PROBLEM),
        "page": Paginator(set_aside, PER_PAGE).get_page(request.GET.get("page")),
    }
    if outcomes.get(UploadCount.CHANGED) and (until := kept_until(upload)):
        context |= {"earlier_until": until, "is_earlier_kept": timezone.now() < until}
    if upload.can_be_discarded:
        context |= _columns(upload, form)
    return render(request, "customers/upload_page.html", context)


def _columns(upload, form):
    """The file's columns with what goes where, and its first rows as they would be stored."""
    table = _table(upload)
    if table is None:
        return {}
    company, mapping = Company.objects.current(), upload.mapping()
    form = form or ColumnsForm(upload.holds, table.headers, mapping)
    columns = columns_seen(table, upload.holds, mapping, company)
    return {
        "form": form,
        "holds_form": HoldsForm(initial={"holds": upload.holds}),
        "columns": list(zip(columns, form, strict=True)),
        "first_rows": first_rows(table, upload.holds, mapping, company),
    }
