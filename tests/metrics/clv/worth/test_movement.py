from dataclasses import replace
from decimal import Decimal

import numpy as np
import pytest

from metrics.clv.models import bg_nbd, gamma_gamma
from metrics.clv.purchases.grouping import histories_of, merge_days
from metrics.clv.worth.cash import Horizon
from metrics.clv.worth.movement import PARTS, NotComparable, Valued, movement, value

EARLY, LATE = np.datetime64("1997-06-30"), np.datetime64("1997-12-31")


def valued(days, until, horizon=Horizon(12, 0.10), margin=0.3):
    histories = histories_of(merge_days(*days), until)
    everybody = np.ones(len(histories))
    return Valued(
        customer=histories.customer, x=histories.x.astype(float), t_x=histories.t_x, T=histories.T,
        mean_spend=histories.mean_spend, margin=margin * everybody, cost=0.4 * everybody,
        purchases=bg_nbd.fit(histories.x, histories.t_x, histories.T).model,
        spend=gamma_gamma.fit(histories.x, histories.mean_spend).model,
        usual_spend=30.0, horizon=horizon, unit="week", until=histories.until,
    )  # fmt: skip


@pytest.fixture(scope="module")
def early(cdnow_days):
    return valued(cdnow_days, EARLY)


@pytest.fixture(scope="module")
def late(cdnow_days):
    return valued(cdnow_days, LATE, Horizon(18, 0.12), margin=0.32)


def cents(amount):
    return Decimal(float(amount)).quantize(Decimal("0.01"))


def test_the_parts_add_up_to_the_cent(early, late):
    parts = movement(early, late)
    assert list(parts) == [part for part, _ in PARTS]
    assert sum(parts.values()) == cents(value(late).sum()) - cents(value(early).sum())


def test_two_equal_valuations_have_not_moved(late):
    assert set(movement(late, late).values()) == {Decimal("0.00")}


@pytest.mark.parametrize(
    ("change", "part"),
    [
        ({"horizon": Horizon(18, 0.2)}, "terms"),
        ({"usual_spend": 31.0, "spend": None}, "models"),
    ],
)
def test_what_alone_is_changed_is_the_only_part(late, change, part):
    parts = movement(late, replace(late, **change))
    assert parts.pop(part) != 0
    assert set(parts.values()) == {Decimal("0.00")}


def test_a_raised_margin_is_the_margins_part_alone(late):
    parts = movement(late, replace(late, margin=late.margin + 0.01))
    assert parts.pop("margin") > 0
    assert set(parts.values()) == {Decimal("0.00")}


def test_new_and_gone_customers_have_parts_of_their_own(late):
    some = late.rows(late.customer % 2 == 0)
    came, went = movement(some, late), movement(late, some)
    others = value(late.rows(late.customer % 2 == 1)).sum()
    assert float(came.pop("new")) == pytest.approx(others, abs=0.02)
    assert float(went.pop("gone")) == pytest.approx(-others, abs=0.02)
    assert set(came.values()) == set(went.values()) == {Decimal("0.00")}


def test_time_that_passes_in_silence_is_what_was_expected_and_silence_costs(early):
    """Nobody buys for ten weeks: the expected part is small, the surprise is a loss."""
    silent = replace(early, T=early.T + 10, until=early.until + 70)
    parts = movement(early, silent)
    assert parts["behaviour"] < 0
    assert parts["new"] == parts["spend"] == parts["terms"] == 0


def test_customers_who_do_as_expected_do_not_surprise():
    """Simulated from the model itself, the behaviour's part is near nothing."""
    draw = np.random.default_rng(2)
    model = bg_nbd.BgNbd(1.1, 5.0, 0.6, 8.0)
    count = 40_000
    rate, leaving = draw.gamma(1.1, 1 / 5.0, count), draw.beta(0.6, 8.0, count)
    x = {40: np.zeros(count), 66: np.zeros(count)}
    t_x = {40: np.zeros(count), 66: np.zeros(count)}
    clock, active = np.zeros(count), np.arange(count)
    while len(active):
        clock[active] += draw.exponential(1 / rate[active])
        for week in x:
            inside = active[clock[active] < week]
            x[week][inside] += 1
            t_x[week][inside] = clock[inside]
        active = active[(clock[active] < 66) & (draw.random(len(active)) > leaving[active])]
    first, second = (
        Valued(
            np.arange(count), x[week], t_x[week], np.full(count, float(week)), np.zeros(count),
            np.ones(count), np.zeros(count), model, None, 1.0, Horizon(12, 0.10), "week", 7 * week,
        )
        for week in (40, 66)
    )  # fmt: skip
    parts = movement(first, second)
    assert parts["time"] < 0
    assert abs(float(parts["behaviour"])) < 0.01 * value(first).sum()
    assert abs(float(parts["time"])) > 5 * abs(float(parts["behaviour"]))


def test_valuations_in_two_units_are_not_compared(early, late):
    with pytest.raises(NotComparable, match="different units"):
        movement(replace(early, unit="day"), late)
    with pytest.raises(NotComparable, match="earlier day"):
        movement(late, early)
