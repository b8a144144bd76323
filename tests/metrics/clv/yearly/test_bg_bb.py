"""Published numbers, sixty-digit arithmetic, a simulated population and properties of BG/BB."""

import csv
from pathlib import Path

import mpmath as mp
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from metrics.clv.fit import LARGEST, SMALLEST
from metrics.clv.models.columns import columns_of
from metrics.clv.models.purchase_model import discounted_residual, expected_new, expected_purchases
from metrics.clv.yearly import bg_bb
from metrics.clv.yearly.bg_bb import BgBb

DONATIONS = BgBb(1.204, 0.750, 0.657, 2.783)
TEN_PERCENT = np.log(1.1)
DATA = Path(__file__).parents[3] / "data"


@pytest.fixture(scope="module")
def donations():
    """x, t_x, n and how many of the 11,104 supporters have that history."""
    with (DATA / "donations_rf_matrix.csv").open() as lines:
        rows = [[float(cell) for cell in row] for row in list(csv.reader(lines))[1:]]
    return np.array(rows).T


@pytest.fixture(scope="module")
def fitted(donations):
    return bg_bb.fit(*donations)


def test_the_fit_finds_the_published_parameters(fitted):
    found = (fitted.model.alpha, fitted.model.beta, fitted.model.gamma, fitted.model.delta)
    assert found == pytest.approx((1.2035, 0.7497, 0.6567, 2.7834), abs=1e-4)
    assert fitted.log_likelihood == pytest.approx(-33225.58, abs=0.005)
    assert fitted.converged


def test_the_fit_is_the_same_from_rows_that_stand_for_many_and_from_many_rows(donations, fitted):
    x, t_x, n, weights = donations
    each = (np.repeat(column, weights.astype(int)) for column in (x, t_x, n))
    by_customer = bg_bb.fit(*each)
    assert by_customer.log_likelihood == pytest.approx(fitted.log_likelihood, rel=1e-12)
    assert by_customer.model.delta == pytest.approx(fitted.model.delta, rel=1e-6)
    assert by_customer.standard_errors == pytest.approx(fitted.standard_errors, rel=1e-5)


def test_supporters_are_forecast_as_published():
    alive_next_year = DONATIONS.probability_alive([0, 2, 6], [0, 4, 6], 6, later=1)
    assert alive_next_year == pytest.approx([0.1080, 0.5895, 0.9304], abs=5e-5)
    in_five_years = expected_purchases(DONATIONS, [0, 4, 6], [0, 5, 6], 6, 5)
    assert in_five_years == pytest.approx([0.0728, 2.0296, 3.7521], abs=5e-5)


def test_all_supporters_together_are_forecast_as_published(donations, fitted):
    x, t_x, n, weights = donations
    total = expected_purchases(fitted.model, x, t_x, n, 5) @ weights
    assert total == pytest.approx(12_884.2, abs=0.1)
    dert = discounted_residual(DONATIONS, x, t_x, n, TEN_PERCENT) @ weights
    assert dert == pytest.approx(20_286, abs=1)


def test_a_new_supporter_is_forecast_as_published(donations, fitted):
    assert float(expected_new(fitted.model, 10)) == pytest.approx(3.1798, abs=5e-5)
    customers = donations[3].sum()
    counts = customers * fitted.model.repeat_probability([0, 6], 6)
    assert counts == pytest.approx([3454.9, 1253.1], abs=0.1)


def test_residual_transactions_are_the_published_ones():
    dert = discounted_residual(DONATIONS, [6, 5, 4, 0], [6, 6, 6, 0], 6, TEN_PERCENT)
    assert dert == pytest.approx([5.909, 5.089, 4.268, 0.1146], abs=1e-3)
    rounded = BgBb(1.20, 0.75, 0.66, 2.78)
    one = float(discounted_residual(rounded, 3, 4, 6, TEN_PERCENT))
    assert one == pytest.approx(1.621379, abs=1e-6)


@pytest.mark.parametrize(
    "here", [(0.9, 1.3, 0.4, 4.0), (1e-4, 2e3, 1e-3, 40), (5e4, 3e4, 2e4, 9e4), (20, 1e-5, 9, 1e-3)]
)
def test_gradient_and_hessian_are_the_slopes_of_the_likelihood(donations, here):
    objective = bg_bb.objective(columns_of(*donations))
    here = np.log(here)
    sums, step = objective(here), 1e-5
    moves = [(objective(here + move), objective(here - move)) for move in step * np.eye(4)]
    slope = [(up.value - down.value) / (2 * step) for up, down in moves]
    curvature = [(up.slope - down.slope) / (2 * step) for up, down in moves]
    assert sums.slope == pytest.approx(slope, rel=1e-6, abs=1e-9 * abs(sums.value))
    size = np.abs(sums.slope).max()
    np.testing.assert_allclose(sums.curvature, curvature, rtol=1e-5, atol=1e-8 * size)


def test_the_sums_of_two_shards_add_up(donations):
    here = np.log([0.9, 1.3, 0.4, 4.0])
    whole = bg_bb.objective(columns_of(*donations))(here)
    halves = [bg_bb.objective(columns_of(*donations[:, part::2]))(here) for part in (0, 1)]
    for together, first, second in zip(whole, *halves, strict=True):
        np.testing.assert_allclose(together, first + second, rtol=1e-11)


def random_points(count, seed):
    draw = np.random.default_rng(seed)
    for _ in range(count):
        model = BgBb(*10 ** draw.uniform(np.log10(SMALLEST), np.log10(LARGEST), 4))
        n = int(
            draw.choice([0, 1, 3, 6, 20, 20, 60, 200], p=[0.05, 0.1, 0.2, 0.3, 0.1, 0.1, 0.1, 0.05])
        )
        t_x = int(draw.integers(0, n + 1))
        x = int(draw.integers(1, t_x + 1)) if t_x else 0
        yield model, x, t_x, n, int(draw.integers(0, 12)), 10 ** draw.uniform(-0.3, 1)


def exact(model, x, t_x, n, t, rate):
    """By the paper's formulas to 60 digits: log-likelihood, alive at n + t, E and DERT if alive."""
    a, b, c, d = map(mp.mpf, (model.alpha, model.beta, model.gamma, model.delta))
    stays, bought, left = [mp.mpf(1)], mp.rf(a, x) * mp.rf(b, t_x - x) / mp.rf(a + b, t_x), 0
    for m in range(n + t):
        stays.append(stays[-1] * (d + m) / (c + d + m))
    for m in range(t_x, n):
        left += bought * stays[m] * c / (c + d + m)
        bought *= (b + m - x) / (a + b + m)
    likelihood = left + bought * stays[n]
    share = (a + x) / (a + b + n)
    ahead = share * sum(stays[n + 1 :]) / stays[n]
    discount, term, dert = mp.exp(-mp.mpf(rate)), mp.mpf(1), mp.mpf(0)
    for m in range(int(42 / rate) + 1):
        term *= discount * (d + n + m) / (c + d + n + m)
        dert += term
    return mp.log(likelihood), bought * stays[n + t] / likelihood, ahead, share * dert


@pytest.mark.parametrize("seed", range(3))
def test_random_histories_agree_with_sixty_digits(seed):
    """200 points each; parameters from all of the searched range."""
    with mp.workdps(60):
        for model, x, t_x, n, t, rate in random_points(200, seed):
            height, *wanted = (float(each) for each in exact(model, x, t_x, n, t, rate))
            assert bg_bb.log_likelihood(model, x, t_x, n) == pytest.approx(
                height, rel=1e-11, abs=1e-11
            )
            found = [
                model.probability_alive(x, t_x, n, later=t),
                model.purchases_if_alive(x, n, t),
                model.residual_if_alive(x, n, rate),
            ]
            assert [float(each) for each in found] == pytest.approx(wanted, rel=1e-11, abs=1e-290)


@pytest.mark.parametrize("seed", [11, 12])
def test_random_chances_of_a_count_agree_with_sixty_digits(seed):
    for model, n, _, t, *_ in random_points(60, seed):
        a, b, c, d = map(mp.mpf, (model.alpha, model.beta, model.gamma, model.delta))
        with mp.workdps(60):
            wanted, stays, by_alive = mp.mpf(0), mp.mpf(1), mp.rf(a, n) / mp.rf(a + b, n)
            for m in range(t):
                if m >= n:
                    wanted += by_alive * stays * c / (c + d + m)
                    by_alive *= (m + 1) * (b + m - n) / (a + b + m) / (m + 1 - n)
                stays *= (d + m) / (c + d + m)
            wanted += by_alive * stays
        found = float(model.repeat_probability(n, t))
        assert found == pytest.approx(float(wanted), rel=1e-11, abs=1e-290)


def simulate(model, customers, chances, seed):
    """Supporters by the model's own story; x, t_x and n."""
    random = np.random.default_rng(seed)
    takes = random.beta(model.alpha, model.beta, customers)[:, None]
    leaves = random.beta(model.gamma, model.delta, customers)[:, None]
    alive = np.cumprod(random.random((customers, chances)) >= leaves, axis=1)
    taken = alive * (random.random((customers, chances)) < takes)
    x = taken.sum(axis=1)
    t_x = np.max(taken * np.arange(1, chances + 1), axis=1)
    return x, t_x, np.full(customers, chances)


@pytest.mark.parametrize(
    "truth", [BgBb(1.2, 0.75, 0.66, 2.78), BgBb(0.5, 1.5, 2.0, 10.0), BgBb(2.0, 2.0, 0.3, 1.0)]
)
def test_the_parameters_that_made_the_histories_are_found(truth):
    fit = bg_bb.fit(*simulate(truth, 40_000, 12, seed=4))
    assert fit.converged
    for name, error in fit.standard_errors.items():
        value = getattr(truth, name)
        assert abs(getattr(fit.model, name) - value) < 3.5 * error < 0.6 * value


def test_drawn_futures_have_the_expected_mean_and_chance_to_be_empty():
    random = np.random.default_rng(8)
    drawn = DONATIONS.draw_if_alive(np.full(200_000, 2), 4, 8, random)
    expected = float(DONATIONS.purchases_if_alive(2, 4, 8))
    assert drawn.mean() == pytest.approx(expected, abs=4 * drawn.std() / np.sqrt(drawn.size))
    new = DONATIONS.draw_if_alive(np.zeros(200_000), 0, 6, random)
    seen = np.bincount(new.astype(int), minlength=7) / new.size
    assert seen == pytest.approx(DONATIONS.repeat_probability(np.arange(7), 6), abs=0.005)


@pytest.mark.parametrize("corner", list(np.ndindex(2, 2, 2, 2)))
def test_no_answer_overflows_at_a_corner_of_the_searched_range(corner):
    model = BgBb(*(SMALLEST if low else LARGEST for low in corner))
    x, t_x, n = np.array([(0, 0, 0), (0, 0, 9), (1, 9, 9), (9, 9, 9), (3, 5, 900)]).T
    alive = model.probability_alive(x, t_x, n, later=3)
    assert np.all((alive >= 0) & (alive <= 1))
    for values in (
        model.purchases_if_alive(x, n, 40),
        model.residual_if_alive(x, n, 1e-4),
        model.draw_if_alive(x, n, 40, np.random.default_rng(1)),
        model.repeat_probability([0, 3, 7], 7),
    ):
        assert np.all(np.isfinite(values) & (values >= 0))
    parameters = np.log([model.alpha, model.beta, model.gamma, model.delta])
    sums = bg_bb.objective(columns_of(x, t_x, n))(parameters)
    assert all(np.all(np.isfinite(each)) for each in sums)


models = st.builds(BgBb, *[st.floats(0.01, 50)] * 4)


@given(model=models, t=st.integers(0, 40))
def test_the_chances_of_all_counts_add_up_to_one_and_to_the_expected_count(model, t):
    counts = np.arange(t + 1)
    chances = model.repeat_probability(counts, t)
    assert chances.sum() == pytest.approx(1, rel=1e-10)
    assert chances @ counts == pytest.approx(float(expected_new(model, t)), rel=1e-9, abs=1e-12)


@given(model=models, t_x=st.integers(0, 20), silent=st.integers(0, 20), data=st.data())
def test_silence_and_time_to_come_lower_the_chance_to_be_alive(model, t_x, silent, data):
    x = data.draw(st.integers(min(t_x, 1), t_x))
    now, longer = model.probability_alive(x, t_x, t_x + np.array([silent, silent + 1]))
    assert 0 <= longer < now <= 1 + 1e-12
    later = model.probability_alive(x, t_x, t_x + silent, later=np.arange(4))
    assert np.all(np.diff(later) < 0)


@given(model=models, n=st.integers(0, 30), data=st.data())
def test_a_residual_is_the_limit_of_discounted_forecasts(model, n, data):
    x, rate = data.draw(st.integers(0, n)), data.draw(st.floats(0.05, 2))
    ahead = np.arange(1, int(40 / rate) + 2)
    by_chance = np.diff(model.purchases_if_alive(x, n, ahead), prepend=0.0)
    by_sum = by_chance @ np.exp(-rate * ahead)
    assert float(model.residual_if_alive(x, n, rate)) == pytest.approx(by_sum, rel=1e-8)


def test_an_array_of_customers_gives_what_each_gives_alone():
    x, t_x, n = np.array([[0, 3], [3, 1]]), np.array([[0, 3], [5, 2]]), np.array([[1, 4], [6, 2]])
    together = DONATIONS.probability_alive(x, t_x, n, later=2)
    for place in np.ndindex(2, 2):
        alone = DONATIONS.probability_alive(x[place], t_x[place], n[place], later=2)
        assert together[place] == pytest.approx(float(alone), rel=1e-14)


def test_part_of_a_chance_is_none():
    yearly = DONATIONS.purchases_if_alive(2, 6, [1, 2])
    by_month = DONATIONS.purchases_if_alive(2, 6, np.arange(1, 25) * (1 / 12))
    assert by_month[[11, 12, 22, 23]] == pytest.approx(yearly[[0, 0, 0, 1]], rel=1e-14)
    assert np.all(by_month[:11] == 0)


@pytest.mark.parametrize(
    ("history", "rule"),
    [
        ((3, 2, 6), "x cannot be more than the chances up to"),
        ((1, 1.5, 6), "whole numbers of chances"),
        ((0, 0, 6.5), "whole numbers of chances"),
        ((0, 0, 20_000), "more than 10,000 chances"),
        ((1, 7, 6), "t_x must lie between 0 and T"),
    ],
)
def test_a_history_that_cannot_be_is_refused(history, rule):
    with pytest.raises(ValueError, match=rule):
        DONATIONS.probability_alive(*history)
    with pytest.raises(ValueError, match=rule):
        bg_bb.fit(*history)


def test_more_chances_taken_than_had_are_refused():
    with pytest.raises(ValueError, match="x cannot be more than the chances"):
        DONATIONS.purchases_if_alive(7, 6, 5)


@pytest.mark.parametrize("wrong", [0, -1, np.nan, np.inf])
def test_a_parameter_that_cannot_be_is_refused(wrong):
    with pytest.raises(ValueError, match="gamma must be positive"):
        BgBb(1, 1, wrong, 1)
