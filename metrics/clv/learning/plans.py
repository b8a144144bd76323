"""Plans: computations that stop to ask all customers something, and go on with the answers.

A plan is a generator that yields questions and is sent their answers. It does the same again
with the same answers, so a plan that was cut off goes on from those that are stored.
"""

from collections.abc import Generator, Mapping, Sequence
from typing import Any, Protocol, TypeVar

from metrics.clv.families import FAMILIES
from metrics.clv.fit import Fit, TooLittleData, climb
from metrics.clv.learning.crowd import Crowd
from metrics.clv.learning.questions import Likelihood, SpendLikelihood, unflat
from metrics.clv.models import gamma_gamma
from metrics.clv.models.columns import Columns
from metrics.clv.models.purchase_model import fit_from_peak, start_from
from metrics.clv.purchases.histories import Array


class Question(Protocol):
    """Asked of a crowd; the answers of shards are combined into that of all customers."""

    def answer(self, crowd: Crowd) -> Array: ...

    def combine(self, answers: Sequence[Array]) -> Array: ...


Key = TypeVar("Key")
Result = TypeVar("Result")
Questions = tuple[Question, ...]
Plan = Generator[Questions, tuple[Array, ...], Result]


def carried_out(plan: Plan[Result], crowd: Crowd) -> Result:
    """The plan's result, with every question put to one crowd."""
    answers: tuple[Array, ...] | None = None
    while True:
        try:
            questions = plan.send(answers) if answers is not None else next(plan)
        except StopIteration as end:
            result: Result = end.value
            return result
        answers = tuple(question.combine([question.answer(crowd)]) for question in questions)


def together(plans: Mapping[Key, Plan[Any]]) -> Plan[dict[Key, Any]]:
    """Several plans side by side: a round asks what each of them wants to know next."""
    results: dict[Key, Any] = {}
    asked: dict[Key, Questions] = {}
    answers: dict[Key, tuple[Array, ...] | None] = dict.fromkeys(plans)
    going = dict(plans)
    while going:
        asked.clear()
        for key, plan in list(going.items()):
            answer = answers[key]
            try:
                asked[key] = plan.send(answer) if answer is not None else next(plan)
            except StopIteration as end:
                results[key] = end.value
                del going[key]
        if not asked:
            break
        told = iter((yield tuple(question for each in asked.values() for question in each)))
        answers = {key: tuple(next(told) for _ in questions) for key, questions in asked.items()}
    return {key: results[key] for key in plans}


def purchases_fitted(model: str, as_of: int, sample: Columns) -> Plan[Fit[Any]]:
    """A purchase model learnt from everybody, begun where the sample leads to."""
    family = FAMILIES[model]
    steps = climb(start_from(family, sample))
    point = next(steps)
    while True:
        (answer,) = yield (Likelihood(model, as_of, tuple(point.tolist())),)
        try:
            point = steps.send(unflat(answer))
        except StopIteration as end:
            return fit_from_peak(family, end.value)


def spend_fitted(
    as_of: int, x: Array, mean_spend: Array, spenders: int, usual: float
) -> Plan["gamma_gamma.SpendFit | TooLittleData"]:
    """The spend model learnt from all spenders; x and mean_spend are those of the sample.

    usual: mean of a repeat purchase, in currency; the climb goes by v over it. Where spenders are
    too few, the reason instead.
    """
    try:
        start = gamma_gamma.start_from(x, mean_spend, spenders, usual)
    except TooLittleData as reason:
        return reason
    steps = climb(start)
    point = next(steps)
    while True:
        in_currency = gamma_gamma.moved(point, usual)
        (answer,) = yield (SpendLikelihood(as_of, tuple(in_currency.tolist())),)
        try:
            point = steps.send(unflat(answer))
        except StopIteration as end:
            return gamma_gamma.fit_from_peak(end.value, spenders, usual)
