"""From cohorts and tenures to renewals."""

import pytest

from metrics.clv.contracts.renewals import renewals_of_cohort, renewals_of_tenures
from metrics.clv.contracts.shifted_beta_geometric import fit


def test_who_leaves_is_counted_by_the_renewals_made():
    tenure, left = [1, 2, 3, 3, 0], [True, False, True, False, False]
    renewals = renewals_of_tenures(tenure, left, weights=[1, 10, 100, 1000, 5])
    assert renewals.left.tolist() == [1, 0, 100, 0]
    assert renewals.stayed.tolist() == [1110, 1110, 1000, 0]


def test_within_a_term_nobody_decides():
    tenure = [11, 12, 13, 23, 24, 5, 12, 13]
    left = [False, False, False, False, False, True, True, True]
    renewals = renewals_of_tenures(tenure, left, term=12)
    assert renewals.left.tolist() == [2, 1, 0]
    assert renewals.stayed.tolist() == [5, 1, 0]


def test_a_cohort_and_its_tenures_tell_the_same():
    cohort = renewals_of_cohort([1000, 869, 743, 653])
    tenure, left, weights = [1, 2, 3, 3], [True, True, True, False], [131, 126, 90, 653]
    by_tenure = renewals_of_tenures(tenure, left, weights)
    assert fit(by_tenure).log_likelihood == pytest.approx(fit(cohort).log_likelihood, rel=1e-12)
    assert fit(by_tenure).model.beta == pytest.approx(fit(cohort).model.beta, rel=1e-9)


def test_the_renewals_of_two_groups_add_up():
    both = renewals_of_tenures([1, 4, 2], [True, False, True])
    parts = renewals_of_tenures([1], [True]) + renewals_of_tenures([4, 2], [False, True])
    assert (both.left.tolist(), both.stayed.tolist()) == (
        parts.left.tolist(), parts.stayed.tolist(),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("active", "rule"),
    [([100, 90, 95], "from 90 after 1 renewals to 95"), ([100, -1], "zero or more")],
)
def test_survivors_that_cannot_be_are_refused(active, rule):
    with pytest.raises(ValueError, match=rule):
        renewals_of_cohort(active)


@pytest.mark.parametrize(
    ("tenure", "left", "term", "rule"),
    [
        ([-1], [False], 1, "tenure must be a whole number"),
        ([1.5], [False], 1, "tenure must be a whole number"),
        ([0], [True], 1, "must have been there"),
        ([1, 2], [True], 1, "columns of one length"),
        ([1], [True], 0, "a term must be a whole number"),
    ],
)
def test_tenures_that_cannot_be_are_refused(tenure, left, term, rule):
    with pytest.raises(ValueError, match=rule):
        renewals_of_tenures(tenure, left, term=term)
