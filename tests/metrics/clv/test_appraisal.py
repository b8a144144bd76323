import numpy as np
import pytest

from benchmarks.population import LAST_DAY, simulate
from metrics.clv import choice
from metrics.clv.appraisal import FitFailed, ImpossibleValue, appraise
from metrics.clv.cash import discounted_purchases, month_length
from metrics.clv.choice import Status
from metrics.clv.fit import Fit, TooLittleData
from metrics.clv.models.nbd import Nbd

END, HOLDOUT_END = np.datetime64("1997-09-30"), np.datetime64("1998-06-30")


@pytest.fixture(scope="module")
def cdnow_appraisal(cdnow_days):
    return appraise(*cdnow_days, until=END, holdout_until=HOLDOUT_END)


def test_every_customer_has_every_number(cdnow_appraisal):
    assert cdnow_appraisal.status is Status.GOOD
    assert cdnow_appraisal.histories.customer.tolist() == list(range(1, 2358))
    for name in ("p_alive", "expected_purchases", "expected_spend", "clv"):
        values = getattr(cdnow_appraisal, name)
        assert values.shape == (2357,)
        assert np.all(np.isfinite(values) & (values >= 0))
    assert cdnow_appraisal.clv_total == pytest.approx(cdnow_appraisal.clv.sum())
    assert cdnow_appraisal.clv_mean * 2357 == pytest.approx(cdnow_appraisal.clv_total)
    assert cdnow_appraisal.dropped == {"not used to learn spend: no repeat purchase": 1411}


def test_the_value_is_margin_of_discounted_months(cdnow_appraisal):
    histories, model = cdnow_appraisal.histories, cdnow_appraisal.purchases.model
    purchases = discounted_purchases(
        model, histories.x, histories.t_x, histories.T,
        months=12, month=month_length("week"), yearly_rate=0.10,
    )  # fmt: skip
    assert cdnow_appraisal.clv == pytest.approx(0.3 * purchases * cdnow_appraisal.expected_spend)


def test_the_unit_does_not_change_the_value(cdnow_days, cdnow_appraisal):
    by_day = appraise(*cdnow_days, until=END, unit="day")
    assert by_day.clv == pytest.approx(cdnow_appraisal.clv, rel=1e-5)


def test_values_are_keyed_by_customer_whatever_the_order(cdnow_days, cdnow_appraisal):
    order = np.random.default_rng(1).permutation(len(cdnow_days.customer))
    shuffled = appraise(*(column[order] for column in cdnow_days), until=END)
    assert np.array_equal(shuffled.histories.customer, cdnow_appraisal.histories.customer)
    assert shuffled.clv == pytest.approx(cdnow_appraisal.clv, rel=1e-9)


def test_the_interval_holds_the_total_and_reaches_as_far_as_the_holdout_missed(cdnow_appraisal):
    low, total, high = (
        cdnow_appraisal.clv_low, cdnow_appraisal.clv_total, cdnow_appraisal.clv_high
    )  # fmt: skip
    assert 0 < low < total < high
    missed = cdnow_appraisal.holdout.relative_error
    assert np.log(high / total) > 1.6449 * abs(missed)
    assert np.log(high / total) == pytest.approx(np.log(total / low))


def test_there_is_no_interval_without_a_holdout(cdnow_days):
    appraisal = appraise(*cdnow_days, until=END)
    assert (appraisal.holdout, appraisal.clv_low, appraisal.clv_high) == (None, None, None)


def test_data_that_end_today_are_tested_by_a_fit_on_their_past(cdnow_days, cdnow_appraisal):
    appraisal = appraise(*cdnow_days, until=HOLDOUT_END, calibrate_until=END)
    assert appraisal.holdout == cdnow_appraisal.holdout
    assert appraisal.tracking.until == cdnow_appraisal.tracking.until
    assert appraisal.histories.x.sum() == 2457 + 1882
    assert appraisal.clv_low < appraisal.clv_total < appraisal.clv_high


def test_a_past_too_short_to_test_on_is_told_and_values_are_given(cdnow_days):
    appraisal = appraise(*cdnow_days, until=END, calibrate_until=np.datetime64("1997-01-05"))
    assert (appraisal.holdout, appraisal.status) == (None, Status.WITH_WARNINGS)
    assert [warning.code for warning in appraisal.warnings] == ["not_tested"]


def test_the_gift_shop_is_valued_by_nbd_with_the_warning(gift_shop_days):
    appraisal = appraise(
        *gift_shop_days,
        until=np.datetime64("2011-12-09"),
        calibrate_until=np.datetime64("2011-08-31"),
    )
    assert (appraisal.model, appraisal.status) == ("nbd", Status.WITH_WARNINGS)
    assert [warning.code for warning in appraisal.warnings] == ["no_drop_out"]
    assert (len(appraisal.histories), set(appraisal.p_alive)) == (2171, {1})
    assert appraisal.holdout.actual > appraisal.holdout.forecast


def test_a_negative_margin_makes_customers_worth_less_than_nothing(cdnow_days, cdnow_appraisal):
    loss = appraise(*cdnow_days, until=END, holdout_until=HOLDOUT_END, margin=-0.3)
    assert loss.clv_total == pytest.approx(-cdnow_appraisal.clv_total)
    assert (loss.clv_low, loss.clv_high) == pytest.approx(
        (-cdnow_appraisal.clv_high, -cdnow_appraisal.clv_low)
    )


def test_later_customers_are_counted_as_not_valued():
    population = simulate(600, 11)
    appraisal = appraise(
        population.customer, population.day, population.amount, until=LAST_DAY - 7 * 60
    )
    late = 600 - len(appraisal.histories)
    assert late > 0
    assert appraisal.dropped["bought only after the as-of day"] == late


@pytest.mark.parametrize(
    ("terms", "complaint"),
    [
        ({"months": 0}, "horizon"),
        ({"months": 61}, "horizon"),
        ({"margin": np.nan}, "margin"),
        ({"yearly_rate": -1}, "yearly rate"),
        ({"unit": "fortnight"}, "unit"),
        ({"holdout_until": HOLDOUT_END, "calibrate_until": END}, "not both"),
    ],
)
def test_impossible_terms_are_refused(cdnow_days, terms, complaint):
    with pytest.raises(ValueError, match=complaint):
        appraise(*cdnow_days, **{"until": END} | terms)


def test_too_little_data_is_refused_in_words(cdnow_days):
    with pytest.raises(TooLittleData, match="are too few to forecast from"):
        appraise(*cdnow_days, until=np.datetime64("1997-01-03"))


def test_a_failed_fit_is_an_error_with_its_sentence(cdnow_days, monkeypatch):
    lost = Fit(Nbd(1.0, 1.0), None, None, -1e9, converged=False)
    monkeypatch.setitem(choice.FITTERS, "nbd", lambda histories: lost)
    with pytest.raises(FitFailed, match="did not settle on one answer"):
        appraise(*cdnow_days, until=END, model="nbd")


def test_an_overflowing_value_is_an_error_and_not_a_number(cdnow_days):
    with np.errstate(over="ignore"), pytest.raises(ImpossibleValue, match="clv is impossible"):
        appraise(*cdnow_days, until=END, margin=1e308)
