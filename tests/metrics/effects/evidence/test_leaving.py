"""Leaving told by a notice, and by a silence that is long for the customer's own rhythm."""

import numpy as np

from metrics.effects.evidence.leaving import NEVER, by_notice, by_silence

HEARD = np.array(
    [
        [1] * 6 + [0] * 6,
        [1, 0, 0] * 4,
        [0, 0, 1] + [1] * 9,
        [1] * 4 + [0] * 5 + [1] * 3,
        [1] * 11 + [0],
    ],
    dtype=bool,
)
IS_CUSTOMER = np.cumsum(HEARD, axis=1) > 0


def test_a_notice_ends_the_time_at_risk_in_its_own_window():
    seen = by_notice(IS_CUSTOMER, np.array([6, NEVER, 4, NEVER, NEVER]))
    assert [np.flatnonzero(row).tolist() for row in seen.left] == [[6], [], [4], [], []]
    assert seen.at_risk.sum(axis=1).tolist() == [6, 11, 2, 11, 11]
    assert not seen.at_risk[:, 0].any(), "nobody leaves in the window in which he came"


def test_silence_is_leaving_where_it_is_long_for_this_customer():
    """The frequent are gone after two windows; who comes every third window is not."""
    seen = by_silence(HEARD, IS_CUSTOMER, least=2)
    assert [np.flatnonzero(row).tolist() for row in seen.left] == [[6], [], [], [4], []]
    assert seen.at_risk[0].tolist() == [False] + [True] * 6 + [False] * 5
    assert not seen.at_risk[3, 5:].any(), "who comes back has left before"


def test_of_the_last_windows_and_of_the_seldom_heard_of_nothing_is_said():
    seen = by_silence(HEARD, IS_CUSTOMER, least=3)
    assert not seen.at_risk[:, -2:].any()
    assert not seen.at_risk[1, 5:].any(), "a third of the windows: eight silent ones would tell"
