"""The slopes between the metrics of the whole company: what a change of one does to the other."""

import numpy as np
import pandas as pd
import pytest

from clvsite.simulated.company import simulate
from clvsite.simulated.effects import EFFECTS
from clvsite.simulated.surroundings.changes import Changes

CUSTOMERS, YEARS = 20_000, 3
pytestmark = pytest.mark.prove

ADDED = {
    "late_delivery_rate": -5,
    "product_defect_rate": 4,
    "billing_error_rate": 6,
    "complaint_resolution_time": 10,
    "returns_cycle_time": 5,
    "first_contact_resolution": 10,
    "cross_sell_offer_rate": 20,
    "save_contact_rate": 30,
    "customer_satisfaction": 2,
    "nps": 0.7,
}
NOISY = {"cross_sell_value", "customer_loss_rate", "word_of_mouth", "retention_rate"}
CHANGED = [each for each in EFFECTS if each.child in ADDED and each.log_hazard is None]


def percent(rows):
    return 100 * float(np.mean(rows))


def retention(facts):
    """Of customers at the start of each month of two years, those who are there a year later."""
    joined = facts.customers.set_index("customer")["joined_on"]
    left = facts.hidden_leaving.reindex(joined.index)
    starts = pd.date_range("2023-02-01", "2025-01-01", freq="MS")
    here = [(joined < start) & ~(left < start) for start in starts]
    kept = [
        (at & ~(left < start + pd.DateOffset(years=1))).sum()
        for at, start in zip(here, starts, strict=True)
    ]
    return 100 * sum(kept) / sum(at.sum() for at in here)


def median_hours(facts):
    closed = facts.tickets.dropna(subset=["closed_at"])
    return (closed["closed_at"] - closed["opened_at"]).median().total_seconds() / 3600


def lost_a_year(facts):
    trade = facts.customers[facts.customers["kind"] == "trade"]
    months = facts.hidden["customer"].isin(set(trade["customer"])).sum()
    return 1200 * trade["closed_on"].notna().sum() / months


def days(facts):
    return (facts.returns["refunded_on"] - facts.returns["requested_on"]).dt.days.mean()


def late(facts):
    done = facts.deliveries.dropna(subset=["delivered_on"])
    return percent(done["delivered_on"] > done["promised_on"])


def nps(facts):
    said = facts.hidden["recommend"].dropna()
    return percent(said >= 9) - percent(said <= 6)


def sold(facts):
    amount = facts.lines.loc[facts.lines["kind"] == "cross-sell", "amount"].sum()
    return 12 * amount / len(facts.hidden)


METRICS = {
    "late_delivery_rate": late,
    "product_defect_rate": lambda facts: 100 * len(facts.defects) / len(facts.lines),
    "billing_error_rate": lambda facts: percent(facts.invoices["corrected"]),
    "complaint_resolution_time": median_hours,
    "returns_cycle_time": days,
    "first_contact_resolution": lambda facts: percent(
        facts.tickets.dropna(subset=["closed_at"])["first_contact"]
    ),
    "cross_sell_offer_rate": lambda facts: percent(facts.contacts["offer_made"]),
    "cross_sell_value": sold,
    "save_contact_rate": lambda facts: percent(
        facts.save_calls["done_on"] <= facts.save_calls["due_on"]
    ),
    "customer_loss_rate": lost_a_year,
    "customer_satisfaction": lambda facts: facts.hidden["satisfaction"].mean(),
    "retention_rate": retention,
    "trouble_report_rate": lambda facts: 100 * len(facts.tickets) / len(facts.hidden),
    "nps": nps,
    "word_of_mouth": lambda facts: (facts.referrals["paid"] > 0).sum() / YEARS * 6000 / CUSTOMERS,
}


@pytest.fixture(scope="module")
def base():
    return {key: metric(simulate_it()) for key, metric in METRICS.items()}


_KEPT = {}


def simulate_it(child=""):
    """The last run is kept, so that a cause with several effects is run once."""
    if child not in _KEPT:
        _KEPT.clear()
        added = {child: ADDED[child]} if child else {}
        _KEPT[child] = simulate(11, CUSTOMERS, YEARS, Changes(added))
    return _KEPT[child]


@pytest.mark.parametrize(
    "each", sorted(CHANGED, key=lambda each: each.child), ids=lambda each: each.parent
)
def test_the_metrics_move_as_written(base, each):
    check(base, each)


def test_retention_moves_with_satisfaction_as_written(base):
    (each,) = (one for one in EFFECTS if one.log_hazard is not None)
    check(base, each)


def check(base, each):
    facts = simulate_it(each.child)
    moved = {key: METRICS[key](facts) - base[key] for key in (each.child, each.parent)}
    may_miss = 0.3 if each.parent in NOISY else 0.1
    slope = moved[each.parent] / moved[each.child]
    assert slope == pytest.approx(each.between_metrics, rel=may_miss)
