"""Real purchases that the engine's tests share."""

import csv
import gzip
from collections import defaultdict
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest

from metrics.clv.purchases.grouping import group_histories

ROOT = Path(__file__).parents[3]
CDNOW_END, CDNOW_HOLDOUT_END = np.datetime64("1997-09-30"), np.datetime64("1998-06-30")


class Days(NamedTuple):
    customer: np.ndarray
    day: np.ndarray
    amount: np.ndarray


@pytest.fixture(scope="session")
def cdnow_days():
    with (ROOT / "tests/data/cdnow_sample_transactions.csv").open() as lines:
        rows = list(csv.DictReader(lines))
    return Days(
        np.array([int(row["customer_id"]) for row in rows]),
        np.array([row["date"] for row in rows], dtype="datetime64[D]"),
        np.array([float(row["amount"]) for row in rows]),
    )


@pytest.fixture(scope="session")
def cdnow(cdnow_days):
    """The 2,357 histories up to 1997-09-30, in weeks."""
    return group_histories(*cdnow_days, until=CDNOW_END)


@pytest.fixture(scope="session")
def gift_shop_days():
    """Days with a net of zero or more on which something other than a return was bought."""
    net, bought = defaultdict(float), set()
    path = ROOT / "customers/sample/online_retail_even_customers.csv.gz"
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        for row in csv.DictReader(lines):
            if not row["customer_id"] or float(row["unit_price"]) <= 0:
                continue
            key = (int(float(row["customer_id"])), row["invoice_time"][:10])
            net[key] += int(row["quantity"]) * float(row["unit_price"])
            if int(row["quantity"]) > 0:
                bought.add(key)
    kept = [(*key, round(net[key], 2)) for key in bought if round(net[key], 2) >= 0]
    customer, day, amount = zip(*kept, strict=True)
    return Days(np.array(customer), np.array(day, dtype="datetime64[D]"), np.array(amount))
