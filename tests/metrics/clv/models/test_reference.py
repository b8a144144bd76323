"""Every stored fifty-digit value, and some made anew, so that the file cannot rot.

Where the engine cannot keep its accuracy it must say so; a wrong number is never accepted.
"""

import csv
import gzip
from itertools import groupby

import numpy as np
import pytest

from metrics.clv.models import bg_nbd, gamma_gamma, mbg_nbd, nbd
from metrics.clv.models.chebyshev import ImpossibleValue
from tests.metrics.clv.models.reference import make_reference as reference

MODULES = {"bg_nbd": bg_nbd, "mbg_nbd": mbg_nbd, "nbd": nbd}
LIKELY, CHANCE, HORIZON, WITHOUT_END = 1e-12, 1e-12, 1e-11, 1e-9
"""Relative: log-likelihoods of a set of histories; P(alive), purchases and residual of each."""


def stored(name):
    with gzip.open(reference.HERE / name, "rt") as lines:
        return list(csv.DictReader(lines))


@pytest.fixture(scope="module")
def purchases():
    return stored("purchases.csv.gz")


@pytest.fixture(scope="module")
def spends():
    return stored("spend.csv.gz")


def sets_of(rows, *names):
    """Rows with the same parameters, as arrays by column."""
    for _, same in groupby(rows, key=lambda row: [row[name] for name in names]):
        together = list(same)
        yield (
            together[0],
            {
                name: np.array([float(row[name] or "nan") for row in together])
                for name in together[0]
                if name != "model"
            },
        )


def model_of(row):
    module, names = MODULES[row["model"]], MODULES[row["model"]].FAMILY.parameters
    return module, module.FAMILY.build(*(float(row[name]) for name in names))


def relative(found, wanted):
    """Largest relative distance where a value is stored; below 1e-290 nothing is asked."""
    far = np.abs(found - wanted) / np.maximum(np.abs(wanted), 1e-290)
    return float(np.max(far, where=~np.isnan(wanted), initial=0.0))


def test_there_are_ten_thousand_points(purchases, spends):
    assert len(purchases) + len(spends) >= 10_000
    for key in MODULES:
        assert sum(row["model"] == key for row in purchases) >= 900
    assert sum(row["a"] in ("1", "1.0") for row in purchases) > 300
    assert max(int(row["x"]) for row in purchases) > 450


@pytest.mark.parametrize("key", MODULES)
def test_log_likelihoods_and_chances_agree(purchases, key):
    worst = 0.0
    rows = [row for row in purchases if row["model"] == key]
    for first, column in sets_of(rows, "r", "alpha", "a", "b"):
        module, model = model_of(first)
        history = column["x"], column["t_x"], column["T"]
        alive = model.probability_alive(*history)
        assert relative(alive, column["alive"]) < CHANCE, first
        found = module.log_likelihood(model, *history)
        wanted = column["log_likelihood"]
        worst = max(worst, abs(found - wanted.sum()) / np.abs(wanted).sum())
    assert worst < LIKELY


@pytest.mark.parametrize("key", MODULES)
def test_expected_purchases_agree(purchases, key):
    rows = [row for row in purchases if row["model"] == key]
    for first, column in sets_of(rows, "r", "alpha", "a", "b"):
        _, model = model_of(first)
        found = model.purchases_if_alive(column["x"], column["T"], column["t"])
        assert relative(found, column["purchases"]) < HORIZON, first


@pytest.mark.parametrize("key", ["bg_nbd", "mbg_nbd"])
def test_discounted_residuals_agree(purchases, key):
    rows = [row for row in purchases if row["model"] == key]
    refused = 0
    for first, column in sets_of(rows, "r", "alpha", "a", "b"):
        _, model = model_of(first)
        try:
            found = model.residual_if_alive(column["x"], column["T"], float(first["rate"]))
        except ImpossibleValue:
            refused += 1
        else:
            assert relative(found, column["residual"]) < WITHOUT_END, first
    assert refused * reference.TOGETHER <= 0.01 * len(rows)


def test_spends_agree(spends):
    for first, column in sets_of(spends, "p", "q", "v"):
        model = gamma_gamma.GammaGamma(*(float(first[name]) for name in ("p", "q", "v")))
        found = gamma_gamma.log_likelihood(model, column["x"], column["mean_spend"])
        wanted = column["log_likelihood"]
        assert abs(found - wanted.sum()) < LIKELY * np.abs(wanted).sum(), first
        if model.q > 1:
            expected = model.expected_spend(column["x"], column["mean_spend"])
            assert relative(expected, column["expected_spend"]) < 1e-12, first


def test_single_histories_agree_with_values_made_anew(purchases, spends):
    for row in purchases[:: len(purchases) // 40]:
        made = reference.exact_purchases(row)
        assert made == {name: row[name] for name in made}
        module, model = model_of(row)
        x, t_x, T = (float(row[name]) for name in ("x", "t_x", "T"))
        found = module.log_likelihood(model, x, t_x, T)
        assert found == pytest.approx(float(made["log_likelihood"]), rel=1e-11)
    for row in spends[:: len(spends) // 20]:
        made = reference.exact_spend(row)
        assert made == {name: row[name] for name in made}
