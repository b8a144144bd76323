"""Published numbers and properties of the Gamma-Gamma model; fifty digits: test_reference.py."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from metrics.clv.fit import TooLittleData
from metrics.clv.models import gamma_gamma
from metrics.clv.models.gamma_gamma import GammaGamma, InfiniteSpend

CDNOW = GammaGamma(6.25, 3.74, 15.44)


def spenders(histories):
    used = (histories.x > 0) & (histories.mean_spend > 0)
    return histories.x[used], histories.mean_spend[used]


def test_the_fit_finds_the_published_parameters_and_says_who_was_left_out(cdnow):
    fit = gamma_gamma.fit(cdnow.x, cdnow.mean_spend)
    found = (fit.model.p, fit.model.q, fit.model.v)
    assert found == pytest.approx((6.2496, 3.7442, 15.4435), abs=1e-4)
    assert fit.log_likelihood == pytest.approx(-4055.9177, abs=1e-4)
    assert (fit.customers, fit.left_out) == (946, {"no repeat purchase": 1411})


@pytest.mark.parametrize(
    ("parameters", "published"), [((6.25, 3.74, 15.44), -4055.919232), ((1, 1, 1), -6350.869278)]
)
def test_the_likelihood_is_the_published_one(cdnow, parameters, published):
    value = gamma_gamma.log_likelihood(GammaGamma(*parameters), *spenders(cdnow))
    assert value == pytest.approx(published, rel=1e-9, abs=1e-6)


def test_expected_spend_is_the_published_one(cdnow):
    first_ten = CDNOW.expected_spend(cdnow.x[:10], cdnow.mean_spend[:10])
    published = [24.65, 18.91, 35.17, 35.17, 35.17, 71.46, 18.91, 35.17, 27.28, 35.17]
    assert first_ten == pytest.approx(published, abs=0.1)
    four = CDNOW.expected_spend([2, 1, 0, 26], [22.35, 11.77, 0, 39.97])
    assert four == pytest.approx([24.663714, 18.916852, 35.218978, 39.891219], rel=1e-5)
    assert CDNOW.spend_of_the_new == pytest.approx(35.218978, rel=1e-7)


def test_expected_spend_of_the_fit_is_that_of_btyd(cdnow):
    fitted = gamma_gamma.fit(cdnow.x, cdnow.mean_spend).model
    assert fitted.expected_spend([2, 3], [40, 35]) == pytest.approx([39.13, 35.02], rel=2e-3)


def test_an_infinite_expectation_is_refused_in_words():
    for model in (GammaGamma(2, 1, 30), GammaGamma(2, 0.3, 30)):
        with pytest.raises(InfiniteSpend, match="expected spend is infinite"):
            model.expected_spend(1, 20)
        with pytest.raises(InfiniteSpend, match="expected spend is infinite"):
            _ = model.spend_of_the_new


def test_repeat_purchases_of_zero_amount_are_left_out_and_counted():
    x = np.repeat([1.0, 2.0, 3.0, 0.0], 30)
    mean_spend = np.where(x == 2, 0, x * np.random.default_rng(1).gamma(4, 5, len(x)))
    left_out = gamma_gamma.fit(x, mean_spend).left_out
    assert left_out == {"no repeat purchase": 30, "repeat purchases of zero amount": 30}


def test_too_few_spenders_are_refused_in_words():
    with pytest.raises(TooLittleData, match="Only 49 customers"):
        gamma_gamma.fit(np.ones(49), np.linspace(5, 50, 49))


def test_totals_are_drawn_with_the_expected_mean_and_are_zero_without_a_purchase():
    random = np.random.default_rng(2)
    drawn = CDNOW.draw_spend_total(np.full(200_000, 2), 22.35, 3, random)
    assert drawn.mean() == pytest.approx(3 * CDNOW.expected_spend(2, 22.35), rel=0.01)
    assert (CDNOW.draw_spend_total([1, 2], [9.0, 8.0], 0, random) == 0).all()


def test_draws_follow_the_story_of_the_model():
    """Spend by spend: nu ~ Gamma(q, v), each amount ~ Gamma(p, nu); compared by their logs."""
    random = np.random.default_rng(3)
    nu = random.gamma(CDNOW.q, 1 / CDNOW.v, 100_000)
    told = random.gamma(CDNOW.p, 1 / nu, (4, len(nu))).sum(axis=0)
    drawn = CDNOW.draw_spend_total(np.zeros(len(nu)), 0.0, 4, random)
    assert np.log(drawn).mean() == pytest.approx(np.log(told).mean(), abs=0.02)
    assert np.log(drawn).std() == pytest.approx(np.log(told).std(), rel=0.02)


def test_values_scale_with_money(cdnow):
    in_dollars = gamma_gamma.fit(cdnow.x, cdnow.mean_spend)
    in_cents = gamma_gamma.fit(cdnow.x, 100 * cdnow.mean_spend)
    assert in_cents.model.p == pytest.approx(in_dollars.model.p, rel=1e-6)
    assert in_cents.model.v == pytest.approx(100 * in_dollars.model.v, rel=1e-6)
    assert in_cents.log_likelihood == pytest.approx(
        in_dollars.log_likelihood - 946 * np.log(100), rel=1e-12
    )


@pytest.mark.parametrize("rate", [1e-9, 20_000.0, 1e9])
def test_no_currency_is_too_small_or_too_large(cdnow, rate):
    """v ends far outside of what is searched; its error goes with it."""
    in_dollars = gamma_gamma.fit(cdnow.x, cdnow.mean_spend)
    elsewhere = gamma_gamma.fit(cdnow.x, rate * cdnow.mean_spend)
    assert elsewhere.converged
    assert elsewhere.model.q == pytest.approx(in_dollars.model.q, rel=1e-6)
    assert elsewhere.model.v == pytest.approx(rate * in_dollars.model.v, rel=1e-6)
    assert elsewhere.standard_errors["v"] == pytest.approx(
        rate * in_dollars.standard_errors["v"], rel=1e-5
    )


def test_a_sample_of_hardly_any_spenders_gives_the_usual_spend_to_begin_from():
    start = gamma_gamma.start_from(np.zeros(0), np.zeros(0), 70, 25.0)
    p, q, v = np.exp(gamma_gamma.moved(start, 25.0))
    assert GammaGamma(p, q, v).spend_of_the_new == pytest.approx(25.0)


def test_the_sums_of_shards_and_of_weights_add_up(cdnow):
    x, mean_spend = spenders(cdnow)
    here = np.log([3.0, 2.0, 25.0])
    whole = gamma_gamma.objective(x, mean_spend)(here)
    halves = [gamma_gamma.objective(x[half::2], mean_spend[half::2])(here) for half in (0, 1)]
    twice = gamma_gamma.objective(x, mean_spend, np.full(len(x), 2.0))(here)
    for part, one, other, double in zip(whole, *halves, twice, strict=True):
        assert one + other == pytest.approx(part, rel=1e-11, abs=1e-9)
        assert double == pytest.approx(2 * np.asarray(part), rel=1e-11, abs=1e-9)


def test_a_shard_without_spenders_adds_nothing():
    value, slope, curvature = gamma_gamma.objective(np.zeros(0), np.zeros(0))(np.zeros(3))
    assert value == 0
    assert not slope.any()
    assert not curvature.any()


def test_enormous_counts_are_sorted_instead_of_tabled():
    x, mean_spend = np.array([2.0, 3e6, 2.0]), np.array([5.0, 6.0, 7.0])
    model = GammaGamma(2.0, 3.0, 10.0)
    alone = [gamma_gamma.log_likelihood(model, x[[row]], mean_spend[[row]]) for row in range(3)]
    assert gamma_gamma.log_likelihood(model, x, mean_spend) == pytest.approx(sum(alone), rel=1e-13)


@given(x=st.integers(1, 1000), mean_spend=st.floats(0.01, 1e6))
def test_expected_spend_lies_between_the_own_mean_and_the_company_mean(x, mean_spend):
    spend = float(CDNOW.expected_spend(x, mean_spend))
    company = float(CDNOW.expected_spend(0, 0))
    low, high = sorted((mean_spend, company))
    assert low * (1 - 1e-9) <= spend <= high * (1 + 1e-9)
