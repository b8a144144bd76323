"""Formulas of derived metrics: arithmetic on names and numbers, and nothing that runs."""

import pytest

from metrics.indicators.formula import UnusableFormula, names_in, problem_of_units, value_of

UNITS = {
    "value": "GBP an order",
    "often": "orders a customer and year",
    "cost": "GBP a customer and year",
    "people": "customers",
    "lost": "% of customers",
}


def test_customer_equity_by_the_plain_formula():
    values = {"n": 10_000, "m": 100, "r": 0.8, "d": 0.12}
    assert value_of("n*m*r/(1+d-r)", values) == pytest.approx(2_500_000)
    assert names_in("n*m*r/(1+d-r)") == ["n", "m", "r", "d"]


@pytest.mark.parametrize(
    "formula",
    [
        *("", "a b", "a.b", "f(1)", "[1]", "'x'", "True", "1j", "a and b", "1 if a else 2"),
        *("lambda: 1", "a := 1", "a @ b", "a % b", "a // b", "~a", "a < b", "__import__('os')"),
        *("a" + "+(a" * 60 + ")" * 60, "\x00"),
    ],
)
def test_anything_but_arithmetic_is_refused(formula):
    with pytest.raises(UnusableFormula):
        names_in(formula)
    with pytest.raises(UnusableFormula):
        value_of(formula, {"a": 1, "b": 1})


def test_a_name_without_a_value_is_refused():
    with pytest.raises(UnusableFormula, match="margin"):
        value_of("margin + 1", {})


@pytest.mark.parametrize("formula", ["1/0", "(-1)**0.5", "9**9**9**9", "0**-1", "1e300*1e300"])
def test_what_is_no_finite_number_is_no_value(formula):
    assert value_of(formula, {}) is None


@pytest.mark.parametrize(
    ("formula", "unit"),
    [
        ("value * often - cost", "GBP a customer and year"),
        ("people * cost", "GBP a year"),
        ("cost / value", "orders a customer and year"),
        ("1 - lost", "%"),
        ("people**2 / people", "customers"),
        ("5 * 0.4 * value - cost", "GBP a customer and year"),
        ("people * lost / 100", "customers lost"),
    ],
)
def test_units_that_fit_are_no_problem(formula, unit):
    assert problem_of_units(formula, UNITS, unit) == ""


@pytest.mark.parametrize(
    ("formula", "unit", "told"),
    [
        ("value - cost", "GBP", "The formula adds GBP a order and GBP a customer a year."),
        ("1 + people", "customers", "The formula adds a number and customer."),
        ("people * cost", "GBP", "The formula comes to GBP a year but is told in GBP."),
        (
            "2 ** people",
            "customers",
            "The formula raises to the power of customer not of a number.",
        ),
    ],
)
def test_unlike_units_are_named(formula, unit, told):
    assert problem_of_units(formula, UNITS, unit) == told
