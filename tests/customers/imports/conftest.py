"""Files on their way in: text becomes an upload, claimed as a worker would."""

import pytest
from django.core.files.base import ContentFile
from django.db import transaction

from customers.imports.arrival import receive
from customers.imports.loader import load
from customers.imports.undo import undo
from customers.models import Upload

HEADER = "customer,date,order,product,quantity,amount"


@pytest.fixture(autouse=True)
def own_folder(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "uploads"


@pytest.fixture
def draft(company, sales):
    """Make a draft of a file: its rows below a header, or bytes as they are."""

    def make(*rows, header=HEADER, name="orders.csv", source="web shop", **facts):
        content = rows[0] if isinstance(rows[0], bytes) else "\n".join([header, *rows]).encode()
        file = ContentFile(content, name=name)
        return receive(file, source_name=source, department=sales, **facts)

    return make


@pytest.fixture
def asked():
    """Ask for a step of an upload, and claim it."""

    def ask(upload, doing=Upload.Doing.IMPORT):
        with transaction.atomic():
            upload.ask(doing=doing)
            return Upload.objects.claim(upload.pk)

    return ask


@pytest.fixture
def imported(draft, asked):
    """Import rows, and answer their upload."""

    def bring(*rows, **facts):
        upload = asked(draft(*rows, **facts))
        load(upload)
        return upload

    return bring


@pytest.fixture
def undone(asked):
    def take_back(upload):
        upload = asked(upload, Upload.Doing.UNDO)
        undo(upload)
        return upload

    return take_back
