import numpy as np
import pytest

from metrics.clv.appraisal import appraise
from metrics.clv.learning.crowd import crowd_of
from metrics.clv.learning.holdout import holdout_of, tracking_of
from metrics.clv.learning.questions import Check, Survey, surveyed
from metrics.clv.models import bg_nbd
from metrics.clv.models.bg_nbd import BgNbd
from metrics.clv.models.nbd import Nbd
from metrics.clv.purchases.grouping import merge_days

END, HOLDOUT_END = np.datetime64("1997-09-30"), np.datetime64("1998-06-30")


@pytest.fixture(scope="module")
def appraisals(cdnow_days):
    return {
        model: appraise(*cdnow_days, until=END, tests=((END, HOLDOUT_END),), model=model)
        for model in ("bg_nbd", "mbg_nbd", "pareto_nbd")
    }


@pytest.mark.parametrize(
    ("model", "forecast", "mae", "rmse", "mean_alive", "by_frequency"),
    [
        ("bg_nbd", 1653.41, 0.7855, 1.608, 0.8134,
         [0.2251, 0.5231, 1.0441, 1.5203, 2.1638, 2.6538, 3.5040, 6.1570]),
        ("mbg_nbd", 1576.73, 0.7648, 1.607, 0.4487,
         [0.1852, 0.5514, 1.0490, 1.4929, 2.1043, 2.5636, 3.3608, 5.8485]),
        ("pareto_nbd", 1665.51, 0.7545, 1.603, 0.4463,
         [0.1384, 0.5995, 1.1958, 1.7138, 2.3983, 2.9072, 3.8186, 6.4031]),
    ],
)  # fmt: skip
def test_the_forecast_of_39_weeks_is_the_published_one(
    appraisals, model, forecast, mae, rmse, mean_alive, by_frequency
):
    holdout = appraisals[model].findings.holdout
    assert holdout.actual == 1882
    assert holdout.forecast == pytest.approx(forecast, rel=5e-5)
    assert (holdout.mae, holdout.rmse) == pytest.approx((mae, rmse), abs=5e-4)
    assert holdout.mean_alive == pytest.approx(mean_alive, abs=1e-4)
    assert [row.forecast for row in holdout.by_frequency] == pytest.approx(by_frequency, rel=4e-4)
    assert [row.customers for row in holdout.by_frequency] == [1411, 439, 214, 100, 62, 38, 29, 64]
    actual = [0.2367, 0.6970, 1.3925, 1.5600, 2.5323, 2.9474, 3.8621, 6.3594]
    assert [row.actual for row in holdout.by_frequency] == pytest.approx(actual, abs=1e-4)


def test_the_naive_forecast_repeats_the_rate_seen(cdnow, appraisals):
    holdout = appraisals["bg_nbd"].findings.holdout
    assert holdout.naive_forecast == pytest.approx((39 * cdnow.x / cdnow.T).sum())
    assert holdout.naive_mae > holdout.mae
    assert holdout.naive_deviance > holdout.deviance


@pytest.mark.parametrize(
    ("model", "published"),
    [
        ("bg_nbd", [724, 1739, 2505, 3139, 3686, 4171]),
        ("pareto_nbd", [712, 1742, 2532, 3190, 3763, 4274]),
    ],
)
def test_tracking_follows_the_published_weeks(cdnow, appraisals, model, published):
    tracking = appraisals[model].findings.tracking
    weeks = np.array([13, 26, 39, 52, 65, 78])
    assert tracking.week[weeks - 1].tolist() == weeks.tolist()
    assert tracking.actual[weeks - 1].tolist() == [828, 1746, 2457, 3183, 3844, 4339]
    assert tracking.expected[weeks - 1] == pytest.approx(published, rel=0.01)
    assert (tracking.until, tracking.last_day[-1]) == (cdnow.until, HOLDOUT_END.astype(int))


def test_the_gain_curve_begins_at_nobody_and_ends_with_everybody(appraisals):
    gain = appraisals["bg_nbd"].findings.holdout.gain
    assert (gain.shares[0], gain.held[0], gain.shares[-1], gain.held[-1]) == (0, 0, 1, 1)
    assert np.all(np.diff(gain.shares) >= 0)
    assert np.all(gain.held >= gain.shares - 1e-12)
    assert 0.5 < gain.gini < 0.6


def seen(customer, day, until, last_day):
    """Holdout and tracking of a known model on a few days."""
    days = merge_days(customer, day, [1.0] * len(customer))
    crowd = crowd_of(days, {until: last_day}, "week", int(days.day.min()))
    check = Check("nbd", (1.0, 10.0), until, (0.5,)).answer(crowd)
    survey = surveyed(Survey(until).answer(crowd), until, int(days.day.min()))
    tracking = tracking_of(Nbd(1, 10), survey, int(days.day.min()), until, "week")
    return holdout_of(check, until, last_day), tracking


def test_newcomers_after_the_as_of_day_are_in_neither_count():
    holdout, tracking = seen([1, 1, 2, 2], [0, 50, 80, 90], 70, 100)
    assert (holdout.customers, holdout.actual) == (1, 0)
    assert tracking.actual[-1] == 1


def test_where_nothing_was_bought_nobody_is_ranked():
    holdout, _ = seen([1, 1, 2, 2], [0, 50, 20, 40], 70, 100)
    assert (holdout.actual, holdout.gain.gini) == (0, 0)


def test_somebody_first_seen_on_the_as_of_day_has_no_rate_to_repeat():
    holdout, _ = seen([1, 1], [70, 75], 70, 77)
    assert (holdout.naive_forecast, holdout.actual) == (0, 1)


def test_a_holdout_without_days_is_refused(cdnow_days):
    with pytest.raises(ValueError, match="must end after"):
        appraise(*cdnow_days, until=END, tests=((END, END),))


def test_the_fitted_model_is_that_of_the_histories_alone(cdnow, appraisals):
    alone = bg_nbd.fit(cdnow.x, cdnow.t_x, cdnow.T).model
    together = appraisals["bg_nbd"].findings.purchases.model
    assert isinstance(together, BgNbd)
    for name in ("r", "alpha", "a", "b"):
        assert getattr(together, name) == pytest.approx(getattr(alone, name), rel=1e-6)
