"""The warehouse door on Spark and PostgreSQL, which have to be there: `make test-engines`."""

import os

import ibis
import numpy as np
import pyarrow as pa
import pyarrow.parquet
import pytest

from metrics.clv.purchases import warehouse
from metrics.clv.purchases.grouping import keep_books

pytestmark = [pytest.mark.engines, pytest.mark.filterwarnings("default")]

UNTIL, END = 19_300, 19_450


@pytest.fixture(scope="module")
def log():
    draw = np.random.default_rng(12)
    customer, day = draw.integers(0, 2_000, 12_000), draw.integers(19_000, 19_500, 12_000)
    return customer, day, draw.integers(0, 50_000, 12_000) / 100


@pytest.fixture
def on_spark(log, tmp_path):
    pyspark = pytest.importorskip("pyspark.sql", reason="needs requirements-warehouse.txt: pyspark")
    spark = (
        pyspark.SparkSession.builder.master("local[1]")
        .config("spark.sql.session.timeZone", "UTC")
        .config("spark.sql.shuffle.partitions", "2")
        .config("spark.ui.enabled", "false")
        .getOrCreate()
    )
    pa.parquet.write_table(table_of(log), tmp_path / "log.parquet")
    yield ibis.pyspark.connect(spark).read_parquet(tmp_path / "log.parquet")
    spark.stop()


@pytest.fixture
def on_postgres(log):
    address = os.environ.get("CLVSITE_TEST_POSTGRES", "postgresql://localhost/postgres")
    connection = ibis.connect(address)
    yield connection.create_table("engines_log", table_of(log), temp=True)
    connection.disconnect()


def table_of(log):
    customer, day, amount = log
    days = pa.array(day.astype(np.int32)).cast(pa.date32())
    return pa.table({"customer": customer, "date": days, "amount": amount})


@pytest.mark.parametrize("engine", ["on_spark", "on_postgres"])
def test_the_engine_groups_as_we_do(request, log, engine):
    found = warehouse.histories_from(request.getfixturevalue(engine), UNTIL, holdout_until=END)
    books = keep_books(*log, [UNTIL, END])
    wanted = books.histories[UNTIL]
    for name in ("customer", "x", "first_day", "last_day"):
        assert np.array_equal(getattr(found.histories, name), getattr(wanted, name))
    for name in ("mean_spend", "spent_total"):
        assert getattr(found.histories, name) == pytest.approx(
            getattr(wanted, name), rel=1e-9, abs=1e-9
        )
    assert np.array_equal(found.held_out, books.held_out(UNTIL, END))
