import dataclasses
import re
import time
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import clvsite.simulated
from clvsite.simulated.company import simulate
from clvsite.simulated.facts import Facts

KEYS = {
    "customers": ["customer"],
    "prospects": ["prospect"],
    "lines": ["order", "line"],
    "deliveries": ["order"],
    "invoices": ["order"],
    "tickets": ["order"],
    "defects": ["order", "line"],
    "returns": ["order", "line"],
    "surveys": ["customer", "kind", "answered_on"],
    "save_calls": ["customer", "flagged_on"],
    "contacts": ["customer", "contacted_on"],
    "referrals": ["customer", "referred_on"],
    "staff": ["group", "month"],
    "inspections": ["week"],
    "acquisition": ["channel", "month"],
    "margins": ["product"],
}


def tables(facts):
    return {
        field.name: table
        for field in dataclasses.fields(facts)
        if isinstance(table := getattr(facts, field.name), pd.DataFrame)
    }


def test_the_same_seed_gives_the_same_facts():
    once, again = simulate(3, customers=300, years=1), simulate(3, customers=300, years=1)
    for name, table in tables(once).items():
        pd.testing.assert_frame_equal(table, getattr(again, name))


def test_another_seed_gives_another_company():
    one, other = (simulate(seed, customers=300, years=1) for seed in (3, 4))
    assert not one.lines["amount"].head(100).equals(other.lines["amount"].head(100))


def test_the_company_has_the_size_it_was_asked_for(facts):
    assert 5400 <= len(facts.customers) <= 6600
    assert 100_000 <= len(facts.lines) <= 150_000
    assert str(facts.last_day) == "2025-12-31"
    assert len(simulate(1, customers=600, years=1).customers) == pytest.approx(600, rel=0.15)


def test_the_company_does_business_as_a_company_may(facts):
    deliveries, invoices, tickets = facts.deliveries, facts.invoices, facts.tickets
    late = (deliveries["delivered_on"] > deliveries["promised_on"]).mean()
    hours = (tickets["closed_at"] - tickets["opened_at"]).dt.total_seconds() / 3600
    assert 0.10 < late < 0.20
    assert 0.02 < invoices["corrected"].mean() < 0.08
    assert 0.01 < len(facts.defects) / len(facts.lines) < 0.05
    assert 20 < hours.mean() < 40
    assert 65 < facts.hidden["satisfaction"].mean() < 80
    assert 0.15 < facts.hidden_leaving.notna().mean() < 0.40
    assert 100 < facts.lines.groupby("order")["amount"].sum().mean() < 500
    assert (facts.staff["headcount"] >= 8).all()


def test_causes_vary_enough_from_week_to_week_to_be_seen(facts):
    deliveries = facts.deliveries
    late = (deliveries["delivered_on"] > deliveries["promised_on"]).groupby(
        deliveries["promised_on"].dt.to_period("W")
    )
    wrong = facts.invoices["corrected"].groupby(facts.invoices["sent_on"].dt.to_period("W"))
    assert late.mean().iloc[4:-2].std() > 0.02
    assert wrong.mean().iloc[4:-2].std() > 0.02
    assert (facts.staff["trained"] / facts.staff["headcount"]).std() > 0.1


@pytest.mark.parametrize("name", KEYS)
def test_no_two_rows_have_one_key(facts, name):
    table = getattr(facts, name)
    assert len(table)
    assert not table.duplicated(KEYS[name]).any()


def test_nothing_is_known_from_after_the_last_day(facts):
    end = pd.Timestamp(facts.last_day) + pd.Timedelta(days=1)
    for name, table in tables(facts).items():
        for column in table.select_dtypes("datetime"):
            known = table[column] < end
            due = column in ("dispatch_due_on", "promised_on", "due_on")
            assert (known | table[column].isna() | due).all(), f"{name}.{column}"


def test_every_column_is_explained(facts):
    explained = set(re.findall(r"\w+", Facts.__doc__))
    for name, table in tables(facts).items():
        assert {name, *table.columns} <= explained


def test_every_row_belongs_to_a_customer(facts):
    customers = set(facts.customers["customer"])
    for name, table in tables(facts).items():
        if "customer" in table:
            assert set(table["customer"]) <= customers | {""}, name
    assert set(facts.referrals["friend"]) <= customers | {""}
    assert set(facts.lines["order"]) == set(facts.deliveries["order"])


def test_who_has_closed_the_account_orders_and_answers_no_more(facts):
    closed = facts.customers.set_index("customer")["closed_on"].dropna()
    assert len(closed) > 200
    for table, day in (("lines", "ordered_at"), ("surveys", "answered_on")):
        rows = getattr(facts, table)
        rows = rows[rows["customer"].isin(closed.index)]
        assert (rows[day] < closed.reindex(rows["customer"]).to_numpy()).all(), table


def test_things_happen_in_their_order(facts):
    deliveries, tickets, returns = facts.deliveries, facts.tickets, facts.returns
    for earlier, later in (
        (deliveries["dispatched_on"], deliveries["delivered_on"]),
        (tickets["opened_at"], tickets["answered_at"]),
        (tickets["answered_at"], tickets["closed_at"]),
        (returns["requested_on"], returns["refunded_on"]),
        (facts.invoices["sent_on"], facts.invoices["corrected_on"]),
        (facts.prospects["engaged_on"], facts.prospects["trial_on"]),
        (facts.customers["joined_on"], facts.customers["closed_on"]),
    ):
        assert ((earlier <= later) | later.isna()).all()


def test_a_text_is_shown_only_by_consent_and_only_if_written(facts):
    surveys = facts.surveys
    assert set(surveys["kind"]) == {"satisfaction", "recommend"}
    assert not surveys.loc[surveys["text"] == "", "text_consent"].any()
    assert 0.5 < surveys.loc[surveys["text"] != "", "text_consent"].mean() < 0.9


def test_three_years_are_simulated_within_seconds():
    begun = time.process_time()
    simulate(2)
    assert time.process_time() - begun < 8


def test_the_numbers_know_nothing_of_the_site():
    for path in Path(clvsite.simulated.__file__).parent.rglob("*.py"):
        imports = re.findall(r"^(?:from|import) (\S+)", path.read_text(), re.MULTILINE)
        assert not [name for name in imports if name.split(".")[0] in ("django", "customers")]


def test_shares_and_scores_stay_in_their_range(facts):
    scores = facts.surveys.groupby("kind")["score"].agg(["min", "max"])
    assert scores.loc["satisfaction"].between(0, 100).all()
    assert scores.loc["recommend"].between(0, 10).all()
    assert np.isfinite(facts.lines["amount"]).all()
    assert (facts.lines[["amount", "quantity"]] > 0).all(axis=None)
