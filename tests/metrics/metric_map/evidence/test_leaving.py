"""Who is held to have left: who said so, and of whom nobody would say so, who has fallen silent."""

from datetime import date

import numpy as np
import pytest

from customers.models import Company, Contract, Customer, Interaction, PurchaseDay
from metrics.metric_map.evidence.leaving import Leavers
from metrics.metric_map.evidence.measures import Facts, exposure_of
from tests.metrics.metric_map.evidence import by_hand as company

LAST_MONTH = 7
LEAVERS = 45


def facts_end(codes):
    """Nothing is known of them after August."""
    day = company.day_of(LAST_MONTH, 31)
    PurchaseDay.objects.filter(record__customer__code__in=codes, day__gt=day).delete()
    Interaction.objects.filter(record__customer__code__in=codes, happened_on__gt=day).delete()


def lives_of(late):
    Company.objects.update_or_create(pk=1, defaults={"lapsed_after_days": 90})
    version, facts = late.versions.get(), Facts.until(company.AS_OF)
    return Leavers(facts).lives(version, exposure_of(version, facts)), facts


def notice(record):
    day = company.day_of(LAST_MONTH, 25)
    return Interaction(
        record=record, kind="notice", key="n", happened_at=company.moment(day), happened_on=day
    )


@pytest.fixture
def leavers(late):
    """The first half of the customers, as records."""
    codes = [f"c{n}" for n in range(LEAVERS)]
    facts_end(codes)
    Customer.objects.update(kind="company")
    return list(Customer.objects.filter(code__in=codes).order_by("pk"))


def records(leavers):
    return [one.records.get() for one in leavers]


def test_who_gave_notice_left_in_that_month_and_the_others_did_not(late, leavers):
    Interaction.objects.bulk_create(notice(record) for record in records(leavers))
    lives, _ = lives_of(late)
    assert lives.left.sum() == LEAVERS
    assert np.flatnonzero(lives.left.any(axis=0)).tolist() == [LAST_MONTH]
    assert lives.at_risk[:LEAVERS].sum(axis=1).tolist() == [LAST_MONTH] * LEAVERS
    assert lives.at_risk[LEAVERS:].sum(axis=1).max() == company.MONTHS - 1


def test_the_end_of_the_last_contract_is_a_notice_too(late, leavers):
    ends = company.day_of(LAST_MONTH, 28)
    Contract.objects.bulk_create(
        Contract(
            record=record, number="1", started_on=date(2024, 1, 1), ended_on=ends,
            term_months=1, fee=10,
        )
        for record in records(leavers)
    )  # fmt: skip
    lives, _ = lives_of(late)
    assert lives.left.sum() == LEAVERS
    assert np.flatnonzero(lives.left.any(axis=0)).tolist() == [LAST_MONTH]
    Contract.objects.bulk_create(
        Contract(record=record, number="2", started_on=ends, term_months=1, fee=10)
        for record in records(leavers)
    )
    still, _ = lives_of(late)
    assert still.left.sum() == LEAVERS, "told by silence again, in the month after"
    assert np.flatnonzero(still.left.any(axis=0)).tolist() == [LAST_MONTH + 1]


def test_who_buys_again_has_not_left(late, leavers):
    Interaction.objects.bulk_create(notice(record) for record in records(leavers))
    back, others = records(leavers)[:2], LEAVERS - 2
    PurchaseDay.objects.bulk_create(
        PurchaseDay(record=one, day=company.day_of(11), amount=30, lines_bought=1) for one in back
    )
    lives, _ = lives_of(late)
    assert lives.left.sum() == others


def test_a_kind_of_whom_most_fall_silent_without_a_word_is_told_by_silence(late, leavers):
    Interaction.objects.bulk_create(notice(record) for record in records(leavers)[:20])
    lives, _ = lives_of(late)
    assert lives.left.sum() == LEAVERS
    assert np.flatnonzero(lives.left.any(axis=0)).tolist() == [LAST_MONTH + 1]


def test_leaving_is_a_long_silence_dated_at_its_first_month(late, satisfaction):
    gone = ["c0", "c1"]
    PurchaseDay.objects.filter(record__customer__code__in=gone, day__gt="2024-06-30").delete()
    mute = Interaction.objects.filter(record__customer__code="c0", kind="survey")
    mute.filter(happened_on__gt="2024-06-30").delete()
    lives, facts = lives_of(late)
    assert np.flatnonzero(lives.left[0]).tolist() == [6]
    assert lives.left.sum() == 1, "the other one still answers"
    assert lives.at_risk[0].sum() == 6
    assert not lives.at_risk[:, company.MONTHS - facts.lapsed_after() + 1 :].any()
