"""A row of figures that leads another is found; rows without anything in common are not."""

import os

import numpy as np
import pytest
from statsmodels.tsa.ardl import ARDL
from statsmodels.tsa.stattools import grangercausalitytests

from metrics.effects.evidence.figures.forecasting import DistributedLag, granger, long_run_slope
from metrics.effects.evidence.figures.lags import (
    Form,
    Pair,
    besides,
    is_stationary,
    lagged,
    scan,
    whitened,
)
from metrics.effects.evidence.figures.series import look
from metrics.effects.evidence.findings import Verdict

SEEDS = 100 if "CLVSITE_PROVE" in os.environ else 10
NINETEEN_OF_TWENTY = 0.95 * SEEDS - (0 if SEEDS == 100 else 0.5)


def leading(seed, periods=150):
    """A wandering child and a parent that follows its changes by 3, 4 and 5 periods."""
    draw = np.random.default_rng(seed)
    child = draw.normal(size=periods + 6).cumsum()
    moves = np.diff(child, prepend=child[0])
    parent = 4.8 * np.roll(moves, 3) + 3.5 * np.roll(moves, 4) + 2.5 * np.roll(moves, 5)
    return child[6:], (parent + draw.normal(size=periods + 6))[6:]


def steady(seed, slope, periods=156, lag=4, memory=0.5):
    """A child that returns to its level, and a parent that follows it; both remember a little."""
    draw = np.random.default_rng([seed, 4])
    child, noise = np.zeros(periods + 20), np.zeros(periods + 20)
    for now in range(1, periods + 20):
        child[now] = memory * child[now - 1] + draw.normal()
        noise[now] = 0.4 * noise[now - 1] + draw.normal()
    return child[20:], (slope * np.roll(child, lag) + noise)[20:]


def test_a_lead_of_three_periods_is_found_and_the_reverse_refused():
    backwards = []
    for seed in range(SEEDS):
        child, parent = leading(seed)
        changes = np.corrcoef(np.diff(child), np.diff(parent))[0, 1]
        assert abs(changes) < 0.35  # three and a half standard errors of nothing
        found = look(child, parent)
        assert (found.lag, found.skill > 0.8) == (3, True)
        assert found.form is not Form.FOLLOWS_CHANGE or not found.is_lasting
        backwards.append(look(parent, child).verdict.is_link)
    assert sum(backwards) <= SEEDS - NINETEEN_OF_TWENTY


def test_a_lead_of_levels_is_found_with_its_slope_inside_the_interval():
    """The parent adds up what it follows, so that both wander: a lasting slope of 10.8."""
    inside, links = 0, 0
    for seed in range(SEEDS):
        child, flow = leading(seed)
        found = look(child, flow.cumsum())
        links += found.verdict is Verdict.LINK and found.lag == 3
        inside += abs(found.slope - 10.8) < 1.96 * found.se
    assert links >= 0.9 * SEEDS
    assert inside >= 0.8 * SEEDS


def test_the_same_period_alone_earns_no_link():
    child, parent = leading(1)
    assert not look(child, parent, lags=(0, 2)).verdict.is_link


def test_two_unrelated_walks_are_not_linked():
    walks = [
        np.random.default_rng([seed, 2]).normal(size=(2, 100)).cumsum(1) for seed in range(SEEDS)
    ]
    assert sum(look(*pair).verdict.is_link for pair in walks) <= SEEDS - NINETEEN_OF_TWENTY


def test_the_slope_of_a_steady_pair_is_inside_its_interval():
    looks = [look(*steady(seed, -0.6)) for seed in range(SEEDS)]
    assert sum(abs(found.slope + 0.6) < 1.96 * found.se for found in looks) >= 0.85 * SEEDS
    assert sum(found.lag == 4 for found in looks) >= 0.9 * SEEDS


def test_too_short_a_history_says_how_much_is_missing():
    child, parent = steady(3, -0.9, periods=30)
    found = look(child, parent)
    assert found.verdict is Verdict.LITTLE
    assert found.missing_periods >= 10
    shorter = look(child[:15], parent[:15])
    assert (shorter.verdict, shorter.slope, shorter.missing_periods) == (Verdict.LITTLE, None, 25)
    assert "about 25 more weeks would tell" in shorter.sentence("Late deliveries", "score", "week")


def test_a_figure_that_never_changes_is_named():
    found = look(np.ones(60), np.arange(60.0))
    assert found.verdict is Verdict.STILL


def test_gaps_are_left_as_gaps():
    child, parent = steady(5, -1.5)
    child[40:43], parent[90] = np.nan, np.nan
    found = look(child, parent)
    assert (found.verdict, found.lag, found.n) == (Verdict.LINK, 4, 152)


def test_a_season_that_both_share_does_not_hide_what_the_child_does():
    child, parent = steady(8, -0.8, periods=120, lag=2)
    wave = 6 * np.sin(2 * np.pi * np.arange(120) / 12)
    found = look(child + np.roll(wave, 1), parent + wave, season=12)
    assert (found.verdict, found.lag) == (Verdict.LINK, 2)
    assert abs(found.slope + 0.8) < 1.96 * found.se
    nothing = np.random.default_rng(9).normal(size=120)
    assert not look(nothing + np.roll(wave, 1), parent + wave, season=12).verdict.is_link


def test_a_step_in_both_does_not_turn_the_link_round_once_it_is_noted():
    child, parent = steady(11, -0.8, periods=120, lag=2)
    after = (np.arange(120) >= 60).astype(float)
    noted = look(child + 8 * after, parent + 20 * after, steps=[60])
    assert (noted.verdict, noted.lag) == (Verdict.LINK, 2)
    assert abs(noted.slope + 0.8) < 1.96 * noted.se
    assert look(child + 8 * after, parent + 20 * after).slope > noted.slope + 2 * noted.se


def test_a_market_that_moves_both_is_no_link_once_it_is_a_control():
    draw = np.random.default_rng(12)
    market = draw.normal(size=130)
    child = market[:-2][8:] + 0.3 * draw.normal(size=120)
    parent = 2 * market[:-3][7:] + 0.3 * draw.normal(size=120)
    assert look(child, parent).verdict.is_link
    known = np.column_stack([market[:-2][8:], market[:-3][7:]])
    assert not look(child, parent, controls=known).verdict.is_link


def test_the_sentence_says_who_leads_by_how_much_and_when():
    said = look(*steady(5, -1.5)).sentence("Late deliveries", "satisfaction", "week")
    assert said.startswith("Late deliveries: one more is followed by −1.")
    assert "in satisfaction, 4 weeks later (95 in 100: −1." in said


def test_rows_of_different_length_are_refused():
    with pytest.raises(ValueError, match="same length"):
        look(np.ones(50), np.ones(51))


def pair_of(child, parent):
    return Pair(child, parent, besides(len(child), None, (), None), Form.LEVELS)


def test_the_distributed_lag_is_that_of_statsmodels():
    child, parent = steady(2, -0.8)
    ours = long_run_slope(pair_of(child, parent), DistributedLag(memory=1, first=0, last=3))
    theirs = ARDL(parent, 1, child[:, None], {0: list(range(5))}, trend="c", hold_back=4).fit()
    expected = theirs.params[2:].sum() / (1 - theirs.params[1])
    assert ours.slope == pytest.approx(expected, rel=1e-9)
    assert ours.n == int(theirs.nobs)


def test_granger_is_that_of_statsmodels():
    child, parent = steady(2, -0.3, lag=1)
    theirs = grangercausalitytests(np.column_stack([parent, child]), [3])[3][0]["ssr_ftest"][1]
    assert granger(parent, child, np.empty((len(child), 0)), 3) == pytest.approx(theirs, rel=1e-8)


def test_whitening_leaves_nothing_predictable_and_keeps_the_delay():
    child, parent = steady(7, -1.0, periods=400, memory=0.9)
    white, _ = whitened(child, parent)
    white = white[np.isfinite(white)]
    assert abs(np.corrcoef(white[1:], white[:-1])[0, 1]) < 0.1
    assert scan(pair_of(child, parent), range(13)).peak == 4


def test_wandering_is_told_from_returning():
    draw = np.random.default_rng(3)
    assert is_stationary(draw.normal(size=120))
    assert not is_stationary(draw.normal(size=120).cumsum())


def test_a_value_is_never_seen_before_its_time():
    assert lagged(np.arange(3.0), [0, 2]).tolist()[2] == [2.0, 0.0]
    assert np.isnan(lagged(np.arange(3.0), [2])[:2]).all()
