"""Three doubts: each against simulated truth."""

from dataclasses import replace

import numpy as np
import pytest

from metrics.clv.appraisal import appraise
from metrics.clv.fit import Fit
from metrics.clv.models.bg_nbd import BgNbd
from metrics.clv.models.mbg_nbd import MbgNbd
from metrics.clv.models.pareto_nbd import ParetoNbd
from metrics.clv.worth.cash import Horizon
from metrics.clv.worth.customers import chances, worth_of
from metrics.clv.worth.uncertainty import Doubt, chance_table

WEEKS = 52.0
MODELS = [
    BgNbd(0.8, 6.0, 0.8, 2.5),
    MbgNbd(0.8, 6.0, 0.8, 2.5),
    ParetoNbd(0.6, 10.0, 0.6, 12.0),
]


def table_of(model, oldest):
    return chance_table(Fit(model, None, None, 0.0, True), None, list(range(60)), oldest, WEEKS)


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("oldest", [156.0, 1300.0])
def test_bounds_and_variance_of_one_alive_are_those_of_many_draws(model, oldest):
    """Also where one customer of a quarter of a century ago stretches the table."""
    table, draw = table_of(model, oldest), np.random.default_rng(5)
    for x, T in [(0, 5.0), (0, 70.0), (3, 8.0), (10, 30.0), (40, 150.0)]:
        bought = model.draw_if_alive(np.full(20_000, x), np.full(20_000, T), WEEKS, draw)
        one = (np.array([x]), np.array([T]), np.ones(1))
        expected = float(model.purchases_if_alive(x, T, WEEKS))
        high = expected * float(table.quantiles(table.purchases, *one, (0.95,))[0][0])
        assert high == pytest.approx(np.quantile(bought, 0.95), rel=0.1, abs=1.0)
        deviation = expected * float(table.variance(table.purchases, *one)[0]) ** 0.5
        assert deviation == pytest.approx(bought.std(), rel=0.1)


def test_who_has_left_with_a_chance_brings_nothing_with_that_chance():
    table = table_of(MODELS[0], 156.0)
    one = (np.array([3, 3]), np.array([30.0, 30.0]), np.array([0.5, 1.0]))
    (median,) = table.quantiles(table.purchases, *one, (0.5,))
    assert median[0] == 0 < median[1]
    (low,) = table.quantiles(table.purchases, *one, (0.05,))
    assert low[0] == 0


@pytest.fixture(scope="module")
def simulated():
    """Spend of a day as the model tells it."""
    return lived(lambda draw, level: draw.gamma(6.0, 1 / level))


def lived(spend):
    """Purchase days of 3,000 customers over a year, and what each spent and bought in the next."""
    draw = np.random.default_rng(11)
    count, known, ahead = 3_000, 364, 365
    rate, leaving = draw.gamma(0.8, 1 / 42.0, count), draw.beta(0.8, 2.5, count)
    level = draw.gamma(4.0, 1 / 15.0, count)
    clock, active, rows = draw.uniform(0, 180, count), np.arange(count), []
    while len(active):
        spent = spend(draw, level[active])
        rows.append(np.column_stack([active, np.floor(clock[active]), spent]))
        active = active[draw.random(len(active)) > leaving[active] * (len(rows) > 1)]
        clock[active] += draw.exponential(1 / rate[active])
        active = active[clock[active] < known + ahead]
    customer, day, amount = np.concatenate(rows).T
    past = day < known
    later = np.column_stack([customer, amount, np.ones(len(day))])[~past].T
    future = np.bincount(later[0].astype(int), later[1], count)
    bought = np.bincount(later[0].astype(int), minlength=count)
    return (customer[past].astype(int), day[past].astype(int), amount[past]), future, bought


@pytest.mark.parametrize("cost", [0.0, 5.0])
def test_ranges_of_customers_hold_what_they_bring_in_90_of_100_and_more(simulated, cost):
    """Also where serving costs a sixth of an average purchase: margin of spend less cost."""
    days, future, bought = simulated
    appraisal = appraise(*days, until=363, model="bg_nbd", margin=0.5, cost=cost, yearly_rate=0.0)
    came = 0.5 * future - cost * bought
    worth = appraisal.worth
    held = (worth.clv_low - 0.01 <= came) & (came <= worth.clv_high + 0.01)
    assert 0.9 <= held.mean() <= 0.985
    deviations = (came - worth.clv) / np.sqrt(worth.variance)
    assert deviations.std() == pytest.approx(1.0, abs=0.12)


def wildly(draw, level):
    """Lognormal with sigma 1.5: one purchase day in a hundred is thirty times the usual one."""
    return draw.lognormal(np.log(360 / level / 60) - 1.5**2 / 2, 1.5)


@pytest.mark.parametrize("is_modelled", [True, False])
def test_ranges_hold_9_of_10_where_spend_is_wild_whether_it_could_be_modelled_or_not(is_modelled):
    days, future, _ = lived(wildly)
    appraisal = appraise(*days, until=363, model="bg_nbd", margin=0.5, yearly_rate=0.0)
    findings, histories = appraisal.findings, appraisal.histories
    if not is_modelled:
        findings = replace(findings, spend=None)
    horizon = Horizon(12, 0.0)
    table = chances(findings, float(histories.T.max()), horizon, "week")
    worth = worth_of(histories, findings, table, horizon, 0.5)
    came = 0.5 * future
    held = (worth.clv_low - 0.01 <= came) & (came <= worth.clv_high + 0.01)
    assert 0.9 <= held.mean() <= 0.985
    assert 0.88 <= held[histories.x >= 5].mean() <= 0.985
    assert np.all(worth.clv_low <= worth.clv + 1e-9)


def test_one_old_customer_widens_nobody_elses_range(cdnow_days):
    alone = appraise(*cdnow_days, until=np.datetime64("1997-09-30"), model="bg_nbd")
    old = np.datetime64("1972-01-01").astype("datetime64[D]")
    joined = appraise(
        np.append(cdnow_days.customer, 99_999),
        np.append(cdnow_days.day, old),
        np.append(cdnow_days.amount, 20.0),
        until=np.datetime64("1997-09-30"),
        model="bg_nbd",
    )
    again = alone.worth.clv_high > 0
    ratio = joined.worth.clv_high[:-1][again] / alone.worth.clv_high[again]
    assert np.median(ratio) == pytest.approx(1.0, abs=0.2)


def test_spend_that_is_not_modelled_still_varies():
    draw = np.random.default_rng(7)
    x = draw.geometric(0.3, 900)
    customer = np.repeat(np.arange(900), x)
    day = draw.integers(0, 700, len(customer))
    wild = appraise(customer, day, 10 * draw.pareto(0.6, len(customer)) + 0.01, until=727)
    tame = appraise(customer, day, np.full(len(customer), 10.0), until=727)
    assert wild.findings.spend is None
    assert wild.doubt.chance > 1.5 * tame.doubt.chance


def test_bounds_that_say_nothing_are_none():
    assert Doubt(0.1, 8106.0, (0.1,)).interval(5.0) is None
    low, high = Doubt(0.1, 0.1, (0.1,)).interval(-5.0)
    assert low < -5.0 < high < 0
