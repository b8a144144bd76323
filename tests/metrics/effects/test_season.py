"""Figures without their season, against made-up years."""

import numpy as np
import pytest

from metrics.effects.season import TooFewPeriods, deseasonalised
from metrics.indicators.steadiness import Direction, Verdict, judge

WAVE = np.sin(np.arange(156) * 2 * np.pi / 12)


@pytest.mark.parametrize(("length", "a_year"), [(36, 12), (48, 12), (104, 52)])
def test_a_rhythm_goes_and_the_level_stays(length, a_year):
    wave = np.sin(np.arange(length) * 2 * np.pi / a_year)
    level = np.linspace(100, 120, length)
    found = deseasonalised(level * (1 + 0.3 * wave), a_year)
    assert np.abs(found / level - 1).max() < 0.04


def test_figures_below_zero_get_differences():
    noise = np.random.default_rng(2).normal(0, 0.1, 48)
    found = deseasonalised(5 * WAVE[:48] + noise, 12)
    assert np.abs(found).max() < 0.5


def test_a_december_is_no_signal_and_a_real_change_still_is():
    noise = np.random.default_rng(3).normal(0, 1, 48)
    values = 100 + 15 * WAVE[:48] + noise
    assert judge(values.tolist(), Direction.UP).verdict.is_signal
    calm = deseasonalised(values, 12).tolist()
    assert judge(calm, Direction.UP).verdict is Verdict.NOISE
    assert judge([*calm[:-1], calm[-1] + 8], Direction.UP).verdict is Verdict.BETTER


def test_a_season_needs_years_and_no_gap():
    with pytest.raises(TooFewPeriods, match="36"):
        deseasonalised(np.ones(35), 12)
    with pytest.raises(ValueError, match="gap"):
        deseasonalised([*[1.0] * 40, float("nan")], 12)
    with pytest.raises(ValueError, match="months and weeks"):
        deseasonalised(np.ones(400), 365)
