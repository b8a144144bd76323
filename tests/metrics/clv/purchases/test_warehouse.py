from decimal import Decimal

import ibis
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from metrics.clv.purchases import warehouse
from metrics.clv.purchases.grouping import keep_books

UNTIL, END = 19_300, 19_450


@pytest.fixture(scope="module")
def log():
    """6,000 purchases of 900 customers, several on one day, in no order."""
    draw = np.random.default_rng(11)
    customer, day = draw.integers(0, 900, 6_000), draw.integers(19_000, 19_500, 6_000)
    cents = draw.integers(0, 50_000, 6_000)
    again = draw.integers(0, 6_000, 600)
    rows = np.column_stack([customer, day, cents])
    return np.concatenate([rows, rows[again]])


def table_of(log, *, text=False, money=pa.float64(), day=pa.date32()):
    customer, days, cents = log.T
    names = [f"c{each}" for each in customer] if text else customer
    amounts = [Decimal(int(each)) / 100 for each in cents]
    dates = pa.array(days.astype(np.int32)).cast(pa.date32()).cast(day)
    return pa.table(
        {
            "customer": names,
            "date": dates,
            "amount": pa.array(amounts, pa.decimal128(12, 2)).cast(money),
        }
    )


def refuse_difference(found, log, *, text=False):
    """The same histories and held-out counts as our own grouping of the same rows."""
    customer, day, cents = log.T
    books = keep_books(customer, day, cents / 100, [UNTIL, END])
    wanted, held_out = books.histories[UNTIL], books.held_out(UNTIL, END)
    names = found.roster.names(found.histories.customer).to_pylist()
    own = np.array([int(str(name).removeprefix("c" if text else "")) for name in names])
    order = np.argsort(own)
    assert np.array_equal(own[order], wanted.customer)
    for name in ("x", "first_day", "last_day"):
        assert np.array_equal(getattr(found.histories, name)[order], getattr(wanted, name))
    for name in ("mean_spend", "spent_total", "t_x", "T"):
        assert getattr(found.histories, name)[order] == pytest.approx(
            getattr(wanted, name), rel=1e-9, abs=1e-9
        )
    assert np.array_equal(found.held_out[order], held_out)


@pytest.mark.parametrize("text", [False, True])
@pytest.mark.parametrize("money", [pa.float64(), pa.decimal128(12, 2)])
@pytest.mark.parametrize("day", [pa.date32(), pa.timestamp("us")])
def test_duckdb_groups_as_we_do(log, text, money, day):
    purchases = ibis.duckdb.connect().create_table(
        "purchases", table_of(log, text=text, money=money, day=day)
    )
    found = warehouse.histories_from(purchases, UNTIL, holdout_until=END)
    refuse_difference(found, log, text=text)


def test_a_folder_of_parquet_files_groups_as_we_do(log, tmp_path):
    for number, part in enumerate(np.array_split(log, 4)):
        pq.write_table(table_of(part), tmp_path / f"part-{number}.parquet")
    purchases = ibis.duckdb.connect().read_parquet(tmp_path / "*.parquet")
    refuse_difference(warehouse.histories_from(purchases, UNTIL, holdout_until=END), log)


def test_columns_go_by_the_names_that_they_are_given(log):
    renamed = table_of(log).rename_columns(["buyer", "bought_on", "net"])
    purchases = ibis.duckdb.connect().create_table("purchases", renamed)
    names = {"customer": "buyer", "date": "bought_on", "amount": "net"}
    found = warehouse.histories_from(purchases, UNTIL, holdout_until=END, **names)
    refuse_difference(found, log)
    assert not warehouse.histories_from(purchases, UNTIL, **names).held_out.any()


def test_rows_that_hold_no_purchase_are_left_out_and_counted(log):
    bad = pa.table(
        {
            "customer": [None, "  ", "c1", "c1", "c1", "c1", "c1"],
            "date": pa.array(
                [19_100, 19_100, None, -719_162, 19_100, 19_100, 19_100], pa.int32()
            ).cast(pa.date32()),
            "amount": [1.0, 1.0, 1.0, -1.0, None, float("nan"), -1.0],
        }
    )
    rows = pa.concat_tables([table_of(log, text=True), bad])
    purchases = ibis.duckdb.connect().create_table("purchases", rows)
    refuse_difference(warehouse.histories_from(purchases, UNTIL, holdout_until=END), log, text=True)
    assert warehouse.dropped_from(purchases) == {
        "no customer": 2,
        "no day": 1,
        "day before 1900": 1,
        "amount not a number": 2,
        "negative amount": 1,
    }


@pytest.mark.parametrize("dialect", ["postgres", "pyspark", "bigquery", "snowflake", "trino"])
def test_the_query_can_be_written_for_the_usual_engines_with_two_group_bys(dialect):
    purchases = ibis.table(
        {"customer": "int64", "date": "timestamp", "amount": "decimal(12, 2)"}, name="purchases"
    )
    query = warehouse.grouped(purchases, UNTIL, END, "customer", "date", "amount")
    assert str(ibis.to_sql(query, dialect=dialect)).count("GROUP BY") == 2


def test_a_holdout_that_ends_too_early_is_refused(log):
    purchases = ibis.duckdb.connect().create_table("purchases", table_of(log))
    with pytest.raises(ValueError, match="the holdout must end after"):
        warehouse.histories_from(purchases, UNTIL, holdout_until=UNTIL - 1)
