"""Many looks at nothing find something; what is claimed in the end allows for it."""

import os

import numpy as np
import pytest

from metrics.effects.evidence.discovery import adjusted, best_of, discoveries
from metrics.effects.evidence.figures.lags import Form, Pair, besides, scan

SEEDS = 100 if "CLVSITE_PROVE" in os.environ else 40


def test_benjamini_and_hochbergs_own_example_keeps_four_of_fifteen():
    """Their paper of 1995, section 4: fifteen p-values, four discoveries at 0.05."""
    p_values = [
        0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459, 0.3240, 0.4262,
        0.5719, 0.6528, 0.7590, 1.0000,
    ]  # fmt: skip
    assert discoveries(p_values, rate=0.05).tolist() == [True] * 4 + [False] * 11
    assert discoveries(p_values).tolist() == [True] * 3 + [False] * 12
    assert adjusted(p_values)[3] == pytest.approx(0.0095 * 15 / 4)


def test_nothing_looked_at_is_nothing_found():
    assert adjusted([]).tolist() == []
    assert best_of([]) == 1.0


def test_thirteen_delays_of_noise_are_no_link_after_control():
    nothing = besides(48, None, (), None)
    raw, kept = 0, 0
    for seed in range(SEEDS):
        child, parent = np.random.default_rng([seed, 3]).normal(size=(2, 48))
        p_values = scan(Pair(child, parent, nothing, Form.LEVELS), range(13)).p_values
        raw += p_values.min() < 0.05
        kept += discoveries(p_values.tolist(), rate=0.05).any()
    assert raw > 0.3 * SEEDS
    assert kept <= 0.05 * SEEDS
