"""Why customer equity moved between two valuations: the parts, their words, and their drawing."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from customers.models import Work
from metrics.drawing.value.waterfall import Nature, Part, Waterfall, adds_up, shortened, waterfall
from metrics.models import Movement, MovementPart, Valuation

Kind = MovementPart.Part
ORDER = list(Kind.values)
NATURES = {
    Kind.TIME: Nature.EXPECTED,
    Kind.GONE: Nature.PAPER,
    Kind.MODELS: Nature.PAPER,
    Kind.TERMS: Nature.PAPER,
}
EXPLAINED = {
    Kind.TIME: "What the earlier forecast counted on has been bought since, and the months it looks"
    " ahead have moved on.",
    Kind.GONE: "Customers that turned out to be the same one, or that were removed.",
    Kind.BEHAVIOUR: "Known customers came back more or less often than the earlier model said.",
    Kind.SPEND: "What known customers spend on a purchase is judged anew.",
    Kind.NEW: "Those who bought for the first time since.",
    Kind.MODELS: "The same purchases, read by models learnt from more of them.",
    Kind.MARGIN: "What stays of a sale, and what serving a purchase costs.",
    Kind.TERMS: "The company counts with another discount rate or looks further ahead.",
    Kind.CONTRACTS: "Customers with a contract: fees, ends, and how long they stay.",
}
# How a part is named inside a sentence: as it adds, and as it takes.
SAID = {
    Kind.TIME: ("the passing of time", "the passing of time"),
    Kind.GONE: ("merged customers", "customers merged or removed"),
    Kind.BEHAVIOUR: (
        "customers who bought more often than expected",
        "customers who bought less often than expected",
    ),
    Kind.SPEND: (
        "customers who spent more on a purchase",
        "customers who spent less on a purchase",
    ),
    Kind.NEW: ("new customers", "new customers"),
    Kind.MODELS: ("learning the models anew", "learning the models anew"),
    Kind.MARGIN: ("better margins", "thinner margins"),
    Kind.TERMS: ("other terms, on paper only,", "other terms, on paper only,"),
    Kind.CONTRACTS: ("contracts", "contracts"),
}


@dataclass(frozen=True)
class Cause:
    """One part inside a sentence."""

    words: str
    amount: Decimal


@dataclass(frozen=True)
class Told:
    """A movement as its page tells it. fall: None unless it is done and adds up to the cent."""

    movement: Movement
    parts: list[Part]
    still: list[str]
    explained: list[tuple[str, str]]
    fall: Waterfall | None
    brought: Cause | None
    took: Cause | None

    @property
    def gain(self) -> Decimal:
        return self.movement.later.equity - self.movement.earlier.equity

    @property
    def loss(self) -> Decimal:
        return -self.gain

    @property
    def both(self) -> tuple[Valuation, Valuation]:
        return self.movement.earlier, self.movement.later

    @property
    def share(self) -> float | None:
        before = self.movement.earlier.equity
        return float(self.gain / before) if before else None

    @property
    def on_paper(self) -> Decimal:
        """How much of the gain is nobody's doing: other models, other terms, merged customers."""
        paper = (part.amount for part in self.parts if part.nature is Nature.PAPER)
        return sum(paper, Decimal(0))

    @property
    def is_wrong(self) -> bool:
        """Whether it is done, and its parts are not the change."""
        return self.movement.status == Work.Status.DONE and self.fall is None


def told(movement: Movement, most: int | None = None) -> Told:
    """The movement in words and as a waterfall, of at most so many parts.

    Its valuations have to be at hand.
    """
    known = {row.part: row.amount for row in movement.parts.all()}
    rows = [(key, known[key]) for key in ORDER if key in known]
    every = [Part(Kind(key).label, amount, _nature(key)) for key, amount in rows]
    opening, closing = movement.earlier.equity, movement.later.equity
    is_whole = movement.status == Work.Status.DONE and bool(every)
    drawn = shortened(every, most or len(ORDER))
    moved = [(key, amount) for key, amount in rows if amount]
    return Told(
        movement=movement,
        parts=every,
        still=[Kind(key).label for key, amount in rows if not amount],
        explained=[(Kind(key).label, EXPLAINED[Kind(key)]) for key, _ in moved],
        fall=waterfall(opening, drawn) if is_whole and adds_up(opening, every, closing) else None,
        brought=_cause(moved, 1),
        took=_cause(moved, -1),
    )


def newest_since_month_end(valuation: Valuation) -> Movement | None:
    """The finished movement that ends in this valuation and begins at the newest month end."""
    return (
        valuation.movements_to.filter(
            status=Work.Status.DONE,
            earlier__purpose=Valuation.Purpose.MONTH_END,
            earlier__as_of__lt=valuation.as_of,
        )
        .select_related("earlier", "later")
        .prefetch_related("parts")
        .order_by("earlier__as_of", "pk")
        .last()
    )


def _nature(part: str) -> Nature:
    return NATURES.get(Kind(part), Nature.BUSINESS)


def _cause(moved: Sequence[tuple[str, Decimal]], sign: int) -> Cause | None:
    """The part that added most (sign 1) or took most (−1); None where none did."""
    part, amount = max(moved, key=lambda row: sign * row[1], default=(None, Decimal(0)))
    if sign * amount <= 0:
        return None
    return Cause(SAID[Kind(part)][0 if sign > 0 else 1], abs(amount))
