"""The company is run twice with one cause otherwise: what follows is what the truth says."""

import functools
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml

from clvsite.simulated.company import simulate
from clvsite.simulated.effects import EFFECTS
from clvsite.simulated.surroundings.changes import Changes
from clvsite.simulated.truth import DESKTOP, NO_EFFECTS, PROJECTS, ROUTES, effect, leads_to

MAP = Path(__file__).parents[2] / "data/starting_map.yaml"
SATISFACTION = "customer_satisfaction"

ENDS = {
    "on_time_dispatch": (-50, 0),
    "late_delivery_rate": (0, 40),
    "product_defect_rate": (0, 40),
    "billing_error_rate": (0, 40),
    "complaint_resolution_time": (0, 20),
    "returns_cycle_time": (0, 10),
    "frontline_engagement": (0, 5),
    "training_tool_coverage": (0, 30),
    "frontline_turnover": (0, 240),
    "frontline_data_availability": (-100, 100),
    "first_contact_resolution": (-50, 0),
    "prebill_exceptions": (0, 60),
    "cross_sell_offer_rate": (-100, 100),
    "save_contact_rate": (-100, 100),
    "customer_satisfaction": (0, 3),
    "nps": (-3, 3),
    "app_install_rate": (-50, 50),
    "escaped_defects": (0, 20),
}
"""Between which two the cause is changed: metric units, steps of the answer for nps."""


@functools.cache
def run(metric="", added=0.0, from_on=date.min):
    return simulate(7, customers=1500, years=1, changes=Changes({metric: added}, from_on=from_on))


def both(metric, table, keys):
    """Rows that are there at both ends, one beside the other: columns end in _low and _high."""
    low, high = (getattr(run(metric if end else "", end), table) for end in ENDS[metric])
    return low.merge(high, on=keys, suffixes=("_low", "_high"), validate="1:1")


def moved(rows, column):
    return rows[f"{column}_high"].astype(float).mean() - rows[f"{column}_low"].astype(float).mean()


def orders(metric):
    """Deliveries with what else became of the order, at both ends."""
    ends = []
    for end in ENDS[metric]:
        facts = run(metric if end else "", end)
        table = facts.deliveries[facts.deliveries["delivered_on"].notna()]
        table = table.merge(facts.invoices[["order", "failed_check", "corrected"]], on="order")
        lines = facts.lines.groupby("order")["amount"].agg(["sum", "size"]).reset_index()
        broken = facts.defects.groupby("order").size()
        table = table.merge(lines, on="order").assign(
            held=table["dispatched_on"] <= table["dispatch_due_on"],
            late=table["delivered_on"] > table["promised_on"],
            broken=table["order"].map(broken).fillna(0) > 0,
            ticket=table["order"].isin(set(facts.tickets["order"])),
        )
        ends.append(table[table["promised_on"] < pd.Timestamp(facts.last_day - 10)])
    return ends[0].merge(ends[1], on="order", suffixes=("_low", "_high"), validate="1:1")


def by_order(child, parent):
    return lambda metric: moved(orders(metric), parent) / moved(orders(metric), child)


def felt(column, scale):
    """Points of satisfaction for one unit of what is felt."""

    def slope(metric):
        rows = both(metric, "hidden", ["customer", "month"])
        rows = rows[rows[f"{column}_low"].notna() & rows[f"{column}_high"].notna()]
        return moved(rows, "satisfaction") / moved(rows, column) / scale

    return slope


def group_satisfaction(metric):
    rows = both(metric, "hidden", ["customer", "month"])
    return moved(rows, "satisfaction") / (ENDS[metric][1] - ENDS[metric][0])


def engagement_by_training(metric):
    rows = both(metric, "staff", ["group", "month"])
    trained = 100 * (rows["trained_high"] - rows["trained_low"]) / rows["headcount_low"]
    late = rows["month"] >= pd.Timestamp("2023-04-01")
    return (rows["engagement_high"] - rows["engagement_low"])[late].mean() / trained.mean()


def first_contact_by_turnover(metric):
    staff = both(metric, "staff", ["group", "month"])
    left = staff["leavers_high"] - staff["leavers_low"]
    tickets = both(metric, "tickets", ["order", "customer", "group"])
    return 100 * moved(tickets, "first_contact") / (1200 * left / staff["headcount_low"]).mean()


def hours(metric):
    rows = both(metric, "tickets", ["order"])
    rows = rows[rows["closed_at_low"].notna() & rows["closed_at_high"].notna()]
    later = (rows["closed_at_high"] - rows["closed_at_low"]).dt.total_seconds() / 3600
    return later.mean() / moved(rows, "first_contact") / 100


def by_ticket(metric):
    rows = both(metric, "tickets", ["order"])
    return moved(rows, "first_contact") / moved(rows, "record_complete")


def by_contact(metric):
    rows = both(metric, "contacts", ["customer", "contacted_on"])
    return moved(rows, "offer_made") / moved(rows, "record_complete")


def sold_by_offers(metric):
    low, high = (run(metric, end) for end in ENDS[metric])
    sold = [f.lines.loc[f.lines["kind"] == "cross-sell", "amount"].sum() for f in (low, high)]
    known = (high.contacts["contacted_on"] < "2023-12-01").sum()
    return (sold[1] - sold[0]) / known / 100


def lost_by_calls(metric):
    shares = []
    for end in ENDS[metric]:
        facts = simulate(7, customers=6000, years=1, changes=Changes({metric: end}))
        flagged = facts.save_calls[facts.save_calls["flagged_on"] < "2023-09-01"]
        closed = flagged["customer"].map(facts.customers.set_index("customer")["closed_on"])
        shares.append((closed <= flagged["flagged_on"] + pd.Timedelta(days=120)).mean())
    return shares[1] - shares[0]


def danger(metric):
    """Of the logarithm of the hazard for each point of last month's satisfaction."""
    rows = both(metric, "hidden", ["customer", "month"]).dropna(subset=["danger_low"])
    ratio = np.log1p(-rows["danger_high"]) / np.log1p(-rows["danger_low"])
    return np.log(ratio).mean() / (ENDS[metric][1] - ENDS[metric][0])


def promoters(said):
    return 100.0 * ((said >= 9).astype(int) - (said <= 6).astype(int))


def nps_by_satisfaction(metric):
    rows = both(metric, "hidden", ["customer", "month"]).dropna(subset=["recommend_low"])
    said = promoters(rows["recommend_high"]) - promoters(rows["recommend_low"])
    return said.mean() / moved(rows, "satisfaction")


def friends(metric):
    low, high = (run(metric, end) for end in ENDS[metric])
    months = [f.hidden[f.hidden["recommend"].notna()] for f in (low, high)]
    said = [promoters(each["recommend"]).mean() for each in months]
    count = [len(facts.referrals) for facts in (low, high)]
    brought = [100 * each / len(of) for each, of in zip(count, months, strict=True)]
    return (brought[1] - brought[0]) / (said[1] - said[0])


def tries(metric):
    rows = both(metric, "prospects", ["prospect"])
    rows = rows[rows["engaged_on_low"] < "2023-12-01"]
    found = {
        f"{name}_{end}": rows[f"{name}_{end}"].notna()
        for name in ("trial_on", "installed_on")
        for end in ("low", "high")
    }
    return moved(pd.DataFrame(found), "trial_on") / moved(pd.DataFrame(found), "installed_on")


def defects_by_week(metric):
    low, high = (run(metric if end else "", end) for end in ENDS[metric])
    shares = [100 * len(f.defects) / len(f.lines) for f in (low, high)]
    return (shares[1] - shares[0]) / (ENDS[metric][1] - ENDS[metric][0])


MEASURED = {
    ("on_time_dispatch", "late_delivery_rate"): (by_order("held", "late"), 0.08),
    ("late_delivery_rate", SATISFACTION): (felt("late", 100), 0.03),
    ("product_defect_rate", SATISFACTION): (felt("defective", 100), 0.03),
    ("billing_error_rate", SATISFACTION): (felt("corrected", 100), 0.03),
    ("complaint_resolution_time", SATISFACTION): (felt("hours", 1), 0.03),
    ("returns_cycle_time", SATISFACTION): (felt("days", 1), 0.03),
    ("frontline_engagement", SATISFACTION): (group_satisfaction, 0.03),
    ("training_tool_coverage", "frontline_engagement"): (engagement_by_training, 0.05),
    ("frontline_turnover", "first_contact_resolution"): (first_contact_by_turnover, 0.25),
    ("frontline_data_availability", "first_contact_resolution"): (by_ticket, 0.15),
    ("first_contact_resolution", "complaint_resolution_time"): (hours, 0.10),
    ("late_delivery_rate", "trouble_report_rate"): (by_order("late", "ticket"), 0.10),
    ("product_defect_rate", "trouble_report_rate"): (by_order("broken", "ticket"), 0.10),
    ("billing_error_rate", "trouble_report_rate"): (by_order("corrected", "ticket"), 0.10),
    ("prebill_exceptions", "billing_error_rate"): (by_order("failed_check", "corrected"), 0.08),
    ("frontline_data_availability", "cross_sell_offer_rate"): (by_contact, 0.10),
    ("cross_sell_offer_rate", "cross_sell_value"): (sold_by_offers, 0.25),
    ("save_contact_rate", "customer_loss_rate"): (lost_by_calls, 0.25),
    (SATISFACTION, "retention_rate"): (danger, 0.03),
    (SATISFACTION, "nps"): (nps_by_satisfaction, 0.10),
    ("nps", "word_of_mouth"): (friends, 0.25),
    ("app_install_rate", "trial_conversion"): (tries, 0.10),
    ("escaped_defects", "product_defect_rate"): (defects_by_week, 0.12),
}
"""How each effect is measured, and by which share it may miss: who flips is chance."""


@pytest.mark.parametrize("each", EFFECTS, ids=lambda each: f"{each.child} {each.parent}")
def test_a_changed_cause_has_the_written_effect(each):
    measure, may_miss = MEASURED[each.child, each.parent]
    written = each.acts if each.log_hazard is None else each.log_hazard
    assert measure(each.child) == pytest.approx(written, rel=may_miss)


def test_late_deliveries_are_felt_in_the_next_month_and_risk_the_customer_in_the_one_after():
    changed = run("late_delivery_rate", 40.0, date(2023, 5, 1))
    rows = run().hidden.merge(changed.hidden, on=["customer", "month"], suffixes=("_low", "_high"))
    for column, first in (("satisfaction", "2023-06-01"), ("danger", "2023-07-01")):
        differs = (rows[f"{column}_low"] - rows[f"{column}_high"]).abs() > 1e-9
        assert rows.loc[differs, "month"].min() == pd.Timestamp(first)
        assert differs.groupby(rows["month"]).mean()[first] > 0.05


def test_what_has_no_effect_changes_nothing():
    for metric in ("billing_error_rate", "frontline_turnover", "frontline_engagement"):
        rows = orders(metric)
        assert (rows["late_low"] == rows["late_high"]).all()
    rows = orders("prebill_exceptions")
    assert (rows["held_low"] == rows["held_high"]).all()
    rows = orders(SATISFACTION)
    assert (rows["sum_low"] == rows["sum_high"]).all()
    rows = both("cross_sell_offer_rate", "hidden", ["customer", "month"])
    assert abs(moved(rows, "satisfaction")) < 0.2
    rows = both("app_install_rate", "lines", ["order", "line"])
    assert (rows["ordered_at_low"] == rows["ordered_at_high"]).all()


def test_no_pair_is_both_in_the_truth_and_not():
    pairs = {(each.child, each.parent) for each in NO_EFFECTS}
    assert len(pairs) == len(NO_EFFECTS) >= 8
    assert not [pair for pair in pairs if leads_to(*pair)]
    assert leads_to("training_tool_coverage", "word_of_mouth")
    assert effect("late_delivery_rate", SATISFACTION).between_metrics > -0.14


def test_effects_and_projects_speak_of_metrics_of_the_starting_map():
    known = {metric["key"] for metric in yaml.safe_load(MAP.read_text())["metrics"]}
    named = {each.child for each in EFFECTS} | {each.parent for each in EFFECTS}
    named |= {project.metric for project in PROJECTS} | {pair.child for pair in NO_EFFECTS}
    assert named | {pair.parent for pair in NO_EFFECTS} <= known
    assert len(EFFECTS) >= 10


def test_the_desktop_helps_its_groups_from_its_first_day_on_and_no_others():
    shares = []
    for without in (frozenset(), frozenset({DESKTOP.key})):
        facts = simulate(7, customers=1500, years=2, changes=Changes(without=without))
        contacts = facts.contacts.assign(
            treated=facts.contacts["group"].isin(DESKTOP.units),
            after=facts.contacts["contacted_on"] >= pd.Timestamp(DESKTOP.starts_on),
        )
        shares.append(100 * contacts.groupby(["treated", "after"])["record_complete"].mean())
    difference = shares[0] - shares[1]
    assert difference[True, True] == pytest.approx(DESKTOP.effect, abs=4)
    assert difference[True, False] == difference[False, False] == 0
    assert abs(difference[False, True]) < 1


def test_without_the_route_planner_everything_is_the_same():
    without = simulate(7, customers=1500, years=1, changes=Changes(without=frozenset({ROUTES.key})))
    pd.testing.assert_frame_equal(without.deliveries, run().deliveries)
    assert ROUTES.effect == 0


def test_ten_fewer_late_deliveries_a_week_are_ten_fewer():
    begin = date(2023, 6, 5)
    facts = simulate(7, customers=5000, years=1)
    fewer = simulate(
        7, customers=5000, years=1, changes=Changes(fewer_late_a_week=10, from_on=begin)
    )
    counts = []
    for each in (facts, fewer):
        late = each.deliveries[each.deliveries["delivered_on"] > each.deliveries["promised_on"]]
        counts.append(late.groupby(late["promised_on"].dt.to_period("W-SUN")).size())
    gone = (counts[0] - counts[1]).iloc[1:-3]
    assert (gone[:"2023-06-04"] == 0).all()
    assert (gone["2023-06-05":"2023-07-30"] == 10).all()
    assert gone["2023-08-01":].mean() == pytest.approx(10, abs=0.5)
    assert fewer.hidden["satisfaction"].mean() > facts.hidden["satisfaction"].mean()
