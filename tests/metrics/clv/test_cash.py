import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from metrics.clv.cash import discounted_purchases, month_length, monthly_rate
from metrics.clv.models import bg_nbd, gamma_gamma
from metrics.clv.models.bg_nbd import BgNbd
from metrics.clv.models.gamma_gamma import GammaGamma
from metrics.clv.models.nbd import Nbd
from metrics.clv.models.purchase_model import expected_purchases

ONE_PERCENT_A_MONTH = 1.01**12 - 1
TERMS = {"months": 12, "month": 4.345, "yearly_rate": ONE_PERCENT_A_MONTH}
ROUNDED = BgNbd(0.243, 4.414, 0.793, 2.426), GammaGamma(6.25, 3.74, 15.44)


def test_twelve_months_of_revenue_are_the_published_ones(cdnow):
    model = bg_nbd.fit(cdnow.x, cdnow.t_x, cdnow.T).model
    spending = gamma_gamma.fit(cdnow.x, cdnow.mean_spend).model
    revenue = revenue_of(cdnow, model, spending)
    assert revenue[:3] == pytest.approx([36.2785, 4.6375, 8.3441], rel=1e-3)
    assert revenue.sum() == pytest.approx(71509.90, rel=1e-4)
    assert revenue.mean() == pytest.approx(30.3394, rel=1e-4)


def test_rounded_parameters_give_the_published_values(cdnow):
    revenue = revenue_of(cdnow, *ROUNDED)
    assert revenue[:3] == pytest.approx([36.2857, 4.6410, 8.3695], rel=1e-5)
    assert revenue.mean() == pytest.approx(30.36022, rel=1e-6)


def test_weeks_read_as_days_give_the_known_wrong_answer(cdnow):
    """The trap in another library's introduction; the unit of a month is explicit for this."""
    assert revenue_of(cdnow, *ROUNDED, month=30)[0] == pytest.approx(140.10, rel=1e-3)


def revenue_of(histories, model, spending, month=4.345):
    purchases = discounted_purchases(
        model, histories.x, histories.t_x, histories.T, **TERMS | {"month": month}
    )
    return purchases * spending.expected_spend(histories.x, histories.mean_spend)


@pytest.mark.parametrize("model", [BgNbd(0.24, 4.4, 0.8, 2.4), Nbd(0.4, 12.0)])
def test_the_curve_of_many_customers_is_the_sum_month_by_month(cdnow, model):
    columns = (cdnow.x, cdnow.t_x, cdnow.T)
    months = np.array([expected_purchases(model, *columns, 4.345 * m) for m in range(13)])
    by_hand = 1.01 ** -np.arange(1.0, 13) @ np.diff(months, axis=0)
    assert discounted_purchases(model, *columns, **TERMS) == pytest.approx(by_hand, rel=1e-9)


def test_a_month_has_one_length_in_every_unit():
    assert month_length("month") == 1
    assert month_length("week") == pytest.approx(4.348214)
    assert month_length("day") == 30.4375


def test_twelve_monthly_rates_compound_to_the_year():
    assert (1 + monthly_rate(0.10)) ** 12 == pytest.approx(1.10)
    assert monthly_rate(ONE_PERCENT_A_MONTH) == pytest.approx(0.01)


@pytest.mark.parametrize("rate", [-1, np.nan, np.inf])
def test_a_rate_that_cannot_be_is_refused(rate):
    with pytest.raises(ValueError, match="yearly rate"):
        monthly_rate(rate)


@given(rate=st.floats(0, 1), months=st.integers(1, 60))
def test_discounting_takes_away_and_never_adds(rate, months):
    one = (np.array([2.0]), np.array([10.0]), np.array([30.0]))
    model = BgNbd(0.24, 4.4, 0.8, 2.4)
    discounted = discounted_purchases(model, *one, months=months, month=4.345, yearly_rate=rate)
    plain = expected_purchases(model, *one, 4.345 * months)
    assert plain / (1 + rate) ** (months / 12) * (1 - 1e-9) <= discounted <= plain * (1 + 1e-9)
