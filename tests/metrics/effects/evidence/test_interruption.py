"""What an initiative did, against what would have been without it."""

import os

import numpy as np
import pytest

from metrics.effects.evidence.figures.counterfactual import paths
from metrics.effects.evidence.findings import Verdict
from metrics.effects.evidence.units import interruption
from metrics.effects.evidence.units.interruption import (
    Effect,
    StaggeredStart,
    interrupted,
    slope_of,
)

SEEDS = 100 if "CLVSITE_PROVE" in os.environ else 6
START = 70


def metric(seed, step, wander=0.2):
    """A hundred periods that follow two untouched ones, and a step at period 70."""
    draw = np.random.default_rng([seed, 9])
    controls = draw.normal(size=(100, 2)).cumsum(axis=0)
    level = 50 + wander * draw.normal(size=100).cumsum() + draw.normal(size=100)
    values = level + controls @ [1.0, 0.5]
    values[START:] += step
    return values, controls


@pytest.fixture(scope="module")
def steps():
    found = []
    for seed in range(SEEDS):
        values, controls = metric(seed, 5.0)
        found.append(interrupted(values, START, controls=controls))
    return found


def test_a_step_of_five_lies_inside_its_interval(steps):
    inside = sum(found.effect.low < 5 < found.effect.high for found in steps)
    least, most = (0.90, 0.98) if SEEDS == 100 else (0.65, 1.0)
    assert least * SEEDS <= inside <= most * SEEDS
    assert sum(found.verdict is Verdict.LINK for found in steps) >= 0.65 * SEEDS


def test_placebo_dates_and_placebo_series_show_nothing_at_the_nominal_rate(steps):
    for name in ("placebo_dates", "placebo_series"):
        shown = [placebo.shows for found in steps for placebo in getattr(found, name)]
        assert len(shown) >= 2 * SEEDS
        assert np.mean(shown) <= 0.05 + 3 * np.sqrt(0.05 * 0.95 / len(shown))


def test_an_initiative_without_effect_is_called_so():
    found = []
    for seed in range(SEEDS if SEEDS == 100 else 4):
        values, controls = metric(seed + 1000, 0.0)
        found.append(interrupted(values, START, controls=controls))
    assert sum(one.verdict.is_link for one in found) <= 0.1 * SEEDS
    (calm, *_) = (one for one in found if one.verdict is Verdict.NOTHING)
    assert "no effect on the rate is seen" in calm.sentence("New desk", "the rate")


def test_a_control_that_moved_too_is_caught_though_it_hides_the_effect():
    draw = np.random.default_rng(3)
    shared = draw.normal(size=100)
    controls = shared[:, None] + 0.3 * draw.normal(size=(100, 2))
    values = 50 + 2 * shared + 0.3 * draw.normal(size=100)
    values[START:] += 4
    assert interrupted(values, START, controls=controls).verdict is Verdict.LINK
    controls[START:, 0] += 4
    assert interrupted(values, START, controls=controls).verdict is Verdict.PLACEBO


def test_the_effect_is_told_by_period_with_its_interval(steps):
    assert steps[0].by_period.shape == (30, 3)
    assert (np.diff(steps[0].by_period, axis=1) > 0).all()
    link = next(found for found in steps if found.verdict is Verdict.LINK)
    assert "it moved the rate by +" in link.sentence("New desk", "the rate")


def test_a_season_is_carried_by_the_past():
    draw = np.random.default_rng(1)
    wave = 6 * np.sin(2 * np.pi * np.arange(60) / 12)
    values = 20 + wave + 0.5 * draw.normal(size=60)
    might = paths(values[:48], np.empty((60, 0)), 12, 12, 400, 1)
    assert np.abs(might.mean(axis=1) - 20 - wave[48:]).max() < 1


def test_gaps_before_and_after_are_left_as_gaps():
    values, controls = metric(2, 5.0)
    values[[10, 11, 80]] = np.nan
    found = interrupted(values, START, controls=controls)
    assert len(found.by_period) == 29
    assert found.effect.low < 5 < found.effect.high


def test_too_little_before_says_so_and_controls_with_gaps_are_refused():
    values, controls = metric(1, 5.0)
    assert interrupted(values, 10, controls=controls).verdict is Verdict.LITTLE
    controls[3, 0] = np.nan
    with pytest.raises(ValueError, match="every period"):
        interrupted(values, START, controls=controls)


def sites(seed, touched, effect=2.0, units=30, periods=20):
    draw = np.random.default_rng([seed, 5])
    values = (
        5 * draw.normal(size=(units, 1))
        + draw.normal(size=periods)
        + 0.3 * draw.normal(size=(units, periods)).cumsum(axis=1)
        + draw.normal(size=(units, periods))
    )
    start = np.full((units, periods), np.nan)
    start[:touched], values[:touched, 12:] = 12, values[:touched, 12:] + effect
    unit, period = np.indices(values.shape)
    return values.ravel(), unit.ravel(), period.ravel(), start.ravel()


@pytest.mark.parametrize("touched", [1, 6])
def test_against_untouched_sites_the_effect_lies_inside_its_interval(touched):
    """One touched site too, where errors by cluster would be far too small."""
    runs = 100 if SEEDS == 100 else 12
    inside, shown = 0, 0
    for seed in range(runs):
        effect, placebo = interruption.untouched_units(*sites(seed, touched))
        inside += effect.low < 2 < effect.high
        shown += placebo.shows
    assert inside >= 0.9 * runs - 1
    assert shown <= 0.05 * runs + 3 * np.sqrt(0.05 * 0.95 * runs)


def test_sites_touched_at_different_dates_are_refused():
    values, unit, period, start = sites(1, 6)
    start[unit == 0] = 9
    with pytest.raises(StaggeredStart):
        interruption.untouched_units(values, unit, period, start)


def test_the_slope_of_a_link_is_the_ratio_of_two_effects():
    child = Effect(10, -4.0, 0.5, -5.0, -3.0, 0.001)
    parent = Effect(12, 2.0, 0.6, 0.8, 3.2, 0.002)
    slope, se = slope_of(child, parent)
    assert slope == -0.5
    assert se == pytest.approx(np.hypot(0.6 / 4, 0.5 * 0.5 / 4))
    with pytest.raises(ValueError, match="did not clearly move"):
        slope_of(Effect(10, 0.1, 0.5, -1.0, 1.0, 0.8), parent)
