"""A target handed down: which metrics would move by how much, with the least effort."""

from dataclasses import dataclass

from customers.templatetags.numbers import estimate, grouped
from metrics.boards.worth import BASES, amount_text, change_text
from metrics.indicators.words import value_text
from metrics.metric_map.words import enumerated, within
from metrics.metric_map.worth.candidates import Asked, Candidate, Field, LeftOut, field_of
from metrics.models import Metric, MetricVersion, MetricWorth, RollUp

NOTHING_MUCH = 0.01
"""Of all that is reached: who brings less is not named."""

SHOWN_AS_BOUND = 0.999
EQUITY_SHARE = 0.01
MOST_NAMES = 3


@dataclass(frozen=True)
class Move:
    """One metric's part. brings: to the goal, cautiously; share: of the most that it may go."""

    metric: Metric
    change: str
    before: str
    after: str
    brings: str
    step: str
    share: float
    effort: int

    @property
    def is_at_its_limit(self) -> bool:
        return self.share >= SHOWN_AS_BOUND


@dataclass(frozen=True)
class CascadeBoard:
    """missing: what cannot be reached, "" where all can. small: how many take too little to tell.

    capped: who acts through a metric that then stands as far as it may go.
    """

    goal: str
    wanted: str
    moves: list[Move]
    small: int
    reached: str
    expected: str
    missing: str
    capped: list[str]
    left_out: list[LeftOut]
    trouble: str = ""


def usual_amount(goal: Metric, roll_up: RollUp) -> float:
    """A hundredth of customer equity; one achievable step of any other goal."""
    if goal.level == Metric.Level.BOARD:
        return float(f"{EQUITY_SHARE * float(roll_up.valuation.clv_total or 0):.2g}")
    worth = roll_up.worths.filter(metric=goal).first()
    return float(f"{abs(worth.step):.2g}") if worth and worth.step else 1.0


def unit_of(goal: Metric, roll_up: RollUp) -> str:
    """What the amount is told in: "GBP of customer equity", "points of retention rate"."""
    if goal.level == Metric.Level.BOARD:
        return f"{roll_up.currency} of {within(goal.name)}"
    version = goal.versions.in_force().first()
    unit = version.unit if version else "its unit"
    return f"{'points' if unit.startswith('%') else unit} of {within(goal.name)}"


def cascade_board(asked: Asked, roll_up: RollUp) -> CascadeBoard:
    """The answer to what is asked."""
    field = field_of(asked, roll_up)
    told = _Telling(asked, field, roll_up.currency)
    if not field.candidates:
        return told.board([])
    try:
        return told.board(_solved(asked, field))
    except ValueError:
        return told.board([], "For these efforts no answer was found: choose others.")


def _solved(asked: Asked, field: Field) -> list[float]:
    """Achievable steps of each candidate. Raises ValueError."""
    # It loads scipy, for which only those who open this page should wait
    from metrics.effects.cascade import JointCap, cascade  # noqa: PLC0415

    answer = cascade(
        [one.gain for one in field.candidates],
        [one.effort for one in field.candidates],
        asked.amount,
        [one.most for one in field.candidates],
        [JointCap(weights, asked.room) for weights in field.through.values()],
    )
    return answer.steps.tolist()


class _Telling:
    """Steps as words, in the goal's unit."""

    def __init__(self, asked: Asked, field: Field, currency: str) -> None:
        self.asked, self.field, self.currency = asked, field, currency

    def board(self, steps: list[float], trouble: str = "") -> CascadeBoard:
        taken = list(zip(self.field.candidates, steps, strict=True)) if steps else []
        reached = sum(one.gain * step for one, step in taken)
        named = [(one, step) for one, step in taken if one.gain * step > NOTHING_MUCH * reached]
        short = self.asked.amount - reached
        return CascadeBoard(
            goal=within(self.asked.goal.name),
            wanted=self.text(self.asked.amount),
            moves=[self.move(one, step) for one, step in named],
            small=len(taken) - len(named),
            reached=self.text(reached) if reached else "",
            expected=self.text(sum(one.expected * step for one, step in taken)),
            missing=self.text(short) if short > 1e-4 * self.asked.amount else "",
            capped=self.capped(steps) if steps else [],
            left_out=self.field.left_out,
            trouble=trouble,
        )

    def capped(self, steps: list[float]) -> list[str]:
        """Who acts through a metric that goes as far as it may."""
        return [
            _cap_words(parent, [self.field.candidates[place].reading.metric for place in weights])
            for parent, weights in self.field.through.items()
            if sum(weight * steps[place] for place, weight in weights.items())
            >= SHOWN_AS_BOUND * self.asked.room
        ]

    def text(self, amount: float) -> str:
        if self.asked.goal.level == Metric.Level.BOARD:
            return estimate(amount, self.currency)
        version = self.field.goal.version
        return amount_text(version, amount) if version else grouped(amount, 2)

    def move(self, one: Candidate, step: float) -> Move:
        version, change = one.reading.version, step * one.worth.step
        before, after = _levels(version, one.level, one.level + change)
        basis = BASES[MetricWorth.StepBasis(one.worth.step_basis)]
        return Move(
            metric=one.reading.metric,
            change=change_text(version, change),
            before=before,
            after=after,
            brings=self.text(one.gain * step),
            step=f"{change_text(version, one.worth.step)}, {basis}",
            share=step / one.most,
            effort=one.effort,
        )


def _levels(version: MetricVersion, *levels: float) -> list[str]:
    """With as many decimals as it takes to tell them apart."""
    for decimals in range(version.decimals, 5):
        as_told = MetricVersion(unit=version.unit, decimals=decimals)
        told = [value_text(as_told, level) for level in levels]
        if len(set(told)) > 1:
            break
    return told


def _cap_words(parent: Metric, children: list[Metric]) -> str:
    names = [within(child.name) for child in children if child != parent]
    if len(names) > MOST_NAMES + 1:
        names = [*names[:MOST_NAMES], f"{len(names) - MOST_NAMES} more"]
    told, verb = enumerated(names), "acts" if len(names) == 1 else "act"
    return f"{told[:1].upper()}{told[1:]} {verb} through {within(parent.name)}: capped together."
