"""What the simulated company's systems would send of what happened: a table each."""

from collections.abc import Mapping
from typing import Any

import pandas as pd

from clvsite.simulated.facts import Facts

FROM_TEN_TO_A_HUNDRED = 10
YES_OR_NO = {True: "yes", False: "no"}


def interactions(facts: Facts) -> dict[str, pd.DataFrame]:
    """One table a system: what happened with customers and prospects."""
    return {
        "warehouse": _joined(
            _dispatches(facts), _deliveries(facts), _returns(facts), _defects(facts)
        ),
        "billing": _invoices(facts),
        "service-desk": _joined(_tickets(facts), _save_calls(facts), _contacts(facts)),
        "surveys": _surveys(facts),
        "crm": _joined(_offers(facts), _referrals(facts), _notices(facts)),
        "web-and-app": _joined(_visits(facts), _installs(facts)),
    }


def _joined(*tables: pd.DataFrame) -> pd.DataFrame:
    return pd.concat(tables, ignore_index=True)


def _table(kind: str, columns: Mapping[str, Any]) -> pd.DataFrame:
    return pd.DataFrame({**columns, "kind": kind})


def _ordered_on(table: pd.DataFrame) -> pd.Series:
    return table["dispatch_due_on"] - pd.Timedelta(days=1)


def _dispatches(facts: Facts) -> pd.DataFrame:
    table = facts.deliveries
    return _table(
        "dispatch",
        {
            "customer": table["customer"],
            "happened_on": _ordered_on(table),
            "number": table["order"],
            "due_on": table["dispatch_due_on"],
            "done_on": table["dispatched_on"],
            "site": table["depot"],
        },
    )


def _deliveries(facts: Facts) -> pd.DataFrame:
    table = facts.deliveries
    return _table(
        "delivery",
        {
            "customer": table["customer"],
            "happened_on": _ordered_on(table),
            "number": table["order"],
            "due_on": table["promised_on"],
            "done_on": table["delivered_on"],
            "site": table["depot"],
            "cost": table["cost"],
        },
    )


def _returns(facts: Facts) -> pd.DataFrame:
    table = facts.returns
    return _table(
        "return",
        {
            "customer": table["customer"],
            "happened_on": table["requested_on"],
            "number": table["order"] + "-" + table["line"].astype(str),
            "done_on": table["refunded_on"],
            "topic": table["reason"],
            "cost": table["cost"],
            "description": table["product"],
        },
    )


def _defects(facts: Facts) -> pd.DataFrame:
    table = facts.defects
    return _table(
        "defect",
        {
            "customer": table["customer"],
            "happened_on": table["found_on"],
            "number": table["order"] + "-" + table["line"].astype(str),
            "description": table["product"],
        },
    )


def _invoices(facts: Facts) -> pd.DataFrame:
    table = facts.invoices
    return _table(
        "invoice",
        {
            "customer": table["customer"],
            "happened_on": table["sent_on"],
            "number": table["order"],
            "done_on": table["corrected_on"],
            "outcome": table["corrected"].map({True: "corrected", False: ""}),
            "flagged": table["failed_check"].map(YES_OR_NO),
            "cost": table["cost"],
        },
    )


def _tickets(facts: Facts) -> pd.DataFrame:
    table = facts.tickets
    return _table(
        "ticket",
        {
            "customer": table["customer"],
            "happened_on": table["opened_at"],
            "number": "T" + table["order"],
            "answered_at": table["answered_at"],
            "done_on": table["closed_at"],
            "outcome": (table["reopened"] > 0).map({True: "reopened", False: ""}),
            "topic": table["topic"],
            "site": table["group"],
            "record_shown": table["record_complete"].map(YES_OR_NO),
            "cost": table["cost"],
        },
    )


def _save_calls(facts: Facts) -> pd.DataFrame:
    table = facts.save_calls
    return _table(
        "call",
        {
            "customer": table["customer"],
            "happened_on": table["flagged_on"],
            "number": "S" + table["customer"] + table["flagged_on"].dt.strftime("-%y%m%d"),
            "due_on": table["due_on"],
            "done_on": table["done_on"],
            "topic": "save",
            "cost": table["cost"].where(table["done_on"].notna()),
        },
    )


def _contacts(facts: Facts) -> pd.DataFrame:
    table = facts.contacts
    return _table(
        "call",
        {
            "customer": table["customer"],
            "happened_on": table["contacted_on"],
            "number": "C" + table["customer"] + table["contacted_on"].dt.strftime("-%y%m%d"),
            "done_on": table["contacted_on"],
            "topic": "account",
            "site": table["group"],
            "record_shown": table["record_complete"].map(YES_OR_NO),
            "cost": table["cost"],
        },
    )


def _offers(facts: Facts) -> pd.DataFrame:
    table = facts.contacts[facts.contacts["offer_made"]]
    return _table(
        "offer",
        {
            "customer": table["customer"],
            "happened_on": table["contacted_on"],
            "number": "O" + table["customer"] + table["contacted_on"].dt.strftime("-%y%m%d"),
            "outcome": table["accepted"].map({True: "accepted", False: "declined"}),
            "topic": table["category"].str.lower(),
            "site": table["group"],
        },
    )


def _surveys(facts: Facts) -> pd.DataFrame:
    table = facts.surveys
    is_recommend = table["kind"] == "recommend"
    day = table["answered_on"].dt.strftime("-%y%m%d")
    return _table(
        "survey",
        {
            "customer": table["customer"],
            "happened_on": table["answered_on"],
            "number": table["kind"].str[:3] + table["customer"] + day,
            "topic": table["kind"],
            "score": table["score"].where(~is_recommend, table["score"] * FROM_TEN_TO_A_HUNDRED),
            "description": table["text"],
            "consent": table["text_consent"].map(YES_OR_NO),
        },
    )


def _referrals(facts: Facts) -> pd.DataFrame:
    table = facts.referrals
    return _table(
        "referral",
        {
            "customer": table["customer"],
            "happened_on": table["referred_on"],
            "number": "F" + table["customer"] + table["referred_on"].dt.strftime("-%y%m%d"),
            "done_on": table["first_on"],
            "outcome": table["first_on"].notna().map({True: "paid", False: ""}),
            "referred": table["friend"],
            "cost": table["paid"].where(table["first_on"].notna()),
        },
    )


def _notices(facts: Facts) -> pd.DataFrame:
    table = facts.customers.dropna(subset="closed_on")
    return _table(
        "notice",
        {
            "customer": table["customer"],
            "happened_on": table["closed_on"],
            "number": "N" + table["customer"],
            "topic": table["closed_reason"],
        },
    )


def _visits(facts: Facts) -> pd.DataFrame:
    """The first look of those who only looked, else the visit that did more, and a trial's."""
    table = facts.prospects
    looked = table[table["engaged_on"].isna()]
    engaged, tried = table.dropna(subset="engaged_on"), table.dropna(subset="trial_on")
    return _joined(
        _visit(looked, "first_visit_on", "", "1"),
        _visit(engaged, "engaged_on", "engaged", "2"),
        _visit(tried, "trial_on", "trial", "3"),
    )


def _visit(table: pd.DataFrame, day: str, outcome: str, place: str) -> pd.DataFrame:
    return _table(
        "visit",
        {
            "prospect": table["prospect"],
            "happened_on": table[day],
            "number": table["prospect"] + "-" + place,
            "outcome": outcome,
            "topic": table["channel"].str.lower(),
        },
    )


def _installs(facts: Facts) -> pd.DataFrame:
    table = facts.prospects.dropna(subset="installed_on")
    return _table(
        "install",
        {
            "prospect": table["prospect"],
            "happened_on": table["installed_on"],
            "number": table["prospect"],
            "topic": table["channel"].str.lower(),
        },
    )
