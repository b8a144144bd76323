"""A batch pushed by a program becomes a file, and goes the way of all files."""

import csv
import re
from collections.abc import Iterable, Mapping
from decimal import Decimal
from io import StringIO
from typing import Any, ClassVar

from django.core.files.base import ContentFile
from django.db import transaction
from django.utils import timezone
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse
from rest_framework.status import HTTP_202_ACCEPTED

from customers.imports.arrival import receive
from customers.imports.table import UnreadableFile
from customers.models import AuditEvent, Source, Upload, User
from customers.tasks import import_upload

MOST_ROWS = 1000
MOST_DIGITS = 25
LONGEST_TEXT = 1000  # what is too long for its column is set aside with its row
ISO_DATE = re.compile(
    r"\A\d{4}-\d{2}-\d{2}([T ]\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:?\d{2})?)?\Z", re.ASCII
)
NOT_ISO = "Write it as 2026-11-20 or 2026-11-20T14:05:00+01:00."


class NumberField(serializers.DecimalField):
    """A number; what cannot be one of its kind is set aside with its row."""

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


class MomentField(serializers.RegexField):
    """A day or a moment, ISO 8601."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(ISO_DATE, error_messages={"invalid": NOT_ISO}, **kwargs)


class SourceField(serializers.CharField):
    """The system whose customers these are."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=Source._meta.get_field("name").max_length, **kwargs)


class RowsField(serializers.ListField):
    """The rows of a batch, 1 to 1,000."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            allow_empty=False,
            max_length=MOST_ROWS,
            error_messages={
                "empty": "Send at least one row.",
                "max_length": "Send {max_length} rows at most at a time.",
            },
            **kwargs,
        )


class PushedSerializer(serializers.Serializer):
    pk = serializers.IntegerField()
    status = serializers.CharField()
    rows = serializers.IntegerField()
    upload = serializers.URLField(help_text="Ask here for the counts and the rows set aside.")


class PushesBatches:
    """A view whose batches become files. holds: one of Upload.Holds."""

    holds: ClassVar[str]
    batch_serializer: ClassVar[type[serializers.Serializer]]

    def take(self, request: Request) -> Response:
        """The batch as an upload that waits for its import."""
        batch = self.batch_serializer(data=request.data)
        batch.is_valid(raise_exception=True)
        try:
            upload = _push(batch, self.holds, request.user)
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


def _push(batch: serializers.Serializer, holds: str, sent_by: User) -> Upload:
    """Raises UnreadableFile."""
    said = batch.validated_data
    columns = list(batch.fields["rows"].child.fields)
    upload = receive(
        ContentFile(_as_csv(columns, said["rows"]), f"push-{timezone.now():%Y-%m-%dT%H%M%S%f}.csv"),
        source_name=said.get("source", ""),
        department=said.get("department"),
        complete_until=said.get("complete_until"),
        holds=holds,
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


def _cell(value: str | bool | Decimal | None) -> str:
    """Numbers without an exponent, as the reader of files knows them."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return format(value, "f") if isinstance(value, Decimal) else value
