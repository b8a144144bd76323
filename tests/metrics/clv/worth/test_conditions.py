from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from metrics.clv.models.bg_nbd import BgNbd
from metrics.clv.models.mbg_nbd import MbgNbd
from metrics.clv.models.nbd import Nbd
from metrics.clv.models.pareto_nbd import ParetoNbd
from metrics.clv.worth.cash import Horizon, discounted_purchases
from metrics.clv.worth.conditions import (
    Base,
    Change,
    Shock,
    keeping_more,
    monthly,
    newcomer_by_month,
    payback_month,
    pulls,
    survival,
    total,
)

BG = BgNbd(0.243, 4.414, 0.793, 2.426)
MODELS = [BG, MbgNbd(0.525, 6.183, 0.891, 1.614), ParetoNbd(0.553, 10.578, 0.606, 11.669)]
HORIZON = Horizon(12, 0.10)


def base_of(histories, model, margin=0.3, cost=0.5):
    alive = model.probability_alive(histories.x, histories.t_x, histories.T)
    spend = 20.0 + histories.x
    return Base(
        x=histories.x.astype(float), T=histories.T, segment=(histories.x > 2).astype(int),
        alive=alive, spend=alive * spend, margin=alive * spend * margin, cost=alive * cost,
        unit="week", horizon=HORIZON,
    )  # fmt: skip


@pytest.mark.parametrize("model", MODELS)
def test_nothing_changed_is_the_valuation_itself(cdnow, model):
    bought = discounted_purchases(model, cdnow.x, cdnow.t_x, cdnow.T, HORIZON, "week")
    value = float(np.sum(bought * (0.3 * (20.0 + cdnow.x) - 0.5)))
    base = base_of(cdnow, model)
    assert total(base, model) == pytest.approx(value, rel=1e-9)
    assert monthly(base, model).sum() == pytest.approx(value, rel=1e-9)


@pytest.mark.parametrize("model", MODELS)
def test_fewer_who_leave_are_worth_more_and_all_drivers_pull_their_way(cdnow, model):
    base = base_of(cdnow, model)
    now = total(base, model)
    assert (
        total(base, model, Change(drop_out=0.8)) > now > total(base, model, Change(drop_out=1.25))
    )
    assert total(base, model, Change(rate=1.1)) > now
    assert total(base, model, Change(horizon=Horizon(12, 0.2))) < now
    assert total(base, model, Change(horizon=Horizon(24, 0.1))) > now


@pytest.mark.parametrize("model", MODELS)
def test_changed_drop_out_is_what_simulated_customers_do(model):
    """First principles: draw who is alive, let them leave at the changed chance, count."""
    draw = np.random.default_rng(5)
    count, x, T, t = 200_000, 3, 30.0, 52.0
    if isinstance(model, ParetoNbd):
        rate = draw.gamma(model.r + x, 1 / (model.alpha + T), count)
        leaves = draw.exponential(1 / (0.5 * draw.gamma(model.s, 1 / (model.beta + T), count)))
        bought = draw.poisson(rate * np.minimum(leaves, t)).mean()
    else:
        # Beta(a, b) with a halved stands for the changed chance of leaving at each purchase.
        changed = type(model)(model.r, model.alpha, 0.5 * model.a, model.b)
        bought = changed.draw_if_alive(np.full(count, x), T, t, draw).mean()
    base = Base(
        *(np.array([each]) for each in (float(x), T, 0, 1.0, 1.0, 1.0, 0.0)), "week", HORIZON
    )
    year = replace(base, horizon=Horizon(12, 0.0))
    weeks = 12 * 365.25 / 12 / 7
    assert total(year, model, Change(drop_out=0.5)) == pytest.approx(bought * weeks / t, rel=0.02)


def test_spend_margin_and_cost_enter_as_money_does(cdnow):
    base = base_of(cdnow, BG)
    bought = discounted_purchases(BG, cdnow.x, cdnow.t_x, cdnow.T, HORIZON, "week")
    spend = 20.0 + cdnow.x
    dearer = float(np.sum(bought * (1.1 * spend * 0.32 - 0.5)))
    assert total(base, BG, Change(spend=1.1, margin=0.02)) == pytest.approx(dearer, rel=1e-9)


def test_a_shock_hits_its_segment_from_its_month_on(cdnow):
    base = base_of(cdnow, BG)
    shocked = monthly(base, BG, Change(shocks=(Shock(segment=1, month=4, purchases=0.0),)))
    plain = monthly(base, BG)
    only_others = Base(
        *(getattr(base, name)[base.segment == 0] for name in
          ("x", "T", "segment", "alive", "spend", "margin", "cost")), "week", HORIZON,
    )  # fmt: skip
    assert shocked[:3] == pytest.approx(plain[:3])
    assert shocked[3:] == pytest.approx(monthly(only_others, BG)[3:])


@pytest.mark.parametrize("model", MODELS)
def test_one_point_of_retention_is_one_point(cdnow, model):
    base = base_of(cdnow, model)
    change = keeping_more(base, model, 0.01)
    assert change.drop_out < 1
    kept = survival(base, model, 12, change.drop_out) - survival(base, model, 12)
    assert kept == pytest.approx(0.01, rel=1e-6)


def test_where_nobody_leaves_the_worth_of_keeping_is_unknown(cdnow):
    model = Nbd(0.4, 12.0)
    found = {pull.driver: pull.gain for pull in pulls(base_of(cdnow, model), model, 20.0, 0.3)}
    assert found["keep"] is None
    assert all(gain is not None for driver, gain in found.items() if driver != "keep")


def test_pulls_are_exact_recomputations(cdnow):
    base = base_of(cdnow, BG)
    found = {pull.driver: pull.gain for pull in pulls(base, BG, 20.0, 0.3)}
    assert found["spend"] == pytest.approx(total(base, BG, Change(spend=1.01)) - total(base, BG))
    assert found["discount"] < 0 < found["keep"]
    newcomer = newcomer_by_month(BG, 6.0, HORIZON, "week")
    assert found["acquire"] == pytest.approx(newcomer.sum())


def test_a_newcomer_pays_back_when_the_cash_has_come():
    cash = np.array([5.0, 3.0, 2.0])
    assert [payback_month(cash, cost) for cost in (4.0, 5.0, 8.5, 10.0, 10.1)] == [1, 1, 3, 3, None]


@given(factor=st.floats(0.2, 5))
def test_values_scale_with_money(factor):
    one = (np.array([2.0]), np.array([30.0]), np.array([0]), np.array([0.7]))
    small = Base(*one, *(np.array([each]) for each in (14.0, 4.2, 0.2)), "week", HORIZON)
    large = Base(*one, *(np.array([factor * each]) for each in (14.0, 4.2, 0.2)), "week", HORIZON)
    assert total(large, BG) == pytest.approx(factor * total(small, BG), rel=1e-9)


@pytest.mark.parametrize("wrong", [{"rate": 0}, {"spend": -1}, {"drop_out": np.inf}, {"margin": 2}])
def test_changes_that_cannot_be_are_refused(wrong):
    with pytest.raises(ValueError, match="must"):
        Change(**wrong)
