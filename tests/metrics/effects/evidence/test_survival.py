"""What makes customers leave, as a hazard ratio and in points of yearly retention."""

import os

import numpy as np
import pytest
from statsmodels.genmod.families import Binomial
from statsmodels.genmod.families.links import CLogLog
from statsmodels.genmod.generalized_linear_model import GLM

from metrics.effects.evidence import survival
from metrics.effects.evidence.findings import Verdict
from metrics.effects.evidence.linking import Names, weigh
from metrics.effects.evidence.survival import Lives

SEEDS = 100 if "CLVSITE_PROVE" in os.environ else 4
BASE = 0.04


def lives(seed, effect, many=1200, windows=24):
    """Customers who come over the first year and leave at a hazard of 0.04 a month at 70 points."""
    draw = np.random.default_rng(seed)
    score = 70 + 6 * draw.normal(size=(many, 1)) + 8 * draw.normal(size=(many, windows))
    came = draw.integers(0, windows // 2, many)
    at_risk, left = np.zeros((2, many, windows), dtype=bool)
    for now in range(windows):
        at_risk[:, now] = (came <= now) & ~left[:, :now].any(axis=1)
        before = score[:, now - 1] if now else np.full(many, 70.0)
        hazard = BASE * np.exp(effect * (before - 70) + 0.2 * np.sin(now / 3))
        left[:, now] = at_risk[:, now] & (draw.random(many) < -np.expm1(-hazard))
    return Lives(at_risk, left, score)


@pytest.fixture(scope="module")
def kept():
    return [survival.look(lives(seed, -0.03)) for seed in range(SEEDS)]


def test_satisfaction_that_keeps_customers_is_found_with_the_truth_inside(kept):
    assert all(found.verdict is Verdict.LINK for found in kept)
    inside = sum(found.low < np.exp(-0.03) < found.high for found in kept)
    assert inside >= 0.9 * SEEDS - 1
    assert "multiplies the chance to leave 1 month later by 0.9" in kept[0].sentence("Satisfaction")


def test_a_link_carries_the_log_of_the_hazard_with_its_error(kept):
    slope, se = kept[0].log_hazard
    bounds = np.exp([slope - 1.96 * se, slope, slope + 1.96 * se])
    expected = (kept[0].low, kept[0].hazard_ratio, kept[0].high)
    assert bounds == pytest.approx(expected, rel=1e-4)
    told = weigh(Names("Satisfaction", "retention"), lives=lives(0, -0.03))
    assert told.log_hazard == (slope, se)


def test_points_of_retention_are_what_one_point_more_really_brings(kept):
    """The same people's chance to stay twelve months, with and without one point more."""
    draw = np.random.default_rng(0)
    score = 6 * draw.normal(size=(40_000, 1)) + 8 * draw.normal(size=(40_000, 12))
    season = 0.2 * np.sin(np.arange(12, 24) / 3)

    def staying(more):
        return np.exp(-(BASE * np.exp(-0.03 * (score + more) + season)).sum(axis=1)).mean()

    truth = 100 * (staying(1) - staying(0))
    assert np.mean([found.slope for found in kept]) == pytest.approx(truth, rel=0.15)
    assert sum(abs(found.slope - truth) < 1.96 * found.se for found in kept) >= 0.8 * SEEDS - 1


def test_a_score_that_does_nothing_is_called_so():
    looks = [survival.look(lives(seed, 0.0)) for seed in range(SEEDS)]
    assert sum(found.verdict.is_link for found in looks) <= 0.05 * SEEDS + 1
    assert sum(found.low < 1 < found.high for found in looks) >= 0.9 * SEEDS - 1


def test_few_leavers_say_how_long_to_wait():
    found = survival.look(lives(1, -0.03, many=50, windows=12))
    assert (found.verdict, found.hazard_ratio) == (Verdict.LITTLE, None)
    assert found.missing_windows > 0
    assert "more months would tell" in found.sentence("Satisfaction")


def test_the_error_in_points_follows_that_of_the_hazard():
    """One column and a constant: the delta method against a numerical derivative."""
    draw = np.random.default_rng(3)
    columns = np.column_stack([draw.normal(size=500), np.ones(500)])
    parameters, covariance = np.array([-0.3, -3.0]), np.array([[0.01, 0.002], [0.002, 0.02]])
    customer = np.arange(500) // 5
    risks = survival.Risks(np.zeros(500), columns, customer)
    slope, se = survival.retention_slope(parameters, covariance, risks, 12)
    step = 1e-6
    gradient = [
        (survival.retention_slope(parameters + way, covariance, risks, 12)[0] - slope) / step
        for way in step * np.eye(2)
    ]
    assert se == pytest.approx(np.sqrt(gradient @ covariance @ gradient), rel=1e-4)

    def staying(more):
        moved = columns + np.array([more, 0])
        hazard = np.bincount(customer, np.exp(moved @ parameters)) / 5
        return 100 * np.exp(-12 * hazard).mean()

    assert slope == pytest.approx((staying(step) - staying(-step)) / (2 * step), rel=1e-6)


def test_log_hazard_ratios_are_those_of_a_library():
    """Cox's model for leaving seen by window: complementary log-log, errors by customer."""
    risks = survival.risks_of(lives(3, -0.03), 1)
    parameters = survival.fitted(risks.left, risks.columns)
    library = GLM(risks.left, risks.columns, family=Binomial(link=CLogLog())).fit(
        cov_type="cluster", cov_kwds={"groups": risks.customer}
    )
    assert parameters == pytest.approx(library.params, rel=1e-5, abs=1e-7)
    errors = np.sqrt(np.diag(survival.covariance_of(parameters, risks)))
    assert errors == pytest.approx(library.bse, rel=0.02)


def test_where_nobody_of_a_group_leaves_the_data_cannot_tell():
    left = np.r_[np.ones(50), np.zeros(150)]
    columns = np.column_stack([left, np.ones(200)])
    with pytest.raises(survival.Unidentified, match="no peak"):
        survival.fitted(left, columns)
