"""For every written effect, and every pair that only looks like one, what the data say of it."""

import numpy as np
import pandas as pd

from metrics.effects.evidence import survival
from metrics.effects.evidence.linking import Evidence, Names, weigh
from metrics.effects.evidence.windows import months_since, ratio, well_founded
from tests.clvsite.simulated.looking import (
    FIRST,
    Asked,
    of_customers,
    of_events,
    of_groups,
    of_weeks,
    unripe,
    weekly,
)

SATISFACTION = "customer_satisfaction"


def _lived(name):
    return lambda one, ends: of_customers(ends, getattr(one, name), one.satisfaction)


def _of_orders(exposure, outcome):
    return lambda one, ends: of_events(ends, one.orders, exposure, outcome)


def _of_tickets(exposure, outcome, unit=1.0):
    return lambda one, ends: of_events(
        ends, one.tickets, exposure, outcome, when="opened_at", unit=unit
    )


def _engagement(one, ends):
    table = one.surveys("satisfaction")
    satisfied = one.by_group(table, "answered_on", "score")
    return of_groups(ends, one.staff("engagement"), satisfied, 3)


def _training(one, ends):
    share = ratio(one.staff("trained"), one.staff("headcount"), 100)
    return of_groups(ends, share, one.staff("engagement"), 3)


def _turnover(one, ends):
    left = ratio(one.staff("leavers"), one.staff("headcount"), 1200)
    solved = one.by_group(one.tickets, "opened_at", "first_contact", 100)
    return of_groups(ends, left, solved, 1)


def _contacts(one, ends):
    return of_events(ends, one.facts.contacts, "record_complete", "offer_made", when="contacted_on")


def _offers(one, ends):
    """Sales by cross-selling in the month after, of those who were spoken to."""
    made = ratio(
        one.matrix(one.facts.contacts, "contacted_on", "offer_made"),
        one.matrix(one.facts.contacts, "contacted_on"),
        100,
    )
    lines = one.facts.lines[one.facts.lines["kind"] == "cross-sell"]
    return of_customers(ends, made, one.matrix(lines, "ordered_at", "amount"))


def _calls(one, ends):
    """Whether an account that was flagged is closed within 120 days.

    Few are flagged twice, so that each stands for itself beside the others of its week.
    """
    table = one.facts.save_calls
    table = table[table["flagged_on"] < unripe(one.facts, 121)]
    closed = table["customer"].map(one.facts.customers.set_index("customer")["closed_on"])
    table = table.assign(
        called=table["done_on"] <= table["due_on"],
        closed=closed <= table["flagged_on"] + pd.Timedelta(days=120),
        flag=np.arange(len(table)),
    )
    return of_events(ends, table, "called", "closed", who="flag", when="flagged_on")


def lives(one):
    """Trade accounts, who say when they leave."""
    trade = (one.facts.customers["kind"] == "trade").to_numpy()
    closed = one.facts.customers["closed_on"]
    gone = np.where(closed.isna(), one.months, months_since(FIRST, closed.fillna(FIRST)))
    month = np.arange(one.months)
    joined = months_since(FIRST, one.facts.customers["joined_on"])
    at_risk = (joined[:, None] < month) & (month <= gone[:, None])
    left = month == gone[:, None]
    calls = one.facts.save_calls
    calls = calls.assign(called=calls["done_on"] <= calls["due_on"])
    history = {
        "a rival has asked": _in_the_quarter_after(one.matrix(calls, "flagged_on"))[trade],
        "and we called": _in_the_quarter_after(one.matrix(calls, "flagged_on", "called"))[trade],
    }
    return survival.Lives(at_risk[trade], left[trade], one.satisfaction[trade], history)


def _in_the_quarter_after(happened):
    month = np.arange(happened.shape[1])
    return sum(np.roll(happened, ago, axis=1) * (month >= ago) for ago in (1, 2, 3)).clip(max=1)


def _leaving(one, ends):
    return weigh(Names(*ends), lives=lives(one), lags=[1])


def _nps(one, ends):
    return of_customers(ends, one.satisfaction, one.promoting)


def _friends(one, ends):
    """Of those who came by themselves: who was brought brings nobody."""
    came = (one.facts.customers["channel"] != "Referral").to_numpy()
    brought = 100 * np.minimum(one.matrix(one.facts.referrals, "referred_on"), 1)
    return of_customers(ends, one.promoting[came], brought[came])


def _installs(one, ends):
    table = one.facts.prospects.dropna(subset="engaged_on")
    table = table[table["engaged_on"] < unripe(one.facts, 25)]
    table = table.assign(installed=table["installed_on"].notna(), tried=table["trial_on"].notna())
    return of_events(ends, table, "installed", "tried", who="prospect", when="engaged_on")


def _escaped(one, ends):
    """By the week in which the order was delivered, when its defects are found."""
    facts = one.facts
    lines = facts.lines.groupby("order").size().rename("lines")
    delivered = one.deliveries().join(lines, on="order")
    found = weekly(facts.defects, "found_on", facts)
    lines_a_week = weekly(delivered, "delivered_on", facts, "lines")
    share = well_founded(ratio(found, lines_a_week, 100), lines_a_week)
    return of_weeks(ends, weekly(facts.inspections, "week", facts, "escaped"), share)


QUESTIONS = {
    ("on_time_dispatch", "late_delivery_rate"): _of_orders("kept", "late"),
    ("late_delivery_rate", SATISFACTION): _lived("lived_late"),
    ("product_defect_rate", SATISFACTION): _lived("lived_defects"),
    ("billing_error_rate", SATISFACTION): _lived("lived_wrong_invoices"),
    ("complaint_resolution_time", SATISFACTION): _lived("lived_hours"),
    ("returns_cycle_time", SATISFACTION): _lived("lived_days"),
    ("frontline_engagement", SATISFACTION): _engagement,
    ("training_tool_coverage", "frontline_engagement"): _training,
    ("frontline_turnover", "first_contact_resolution"): _turnover,
    ("frontline_data_availability", "first_contact_resolution"): _of_tickets(
        "record_complete", "first_contact"
    ),
    ("first_contact_resolution", "complaint_resolution_time"): _of_tickets(
        "first_contact", "hours", 0.01
    ),
    ("late_delivery_rate", "trouble_report_rate"): _of_orders("late", "ticket"),
    ("product_defect_rate", "trouble_report_rate"): _of_orders("broken", "ticket"),
    ("billing_error_rate", "trouble_report_rate"): _of_orders("corrected", "ticket"),
    ("prebill_exceptions", "billing_error_rate"): _of_orders("failed_check", "corrected"),
    ("frontline_data_availability", "cross_sell_offer_rate"): _contacts,
    ("cross_sell_offer_rate", "cross_sell_value"): _offers,
    ("save_contact_rate", "customer_loss_rate"): _calls,
    (SATISFACTION, "retention_rate"): _leaving,
    (SATISFACTION, "nps"): _nps,
    ("nps", "word_of_mouth"): _friends,
    ("app_install_rate", "trial_conversion"): _installs,
    ("escaped_defects", "product_defect_rate"): _escaped,
}


def _weeks(child, parent):
    return lambda one, ends: of_weeks(ends, child(one), parent(one))


def _engaged(one):
    return weekly(one.facts.prospects, "engaged_on", one.facts)


def _late_share(one):
    table = one.facts.deliveries.dropna(subset="delivered_on")
    table = table.assign(late=table["delivered_on"] > table["promised_on"])
    return ratio(
        weekly(table, "promised_on", one.facts, "late"), weekly(table, "promised_on", one.facts)
    )


def _order_value(one):
    orders = one.facts.lines.groupby("order").agg({"ordered_at": "first", "amount": "sum"})
    return ratio(
        weekly(orders, "ordered_at", one.facts, "amount"),
        weekly(orders, "ordered_at", one.facts),
    )


def _newcomers(one):
    """Prospects who ordered: whether they had the app, and whether they came again in 90 days."""
    facts = one.facts
    days = facts.lines.drop_duplicates("order")[["customer", "ordered_at"]]
    days = days.assign(day=days["ordered_at"].dt.normalize()).drop_duplicates(["customer", "day"])
    second = days.sort_values("day").groupby("customer")["day"].nth(1)
    second = pd.Series(second.to_numpy(), index=days.loc[second.index, "customer"].to_numpy())
    table = facts.prospects.dropna(subset="trial_on")
    table = table[table["trial_on"] < unripe(facts, 91)]
    gap = (table["customer"].map(second) - table["trial_on"]).dt.days
    return table.assign(installed=table["installed_on"].notna(), again=gap <= 90)


def _repeat_by_install(one, ends):
    table = _newcomers(one)
    return of_events(ends, table, "installed", "again", who="prospect", when="trial_on")


def _tried(one):
    return ratio(weekly(one.facts.prospects, "trial_on", one.facts), _engaged(one), 100)


def _came_again(one):
    table = _newcomers(one)
    share = ratio(
        weekly(table, "trial_on", one.facts, "again"), weekly(table, "trial_on", one.facts), 100
    )
    share[-7:] = np.nan
    return share


def _spent(one, ends):
    orders = one.facts.lines.groupby("order").agg(
        {"customer": "first", "ordered_at": "first", "amount": "sum"}
    )
    value = ratio(one.matrix(orders, "ordered_at", "amount"), one.matrix(orders, "ordered_at"))
    return of_customers(ends, one.satisfaction, value)


def _offers_annoy(one, ends):
    made = ratio(
        one.matrix(one.facts.contacts, "contacted_on", "offer_made"),
        one.matrix(one.facts.contacts, "contacted_on"),
        100,
    )
    return of_customers(ends, made, one.satisfaction)


def _late_of_groups(one):
    return one.by_group(one.deliveries(), "delivered_on", "late", 100)


def _turnover_and_late(one, ends):
    left = ratio(one.staff("leavers"), one.staff("headcount"), 1200)
    return of_groups(ends, left, _late_of_groups(one), 1)


def _engagement_and_late(one, ends):
    return of_groups(ends, one.staff("engagement"), _late_of_groups(one), 3)


NOTHING_THERE = {
    ("engaged_prospects", "late_delivery_rate"): _weeks(_engaged, _late_share),
    ("engaged_prospects", "average_order_value"): _weeks(_engaged, _order_value),
    ("app_install_rate", "repeat_conversion"): _repeat_by_install,
    ("trial_conversion", "repeat_conversion"): _weeks(_tried, _came_again),
    ("billing_error_rate", "late_delivery_rate"): _of_orders("corrected", "late"),
    ("prebill_exceptions", "on_time_dispatch"): _of_orders("failed_check", "kept"),
    ("frontline_turnover", "late_delivery_rate"): _turnover_and_late,
    (SATISFACTION, "average_order_value"): _spent,
    ("cross_sell_offer_rate", SATISFACTION): _offers_annoy,
    ("frontline_engagement", "late_delivery_rate"): _engagement_and_late,
    ("escaped_defects", "late_delivery_rate"): lambda one, ends: of_weeks(
        ends, weekly(one.facts.inspections, "week", one.facts, "escaped"), _late_share(one)
    ),
}


def answers(facts) -> dict[tuple[str, str], Evidence]:
    """What the data say of every pair, before the number of looks is accounted for."""
    one = Asked(facts)
    asked = QUESTIONS | NOTHING_THERE
    return {ends: ask(one, ends) for ends, ask in asked.items()}
