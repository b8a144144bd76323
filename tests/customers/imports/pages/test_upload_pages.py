"""The wizard, as a data steward meets it."""

import csv
from io import StringIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from customers import tasks
from customers.forms.uploads import MEGABYTE, MOST_MEGABYTES, UploadForm
from customers.models import AuditEvent, PurchaseLine, Role, Upload

ANN = "ann,2024-01-05,o1,mug,2,10.00"
BOB = "bob,2024-01-06,o2,cup,1,4.00"
BAD = "dan,2024-01-45,o5,=HYPERLINK(1),1,-9.00"


@pytest.fixture
def steward(signed_in):
    return signed_in(Role.DATA_STEWARD)


@pytest.fixture(autouse=True)
def worker(monkeypatch):
    """A worker that does at once what it is sent."""
    monkeypatch.setattr(tasks.import_upload, "delay_on_commit", tasks.import_upload)


def page(client, upload):
    return client.get(reverse("upload-page", args=[upload.pk])).text


def post(client, step, upload, **data):
    return client.post(reverse(f"upload-{step}", args=[upload.pk]), data, follow=True)


def choices(*fields):
    return {f"column_{place}": field for place, field in enumerate(fields)}


GUESSED = choices("customer", "date", "order", "product", "quantity", "amount")


def test_a_file_goes_the_whole_way_from_the_form_to_its_undoing(steward, company, sales):
    content = "\n".join(["cust_no;when;net", "ann;03/11/2024;1.204,50", "bob;14/11/2024;2,00"])
    sent = steward.post(
        reverse("upload-new"),
        {
            "file": SimpleUploadedFile("orders.csv", content.encode()),
            "source": "web shop",
            "department": sales.pk,
        },
        follow=True,
    )
    upload = Upload.objects.get()
    for words in ("cust_no", "1.204,50", "comma read as decimal", "Check the file"):
        assert words in sent.text
    checked = post(steward, "check", upload, **choices("customer", "date", "amount"))
    assert "Dry run: nothing is stored yet" in checked.text
    assert "£1,204.50" in checked.text
    assert "Import 2 rows" in checked.text
    assert not PurchaseLine.objects.exists()
    assert "2 rows imported" in post(steward, "import", upload).text
    assert PurchaseLine.objects.count() == 2
    undone = post(steward, "undo", upload)
    assert f"Upload {upload.pk} is undone" in undone.text
    assert not PurchaseLine.objects.exists()
    acts = AuditEvent.objects.order_by("pk").values_list("about", flat=True)
    assert [act.split()[0] for act in acts] == ["Sent", "Dry", "Import", "Undo"]


def test_an_unreadable_file_is_refused_at_the_form(steward, sales):
    file = SimpleUploadedFile("orders.xlsx", b"PK\x03\x04" + bytes(50))
    data = {"file": file, "source": "web shop", "department": sales.pk}
    assert "It is an Excel file" in steward.post(reverse("upload-new"), data).text


def test_a_file_that_is_too_large_is_refused_with_its_size(sales):
    file = SimpleUploadedFile("orders.csv", b"a")
    file.size = (MOST_MEGABYTES + 12) * MEGABYTE
    form = UploadForm({"source": "s", "department": sales.pk}, {"file": file})
    assert "The file has 212 MB, and 200 is the most." in str(form.errors["file"])


def test_without_a_department_the_page_says_what_comes_first(steward, sales):
    assert "Send file" in steward.get(reverse("upload-new")).text
    sales.delete()
    text = steward.get(reverse("upload-new")).text
    assert "No department yet" in text
    assert "Send file" not in text


def test_two_columns_for_one_fact_are_a_mistake_on_the_page(steward, draft):
    upload = draft(ANN)
    answer = post(steward, "check", upload, **GUESSED | {"column_4": "amount"})
    assert "Two columns go to amount. Leave one." in answer.text
    assert Upload.objects.get().status == Upload.Status.DRAFT


def test_a_missing_column_is_a_mistake_on_the_page(steward, draft):
    answer = post(steward, "check", draft(ANN), **GUESSED | {"column_0": ""})
    assert "Say which column holds the customer code." in answer.text


def test_the_mapping_of_the_last_upload_is_offered_again(steward, draft, imported):
    first = draft(ANN)
    post(steward, "check", first, **GUESSED | {"column_3": "channel"})
    post(steward, "import", first)
    assert draft(BOB).mapping()["channel"] == "product"


def test_rows_set_aside_are_shown_with_their_sentence(steward, draft):
    upload = draft(ANN, BAD)
    text = post(steward, "check", upload, **GUESSED).text
    assert "January has 31 days." in text
    assert "Not a day" in text
    assert "Import 1 row<" in text


def test_rows_set_aside_come_as_csv_and_no_cell_is_a_formula(steward, imported):
    upload = imported(ANN, BAD)
    answer = steward.get(reverse("upload-set-aside", args=[upload.pk]))
    header, row = csv.reader(StringIO(answer.getvalue().decode("utf-8-sig")))
    assert header[:2] == ["customer", "date"]
    assert row == [
        "dan", "2024-01-45", "o5", "'=HYPERLINK(1)", "1", "-9.00", "3", "January has 31 days.",
    ]  # fmt: skip
    assert AuditEvent.objects.get().verb == AuditEvent.Verb.EXPORTED


def test_fifty_rows_set_aside_fill_a_page(steward, imported):
    upload = imported(ANN, *[BAD] * 51)
    assert page(steward, upload).count("January has 31 days.") == 50
    second = steward.get(reverse("upload-page", args=[upload.pk]), {"page": 2}).text
    assert second.count("January has 31 days.") == 1


def test_a_discarded_draft_is_gone(steward, draft, django_capture_on_commit_callbacks, settings):
    upload = draft(ANN)
    with django_capture_on_commit_callbacks(execute=True):
        post(steward, "discard", upload)
    assert not Upload.objects.exists()
    assert not [path for path in settings.MEDIA_ROOT.rglob("*") if path.is_file()]


def test_what_is_imported_cannot_be_discarded(steward, imported):
    upload = imported(ANN)
    post(steward, "discard", upload)
    assert PurchaseLine.objects.count() == 1


@pytest.mark.parametrize("step", ["import", "undo"])
def test_a_step_out_of_turn_does_nothing(steward, draft, step):
    upload = draft(ANN)
    post(steward, step, upload)
    upload.refresh_from_db()
    assert (upload.status, upload.doing) == (Upload.Status.DRAFT, Upload.Doing.CHECK)


def test_a_failed_import_says_why_and_goes_on_when_tried_again(steward, draft, asked):
    upload = asked(draft(ANN))
    upload.fail("The disk is full.")
    text = page(steward, upload)
    assert "The disk is full." in text
    assert "Try again" in text
    assert "Undo upload" in text
    assert "1 row imported" in post(steward, "try-again", upload).text


def test_progress_asks_again_only_while_there_is_something_to_wait_for(steward, draft, asked):
    upload = asked(draft(ANN))
    address = reverse("upload-progress", args=[upload.pk])
    assert "hx-trigger" in steward.get(address).text
    upload.finish()
    assert "hx-trigger" not in steward.get(address).text
    assert steward.get(address, headers={"HX-Request": "true"}).headers["HX-Refresh"] == "true"


def test_the_list_says_what_became_of_each_file(steward, imported):
    imported(ANN, BAD)
    text = steward.get(reverse("upload-list")).text
    assert "orders.csv" in text
    assert "Imported" in text
    assert "all purchases to 5 Jan 2024" in text


def test_before_the_first_file_the_list_says_so(steward):
    assert "No file yet" in steward.get(reverse("upload-list")).text


@pytest.mark.parametrize("name", ["upload-list", "upload-new"])
@pytest.mark.parametrize("role", [Role.ANALYST, Role.EXECUTIVE, Role.FRONT_LINE])
def test_only_a_steward_gets_in(signed_in, role, name):
    assert signed_in(role).get(reverse(name)).status_code == 404


def test_no_page_asks_more_for_forty_than_for_one(
    steward, imported, django_assert_num_queries, django_assert_max_num_queries
):
    upload = imported(ANN, BAD)
    addresses = [reverse("upload-list"), reverse("upload-page", args=[upload.pk])]
    with django_assert_max_num_queries(40) as few:
        for address in addresses:
            steward.get(address)
    for number in range(8):
        imported(*[f"c{n},2024-01-05,o{number},mug,1,5" for n in range(5)], source=f"s{number}")
    many = imported(*[ANN] * 40, *[BAD] * 40)
    addresses[1] = reverse("upload-page", args=[many.pk])
    with django_assert_num_queries(len(few.captured_queries)):
        for address in addresses:
            steward.get(address)
