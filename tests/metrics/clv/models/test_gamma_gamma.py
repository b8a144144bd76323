import mpmath as mp
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


def test_the_likelihood_agrees_with_fifty_digits():
    with mp.workdps(50):
        p, q, v = mp.mpf(2.5), mp.mpf(4.5), mp.mpf(30)
        exact = sum(
            mp.log(mp.gamma(p * x + q) / mp.gamma(p * x) / mp.gamma(q) * v**q)
            + mp.log(m ** (p * x - 1) * x ** (p * x) / (v + x * m) ** (p * x + q))
            for x, m in [(1, mp.mpf(12.5)), (40, mp.mpf(9.75)), (300, mp.mpf(80))]
        )
    found = gamma_gamma.log_likelihood(GammaGamma(2.5, 4.5, 30), [1, 40, 300], [12.5, 9.75, 80.0])
    assert found == pytest.approx(float(exact), rel=1e-12)


def test_the_gradient_is_the_slope_of_the_likelihood(cdnow):
    objective = gamma_gamma._objective(*spenders(cdnow))
    here = np.log([3.0, 2.0, 25.0])
    slope = [
        (objective(here + move)[0] - objective(here - move)[0]) / 2e-5 for move in 1e-5 * np.eye(3)
    ]
    assert objective(here)[1] == pytest.approx(slope, rel=1e-6)


def test_expected_spend_is_the_published_one(cdnow):
    first_ten = CDNOW.expected_spend(cdnow.x[:10], cdnow.mean_spend[:10])
    published = [24.65, 18.91, 35.17, 35.17, 35.17, 71.46, 18.91, 35.17, 27.28, 35.17]
    assert first_ten == pytest.approx(published, abs=0.1)
    four = CDNOW.expected_spend([2, 1, 0, 26], [22.35, 11.77, 0, 39.97])
    assert four == pytest.approx([24.663714, 18.916852, 35.218978, 39.891219], rel=1e-5)


def test_an_infinite_expectation_is_refused_in_words():
    with pytest.raises(InfiniteSpend, match="expected spend is infinite"):
        GammaGamma(2, 1, 30).expected_spend(1, 20)


def test_repeat_purchases_of_zero_amount_are_left_out_and_counted():
    x = np.repeat([1.0, 2.0, 3.0, 0.0], 30)
    mean_spend = np.where(x == 2, 0, x * np.random.default_rng(1).gamma(4, 5, len(x)))
    left_out = gamma_gamma.fit(x, mean_spend).left_out
    assert left_out == {"no repeat purchase": 30, "repeat purchases of zero amount": 30}


def test_too_few_spenders_are_refused_in_words():
    with pytest.raises(TooLittleData, match="Only 49 customers"):
        gamma_gamma.fit(np.ones(49), np.linspace(5, 50, 49))


@given(x=st.integers(1, 1000), mean_spend=st.floats(0.01, 1e6))
def test_expected_spend_lies_between_the_own_mean_and_the_company_mean(x, mean_spend):
    spend = float(CDNOW.expected_spend(x, mean_spend))
    company = float(CDNOW.expected_spend(0, 0))
    low, high = sorted((mean_spend, company))
    assert low * (1 - 1e-9) <= spend <= high * (1 + 1e-9)
