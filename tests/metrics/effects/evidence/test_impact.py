"""What would be otherwise, counted one by one: against a small world whose luck is averaged out."""

import numpy as np
import pytest

from metrics.effects.evidence.impact import (
    hazards,
    lost_in_a_year,
    purchases_gained,
    retention_gained,
    spared,
)
from metrics.effects.evidence.survival import Lives

CUSTOMERS, WINDOWS, LOG_HAZARD, USUAL = 60_000, 12, 0.006, 0.03
WAY = LOG_HAZARD, LOG_HAZARD / 10


@pytest.fixture(scope="module")
def world():
    """Some are late more often than others; what is felt, who leaves, who buys."""
    draw = np.random.default_rng(7)
    late = draw.random((CUSTOMERS, WINDOWS)) < draw.beta(1, 4, CUSTOMERS)[:, None]
    felt = 100.0 * late
    luck = draw.random((CUSTOMERS, WINDOWS))
    spares = draw.random((CUSTOMERS, WINDOWS)) < 0.4
    return felt, np.where(spares, 0.0, felt), luck, draw.gamma(2.0, 10.0, CUSTOMERS)


def lived(felt, luck):
    """Still there as each window begins, and who leaves in it."""
    chance = -np.expm1(-USUAL * np.exp(LOG_HAZARD * felt))
    gone = np.cumsum(luck < chance, axis=1)
    left = (gone == 1) & (luck < chance)
    return gone - left < 1, left


def test_the_hazard_and_what_goes_of_it_are_those_of_the_world(world):
    felt, _, luck, _ = world
    at_risk, left = lived(felt, luck)
    hazard = hazards(at_risk, left, felt, LOG_HAZARD)
    assert hazard[felt == 0].mean() == pytest.approx(USUAL, rel=0.03)
    less = spared(hazard, felt, LOG_HAZARD, 0.4)
    whole = USUAL * (np.exp(LOG_HAZARD * 100) - 1)
    assert less[felt > 0].mean() == pytest.approx(0.4 * whole, rel=0.03)
    assert (less[felt == 0] == 0).all()


def test_as_much_more_is_bought_as_in_the_world_without(world):
    felt, fewer, luck, spend = world
    there, left = lived(felt, luck)
    bought = spend[:, None] * there
    more = float((spend[:, None] * lived(fewer, luck)[0]).sum() - bought.sum())
    less = spared(hazards(there, left, felt, LOG_HAZARD), felt, LOG_HAZARD, 0.4)
    one_later = np.pad(less, ((0, 0), (1, 0)))[:, :-1]  # here who leaves still buys in the window
    counted = float(np.sum(bought * np.expm1(np.cumsum(one_later, axis=1))))
    assert counted == pytest.approx(more, rel=0.03)


def test_what_goes_in_a_window_counts_half_there_and_whole_afterwards():
    bought, less = np.array([[10.0, 20.0, 0.0]]), np.array([[0.1, 0.2, 0.3]])
    gained = 10 * (np.exp(0.05) - 1) + 20 * (np.exp(0.2) - 1)
    assert purchases_gained(bought, less) == pytest.approx(gained, rel=1e-12)


def test_points_of_retention_are_those_of_each_ones_mean_hazard():
    hazard = np.array([[0.02, 0.04], [0.10, 0.10], [0.5, 0.5]])
    less = np.array([[0.01, 0.01], [0.0, 0.02], [0.1, 0.1]])
    counted = np.array([[True, True], [True, False], [False, False]])
    stays = [np.exp(-12 * 0.02) - np.exp(-12 * 0.03), 0.0]
    gained = retention_gained(hazard, less, counted)
    assert gained == pytest.approx(100 * (2 * stays[0] + stays[1]) / 3, rel=1e-12)


def test_nothing_felt_and_nothing_spared_change_nothing(world):
    felt, _, luck, _ = world
    at_risk, left = lived(felt, luck)
    hazard = hazards(at_risk, left, np.full_like(felt, np.nan), LOG_HAZARD)
    assert np.allclose(hazard, left[at_risk].sum() / at_risk.sum(), rtol=1e-12)
    assert spared(hazard, felt, LOG_HAZARD, 0.0).sum() == 0


def test_nobody_at_risk_has_no_hazard():
    none = np.zeros((2, 3), dtype=bool)
    with pytest.raises(ValueError, match="nobody was at risk"):
        hazards(none, none, np.zeros((2, 3)), LOG_HAZARD)


def lives_of(felt, luck, lag=0):
    """Lived through lag windows before it is felt."""
    at_risk, left = lived(felt, luck)
    earlier = np.pad(felt, ((0, 0), (0, lag)), constant_values=np.nan)
    later = [np.pad(one, ((0, 0), (lag, 0))) for one in (at_risk, left)]
    return Lives(*later, earlier)


@pytest.mark.parametrize("lag", [0, 2])
def test_who_left_because_of_it_stays_in_the_world_without(world, lag):
    felt, _, luck, _ = world
    found = lost_in_a_year(lives_of(felt, luck, lag), *WAY, lag)
    _, left = lived(felt, luck)
    unharmed = luck < -np.expm1(-USUAL)
    because = left & ~unharmed
    assert found.leavers == left.sum()
    assert found.last == WINDOWS + lag - 1
    assert found.lost == pytest.approx(because.sum(), rel=0.04)
    assert found.low < found.lost < found.high < found.leavers


def test_only_the_last_twelve_windows_in_which_somebody_can_be_seen_leave_count(world):
    felt, _, luck, _ = world
    twice = [np.tile(one, 2) for one in (felt, luck)]
    lives = lives_of(*twice)
    lives.at_risk[:, -3:] = False
    found = lost_in_a_year(lives, *WAY, 1)
    span = slice(2 * WINDOWS - 15, 2 * WINDOWS - 3)
    assert found.last == 2 * WINDOWS - 4
    assert found.leavers == lives.left[:, span].sum()


@pytest.mark.parametrize(
    ("slope", "se", "lag"), [(0.006, 0.004, 0), (-0.006, 0.0006, 0), (0.006, 0.0006, 1)]
)
def test_nothing_is_said_in_doubt_where_it_keeps_people_and_of_too_short_a_past(
    world, slope, se, lag
):
    felt, _, luck, _ = world
    assert lost_in_a_year(lives_of(felt, luck), slope, se, lag) is None


def test_where_nobody_left_nobody_left_because_of_it(world):
    lives = lives_of(world[0], np.ones_like(world[2]))
    assert lost_in_a_year(lives, *WAY, 0) is None
