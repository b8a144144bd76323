import numpy as np
import pytest

from metrics.clv.histories import group_histories, histories_of, merge_days
from metrics.clv.holdout import check_forecast, track
from metrics.clv.models import bg_nbd
from metrics.clv.models.nbd import Nbd

END, HOLDOUT_END = np.datetime64("1997-09-30"), np.datetime64("1998-06-30")


@pytest.fixture(scope="module")
def purchases(cdnow_days):
    return merge_days(*cdnow_days)


@pytest.fixture(scope="module")
def model(cdnow):
    return bg_nbd.fit(cdnow.x, cdnow.t_x, cdnow.T).model


def test_the_forecast_of_39_weeks_is_the_published_one(model, cdnow, purchases):
    holdout = check_forecast(model, cdnow, purchases, HOLDOUT_END)
    assert holdout.actual == 1882
    assert holdout.forecast == pytest.approx(1653.41, abs=0.01)
    assert holdout.mae == pytest.approx(0.7855, abs=1e-4)
    assert holdout.relative_error == pytest.approx(np.log(1882 / 1653.41), abs=1e-5)


def test_the_forecast_by_frequency_is_the_published_one(model, cdnow, purchases):
    rows = check_forecast(model, cdnow, purchases, HOLDOUT_END).by_frequency
    assert [row.frequency for row in rows] == [0, 1, 2, 3, 4, 5, 6, 7]
    assert [row.customers for row in rows] == [1411, 439, 214, 100, 62, 38, 29, 64]
    actual = [0.2367, 0.6970, 1.3925, 1.5600, 2.5323, 2.9474, 3.8621, 6.3594]
    assert [row.actual for row in rows] == pytest.approx(actual, abs=1e-4)
    forecast = [0.2251, 0.5231, 1.0441, 1.5203, 2.1638, 2.6538, 3.5040, 6.1570]
    assert [row.forecast for row in rows] == pytest.approx(forecast, rel=2e-4)


def test_the_naive_forecast_repeats_the_rate_seen(cdnow, purchases, model):
    holdout = check_forecast(model, cdnow, purchases, HOLDOUT_END)
    assert holdout.naive_forecast == pytest.approx((39 * cdnow.x / cdnow.T).sum())
    assert holdout.naive_mae > holdout.mae


def test_tracking_follows_the_published_weeks(model, cdnow, purchases):
    tracking = track(model, cdnow, purchases, HOLDOUT_END)
    weeks = np.array([13, 26, 39, 52, 65, 78])
    assert tracking.week[weeks - 1].tolist() == weeks.tolist()
    assert tracking.actual[weeks - 1].tolist() == [828, 1746, 2457, 3183, 3844, 4339]
    published = [724, 1739, 2505, 3139, 3686, 4171]
    assert tracking.expected[weeks - 1] == pytest.approx(published, rel=0.01)
    assert (tracking.until, tracking.last_day[-1]) == (cdnow.until, HOLDOUT_END.astype(int))


def test_newcomers_after_the_as_of_day_are_in_neither_count():
    days = merge_days([1, 1, 2, 2], [0, 50, 80, 90], [1.0] * 4)
    histories = histories_of(days, 70)
    holdout = check_forecast(Nbd(1, 10), histories, days, 100)
    assert (holdout.customers, holdout.actual) == (1, 0)
    assert track(Nbd(1, 10), histories, days, 100).actual[-1] == 1


def test_somebody_first_seen_on_the_as_of_day_has_no_rate_to_repeat():
    histories = group_histories([1], [70], [1.0], until=70)
    days = merge_days([1, 1], [70, 75], [1.0, 1.0])
    holdout = check_forecast(Nbd(1, 10), histories, days, 77)
    assert (holdout.naive_forecast, holdout.actual) == (0, 1)


def test_a_holdout_without_days_is_refused(model, cdnow, purchases):
    with pytest.raises(ValueError, match="must end after"):
        check_forecast(model, cdnow, purchases, END)
