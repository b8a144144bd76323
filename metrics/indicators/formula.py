"""Formulas of derived metrics: names of metrics, numbers, + - * / ** and brackets. Nothing else."""

import ast
import operator
import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from math import isfinite

from simpleeval import InvalidExpression, SimpleEval


def _power(base: float, exponent: float) -> float | complex:
    """In floats, which overflow at once where whole numbers would grow for hours."""
    return float(base) ** float(exponent)


OPERATORS = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.Pow: _power,
    ast.USub: operator.neg,
    ast.UAdd: operator.pos,
}
DEEPEST = 40
SHARES = ("%", "share")


class UnusableFormula(ValueError):
    """The text is no formula, or cannot be computed, said in a sentence."""


def names_in(formula: str) -> list[str]:
    """The names of the formula in the order of its text, each once. Raises UnusableFormula."""
    names = [node.id for node in ast.walk(_parsed(formula)) if isinstance(node, ast.Name)]
    return sorted(set(names), key=lambda name: re.search(rf"\b{name}\b", formula).start())


def value_of(formula: str, values: Mapping[str, float]) -> float | None:
    """What it comes to with these values; None where it divides by 0 or leaves the real numbers.

    Raises UnusableFormula where a name has no value, or where it is no formula.
    """
    _parsed(formula)
    plain = {name: float(value) for name, value in values.items()}
    calculator = SimpleEval(operators=OPERATORS, functions={}, names=plain)
    try:
        found = calculator.eval(formula.strip())
    except (ZeroDivisionError, OverflowError):
        return None
    except InvalidExpression as error:
        raise UnusableFormula(f"The formula cannot be computed: {error}") from error
    return float(found) if not isinstance(found, complex) and isfinite(found) else None


def problem_of_units(formula: str, units: Mapping[str, str], unit: str) -> str:
    """Why the units do not fit, in a sentence; "" where they do. Raises UnusableFormula.

    units: of each name; unit: of the result. What is added has to be alike. A number that
    multiplies may change the unit (grams a box), so what it multiplies fits everything; a number
    that is added has no unit, nor has a percentage.
    """
    try:
        found = _unit_of(_parsed(formula).body, units)
        _alike(found, _read_unit(unit), "comes to", "but is told in")
    except _Unlike as unlike:
        return str(unlike)
    return ""


@dataclass(frozen=True)
class _Unit:
    """Powers of the things counted: {"GBP": 1, "order": -1}. may_change: a factor converts it."""

    powers: Mapping[str, int] = field(default_factory=dict)
    may_change: bool = False

    def __str__(self) -> str:
        above = " × ".join(name for name, power in self.powers.items() if power > 0)
        below = "".join(f" a {name}" for name, power in self.powers.items() if power < 0)
        return f"{above or 'a number'}{below}"

    def times(self, other: "_Unit", power: int = 1) -> "_Unit":
        powers = Counter(self.powers)
        for name, own in other.powers.items():
            powers[name] += power * own
        kept = {name: own for name, own in powers.items() if own}
        return _Unit(kept, self.may_change or other.may_change)


class _Unlike(Exception):
    """Two units that do not go together, said in a sentence."""


def _parsed(formula: str) -> ast.Expression:
    """The formula as a tree of nothing but names, numbers and arithmetic."""
    try:
        tree = ast.parse(formula.strip(), mode="eval")
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise UnusableFormula(f"“{formula}” is no formula.") from error
    _check(tree.body, 0)
    return tree


def _check(node: ast.AST, depth: int) -> None:
    if depth > DEEPEST:
        raise UnusableFormula("The formula has too many brackets.")
    match node:
        case ast.Name():
            return
        case ast.Constant(value=value) if type(value) in (int, float):
            return
        case ast.BinOp(left=left, op=op, right=right) if type(op) in OPERATORS:
            _check(left, depth + 1)
            _check(right, depth + 1)
        case ast.UnaryOp(op=op, operand=operand) if type(op) in OPERATORS:
            _check(operand, depth + 1)
        case _:
            raise UnusableFormula(
                "A formula has names of metrics, numbers, + - * / ** and brackets,"
                f" but no “{ast.unparse(node)}”."
            )


def _unit_of(node: ast.AST, units: Mapping[str, str]) -> _Unit:
    match node:
        case ast.Name(id=name):
            return _read_unit(units.get(name, ""))
        case ast.UnaryOp(operand=operand):
            return _unit_of(operand, units)
        case ast.BinOp(left=left, op=ast.Add() | ast.Sub(), right=right):
            one, other = _unit_of(left, units), _unit_of(right, units)
            _alike(one, other, "adds", "and")
            return other if one.may_change else one
        case ast.BinOp(left=left, op=ast.Pow(), right=right):
            return _to_the_power(_unit_of(left, units), right, units)
        case ast.BinOp(left=left, op=op, right=right):
            power = 1 if isinstance(op, ast.Mult) else -1
            found = _unit_of(left, units).times(_unit_of(right, units), power)
            is_converted = _is_number(left) or _is_number(right)
            return _Unit(found.powers, found.may_change or is_converted)
    return _Unit()


def _to_the_power(unit: _Unit, exponent: ast.AST, units: Mapping[str, str]) -> _Unit:
    if isinstance(exponent, ast.Constant) and isinstance(exponent.value, int):
        powers = {name: own * exponent.value for name, own in unit.powers.items()}
        return _Unit({name: own for name, own in powers.items() if own}, unit.may_change)
    _alike(unit, _Unit(), "raises", "to a power, as only a number without a unit can be, not")
    _alike(_unit_of(exponent, units), _Unit(), "raises to the power of", "not of")
    return unit


def _alike(one: _Unit, other: _Unit, verb: str, and_: str) -> None:
    if one.may_change or other.may_change or one.powers == other.powers:
        return
    raise _Unlike(f"The formula {verb} {one} {and_} {other}.")


def _is_number(node: ast.AST) -> bool:
    if isinstance(node, ast.UnaryOp):
        return _is_number(node.operand)
    return isinstance(node, ast.Constant)


def _read_unit(text: str) -> _Unit:
    """ "GBP a customer and year" is GBP / customer / year; percentages and scores are numbers."""
    words = re.sub(r"[\d.,()/%-]+", lambda found: _spaced(found.group()), text).split()
    if not words or words[0] in SHARES:
        return _Unit()
    powers: Counter[str] = Counter()
    power = 1
    for word in words:
        if word in {"a", "an", "per", "/"}:
            power = -1
        elif word != "and":
            powers[_one(word)] += power
    return _Unit(dict(powers))


def _spaced(signs: str) -> str:
    """Slashes and per cents as words of their own; digits and other signs left out."""
    return "".join(f" {sign} " for sign in signs if sign in "/%") or " "


def _one(word: str) -> str:
    """A word in the singular: customers, deliveries, days."""
    if word.endswith("ies"):
        return f"{word[:-3]}y"
    return word[:-1] if word.endswith("s") and not word.endswith("ss") else word
