"""Facts as windows of customers and sites, and links seen within sites."""

from datetime import date

import numpy as np

from metrics.effects.evidence.findings import Verdict
from metrics.effects.evidence.units import sites
from metrics.effects.evidence.windows import (
    carried_forward,
    months_since,
    ratio,
    totals,
    weeks_since,
    well_founded,
)

NAN = np.nan


def groups(seed, slope, many=12, months=30, lag=2):
    draw = np.random.default_rng(seed)
    exposure = draw.normal(size=(many, months)) + draw.normal(size=(many, 1))
    shared, own = draw.normal(size=months), 3 * draw.normal(size=(many, 1))
    outcome = own + shared + draw.normal(size=(many, months))
    outcome[:, lag:] += slope * exposure[:, :-lag]
    return exposure, outcome


def test_what_happened_is_added_up_by_customer_and_window():
    found = totals([0, 1, 1, 7], [0, 2, 2, 0], [1.0, 2.0, 3.0, 9.0], (2, 3))
    assert found.tolist() == [[1, 0, 0], [0, 0, 5]]
    assert totals([], [], 1.0, (2, 2)).tolist() == [[0, 0], [0, 0]]


def test_windows_are_counted_from_the_first():
    days = np.array(["2023-01-31", "2024-02-01", "2022-12-31"], "datetime64[D]")
    assert months_since(date(2023, 1, 1), days).tolist() == [0, 13, -1]
    assert weeks_since(date(2023, 1, 2), days[:1]).tolist() == [4]


def test_an_experience_lasts_until_the_next_or_until_something_ends_it():
    lived = np.array([[NAN, 2.0, NAN, NAN, 5.0]])
    ends = np.array([[False, False, False, True, True]])
    assert carried_forward(lived)[0, 1:].tolist() == [2, 2, 2, 5]
    assert np.isnan(carried_forward(lived, ends)[0, [0, 3]]).all()
    assert carried_forward(lived, ends)[0, 2] == 2


def test_a_rate_over_few_is_left_out():
    rate = ratio(np.array([1.0, 50.0, 40.0, 3.0]), np.array([2.0, 100.0, 90.0, 0.0]), 100)
    assert rate[0] == 50
    assert np.isnan(rate[3])
    kept = well_founded(rate[:3], np.array([2.0, 100.0, 90.0]))
    assert np.isnan(kept).tolist() == [True, False, False]


def test_a_link_within_groups_is_found_at_its_delay_and_no_other_is():
    looks = [sites.look(*groups(seed, 0.5), lag=2) for seed in range(10)]
    assert sum(one.verdict is Verdict.LINK for one in looks) >= 9
    assert sum(abs(one.slope - 0.5) < 1.96 * one.se for one in looks) >= 8
    assert not any(sites.look(*groups(seed, 0.5), lag=1).verdict.is_link for seed in range(5))


def test_where_groups_have_nothing_in_common_none_is_claimed():
    looks = [sites.look(*groups(seed, 0.0), lag=2) for seed in range(20)]
    assert sum(one.verdict.is_link for one in looks) <= 1
    assert np.mean([one.p < 0.05 for one in looks]) <= 0.15


def test_few_groups_or_months_say_so():
    found = sites.look(*groups(1, 0.5, many=6, months=8), lag=2)
    assert (found.verdict, found.slope, found.missing_windows) == (Verdict.LITTLE, None, 4)
    assert sites.look(*groups(1, 0.5, many=3), lag=2).verdict is Verdict.LITTLE
    exposure, outcome = groups(1, 0.5)
    assert sites.look(np.ones_like(exposure), outcome, lag=2).verdict is Verdict.STILL


def test_what_answers_to_the_outcome_fails_its_placebo():
    """A department that reacts at once to bad figures seems to cause them."""
    outcome = np.random.default_rng(3).normal(size=(12, 30)).cumsum(axis=1)
    exposure = np.zeros_like(outcome)
    exposure[:, 1:] = outcome[:, :-1]
    found = sites.look(exposure, outcome, lag=1)
    assert found.verdict is Verdict.PLACEBO
    assert found.placebo_p < 0.01


def test_sites_that_wander_each_for_itself_are_not_linked():
    """Engagement and lateness drift for months, neither with the other: at its nominal rate."""
    refused = 0
    for seed in range(30):
        exposure, outcome = np.random.default_rng([seed, 9]).normal(size=(2, 10, 30)).cumsum(axis=2)
        refused += sites.look(exposure, outcome, 1).p <= 0.05
    assert refused <= 0.05 * 30 + 3 * np.sqrt(0.05 * 0.95 * 30)


def test_what_a_window_left_lasts_for_so_many_windows_only():
    lived = np.array([[5.0, np.nan, np.nan, np.nan, 7.0]])
    assert carried_forward(lived, most=2).tolist()[0][:3] == [5.0, 5.0, 5.0]
    assert np.isnan(carried_forward(lived, most=2)[0, 3])
