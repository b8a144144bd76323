"""Files as they come: encodings, delimiters, and what is no table at all."""

import gzip

import pytest

from customers.imports.table import UnreadableFile, peek, survey
from customers.models import Source, Upload

PLAIN = b"customer,date,amount\nann,2024-01-05,10.00\n"


def test_a_plain_file_is_read_with_the_lines_its_rows_begin_on(draft):
    table = survey(draft(b'customer,date,amount\n\n"a\nb",2024-01-05,1\nc,2024-01-06,2\n'))
    assert list(table.rows()) == [(3, ["a\nb", "2024-01-05", "1"]), (5, ["c", "2024-01-06", "2"])]
    assert table.row_count == 2


@pytest.mark.parametrize(
    "content",
    [
        PLAIN.replace(b"ann", "Zoë".encode()),
        b"\xef\xbb\xbf" + PLAIN.replace(b"ann", "Zoë".encode()),
        PLAIN.replace(b"ann", "Zoë".encode("cp1252")),
        PLAIN.replace(b"ann", "Zoë".encode()).decode().encode("utf-16"),
        gzip.compress(PLAIN.replace(b"ann", "Zoë".encode()), mtime=0),
    ],
    ids=["utf-8", "with a mark", "cp1252", "utf-16", "gzip"],
)
def test_letters_survive_every_encoding(draft, content):
    name = "orders.csv.gz" if content[:2] == b"\x1f\x8b" else "orders.csv"
    table = survey(draft(content, name=name))
    assert table.headers == ("customer", "date", "amount")
    assert next(table.rows())[1][0] == "Zoë"


def test_an_odd_letter_far_below_the_first_rows_is_still_read(draft):
    rows = b"ann,2024-01-05,10.00\n" * 3000 + "Zoë,2024-01-05,1\n".encode("cp1252")
    upload = draft(b"customer,date,amount\n" + rows)
    assert peek(upload).encoding == "utf-8-sig"
    assert [cells[0] for _, cells in survey(upload).rows()][-1] == "Zoë"


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_the_one_that_the_header_uses(draft, delimiter):
    content = PLAIN.replace(b",", delimiter.encode())
    assert peek(draft(content)).headers == ("customer", "date", "amount")


def test_a_column_without_a_name_is_called_by_its_place(draft):
    content = b",customer,date,amount\n0,ann,2024-01-05,1\n"
    assert peek(draft(content)).headers[0] == "column 1"


@pytest.mark.parametrize(
    ("content", "name", "sentence"),
    [
        (b"PK\x03\x04" + bytes(40), "orders.xlsx", "It is an Excel file. Save it as CSV"),
        (b"\xd0\xcf\x11\xe0" + bytes(40), "orders.xls", "It is an Excel file. Save it as CSV"),
        (b"%PDF-1.7", "orders.pdf", "It is a PDF"),
        (bytes(100), "orders.csv", "not a text file"),
        (b"\n\n", "orders.csv", "The file is empty"),
        (b"customer,date,amount\n", "orders.csv", "no rows below it"),
        (b"a,date,a\n1,2,3\n", "orders.csv", "Two columns are called a"),
        (b"17850,2024-01-05,10.00\n17851,2024-01-06,1\n", "orders.csv", "holds values"),
        (PLAIN, "orders.csv.gz", "not compressed"),
        (gzip.compress(PLAIN * 50, mtime=0)[:60], "orders.csv.gz", "cut off"),
        (b'customer,date,amount\n"' + b"x" * 200_000, "orders.csv", "quotation mark"),
    ],
)
def test_what_is_no_table_is_said_in_words_and_not_kept(
    draft, content, name, sentence, settings, django_capture_on_commit_callbacks
):
    with (
        django_capture_on_commit_callbacks(execute=True),
        pytest.raises(UnreadableFile, match=sentence),
    ):
        draft(content, name=name)
    assert not Upload.objects.exists()
    assert not Source.objects.exists()
    assert not [path for path in settings.MEDIA_ROOT.rglob("*") if path.is_file()]


def test_an_empty_file_is_said_to_be_empty(draft):
    with pytest.raises(UnreadableFile, match="The file is empty"):
        draft(b"")
