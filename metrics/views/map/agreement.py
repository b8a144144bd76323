"""Agreement on the map: proposing, signing, countering, publishing, and every edition since."""

from django.contrib import messages
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from metrics.boards.agreement.editions import edition_board, signing_board
from metrics.forms.agreement import AnswerForm, CounterForms, ProposeForm, SignForm
from metrics.metric_map.agreement import drafting, signing
from metrics.models import CounterProposal, MapEdition
from metrics.policy import editions_for
from metrics.views.map.steps import as_sentence, map_change

agreeing = map_change("agreement-list")


@require_GET
def agreement_list(request):
    """What waits for this person's signature, and where the open edition stands."""
    edition = MapEdition.objects.open()
    context = {"board": signing_board(edition, request.user), "form": SignForm()}
    return render(request, "metrics/agreement_list.html", context)


@require_POST
@agreeing
def map_propose(request):
    form = ProposeForm(request.POST)
    edition = _open()
    if not form.is_valid():
        raise drafting.NotNow(as_sentence(form))
    drafting.propose(edition, request.user, **form.cleaned_data)
    messages.success(request, f"{edition} is proposed. It waits for its signatures.")
    return redirect("map-edit")


@require_POST
@agreeing
def map_take_back(request):
    drafting.take_back(_open(), request.user)
    return redirect("map-edit")


@require_POST
@agreeing
def map_withdraw(request):
    edition = _open()
    drafting.withdraw(edition, request.user)
    messages.success(request, f"{edition} is withdrawn. The published map is as it was.")
    return redirect("map-edit")


@require_POST
@agreeing
def map_publish(request):
    edition = _open()
    signing.publish(edition, request.user)
    is_out = edition.state == MapEdition.State.PUBLISHED
    messages.success(
        request,
        f"{edition} is published." if is_out else f"{edition} is confirmed for its time.",
    )
    return redirect("edition-page", number=edition.number)


@require_POST
@agreeing
def map_sign(request):
    edition = _open()
    form = SignForm(request.POST)
    if not form.is_valid():
        raise drafting.NotNow(as_sentence(form))
    told = form.cleaned_data
    wanted = (told["key"], told["party"], told["department"])
    needed = next((one for one in signing.needed_for(edition) if _names(one) == wanted), None)
    if needed is None:
        raise drafting.NotNow("That needs no signature any more: it was changed meanwhile.")
    if needed.fingerprint != told["fingerprint"]:
        raise drafting.NotNow(f"{needed.name} was changed since you read it: read it again.")
    signing.sign(edition, needed, request.user, told["said"], told["deliver_on"])
    messages.success(request, f"You signed {needed.name}.")
    return redirect("agreement-list")


@require_http_methods(["GET", "POST"])
@agreeing
def map_counter(request, key):
    edition = _open()
    if edition.state != MapEdition.State.PROPOSED:
        raise drafting.NotNow(f"{edition} is not proposed yet.")
    document = drafting.document_of(edition)
    if key not in document.metrics:
        raise Http404
    forms = CounterForms(request.POST or None, document, document.metrics[key])
    if request.method == "POST" and forms.is_valid():
        proposed = document.with_metric(forms.entry)
        signing.counter(edition, proposed, key, forms.said.cleaned_data["said"], request.user)
        messages.success(request, "Your proposal waits for the map administrator’s answer.")
        return redirect("agreement-list")
    context = {"forms": forms, "name": document.metrics[key].name, "edition": edition}
    return render(request, "metrics/map_counter.html", context)


@require_POST
@agreeing
def map_answer(request, pk):
    proposal = get_object_or_404(CounterProposal.objects.select_related("edition"), pk=pk)
    form = AnswerForm(request.POST)
    form.is_valid()
    is_taken = form.cleaned_data.get("does") == "take"
    said = form.cleaned_data.get("said", "")
    signing.answer(proposal, request.user, is_taken=is_taken, said=said)
    return redirect("map-edit")


@require_GET
def edition_list(request):
    editions = editions_for(request.user).select_related("proposed_by", "confirmed_by", "begun_by")
    return render(
        request, "metrics/edition_list.html", {"editions": editions.order_by("-number")[:200]}
    )


@require_GET
def edition_page(request, number):
    """The map as it was published then, drawn again, with what it changed and who signed."""
    edition = get_object_or_404(editions_for(request.user), number=number)
    board = edition_board(edition, request.GET.get("metric", ""))
    return render(request, "metrics/edition_page.html", {"board": board})


@require_POST
@agreeing
def edition_roll_back(request, number):
    earlier = get_object_or_404(MapEdition, number=number)
    edition = drafting.roll_back_to(earlier, request.user)
    messages.success(request, f"{edition} proposes the map of {earlier} again.")
    return redirect("map-edit")


def _open():
    edition = MapEdition.objects.open()
    if edition is None:
        raise drafting.NotNow("No edition is open.")
    return edition


def _names(needed):
    return needed.key, needed.party, needed.department.pk if needed.department else None
