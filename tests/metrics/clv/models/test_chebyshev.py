import numpy as np
import pytest

from metrics.clv.models.chebyshev import ImpossibleValue, evaluate, expand, integral, quadrature


def test_curves_and_their_integrals_are_followed_to_rounding():
    speeds = np.array([0.5, 3.0, 20.0])
    curves = expand(lambda position: np.exp(-speeds * (position[:, None] + 1)))
    position, column = np.linspace(-1, 1, 20_001), np.arange(20_001) % 3
    speed = speeds[column]
    assert evaluate(curves, column, position) == pytest.approx(
        np.exp(-speed * (position + 1)), abs=1e-13
    )
    area = -np.expm1(-speed * (position + 1)) / speed
    assert evaluate(integral(curves), column, position) == pytest.approx(area, abs=1e-13)


def test_a_curve_with_a_jump_is_refused():
    with pytest.raises(ImpossibleValue, match="too steep"):
        expand(lambda position: (position[:, None] > 0.3).astype(float))


def test_a_quadrature_integrates_polynomials_below_its_count():
    position, weight = quadrature(16)
    powers = position ** np.arange(16)[:, np.newaxis]
    area = np.where(np.arange(16) % 2, 0, 2 / (np.arange(16) + 1))
    assert powers @ weight == pytest.approx(area, abs=1e-14)
