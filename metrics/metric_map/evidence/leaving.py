"""Who leaves, from the facts: by a notice or a contract's end, else by silence."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from django.db.models import Max, Q
from numpy.typing import NDArray

from customers.models import Contract, Customer, Interaction
from metrics.effects.evidence import leaving
from metrics.effects.evidence.leaving import NEVER, Leaving
from metrics.effects.evidence.survival import LEAST_LEAVERS, Lives
from metrics.effects.evidence.windows import months_since
from metrics.indicators.counting import Counted
from metrics.metric_map.evidence.measures import Array, Facts
from metrics.metric_map.evidence.reading import Span, of_customers
from metrics.models import Measure

Codes = NDArray[np.int64]
MOST_SAY_SO = 0.5
MONTHS_IN_DANGER = 3
LEAST_MONTHS = 3


@dataclass(frozen=True)
class Leavers:
    """Of one run. Where enough customers say that they leave, only of those who would say so."""

    facts: Facts

    def lives(self, exposure: Array) -> Lives | None:
        """exposure: (customers, months) of all customers. None where nobody could be seen leave."""
        if self._told is None:
            return None
        who, told = self._told
        history = {name: values[who] for name, values in self._history.items()}
        return Lives(told.at_risk, told.left, exposure[who], history)

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
        at_risk = Counted("calls", Measure.Aggregate.COUNT, "", (("is_save", "eq", 1),))
        called = at_risk._replace(where=(*at_risk.where, ("is_in_time", "eq", 1)))
        found = {"at risk": at_risk, "at risk and called": called}
        usual = leaving.usual_share(self.facts.heard_of, self.facts.is_customer)
        return {"how often heard of": np.log(usual)} | {name: _in_months_before(of_customers(one, self.facts.known_span))
                for name, one in found.items()}  # fmt: skip


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
