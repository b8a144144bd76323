import gzip
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from metrics.clv.purchases.grouping import keep_books
from metrics.clv.purchases.histories import EARLIEST
from metrics.clv.purchases.reading import purchases, roster
from metrics.clv.purchases.reading.headers import UnreadableFile, find_headers
from metrics.clv.purchases.reading.purchases import PurchaseFile, books_of_file, read_purchases

DAY = int(np.datetime64("2024-01-05").astype(int))


@pytest.fixture
def written(tmp_path):
    """Writes a file and reads it back, as rows of (own name, day, amount)."""

    def write(content, name="purchases.csv", **columns):
        path = tmp_path / name
        if isinstance(content, pa.Table):
            pq.write_table(content, path)
        else:
            path.write_bytes(content.encode() if isinstance(content, str) else content)
        return PurchaseFile(path, **columns)

    return write


def rows_of(file):
    bought = file.all_at_once()
    names = file.roster.names(bought.customer).to_pylist()
    return list(zip(names, bought.day.tolist(), bought.amount.tolist(), strict=True))


LINES = "Customer ID,Order Date,Net\n7,2024-01-05,10.50\n9,2024-01-06T09:30:00,3\n"
WANTED = [(7, DAY, 10.5), (9, DAY + 1, 3.0)]


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (LINES, "a.csv"),
        (LINES.replace(",", ";"), "a.csv"),
        (LINES.replace(",", "\t"), "a.tsv"),
        ("\ufeff" + LINES.replace("\n", "\r\n"), "a.csv"),
        (gzip.compress(LINES.encode(), mtime=0), "a.csv.gz"),
    ],
)
def test_the_ways_in_which_text_files_are_written_read_the_same(written, content, name):
    assert rows_of(written(content, name)) == WANTED


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "windows-1252", "utf-16"])
def test_names_with_accents_read_the_same_however_they_are_encoded(written, encoding):
    lines = "Kunde;Datum;Betrag\nZo\u00eb;2024-01-05;1\nZo\u00eb;2024-01-05;1;caf\u00e9\n"
    file = written(lines.encode(encoding))
    assert rows_of(file) == [("Zo\u00eb", DAY, 1.0)]
    assert file.dropped == {"wrong number of cells": 1}


@pytest.mark.parametrize(
    "customer", [[7, 9], pa.array([7, 9], pa.int16()), [7.0, 9.0], [Decimal(7), Decimal(9)]]
)
@pytest.mark.parametrize(
    "day",
    [
        [date(2024, 1, 5), date(2024, 1, 6)],
        [datetime(2024, 1, 5, 23), datetime(2024, 1, 6)],  # noqa: DTZ001
        ["2024-01-05", "2024-01-06 10:00"],
        pa.array(["2024-01-05", "2024-01-06"]).dictionary_encode(),
        pa.array(["2024-01-05", "2024-01-06"]).cast(pa.timestamp("ns")),
    ],
)
@pytest.mark.parametrize("amount", [[10.5, 3.0], [Decimal("10.50"), Decimal("3.00")]])
def test_parquet_columns_of_every_usual_type_read_the_same(written, customer, day, amount):
    table = pa.table({"net": amount, "order_date": day, "other": [1, 2], "client": customer})
    assert rows_of(written(table)) == WANTED


def test_the_day_of_a_moment_with_a_zone_is_the_day_there(written):
    late = datetime(2024, 1, 4, 23, 30, tzinfo=UTC)
    east = pa.array([late], pa.timestamp("us", "Europe/Berlin"))
    file = written(pa.table({"customer": [1], "day": east, "amount": [1.0]}))
    assert rows_of(file) == [(1, DAY, 1.0)]
    berlin = late.astimezone(timezone(timedelta(hours=1))).isoformat()
    assert rows_of(written(f"customer,day,amount\n1,{berlin},1\n")) == [(1, DAY, 1.0)]


def test_rows_that_hold_no_purchase_are_counted_by_their_reason(written):
    lines = [
        "customer,date,amount",
        "ann,2024-01-05,1.5",
        ",2024-01-05,1",
        "  ,2024-01-05,1",
        "bob,2024-02-30,1",
        "bob,,1",
        "bob,yesterday,-1",
        "bob,0001-01-01,-1",
        "bob,1899-12-31,1",
        "gus,1900-01-01,1",
        "cid,2024-01-05,",
        'cid,2024-01-05,"1,5"',
        "cid,2024-01-05,inf",
        "cid,2024-01-05,nan",
        "dan,2024-01-05,-0.01",
        "eve,2024-01-05",
        "fay, 2024-01-05 , 0 ",
    ]
    file = written("\n".join(lines))
    assert rows_of(file) == [("ann", DAY, 1.5), ("gus", EARLIEST, 1.0), ("fay", DAY, 0.0)]
    assert file.dropped == {
        "no customer": 2,
        "no day": 3,
        "day before 1900": 2,
        "amount not a number": 4,
        "negative amount": 1,
        "wrong number of cells": 1,
    }
    assert sum(1 for _ in file) == 1
    assert file.dropped["no day"] == 3


@pytest.mark.parametrize("names", [["007", "7"], ["-7", "7"], ["7", "seven"]])
def test_names_stay_as_they_are_written(written, names):
    lines = ["id,day,amount", *(f"{name},2024-01-05,1" for name in names)]
    file = written("\n".join(lines), customer="id")
    assert [name for name, *_ in rows_of(file)] == names


@pytest.mark.parametrize(
    "pieces",
    [
        [[1, 2], [2, 3]],
        [[1, 2], ["b", "2"], [3, 1]],
        [["x"], [5], ["5", "x"]],
        [[-3, 2**40], [7, -3]],
        [[5], [roster.CLOSE + 9, 5], [2, roster.CLOSE + 9]],
    ],
)
def test_a_customer_keeps_one_number_however_later_names_look(pieces):
    known, given, numbers = roster.Roster(), [], []
    for piece in pieces:
        given += [str(name) for name in piece]
        numbers += known.numbers(pa.array(piece)).tolist()
    names = [str(name) for name in known.names(np.array(numbers)).to_pylist()]
    assert names == given
    assert len(set(numbers)) == len(set(given))


def test_a_file_without_amounts_counts_purchases_of_nothing(written):
    file = written("customer,date\n7,2024-01-05\n")
    assert (file.headers.amount, rows_of(file)) == (None, [(7, DAY, 0.0)])


def test_columns_that_are_named_go_before_those_that_are_guessed():
    present = ["Kundennummer", "datum", "Umsatz", "total"]
    assert find_headers(present) == ("Kundennummer", "datum", "total")
    assert find_headers(present, amount="Umsatz") == ("Kundennummer", "datum", "Umsatz")


@pytest.mark.parametrize(
    ("content", "columns", "sentence"),
    [
        ("customer,date\n", {"amount": "net"}, "no column net. It has customer, date"),
        ("a,date,amount\n", {}, "Say which column holds the customer; the file has a, date"),
        ("customer,b,amount\n", {}, "Say which column holds the day"),
        ("", {}, "cannot be read: "),
        (b"PAR1 but not really", {}, "cannot be read: "),
        (bytes(range(256)) * 10, {}, "is not text: save it as CSV in UTF-8."),
        (gzip.compress(b"customer,date\n1,2024", mtime=0)[:-9], {}, "cannot be read: "),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_in_a_sentence(written, content, columns, sentence):
    with pytest.raises(UnreadableFile, match=sentence):
        written(content, "a.csv.gz" if content[:1] == b"\x1f" else "a.csv", **columns)


def test_a_file_that_is_not_there_is_refused_in_a_sentence(tmp_path):
    with pytest.raises(UnreadableFile, match="There is no file"):
        list(read_purchases(tmp_path / "none.csv"))


@pytest.mark.parametrize("in_order", [True, False])
@pytest.mark.parametrize("text", ["", "c"])
def test_a_file_of_many_chunks_keeps_the_books_of_its_arrays(written, monkeypatch, in_order, text):
    monkeypatch.setattr(purchases, "ROWS", 3_000)
    draw = np.random.default_rng(3)
    customer, day = draw.integers(0, 4_000, 30_000), draw.integers(19_000, 19_500, 30_000)
    day = np.sort(day) if in_order else day
    amount = np.round(draw.gamma(2, 20, 30_000), 2)
    names = np.char.add(text, customer.astype(str)) if text else customer
    days = pa.array(day.astype(np.int32)).cast(pa.date32())
    file = written(pa.table({"customer": names, "date": days, "amount": amount}))
    assert len(list(file)) == 10
    books = books_of_file(file, [19_300, 19_499], by_day=True)
    wanted = keep_books(customer, day, amount, [19_300, 19_499], by_day=True)
    for until, histories in wanted.histories.items():
        found = books.histories[until]
        own = file.roster.names(found.customer).to_pylist()
        order = np.argsort([int(str(name).removeprefix(text)) for name in own])
        for name in ("x", "first_day", "last_day"):
            assert np.array_equal(getattr(found, name)[order], getattr(histories, name))
        assert found.spent_total[order] == pytest.approx(histories.spent_total, rel=1e-12)
        assert np.array_equal(books.bought_on[until], wanted.bought_on[until])
