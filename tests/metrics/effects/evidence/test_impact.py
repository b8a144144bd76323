"""What would be otherwise, counted one by one: against a small world whose luck is averaged out."""

import numpy as np
import pytest

from metrics.effects.evidence.impact import (
    hazards,
    purchases_gained,
    retention_gained,
    spared,
)

CUSTOMERS, WINDOWS, LOG_HAZARD, USUAL = 60_000, 12, 0.006, 0.03


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
