"""Purchases pushed by a program: a batch becomes a file, and goes the way of all files."""

import csv
import re
from collections.abc import Iterable, Mapping
from decimal import Decimal
from io import StringIO
from typing import Any

from django.core.files.base import ContentFile
from django.db import transaction
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse
from rest_framework.status import HTTP_202_ACCEPTED
from rest_framework.views import APIView

from customers.imports.arrival import receive
from customers.imports.table import UnreadableFile
from customers.models import AuditEvent, Department, Source, Upload, User
from customers.tasks import import_upload

MOST_ROWS = 1000
MOST_DIGITS = 25
LONGEST_TEXT = 1000  # what is too long for its column is set aside with its row
ISO_DATE = re.compile(
    r"\A\d{4}-\d{2}-\d{2}([T ]\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:?\d{2})?)?\Z", re.ASCII
)
NOT_ISO = "Write it as 2026-11-20 or 2026-11-20T14:05:00+01:00."


class NumberField(serializers.DecimalField):
    """A number; what is no purchase is set aside with its row."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            max_digits=MOST_DIGITS, decimal_places=None, required=False, allow_null=True, **kwargs
        )


class TextField(serializers.CharField):
    """One line of text, empty where it is left out."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(required=False, allow_blank=True, max_length=LONGEST_TEXT, **kwargs)

    def to_internal_value(self, data: Any) -> str:
        return " ".join(super().to_internal_value(data).splitlines())


class RowSerializer(serializers.Serializer):
    """A line of an order. Without a customer it is a sale to a guest."""

    customer = TextField(help_text="The source's code of the customer.")
    date = serializers.RegexField(
        ISO_DATE, help_text="ISO 8601, with the time if known.", error_messages={"invalid": NOT_ISO}
    )
    order = TextField(help_text="The source's code of the order.")
    product = TextField()
    quantity = NumberField()
    price = NumberField(help_text="Price of one; with a quantity it stands for the amount.")
    amount = NumberField(help_text="Amount of the line; below zero for a return.")
    cost = NumberField(help_text="What the line cost us.")
    channel = TextField()
    country = TextField()
    name = TextField(help_text="The customer's name.")


class PushSerializer(serializers.Serializer):
    """A batch of rows from one source, and who looks after its new customers."""

    source = serializers.CharField(max_length=Source._meta.get_field("name").max_length)
    department = serializers.SlugRelatedField(
        slug_field="name",
        queryset=Department.objects.all(),
        error_messages={"does_not_exist": "There is no department {value}."},
    )
    complete_until = serializers.DateField(
        required=False,
        allow_null=True,
        help_text="Last day of which the source has sent all purchases; else the last day here.",
    )
    rows = serializers.ListField(
        child=RowSerializer(),
        allow_empty=False,
        max_length=MOST_ROWS,
        error_messages={
            "empty": "Send at least one row.",
            "max_length": "Send {max_length} rows at most at a time.",
        },
    )


class PushedSerializer(serializers.Serializer):
    pk = serializers.IntegerField()
    status = serializers.CharField()
    rows = serializers.IntegerField()
    upload = serializers.URLField(help_text="Ask here for the counts and the rows set aside.")


class PurchasePushView(APIView):
    """Send purchases, 1,000 rows at most at a time. They are imported after the answer.

    The same batch again adds nothing: a row that is here already is not stored a second time,
    and the n-th of equal rows in a batch is the n-th of any other. So equal lines of two batches
    count as the same line unless they differ in order or time: send the order code, or the time
    of day.
    """

    @extend_schema(request=PushSerializer, responses={HTTP_202_ACCEPTED: PushedSerializer})
    def post(self, request: Request) -> Response:
        batch = PushSerializer(data=request.data)
        batch.is_valid(raise_exception=True)
        try:
            upload = _push(batch.validated_data, request.user)
        except UnreadableFile as unreadable:
            raise serializers.ValidationError({"rows": [str(unreadable)]}) from None
        address = reverse("api-upload-detail", args=[upload.pk], request=request)
        answer = {
            "pk": upload.pk,
            "status": upload.status,
            "rows": len(batch.validated_data["rows"]),
            "upload": address,
        }
        return Response(
            PushedSerializer(answer).data, HTTP_202_ACCEPTED, headers={"Location": address}
        )


def _push(batch: Mapping[str, Any], sent_by: User) -> Upload:
    """The batch as an upload that waits for its import. Raises UnreadableFile."""
    columns = list(RowSerializer().fields)
    upload = receive(
        ContentFile(
            _as_csv(columns, batch["rows"]), f"push-{timezone.now():%Y-%m-%dT%H%M%S%f}.csv"
        ),
        source_name=batch["source"],
        department=batch["department"],
        complete_until=batch.get("complete_until"),
        columns={column: column for column in columns},
        sent_by=sent_by,
    )
    with transaction.atomic():
        upload.ask(doing=Upload.Doing.IMPORT)
        AuditEvent.objects.create(
            actor=sent_by, verb=AuditEvent.Verb.SENT_FILE, about=f"Pushed {upload}"[:200]
        )
        import_upload.delay_on_commit(upload.pk)
    return upload


def _as_csv(columns: list[str], rows: Iterable[Mapping[str, Any]]) -> bytes:
    text = StringIO()
    writer = csv.writer(text)
    writer.writerow(columns)
    writer.writerows([_cell(row.get(column)) for column in columns] for row in rows)
    return text.getvalue().encode()


def _cell(value: str | Decimal | None) -> str:
    """Numbers without an exponent, as the reader of files knows them."""
    if value is None:
        return ""
    return format(value, "f") if isinstance(value, Decimal) else value
