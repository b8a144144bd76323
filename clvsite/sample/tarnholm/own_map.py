"""The forty metrics as Tarnholm Supply counts them: whose they are, and what is told otherwise."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from decimal import Decimal

from clvsite.sample.people import TARNHOLM
from metrics.indicators.counting import Counted, Counting, Way
from metrics.metric_map.document import MapDocument, MetricEntry
from metrics.metric_map.starting import Starting, starting_document

OWNERS = {
    "ruth.executive": "clv_total",
    "fay.finance": "cost_to_serve margin_per_customer billing_error_rate prebill_exceptions",
    "hana.hr": "frontline_engagement frontline_turnover training_tool_coverage",
    "ian.it": "customer_360_coverage data_product_revenue frontline_data_availability",
    "petra.data": "data_requests_fulfilled",
    "mina.marketing": (
        "acquisition_cost new_customers nps word_of_mouth repeat_conversion social_review_score"
    ),
    "mark.lead": "trial_conversion app_install_rate engaged_prospects",
    "omar.operations": "late_delivery_rate returns_cycle_time",
    "olga.lead": "on_time_dispatch",
    "paul.product": (
        "product_defect_rate trouble_report_rate customer_ideas_shipped escaped_defects"
    ),
    "maya.manager": (
        "retention_rate stable_revenue_share average_order_value cross_sell_value"
        " customer_loss_rate margin_migration price_premium"
    ),
    "tom.lead": "cross_sell_offer_rate save_contact_rate",
    "stefan.service": "customer_satisfaction complaint_resolution_time",
    "selma.lead": "first_contact_resolution",
}
BACKUPS = {"late_delivery_rate": "olga.lead", "customer_satisfaction": "selma.lead"}
STEWARD = "petra.data"
TARGETS = {
    "late_delivery_rate": (10.0, date(2026, 6, 30)),
    "billing_error_rate": (3.0, date(2026, 6, 30)),
    "save_contact_rate": (75.0, date(2026, 3, 31)),
    "first_contact_resolution": (75.0, date(2026, 6, 30)),
    "trial_conversion": (18.0, date(2026, 9, 30)),
}
UPPER_TIER = Decimal("0.4")
FRIENDS_WAIT = 76


def email(local_part: str) -> str:
    return f"{local_part}@{TARNHOLM}"


def own_map() -> MapDocument:
    """The map to start from, in the company's currency, with owners and its own counting."""
    document = starting_document(Starting.WHOLE_COMPANY)
    owners = {key: who for who, keys in OWNERS.items() for key in keys.split()}
    for key, entry in document.metrics.items():
        target, target_on = TARGETS.get(key, (None, None))
        document = document.with_metric(
            replace(
                entry,
                owner=email(owners[key]),
                backup=email(BACKUPS[key]) if key in BACKUPS else "",
                steward=email(STEWARD),
                target=target,
                target_on=target_on,
            )
        )
    for key, differently in TOLD_OTHERWISE.items():
        document = document.with_metric(differently(document.metrics[key]))
    return replace(document, name="Tarnholm Supply, simulated")


def _counting(entry: MetricEntry) -> Counting:
    if entry.counting is None:
        raise ValueError(f"{entry.key} is not counted at all.")
    return entry.counting


def _all_tickets(entry: MetricEntry) -> MetricEntry:
    """Here every ticket is somebody's trouble, whatever its topic."""
    closed = (("is_closed", "eq", Decimal(1)),)
    counting = _counting(entry)._replace(
        numerator=Counted("tickets", "sum", "hours_to_close", closed),
        denominator=Counted("tickets", "count", "", closed),
    )
    text = "Mean hours from opening a ticket to its end, of those that are closed."
    return replace(entry, description=text, counting=counting)


def _not_reopened(entry: MetricEntry) -> MetricEntry:
    """The service desk says itself which tickets came back."""
    closed = ("is_closed", "eq", Decimal(1))
    counting = _counting(entry)._replace(
        numerator=Counted("tickets", "count", "", (closed, ("is_reopened", "eq", Decimal(0)))),
        denominator=Counted("tickets", "count", "", (closed,)),
    )
    text = "Tickets that the first contact solved: closed, and not opened again."
    return replace(entry, description=text, counting=counting)


def _offers_at_calls(entry: MetricEntry) -> MetricEntry:
    """Offers are made at the calls to customers, so web visits are left out."""
    calls = Counted("calls", "count", "", (("is_save", "eq", Decimal(0)),))
    text = "Offers made in the week, a hundred calls to customers."
    return replace(entry, description=text, counting=_counting(entry)._replace(denominator=calls))


def _records_on_the_screen(entry: MetricEntry) -> MetricEntry:
    """The service desk's and the account managers' systems say so of each ticket and call."""
    told, shown = (
        Counted("contacts", "count", "", ((name, "eq", Decimal(1)),))
        for name in ("is_record_told", "is_record_shown")
    )
    counting = _counting(entry)._replace(
        way=Way.COUNTED.value, numerator=shown, denominator=told, scale=100
    )
    return replace(entry, counting=counting)


def _in_any_currency(entry: MetricEntry) -> MetricEntry:
    return replace(entry, name="Value of cross-selling")


def _professional_grade(entry: MetricEntry) -> MetricEntry:
    counting = _counting(entry)
    if counting.numerator is None:
        raise ValueError(f"{entry.key} has nothing to count.")
    where = tuple(
        (field, how, UPPER_TIER if field == "margin" else value)
        for field, how, value in counting.numerator.where
    )
    text = "Sales of the professional grade, which leaves 40% of its price or more, of all sales."
    counting = counting._replace(numerator=counting.numerator._replace(where=where))
    return replace(entry, description=text, counting=counting)


def _when_friends_have_ordered(entry: MetricEntry) -> MetricEntry:
    """A friend orders up to 75 days later: until then a month is not told to its end."""
    return replace(entry, counting=_counting(entry)._replace(ripens_after_days=FRIENDS_WAIT))


def _by_what_is_known(entry: MetricEntry) -> MetricEntry:
    """Without the price premium and the data products, of which nobody has figures yet."""
    counting = _counting(entry)._replace(
        formula=(
            "7 * 0.36 * average_order_value + 0.4 * cross_sell_value + 0.5 * margin_migration"
            " - cost_to_serve"
        )
    )
    text = (
        "What an average customer leaves in a year, after what serving costs: seven orders a year"
        " at a margin of 36%. Price premium and data products join it when they have figures."
    )
    return replace(entry, description=text, counting=counting)


def _a_week(entry: MetricEntry) -> MetricEntry:
    """Nothing is released here: goods are inspected, week by week."""
    counting = _counting(entry)._replace(
        way=Way.REPORTED.value, grain="week", unit="defects a week", scale=1
    )
    text = "Defects that the week’s inspection missed, as the inspection tells."
    return replace(entry, name="Escaped defects", description=text, counting=counting)


def _of_marketing(entry: MetricEntry) -> MetricEntry:
    """There is no site of Tarnholm's that could be reviewed: it sells by post."""
    return replace(entry, department="Marketing", owner_title="Head of marketing")


TOLD_OTHERWISE: dict[str, Callable[[MetricEntry], MetricEntry]] = {
    "complaint_resolution_time": _all_tickets,
    "first_contact_resolution": _not_reopened,
    "cross_sell_offer_rate": _offers_at_calls,
    "cross_sell_value": _in_any_currency,
    "margin_migration": _professional_grade,
    "margin_per_customer": _by_what_is_known,
    "frontline_data_availability": _records_on_the_screen,
    "social_review_score": _of_marketing,
    "word_of_mouth": _when_friends_have_ordered,
    "escaped_defects": _a_week,
}
