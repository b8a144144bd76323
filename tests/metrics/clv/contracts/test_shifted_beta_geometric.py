"""Published numbers, high-precision arithmetic, simulated cohorts and properties of the sBG."""

import csv
from pathlib import Path

import mpmath as mp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from metrics.clv.contracts.renewals import Renewals, renewals_of_cohort, renewals_of_tenures
from metrics.clv.contracts.shifted_beta_geometric import (
    Geometric,
    ShiftedBetaGeometric,
    fit,
    lifetime,
    log_likelihood,
    objective,
    remaining_life,
)
from metrics.clv.fit import LARGEST, SMALLEST, TooLittleData
from metrics.clv.models.purchase_model import InfiniteHorizon

DATA = Path(__file__).parents[3] / "data"

HIGH_END = {
    "alpha": 0.6681, "beta": 3.8061, "log_likelihood": -1611.158, "life": 5.922,
    "projected": [46.0, 43.6, 41.4, 39.5, 37.8], "retention": [0.851, 0.878, 0.897],
    "derl": [5.415, 5.902, 6.294, 6.620, 6.897],
}  # fmt: skip
REGULAR = {
    "alpha": 0.7041, "beta": 1.1820, "log_likelihood": -1680.265, "life": 3.695,
    "projected": [22.0, 20.4, 19.1, 18.0, 17.0], "retention": [0.627, 0.756, 0.819],
    "derl": [2.965, 4.104, 4.870, 5.442, 5.894],
}  # fmt: skip


def survivors(column):
    """Of a cohort of 1,000, after 0 to 12 years."""
    with (DATA / "retention_high_end_regular.csv").open() as lines:
        return np.array([10 * float(row[column]) for row in csv.DictReader(lines)])


@pytest.fixture(scope="module")
def telco():
    """Contract, months with the company, has left: of each of 7,043 customers."""
    with (DATA / "telco_customer_churn.csv").open() as lines:
        rows = list(csv.DictReader(lines))
    return (
        np.array([row["Contract"] for row in rows]),
        np.array([int(row["tenure"]) for row in rows]),
        np.array([row["Churn"] == "Yes" for row in rows]),
    )


@pytest.mark.parametrize(
    ("column", "published"),
    [("high_end_percent_surviving", HIGH_END), ("regular_percent_surviving", REGULAR)],
)
def test_the_cohorts_of_the_paper_are_fitted_and_projected_as_published(column, published):
    found = fit(renewals_of_cohort(survivors(column)[:8]))
    assert found.model.alpha == pytest.approx(published["alpha"], abs=1e-4)
    assert found.model.beta == pytest.approx(published["beta"], abs=1e-4)
    assert found.log_likelihood == pytest.approx(published["log_likelihood"], abs=1e-3)
    assert (found.converged, found.warnings) == (True, ())
    projected = 100 * found.model.survival(np.arange(8, 13))
    assert projected == pytest.approx(published["projected"], abs=0.051)
    assert found.model.retention([0, 1, 2]) == pytest.approx(published["retention"], abs=6e-4)
    derl = remaining_life(found.model, np.arange(5), 0.10)
    assert derl == pytest.approx(published["derl"], abs=1.1e-3)
    assert lifetime(found.model, 0.10) == pytest.approx(published["life"], abs=6e-4)


@pytest.mark.parametrize(
    ("model", "published"),
    [
        (ShiftedBetaGeometric(3.80, 15.20), [3.31, 3.45, 3.59, 3.72, 3.84]),
        (ShiftedBetaGeometric(0.067, 0.267), [7.68, 9.46, 9.86, 10.06, 10.19]),
    ],
)
def test_residual_lives_are_the_published_ones(model, published):
    assert remaining_life(model, np.arange(5), 0.10) == pytest.approx(published, rel=2e-3)


def test_subscribers_by_tenure_are_fitted_as_published(telco):
    contract, tenure, left = telco
    everybody = fit(renewals_of_tenures(tenure, left))
    assert (everybody.model.alpha, everybody.model.beta) == pytest.approx((0.1367, 4.033), rel=5e-4)
    assert everybody.log_likelihood == pytest.approx(-10465.4, abs=0.05)
    assert everybody.model.survival([12, 24]) == pytest.approx([0.8187, 0.7573], abs=5e-5)
    monthly = contract == "Month-to-month"
    by_month = fit(renewals_of_tenures(tenure[monthly], left[monthly]))
    assert (by_month.model.alpha, by_month.model.beta) == pytest.approx((0.4226, 7.393), rel=5e-4)
    assert by_month.log_likelihood == pytest.approx(-7679.2, abs=0.05)
    assert by_month.model.survival([12, 24]) == pytest.approx([0.6585, 0.5359], abs=5e-5)


@pytest.mark.parametrize("name", ["One year", "Two year"])
def test_without_spread_one_chance_to_leave_is_used_and_said(telco, name):
    contract, tenure, left = telco
    used = contract == name
    found = fit(renewals_of_tenures(tenure[used], left[used]))
    assert isinstance(found.model, Geometric)
    assert [caution.code for caution in found.warnings] == ["constant_hazard"]
    assert found.model.leave == pytest.approx(left[used].sum() / tenure[used].sum(), rel=1e-12)
    assert found.standard_errors["leave"] == pytest.approx(
        found.model.leave / np.sqrt(left[used].sum()), rel=0.01
    )


def test_one_renewal_cannot_tell_customers_apart():
    found = fit(renewals_of_cohort([1000, 700]))
    assert isinstance(found.model, Geometric)
    assert found.model.leave == pytest.approx(0.3)
    assert [caution.code for caution in found.warnings] == ["constant_hazard"]


def test_a_cohort_that_splits_at_once_is_told_from_one_that_settles():
    found = fit(renewals_of_cohort([1000, 400, 400, 400, 400]))
    assert (found.converged, found.standard_errors) == (False, None)
    assert [caution.code for caution in found.warnings] == ["parameters_at_the_edge"]
    assert found.model.survival([1, 4]) == pytest.approx([0.4, 0.4], rel=1e-3)


@pytest.mark.parametrize(
    ("active", "words"), [([50, 50, 50], "Nobody has left"), ([50, 0], "Nobody has made a renewal")]
)
def test_a_cohort_that_teaches_nothing_is_refused_in_words(active, words):
    with pytest.raises(TooLittleData, match=words):
        fit(renewals_of_cohort(active))


@pytest.mark.parametrize(
    "here", [(0.7, 3.8), (1e-3, 40.0), (5e4, 9e4), (30.0, 1e-4), (1e-5, 1e-5), (9e4, 0.5)]
)
def test_gradient_and_hessian_are_the_slopes_of_the_likelihood(here):
    sums_at = objective(renewals_of_cohort(survivors("high_end_percent_surviving")))
    here, step = np.log(here), 1e-5
    sums = sums_at(here)
    moves = [(sums_at(here + move), sums_at(here - move)) for move in step * np.eye(2)]
    slope = [(up.value - down.value) / (2 * step) for up, down in moves]
    curvature = [(up.slope - down.slope) / (2 * step) for up, down in moves]
    assert sums.slope == pytest.approx(slope, rel=1e-6, abs=1e-9 * abs(sums.value))
    size = np.abs(sums.slope).max()
    np.testing.assert_allclose(sums.curvature, curvature, rtol=1e-6, atol=1e-8 * size)


def random_points(count, seed):
    """Rates at which the oracle, a sum of terms or 2F1, is quick; the quadrature has no gap."""
    draw = np.random.default_rng(seed)
    for _ in range(count):
        model = ShiftedBetaGeometric(*10 ** draw.uniform(np.log10(SMALLEST), np.log10(LARGEST), 2))
        age, t = int(draw.choice([0, 1, 2, 5, 20, 100, 1000])), int(draw.integers(0, 200))
        yield (
            model,
            age,
            t,
            10 ** (draw.uniform(-6, -2.3) if draw.random() < 0.3 else draw.uniform(-1, 1)),
        )


def exact(model, age, t, rate):
    """Log-likelihood of leaving at renewal age + 1, survival of t more, residual life."""
    with mp.workdps(40):
        alpha, known, discount = (
            mp.mpf(model.alpha),
            mp.mpf(model.beta) + age,
            1 / (1 + mp.mpf(rate)),
        )
        survived = mp.rf(model.beta, age) / mp.rf(alpha + model.beta, age)
        log_likelihood = mp.log(survived * alpha / (alpha + known))
        survival = mp.rf(known, t) / mp.rf(alpha + known, t)
        if rate < 0.05:
            gauss = mp.hyp2f1(1, known + 1, alpha + known + 1, discount)
            return log_likelihood, survival, known / (alpha + known) * discount * gauss
        term, life = mp.mpf(1), mp.mpf(0)
        for made in range(int(40 / np.log1p(rate)) + 1):
            term *= discount * (known + made) / (alpha + known + made)
            life += term
        return log_likelihood, survival, life


@pytest.mark.parametrize("seed", range(3))
def test_random_models_agree_with_forty_digits(seed):
    """200 points each; parameters from all of the searched range."""
    for model, age, t, rate in random_points(200, seed):
        height, *wanted = (float(each) for each in exact(model, age, t, rate))
        one = renewals_of_tenures([age + 1], [True])
        assert log_likelihood(model, one) == pytest.approx(height, rel=1e-11, abs=1e-11)
        found = [float(model.survival(t, age)), float(model.residual_life(age, rate))]
        assert found == pytest.approx(wanted, rel=1e-11, abs=1e-290)


@pytest.mark.parametrize("corner", list(np.ndindex(2, 2)))
def test_no_answer_overflows_at_a_corner_of_the_searched_range(corner):
    model = ShiftedBetaGeometric(*(SMALLEST if low else LARGEST for low in corner))
    ages = np.array([0, 1, 100, 5000])
    assert np.all((model.survival(ages, 3) >= 0) & (model.survival(ages, 3) <= 1))
    lives = np.array([model.residual_life(ages, rate) for rate in (1e-6, 0.1, 100)])
    assert np.all(np.isfinite(lives) & (lives > 0))
    sums = objective(Renewals(np.ones(4), ages.astype(float)))(np.log([model.alpha, model.beta]))
    assert all(np.all(np.isfinite(each)) for each in sums)


@pytest.mark.parametrize("truth", [(0.67, 3.8), (1.5, 6.0), (0.2, 0.5), (4.0, 20.0)])
def test_the_parameters_that_made_the_tenures_are_found(truth):
    random = np.random.default_rng(6)
    lives = random.geometric(np.maximum(random.beta(*truth, 60_000), 1e-12))
    seen = random.integers(1, 25, lives.size)
    found = fit(renewals_of_tenures(np.minimum(lives, seen), lives <= seen))
    assert found.converged
    for name, value in zip(("alpha", "beta"), truth, strict=True):
        error = found.standard_errors[name]
        assert abs(getattr(found.model, name) - value) < 3.5 * error < 0.4 * value


def test_rare_leaving_is_not_taken_for_leaving_alike():
    """By day: beta is far out, and yet customers differ by as much as their mean."""
    random = np.random.default_rng(7)
    lives = random.geometric(random.beta(1.0, 2e4, 20_000))
    seen = random.integers(1, 15_000, lives.size)
    found = fit(renewals_of_tenures(np.minimum(lives, seen), lives <= seen))
    assert (found.converged, found.warnings) == (True, ())
    assert abs(found.model.beta - 2e4) < 3.5 * found.standard_errors["beta"] < 1.2e4


def test_a_constant_chance_to_leave_gives_the_textbook_lives():
    stays = np.array([0.9, 0.8, 0.7, 0.6])
    lives = [float(Geometric(1 - stay).residual_life(3, 0.12)) for stay in stays]
    assert lives == pytest.approx(stays / (1.12 - stays), rel=1e-12)
    assert lifetime(Geometric(0.25), 0) == pytest.approx(4)


def test_a_life_without_a_bound_is_refused_in_words():
    with pytest.raises(InfiniteHorizon, match=r"alpha = 0\.668, not above 1"):
        ShiftedBetaGeometric(0.668, 3.806).residual_life(0, 0)
    with pytest.raises(InfiniteHorizon, match="no bound"):
        ShiftedBetaGeometric(1, 3).residual_life(0, 0)
    assert float(ShiftedBetaGeometric(3, 5).residual_life(2, 0)) == pytest.approx(7 / 2)


def test_thousands_of_ages_get_what_each_gets_alone():
    model, ages = ShiftedBetaGeometric(0.3, 40.0), np.arange(3000).reshape(2, -1)[:, ::-1]
    together = model.residual_life(ages, 0.01)
    for place in [(0, 0), (1, 7), (1, 1499)]:
        alone = float(model.residual_life(ages[place], 0.01))
        assert together[place] == pytest.approx(alone, rel=1e-12)
    assert model.residual_life([], 0.01).shape == (0,)


models = st.builds(ShiftedBetaGeometric, st.floats(1e-3, 1e3), st.floats(1e-3, 1e3))


@given(model=models, age=st.integers(0, 200), rate=st.floats(1e-5, 10))
def test_a_life_is_the_next_renewal_and_the_life_after_it(model, age, rate):
    now, later = model.residual_life(np.array([age, age + 1]), rate)
    again = float(model.retention(age)) * (1 + later) / (1 + rate)
    assert now == pytest.approx(again, rel=1e-11)
    assert now < later * (1 + 1e-11) < (1 + 1e-10) / rate


@given(model=models, age=st.integers(0, 200), t=st.integers(0, 200))
def test_survival_is_a_chain_of_retentions_that_rise(model, age, t):
    retention = model.retention(age + np.arange(t + 1))
    assert np.all(np.diff(retention) >= 0)
    chain = float(np.prod(retention[:t]))
    assert float(model.survival(t, age)) == pytest.approx(chain, rel=1e-10, abs=1e-290)


@settings(max_examples=40)
@given(st.lists(st.floats(0.05, 1), min_size=2, max_size=10), st.integers(50, 100_000))
def test_any_cohort_gets_a_model_or_a_sentence(shares, size):
    try:
        found = fit(renewals_of_cohort(size * np.cumprod([1, *shares])))
    except TooLittleData:
        assert min(shares) == 1
        return
    survival = found.model.survival(np.arange(40))
    assert np.all(np.isfinite(survival) & (np.diff(survival, prepend=1) <= 0))
    assert found.warnings or found.standard_errors
