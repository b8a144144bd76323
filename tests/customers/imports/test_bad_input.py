"""Files that no system should write, and a disk without room: a sentence, and nothing changes."""

import errno
import gzip
from datetime import date

import pytest
from django.core.files.storage import FileSystemStorage
from django.core.files.uploadedfile import InMemoryUploadedFile, SimpleUploadedFile
from django.db import OperationalError
from django.urls import reverse

from customers import tasks
from customers.imports import loader, opened, undo
from customers.imports.set_aside import lines_of
from customers.imports.table import UnreadableFile, survey
from customers.models import (
    Customer,
    Purchase,
    PurchaseLine,
    Role,
    SetAsideRow,
    Source,
    Upload,
    UploadColumn,
)

HEADER = b"customer,date,amount\n"
ROW = b"ann,2024-01-05,10.00\n"
STORED = (Customer, Purchase, PurchaseLine, Source, Upload, UploadColumn, SetAsideRow)
NO_SPACE = OSError(errno.ENOSPC, "No space left on device")
SQLITE_FULL = OperationalError("database or disk is full")
POSTGRESQL_FULL = OperationalError("could not extend file: No space left on device")

REFUSED = {
    "empty": (b"", "The file is empty."),
    "blank lines only": (b"\n\r\n\n", "The file is empty."),
    "header only": (HEADER, "The file has a header, but no rows below it."),
    "no header": (ROW * 3, "The first line holds values."),
    "a column twice": (b"customer,date,customer\n1,2,3\n", "Two columns are called customer."),
    "201 columns": (
        b",".join(b"c%d" % n for n in range(201)) + b"\n" + b"1," * 200 + b"1\n",
        "The first line names 201 columns, and 200 is the most.",
    ),
    "a line without end": (
        b"x" * 10_000_000,
        "Line 1 has more than a million characters: this is not a file of rows.",
    ),
    "a line without end, packed": (
        gzip.compress(b"x" * 10_000_000),
        "Line 1 has more than a million characters: this is not a file of rows.",
    ),
    "a line without end further down": (
        HEADER + ROW + b"x" * 10_000_000,
        "Line 3 has more than a million characters: this is not a file of rows.",
    ),
    "a long value": (HEADER + b"x" * 200_000, "Line 2 has a value of more than 131,072 characters"),
    "a quotation mark open to the end": (
        HEADER + ROW + b'"bob,2024-01-06,1\n' + ROW,
        "A quotation mark opened on line 3 is not closed.",
    ),
    "a quotation mark open for long": (
        HEADER + b'"bob,2024-01-06,1\n' + ROW * 60 + b'"eve",2024-01-05,1\n',
        "A quotation mark opened on line 2 is not closed.",
    ),
    "a quotation mark open in the header": (
        b'"customer,date,amount\n' + ROW,
        "A quotation mark opened on line 1 is not closed.",
    ),
    "excel": (b"PK\x03\x04" + bytes(40), "It is an Excel file."),
    "binary": (bytes(range(256)) * 20, "It is not a text file."),
    "binary without zeros": (bytes(range(1, 256)) * 20, "It is not a text file."),
    "cut off": (gzip.compress(HEADER + ROW * 500)[:60], "The file was cut off on its way."),
    "packed twice": (gzip.compress(gzip.compress(HEADER + ROW)), "It is not a text file."),
    "half of UTF-16": ((HEADER + ROW).decode().encode("utf-16")[:-1], "It is not a text file."),
}

SET_ASIDE = {
    "too few values": ("ann", "The row has 1 value, the header 3."),
    "too many values": ("ann,2024-01-05,1,2", "The row has 4 values, the header 3."),
    "an impossible day": ("ann,2024-02-30,1", "February 2024 has 29 days."),
    "a day to come": ("ann,2099-01-05,1", "This day is still to come."),
    "no day": ("ann,,1", "The row names no day."),
    "NaN": ("ann,2024-01-05,NaN", "The row has no amount."),
    "Infinity": ("ann,2024-01-05,Infinity", "The amount is not a number."),
    "-inf": ("ann,2024-01-05,-inf", "The amount is not a number."),
    "1e400": ("ann,2024-01-05,1e400", "The amount is not a number."),
    "too large": ("ann,2024-01-05,999999999999", "A number of this size is not a purchase."),
    "no customer and nothing paid": (",2024-01-05,0", "No customer code and nothing paid"),
    "a formula as amount": ('ann,2024-01-05,"=1+1"', "The amount is not a number."),
}


def everything():
    return [list(model.objects.order_by("pk").values()) for model in STORED]


def files(settings):
    return sorted(path for path in settings.MEDIA_ROOT.rglob("*") if path.is_file())


def raising(problem):
    def write(*args, **kwargs):
        raise problem

    return write


@pytest.fixture
def steward(signed_in, company):
    return signed_in(Role.DATA_STEWARD)


@pytest.fixture
def send(steward, sales):
    def post(content, name="orders.csv"):
        file = SimpleUploadedFile(name, content)
        sent = {"file": file, "source": "web shop", "department": sales.pk}
        return steward.post(reverse("upload-new"), sent)

    return post


@pytest.mark.parametrize(("content", "sentence"), REFUSED.values(), ids=REFUSED)
def test_a_bad_file_gets_a_sentence_and_nothing_changes(
    imported, send, settings, content, sentence
):
    imported("ann,2024-01-05,o1,mug,2,10.00")
    before = everything(), files(settings)
    answer = send(content)
    assert answer.status_code == 200
    assert sentence in answer.text
    assert (everything(), files(settings)) == before


@pytest.mark.parametrize(("row", "sentence"), SET_ASIDE.values(), ids=SET_ASIDE)
def test_a_bad_row_gets_a_sentence_and_stores_no_purchase(imported, row, sentence):
    upload = imported("ann,2024-01-05,1", row, header="customer,date,amount")
    assert sentence in upload.set_aside.get().sentence
    assert PurchaseLine.objects.count() == 1


def test_a_bomb_is_not_unpacked_to_its_end(draft, asked, monkeypatch):
    monkeypatch.setattr(opened, "ALWAYS_UNPACKED", 2 * opened.MEGABYTE)
    upload = asked(draft(gzip.compress(HEADER + ROW * 500_000), name="orders.csv.gz"))
    loader.load(upload)
    assert upload.status == Upload.Status.FAILED
    assert upload.failure.startswith("The file unpacks to more than ")
    assert not PurchaseLine.objects.exists()


def test_what_unpacks_to_less_is_read_however_well_it_was_packed(draft):
    table = survey(draft(gzip.compress(HEADER + ROW * 500_000), name="orders.csv.gz"))
    assert table.row_count == 500_000


@pytest.mark.parametrize(
    ("content", "header", "name"),
    [
        (b"\xef\xbb\xbfcustomer,date,amount\nZo\xe9,2024-01-05,1\n", "customer", "Zo\ufffd"),
        ("größe,date\n".encode() + b"Zo\xe9,2\n", "größe", "Zo\ufffd"),
        ("größe,date\n".encode("cp1252") + b"Zo\xe9,2\n", "größe", "Zoé"),
        (b"customer,date\nZo\xe9,2\n" + "Zoë,2\n".encode(), "customer", "Zoé"),
    ],
    ids=["mark", "UTF-8 first", "cp1252", "cp1252 first"],
)
def test_one_bad_byte_does_not_change_how_the_others_are_read(draft, content, header, name):
    table = survey(draft(content))
    assert table.headers[0] == header
    assert next(table.rows())[1][0] == name


def test_a_bad_byte_far_below_the_first_rows_leaves_the_header_as_it_was(draft):
    rows = ROW * 3000 + b"Zo\xe9,2024-01-05,1\n"
    table = survey(draft(b"\xef\xbb\xbf" + HEADER + rows))
    assert (table.headers[0], table.row_count) == ("customer", 3001)


@pytest.mark.parametrize("mark", [";", "\t", "|", ","])
def test_excels_own_first_line_names_the_delimiter(draft, mark):
    text = f"sep={mark}\r\ncustomer,date,amount\r\nann,2024-01-05,5\r\n".replace(",", mark)
    table = survey(draft(text.encode("utf-8-sig")))
    assert table.delimiter == mark
    assert table.headers == ("customer", "date", "amount")
    assert list(table.rows()) == [(3, ["ann", "2024-01-05", "5"])]


@pytest.mark.parametrize(
    ("written", "bad"),
    [
        ("2024-01-05", "2024-13-05"),
        ("25/01/2024", "25/13/2024"),
        ("01/25/2024", "13/25/2024"),
        ("20240105", "20241305"),
        ("20240105 10:30", "20241305 10:30"),
    ],
)
def test_a_day_is_read_in_each_way_of_writing_it(imported, written, bad):
    upload = imported(f"ann,{written},1", f"bob,{bad},1", header="customer,date,amount")
    bought = Purchase.objects.get().bought_at.date()
    assert bought in {date(2024, 1, 5), date(2024, 1, 25)}
    assert upload.set_aside.get().sentence == "There is no month 13."


def test_eight_digits_are_no_day_among_days_written_otherwise(imported):
    upload = imported("ann,2024-01-05,1", "bob,20240106,1", header="customer,date,amount")
    assert upload.set_aside.get().reason == "bad_date"


def test_semicolons_come_with_decimal_commas(imported):
    imported("ann;2024-01-05;1.204,50", header="customer;date;amount")
    assert str(PurchaseLine.objects.get().amount) == "1204.50"


def test_a_formula_stays_text_and_is_guarded_on_its_way_out(imported):
    header = "customer,date,amount,product,=cmd()"
    upload = imported("=1+1,2024-01-05,1,@x,", "=2+2,2024-01-45,1,@x,", header=header)
    assert Customer.objects.get().code == "=1+1"
    lines = list(lines_of(upload))
    assert lines[0].split(",")[4] == "'=cmd()"
    assert lines[1].startswith("'=2+2,2024-01-45,1,'@x,")


@pytest.mark.parametrize("length", [1, 150, 190, 200, 255])
def test_a_file_of_any_name_is_kept_under_a_short_one(send, settings, length):
    name = "ü" * (length - 4) + ".csv" if length > 4 else "o"
    assert send(HEADER + ROW, name=name).status_code == 302
    upload = Upload.objects.get()
    assert len(upload.file.name) < 80
    assert len(upload.file_name) <= 200
    assert upload.file_name == name or (length > 200 and upload.file_name.endswith("ü.csv"))


@pytest.mark.parametrize("problem", [NO_SPACE, SQLITE_FULL, POSTGRESQL_FULL])
@pytest.mark.parametrize(
    ("owner", "write"), [(FileSystemStorage, "_save"), (Upload, "save"), (Upload, "map_columns")]
)
def test_a_file_that_finds_no_room_is_not_kept(
    imported, send, settings, monkeypatch, problem, owner, write
):
    imported("ann,2024-01-05,o1,mug,2,10.00")
    before = everything(), files(settings)
    with monkeypatch.context() as patch:
        patch.setattr(owner, write, raising(problem))
        answer = send(HEADER + ROW)
    assert "There is no room left on the server" in answer.text
    assert (everything(), files(settings)) == before
    assert send(HEADER + ROW).status_code == 302


def test_half_a_file_does_not_stay_where_the_disk_filled_up(send, settings, monkeypatch):
    whole = InMemoryUploadedFile.chunks

    def half(self, chunk_size=None):
        yield next(iter(whole(self, chunk_size)))
        raise NO_SPACE

    monkeypatch.setattr(InMemoryUploadedFile, "chunks", half)
    assert "There is no room left" in send(HEADER + ROW).text
    assert not files(settings)


@pytest.mark.parametrize("problem", [NO_SPACE, SQLITE_FULL, POSTGRESQL_FULL])
@pytest.mark.parametrize("doing", ["check", "import", "undo"])
def test_a_step_that_finds_no_room_stops_with_a_sentence_and_goes_on_later(
    draft, imported, monkeypatch, problem, doing
):
    upload = imported("ann,2024-01-05,o1,mug,2,10.00") if doing == "undo" else draft(ROW.decode())
    upload.ask(doing=doing)
    lines = PurchaseLine.objects.count()
    with monkeypatch.context() as patch:
        patch.setattr(loader, "_count", raising(problem))
        patch.setattr(undo, "_remove", raising(problem))
        tasks.import_upload(upload.pk)
    upload.refresh_from_db()
    assert (upload.status, upload.steps_done) == (Upload.Status.FAILED, 0)
    assert upload.failure.startswith("There is no room left on the server's disk.")
    assert PurchaseLine.objects.count() == lines
    upload.try_again()
    tasks.import_upload(upload.pk)
    upload.refresh_from_db()
    assert upload.status == Upload.Status.DONE


@pytest.mark.parametrize("problem", [OSError(errno.EIO, "broken"), OperationalError("locked")])
def test_another_mishap_is_not_taken_for_a_full_disk(draft, asked, monkeypatch, problem):
    upload = asked(draft(ROW.decode()))
    monkeypatch.setattr(loader, "_count", raising(problem))
    with pytest.raises(type(problem)):
        loader.load(upload)
    upload.refresh_from_db()
    assert upload.status == Upload.Status.RUNNING


def test_a_command_line_import_on_a_full_disk_says_so(company, sales, tmp_path, monkeypatch):
    path = tmp_path / "orders.csv"
    path.write_bytes(HEADER + ROW)
    monkeypatch.setattr(loader, "_count", raising(SQLITE_FULL))
    with pytest.raises(UnreadableFile, match="There is no room left on the server's disk"):
        loader.import_file(path, source_name="web shop", department=sales)
