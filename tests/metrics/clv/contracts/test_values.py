"""What contract customers are worth: by formulas, by every possible life, and by simulation."""

import csv
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from metrics.clv.contracts.shifted_beta_geometric import (
    Geometric,
    ShiftedBetaGeometric,
    lifetime,
    remaining_life,
)
from metrics.clv.contracts.values import fit_by_term, value_contracts
from metrics.clv.fit import TooLittleData

HIGH_END = ShiftedBetaGeometric(0.6681, 3.8061)
LOYAL = ShiftedBetaGeometric(2.5, 12.0)
DATA = Path(__file__).parents[3] / "data"


@pytest.fixture(scope="module")
def telco():
    """Months with the company, has left, months of a term, fee: of each of 7,043 customers."""
    months = {"Month-to-month": 1, "One year": 12, "Two year": 24}
    with (DATA / "telco_customer_churn.csv").open() as lines:
        rows = list(csv.DictReader(lines))
    return (
        np.array([int(row["tenure"]) for row in rows]),
        np.array([row["Churn"] == "Yes" for row in rows]),
        np.array([months[row["Contract"]] for row in rows]),
        np.array([float(row["MonthlyCharges"]) for row in rows]),
    )


@pytest.mark.parametrize(
    ("stay", "multiple"), [(0.90, 4.0909), (0.80, 2.5), (0.70, 1.6667), (0.60, 1.1538)]
)
def test_a_constant_chance_to_stay_gives_the_simple_formula(stay, multiple):
    """margin r / (1 + i - r) at 12 % a year, in yearly periods, over fifty years."""
    terms = {"months": 600, "months_a_period": 12, "yearly_rate": 0.12}
    models = {1: Geometric(1 - stay)}
    at_end = value_contracts(models, 3, 100, margin=0.5, **terms)
    assert at_end.value[0] == pytest.approx(50 * multiple, rel=3e-4)
    at_start = value_contracts(models, 3, 100, margin=0.5, paid="start", **terms)
    assert at_start.value[0] == pytest.approx(50 * 1.12 / (1.12 - stay), rel=3e-4)


def test_a_long_horizon_comes_near_the_residual_life():
    terms = {"months": 600, "months_a_period": 12, "yearly_rate": 0.10}
    ages = np.arange(5)
    at_end = value_contracts({1: HIGH_END}, ages, 1, **terms)
    assert at_end.value == pytest.approx(remaining_life(HIGH_END, ages, 0.10) / 1.1, rel=0.005)
    new = value_contracts({1: HIGH_END}, 0, 1, paid="start", **terms)
    assert new.value[0] == pytest.approx(lifetime(HIGH_END, 0.10), rel=0.005)
    assert new.value[0] == pytest.approx(5.922, rel=0.005)


def test_nobody_leaves_within_a_term():
    values = value_contracts({12: LOYAL}, [0, 5, 12, 17], 10, 12, months=14, yearly_rate=0)
    first, second = float(LOYAL.survival(1)), float(LOYAL.retention(1))
    twice = float(LOYAL.survival(2, 1))
    there = values.chance_there()
    assert there[0] == pytest.approx([1] * 11 + [first] * 3)
    assert there[1] == pytest.approx([1] * 6 + [first] * 8)
    assert there[2] == pytest.approx([1] * 11 + [second] * 3)
    assert there[3] == pytest.approx([1] * 6 + [second] * 8)
    assert values.value == pytest.approx(10 * there.sum(axis=1))
    longer = value_contracts({12: LOYAL}, 17, 10, 12, months=24, yearly_rate=0).chance_there()
    assert longer[0, -6:] == pytest.approx([twice] * 6)


def test_a_month_is_discounted_by_the_twelfth_root():
    values = value_contracts({1: LOYAL}, 4, 30, months=12, yearly_rate=0.2)
    by_month = LOYAL.survival(np.arange(1, 13), 4) * 1.2 ** (-np.arange(1, 13) / 12)
    assert values.value[0] == pytest.approx(30 * by_month.sum(), rel=1e-12)


@given(
    tenure=st.integers(0, 60),
    term=st.sampled_from([1, 3, 12]),
    margin=st.sampled_from([-0.4, 0.3, 1.0]),
    paid=st.sampled_from(["end", "start"]),
)
def test_the_bounds_and_the_mean_are_those_of_every_possible_life(tenure, term, margin, paid):
    models = {term: ShiftedBetaGeometric(0.8, 3.0)}
    values = value_contracts(
        models, tenure, 50, term, margin, months=36, yearly_rate=0.1, paid=paid
    )
    there = np.append(values.chance_there()[0], 0.0)
    due = np.arange(36) + (paid == "end")
    worth = 50 * margin * np.append(0.0, np.cumsum(1.1 ** (-due / 12)))
    chance = np.append(1 - there[0], -np.diff(there))
    assert chance.sum() == pytest.approx(1)
    assert values.value[0] == pytest.approx(chance @ worth, rel=1e-10)
    spread = np.sqrt(max(chance @ worth**2 - (chance @ worth) ** 2, 0))
    assert values.total_spread == pytest.approx(spread, rel=1e-6, abs=1e-6)
    for bound, tail in ((values.low, 0.05), (values.middle, 0.5), (values.high, 0.95)):
        assert chance[worth < bound[0] - 1e-9].sum() <= tail + 1e-9
        assert chance[worth <= bound[0] + 1e-9].sum() >= tail - 1e-9


def test_simulated_customers_bring_what_was_expected_of_them():
    random = np.random.default_rng(3)
    truth = ShiftedBetaGeometric(0.9, 5.0)
    lives = random.geometric(random.beta(0.9, 5.0, 200_000))
    tenure = random.integers(0, 20, lives.size)
    here = tenure < lives
    tenure, lives = tenure[here], lives[here]
    fee = random.uniform(10, 40, lives.size)
    payments = np.clip(lives - 1 - tenure, 0, 24)
    discounted = np.append(0.0, np.cumsum(1.1 ** (-np.arange(1, 25) / 12)))
    brought = 0.3 * fee * discounted[payments]
    values = value_contracts({1: truth}, tenure, fee, margin=0.3, months=24)
    assert brought.sum() == pytest.approx(values.total, abs=4 * values.total_spread)
    assert values.total_spread < 0.01 * values.total
    assert payments.mean() == pytest.approx(values.expected_payments.mean(), rel=0.01)
    # whole lives: at most the stated share falls short, at least that share does not exceed
    for bound, tail in ((values.low, 0.05), (values.middle, 0.5), (values.high, 0.95)):
        assert np.mean(brought < bound - 1e-9) <= tail + 0.005
        assert np.mean(brought <= bound + 1e-9) >= tail - 0.005


def test_each_length_of_term_has_its_own_model_of_renewals(telco):
    tenure, left, term, _ = telco
    fits = fit_by_term(tenure, left, term)
    assert sorted(fits) == [1, 12, 24]
    assert (fits[1].model.alpha, fits[1].model.beta) == pytest.approx((0.4226, 7.393), rel=1e-3)
    assert isinstance(fits[12].model, Geometric)
    assert fits[12].model.leave == pytest.approx(0.0359, abs=1e-4)
    assert [caution.code for caution in fits[24].warnings] == ["constant_hazard"]


def test_customers_of_three_terms_are_valued_together(telco):
    tenure, left, term, fee = telco
    models = {length: found.model for length, found in fit_by_term(tenure, left, term).items()}
    there = ~left
    values = value_contracts(models, tenure[there], fee[there], term[there], months=24)
    assert values.total == pytest.approx(values.value.sum())
    assert np.all((values.low <= values.middle) & (values.middle <= values.high))
    assert np.all((values.value >= 0) & (values.value <= 24 * fee[there]))
    share = values.expected_payments / 24
    assert share[term[there] == 24].mean() > share[term[there] == 1].mean()
    apart = [
        value_contracts(models, tenure[these], fee[these], term[these], months=24).total
        for these in (there & (term == length) for length in models)
    ]
    assert values.total == pytest.approx(sum(apart), rel=1e-12)


def test_terms_with_few_customers_share_a_model_and_say_so():
    random = np.random.default_rng(5)
    lives = random.geometric(random.beta(1.0, 6.0, 2_000))
    tenure, left = np.minimum(lives, 10), lives <= 10
    term = np.where(np.arange(2_000) < 1_950, 1, 6)
    tenure, left = np.where(term == 6, 6 * tenure, tenure), left & ((term == 1) | (lives < 2))
    fits = fit_by_term(tenure, left, term)
    assert [caution.code for caution in fits[6].warnings] == ["terms_fitted_together"]
    assert "terms of 6 periods" in fits[6].warnings[0].sentence
    assert fits[1].warnings == ()


def test_where_nobody_left_there_is_no_model():
    with pytest.raises(TooLittleData, match="Nobody has left"):
        fit_by_term([3, 4, 12], [False] * 3, [1, 1, 12])


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        ({"tenure": -1}, "tenure must be a whole number"),
        ({"term": 0}, "a term must be a whole number"),
        ({"term": 3}, "no model is given for terms of 3"),
        ({"fee": -5}, "a fee must be zero or more"),
        ({"fee": np.nan}, "a fee must be zero or more"),
        ({"margin": np.inf}, "the margin must be a number"),
        ({"months": 0}, "between 1 and 600 months"),
        ({"months": 13, "months_a_period": 12}, "a whole number of periods"),
        ({"yearly_rate": -0.1}, "the yearly rate must be zero or more"),
        ({"paid": "later"}, "at the end or the start"),
    ],
)
def test_terms_that_cannot_be_are_refused(change, rule):
    with pytest.raises(ValueError, match=rule):
        value_contracts({1: LOYAL}, **({"tenure": 3, "fee": 10} | change))
