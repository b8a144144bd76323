"""Pareto/NBD against fifty-digit arithmetic, and against lifetimes on simulated customers."""

import csv
import gzip
import importlib.util
import os
import warnings
from pathlib import Path

import numpy as np
import pytest

from benchmarks.population import LAST_DAY, simulate
from metrics.clv.models import pareto_nbd
from metrics.clv.models.columns import columns_of
from metrics.clv.models.pareto_nbd import ParetoNbd
from metrics.clv.models.purchase_model import expected_purchases
from metrics.clv.purchases.grouping import group_histories

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from lifetimes import ParetoNBDFitter

REFERENCE = Path(__file__).with_name("reference")
EVERY = 1 if "CLVSITE_PROVE" in os.environ else 3
"""Of the stored points, in their drawn order: all of them take long."""

ROUNDING = 5e-16
"""Of a log-likelihood: what P(alive), the exponential of a difference of two, may lose."""


@pytest.fixture(scope="module")
def reference():
    """One row a point: nine inputs, four answers."""
    with gzip.open(REFERENCE / "pareto_nbd.csv.gz", "rt") as lines:
        rows = list(csv.reader(lines))
    return np.array(rows[1:], dtype=float)


@pytest.fixture(scope="module")
def maker():
    spec = importlib.util.spec_from_file_location(
        "make_pareto_reference", REFERENCE / "make_pareto_reference.py"
    )
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def answers(point):
    r, alpha, s, beta, x, t_x, T, t, rate = point
    model, columns = ParetoNbd(r, alpha, s, beta), columns_of(x, t_x, T)
    alive = float(model.alive_of(columns)[0])
    return (
        pareto_nbd.objective(columns)(model.log_parameters).value,
        alive,
        alive * float(model.purchases_if_alive(x, T, t)),
        alive * float(model.residual_if_alive(x, T, rate)),
    )


def test_thousands_of_points_agree_with_fifty_digits(reference):
    assert len(reference) >= 3000
    reference = reference[::EVERY]
    found = np.array([answers(row[:9]) for row in reference])
    wanted = reference[:, 9:]
    assert found[:, 0] == pytest.approx(wanted[:, 0], rel=1e-12, abs=1e-12)
    allowed = (1e-11 + ROUNDING * np.abs(wanted[:, :1])) * np.abs(wanted[:, 1:]) + 1e-300
    assert np.all(np.abs(found[:, 1:] - wanted[:, 1:]) <= allowed)


def test_points_asked_for_by_their_histories_get_the_same(reference):
    for point in reference[::40, :9]:
        model, history = ParetoNbd(*point[:4]), point[4:7]
        value, alive, *_ = answers(point)
        assert pareto_nbd.log_likelihood(model, *history) == value
        assert model.probability_alive(*history) == alive


def test_the_file_is_what_its_maker_makes(reference, maker):
    points = list(maker.points())
    assert np.array_equal(np.array(points), reference[:, :9])
    for place in range(0, len(points), len(points) // 20):
        if place % 4 != 2:
            made = [float(answer) for answer in maker.exact(points[place])]
            assert made == pytest.approx(list(reference[place, 9:]), rel=1e-14, abs=1e-300)


@pytest.mark.parametrize("seed", range(12))
def test_many_customers_together_are_each_as_alone(seed):
    """Together they are interpolated between a few times, alone they are not."""
    draw = np.random.default_rng(seed)
    reach = 1 + 4 * (seed % 2)
    model = ParetoNbd(*10 ** np.clip(draw.uniform(-reach, reach, 4), -6, 5))
    T = draw.integers(1, 1000, 3000) / 7
    x = draw.choice([0, 1, 2, 5, 30, 400], 3000)
    t_x = np.floor(7 * T * draw.uniform(size=3000)) / 7 * (x > 0)
    alive = model.probability_alive(x, t_x, T)
    some = slice(0, 3000, 75)
    rows = list(zip(x[some], t_x[some], T[some], strict=True))
    values = np.array([pareto_nbd.log_likelihood(model, *row) for row in rows])
    alone = np.array([float(model.probability_alive(*row)) for row in rows])
    allowed = (1e-11 + ROUNDING * np.abs(values)) * alone + 1e-300
    assert np.all(np.abs(alive[some] - alone) <= allowed)
    together = pareto_nbd.objective(columns_of(x, t_x, T))(model.log_parameters)
    each = [pareto_nbd.log_likelihood(model, x[i::30], t_x[i::30], T[i::30]) for i in range(30)]
    assert together.value == pytest.approx(sum(each), rel=1e-12)


@pytest.fixture(scope="module")
def population():
    people = simulate(1_500, 8)
    return group_histories(people.customer, people.day, people.amount, until=LAST_DAY)


@pytest.fixture(scope="module")
def theirs(population):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return ParetoNBDFitter().fit(population.x, population.t_x, population.T)


def test_our_fit_is_the_same_or_more_likely(population, theirs):
    columns = (population.x, population.t_x, population.T)
    fit = pareto_nbd.fit(*columns)
    at_theirs = ParetoNbd(*(float(theirs.params_[name]) for name in pareto_nbd.PARAMETERS))
    assert (fit.model.r, fit.model.alpha) == pytest.approx((at_theirs.r, at_theirs.alpha), rel=5e-3)
    value = pareto_nbd.log_likelihood(at_theirs, *columns)
    assert value - 1e-6 <= fit.log_likelihood <= value + 0.5


@pytest.mark.filterwarnings("ignore")
def test_predictions_are_the_same_with_the_same_parameters(population, theirs):
    columns = (population.x, population.t_x, population.T)
    model = ParetoNbd(*(float(theirs.params_[name]) for name in pareto_nbd.PARAMETERS))
    alive = theirs.conditional_probability_alive(*columns)
    assert model.probability_alive(*columns) == pytest.approx(np.asarray(alive), rel=1e-7)
    in_26 = theirs.conditional_expected_number_of_purchases_up_to_time(26, *columns)
    assert expected_purchases(model, *columns, 26) == pytest.approx(np.asarray(in_26), rel=1e-6)
