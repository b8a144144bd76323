"""Who leaves, from the facts: by a notice or a contract's end, else by silence."""

from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property

import numpy as np
from django.db.models import Max, Q
from numpy.typing import NDArray

from customers.models import Contract, Customer, Interaction
from metrics.effects.evidence import leaving
from metrics.effects.evidence.leaving import NEVER, Leaving
from metrics.effects.evidence.survival import LEAST_LEAVERS, Lives
from metrics.effects.evidence.windows import carried_forward, months_since
from metrics.indicators.counting import Counted
from metrics.metric_map.evidence.lasting import ACTS, ANSWERS, source_of
from metrics.metric_map.evidence.measures import Array, Facts
from metrics.metric_map.evidence.reading import Span, of_customers
from metrics.models import Measure, MetricVersion

Codes = NDArray[np.int64]
MOST_SAY_SO = 0.5
MONTHS_IN_DANGER = 3
IS_SAVE, IN_TIME = ("is_save", "eq", Decimal(1)), ("is_in_time", "eq", Decimal(1))
DANGER = {
    "at risk": Counted("calls", Measure.Aggregate.COUNT, "", (IS_SAVE,)),
    "at risk and called": Counted("calls", Measure.Aggregate.COUNT, "", (IS_SAVE, IN_TIME)),
}
LEAST_MONTHS = 3


@dataclass(frozen=True)
class Leavers:
    """Of one run. Where enough customers say that they leave, only of those who would say so."""

    facts: Facts

    def lives(self, child: MetricVersion, exposure: Array) -> Lives | None:
        """exposure: (customers, months) of all customers. None where nobody could be seen leave.

        Who was in danger, and called, is known beside it, unless it is that which is looked at;
        then it lasts as long as the danger.
        """
        if self._told is None:
            return None
        who, told = self._told
        beside = {name: values[who] for name, values in self._history.items()}
        if source_of(child) in ACTS:
            exposure = carried_forward(exposure, most=MONTHS_IN_DANGER - 1)
            beside = {name: values for name, values in beside.items() if name not in DANGER}
        share = 1.0 if source_of(child) in ANSWERS else self._share_of(exposure)
        return Lives(told.at_risk, told.left, exposure[who], beside, 12 * share)

    def _share_of(self, exposure: Array) -> float:
        """Of the months of customers who are still there, those in which it counts."""
        heard = self.facts.heard_of
        is_there = self.facts.is_customer & (np.cumsum(heard[:, ::-1], axis=1)[:, ::-1] > 0)
        return float(np.isfinite(exposure[is_there]).mean())

    @cached_property
    def _told(self) -> tuple[NDArray[np.bool_], Leaving] | None:
        facts, notices = self.facts, self._notices
        if facts.heard_of.shape[1] - facts.lapsed_after() < LEAST_MONTHS:
            return None
        says_so = self._says_so
        if (notices[says_so] != NEVER).sum() >= LEAST_LEAVERS:
            return says_so, leaving.by_notice(facts.is_customer[says_so], notices[says_so])
        silent = leaving.by_silence(facts.heard_of, facts.is_customer, facts.lapsed_after())
        return np.ones(len(notices), dtype=np.bool_), silent

    @cached_property
    def _notices(self) -> Codes:
        """(customers,): the month of the notice; NEVER where there is none that still holds.

        Who buys in a later month has stayed.
        """
        months = _last_months(self.facts.known_span)
        bought = np.where(self.facts.bought > 0, np.arange(self.facts.bought.shape[1]), NEVER)
        return np.where(bought.max(axis=1) > months, NEVER, months)

    @cached_property
    def _says_so(self) -> NDArray[np.bool_]:
        """Customers by contract, and those of a kind (company, person) of whom most who have
        fallen silent had said so."""
        facts, months = self.facts, self.facts.lapsed_after()
        is_silent = facts.is_customer[:, -months] & ~facts.heard_of[:, -months:].any(axis=1)
        kinds, says_so = _kinds(facts.known_span), _by_contract(facts.known_span)
        gave_notice = self._notices != NEVER
        for kind in np.unique(kinds):
            own = kinds == kind
            if (is_silent & own).any() and gave_notice[is_silent & own].mean() > MOST_SAY_SO:
                says_so |= own
        return says_so

    @cached_property
    def _history(self) -> dict[str, Array]:
        """Whether somebody was at risk in the three months before, and called in time; and how
        often heard of, since who seldom is could be taken for gone."""
        usual = leaving.usual_share(self.facts.heard_of, self.facts.is_customer)
        beside = {"how often heard of": np.log(usual)}
        for name, calls in DANGER.items():
            beside[name] = _in_months_before(of_customers(calls, self.facts.known_span))
        return beside


def _in_months_before(happened: Array) -> Array:
    later = np.zeros(happened.shape)
    for ago in range(1, MONTHS_IN_DANGER + 1):
        later[:, ago:] += happened[:, :-ago]
    return np.minimum(later, 1.0)


def _last_months(span: Span) -> Codes:
    """Of the last notice, or of the end of the last contract while none goes on."""
    own = Interaction.objects.filter(
        kind=Interaction.Kind.NOTICE, happened_on__lte=span.last, record__customer__isnull=False
    )
    days = dict(own.values_list("record__customer").annotate(Max("happened_on")))
    over = Contract.objects.values("record__customer").annotate(
        ends=Max("ended_on"), goes_on=Max("pk", filter=Q(ended_on=None) | Q(ended_on__gt=span.last))
    )
    for customer, ends in over.filter(goes_on=None).values_list("record__customer", "ends"):
        days[customer] = max(ends, days.get(customer, ends))
    months = np.full(len(span.customers), NEVER, dtype=np.int64)
    known = np.isin(span.customers, list(days))
    months[known] = months_since(span.first, [days[one] for one in span.customers[known].tolist()])
    return np.maximum(months, NEVER)


def _kinds(span: Span) -> NDArray[np.str_]:
    kind = dict(Customer.objects.values_list("pk", "kind"))
    return np.array([kind.get(one, "") for one in span.customers.tolist()])


def _by_contract(span: Span) -> NDArray[np.bool_]:
    customers = Contract.objects.values_list("record__customer", flat=True).distinct()
    return np.isin(span.customers, np.array(list(customers), dtype=np.int64))
