"""Customers by what they did so far; staff in groups; what was spent and asked for."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property

import numpy as np
from django.db.models import F, FloatField, Min, Q, QuerySet
from django.db.models.functions import Cast

from customers.models import AcquisitionCost, Change, Interaction, StaffMonth
from metrics.indicators.periods import Period
from metrics.indicators.sources.kinds import (
    EVERYWHERE,
    FROM_THEN_ON,
    Column,
    Columns,
    Field,
    Kind,
    Source,
    Table,
    truth,
)
from metrics.models import DataRequest
from metrics.value.storage.reading import read_purchase_days
from metrics.value.timing import first_purchase_day

PURCHASE = frozenset({Change.PURCHASE})
TRAILING = 365
One = Interaction.Kind
KNOWN_BY = {
    "has_service": (One.TICKET, One.CALL),
    "has_billing": (One.INVOICE,),
    "has_marketing": (One.SURVEY, One.OFFER, One.VISIT),
}


@dataclass(frozen=True)
class _Visits:
    """What each customer bought on each day, in the order of days; a customer is a place.

    Places go by the first visit, so that the customers known at a day are the first ones.
    day: as a proleptic ordinal. first: that of each customer's first visit, ascending.
    """

    customer: Column
    day: Column
    cents: Column
    first: Column
    pks: Column

    @classmethod
    def until(cls, last: date) -> "_Visits":
        read = read_purchase_days(last)
        day = read.day.astype("datetime64[D]").astype(np.int64) + date(1970, 1, 1).toordinal()
        pks, customer = np.unique(read.customer, return_inverse=True)
        n = max(len(pks), 1)
        keys, place = np.unique(day * n + customer, return_inverse=True)
        cents = np.zeros(len(keys), dtype=np.int64)
        np.add.at(cents, place, np.rint(read.amount * 100).astype(np.int64))
        customer, day = keys % n, keys // n
        seen, at = np.unique(customer, return_index=True)
        order = np.argsort(at, kind="stable")
        renamed = np.empty(len(seen), dtype=np.int64)
        renamed[order] = np.arange(len(seen))
        return cls(renamed[customer], day, cents, day[at[order]], pks[order])

    def place_after(self, day: int) -> int:
        """How many visits there were up to and with this day."""
        return int(np.searchsorted(self.day, day, side="right"))

    def customers_until(self, day: int) -> int:
        return int(np.searchsorted(self.first, day, side="right"))


class _Window:
    """Visits of the days that end so many days before the day in question, a customer."""

    def __init__(self, visits: _Visits, ends_before: int) -> None:
        self.visits, self.ends_before = visits, ends_before
        self.entered = self.left = 0
        self.days = np.zeros(len(visits.first), dtype=np.int64)
        self.cents = np.zeros(len(visits.first), dtype=np.int64)

    def move_to(self, day: int) -> None:
        """Days only go on."""
        last = day - self.ends_before
        entered, left = self.visits.place_after(last), self.visits.place_after(last - TRAILING)
        self._add(slice(self.entered, entered), 1)
        self._add(slice(self.left, left), -1)
        self.entered, self.left = entered, left

    def _add(self, part: slice, sign: int) -> None:
        customer = self.visits.customer[part]
        np.add.at(self.days, customer, sign)
        np.add.at(self.cents, customer, sign * self.visits.cents[part])


class _State:
    """Customers at the end of one period after another; a column is computed when asked for."""

    def __init__(self, visits: _Visits, names: Iterable[str]) -> None:
        self.visits, self.names = visits, list(names)
        n = len(visits.first)
        self.last, self.count = np.zeros(n, dtype=np.int64), np.zeros(n, dtype=np.int64)
        self.reached = 0
        self.now, self.before = _Window(visits, 0), _Window(visits, TRAILING)

    def at(self, day: int) -> dict[str, Column]:
        reached = self.visits.place_after(day)
        part = slice(self.reached, reached)
        np.maximum.at(self.last, self.visits.customer[part], self.visits.day[part])
        np.add.at(self.count, self.visits.customer[part], 1)
        self.reached = reached
        for window in (self.now, self.before):
            window.move_to(day)
        n = self.visits.customers_until(day)
        return {"": np.empty(n)} | {name: self._column(name, day, n) for name in self.names}

    def _column(self, name: str, day: int, n: int) -> Column:
        if name in KNOWN_BY:
            return self._first_known[name][:n] <= day
        if name == "spend_rank":
            return _rank(self.now.cents[:n])
        return COLUMNS[name](self, day)[:n]

    @cached_property
    def _first_known(self) -> dict[str, Column]:
        return {
            name: _first_days(self.visits.pks, kinds)
            for name, kinds in KNOWN_BY.items()
            if name in self.names
        }


COLUMNS: Mapping[str, Callable[[_State, int], Column]] = {
    "gap_days": lambda state, day: day - state.last,
    "first_gap_days": lambda state, day: day - state.visits.first,
    "purchase_days": lambda state, day: state.count,
    "days_365": lambda state, day: state.now.days,
    "days_365_before": lambda state, day: state.before.days,
    "spend_365": lambda state, day: state.now.cents / 100,
    "spend_365_before": lambda state, day: state.before.cents / 100,
}


def _rank(cents: Column) -> Column:
    """Share of the others who spent more."""
    more = len(cents) - np.searchsorted(np.sort(cents), cents, side="right")
    return more / max(len(cents) - 1, 1)


def _first_days(pks: Column, kinds: tuple[str, ...]) -> Column:
    """When each of these customers first had an interaction of these kinds; far off for never."""
    own = Interaction.objects.filter(kind__in=kinds, record__customer__isnull=False)
    found = own.values("record__customer").annotate(first=Min("happened_on"))
    first = dict(found.values_list("record__customer", "first"))
    return np.array([first.get(pk, date.max).toordinal() for pk in pks.tolist()], dtype=np.int64)


def _customers(periods: Sequence[Period], names: Iterable[str]) -> Iterator[Mapping[str, Column]]:
    state = _State(_Visits.until(periods[-1].ends_on), names)
    return (state.at(period.ends_on.toordinal()) for period in periods)


def _newcomers(periods: Sequence[Period], names: Iterable[str]) -> Iterator[Mapping[str, Column]]:
    """Their second purchase may have come after the period."""
    visits = _Visits.until(date.max - timedelta(1))
    order = np.lexsort((visits.day, visits.customer))
    customer, day = visits.customer[order], visits.day[order]
    is_second = np.zeros(len(order), dtype=bool)
    is_second[1:] = customer[1:] == customer[:-1]
    is_second[2:] &= customer[2:] != customer[:-2]
    gap = np.full(len(visits.first), np.nan)
    gap[customer[is_second]] = day[is_second] - visits.first[customer[is_second]]
    for period in periods:
        ends = (period.starts_on.toordinal() - 1, period.ends_on.toordinal())
        part = slice(*map(visits.customers_until, ends))
        yield {"": gap[part], "second_gap_days": gap[part]}


def _staff(period: Period) -> list[QuerySet]:
    total = Cast("engagement", FloatField()) * F("answers")
    return [StaffMonth.objects.filter(month__range=period).annotate(engagement_sum=total)]


def _spending(period: Period) -> list[QuerySet]:
    return [AcquisitionCost.objects.filter(month__range=period)]


def _requests(period: Period) -> list[QuerySet]:
    in_time = Q(delivered_on__isnull=False, delivered_on__lte=F("promised_on"))
    due = DataRequest.objects.filter(promised_on__range=period)
    return [due.annotate(is_in_time=truth(in_time))]


_STATE = {
    "gap_days": Field("days since the last purchase", Kind.DAYS, "days"),
    "first_gap_days": Field("days since the first purchase", Kind.DAYS, "days"),
    "purchase_days": Field("days with a purchase", Kind.NUMBER, "days"),
    "days_365": Field("days with a purchase in the last 365", Kind.NUMBER, "days"),
    "days_365_before": Field("days with a purchase in the 365 before those", Kind.NUMBER, "days"),
    "spend_365": Field("spend of the last 365 days", Kind.MONEY),
    "spend_365_before": Field("spend of the 365 days before those", Kind.MONEY),
    "spend_rank": Field("place by spend of the last 365 days, 0 the largest to 1", Kind.SHARE),
}
_KNOWN = {
    "has_service": Field("had a ticket or a call", Kind.TRUTH, denied="had no ticket and no call"),
    "has_billing": Field("had an invoice", Kind.TRUTH, denied="had no invoice"),
    "has_marketing": Field(
        "had a survey, an offer or a visit",
        Kind.TRUTH,
        denied="had no survey, no offer and no visit",
    ),
}

PEOPLE = {
    "newcomers": Source(
        "customers with their first purchase",
        {"second_gap_days": Field("days to the second purchase", Kind.DAYS, "days")},
        Columns(_newcomers, first_purchase_day),
        PURCHASE,
        reach=EVERYWHERE,
    ),
    "customers": Source(
        "customers so far",
        _STATE,
        Columns(_customers, first_purchase_day),
        PURCHASE,
        reach=FROM_THEN_ON,
        is_state=True,
    ),
    "joined_customers": Source(
        "customers so far, with what else is known of them",
        _STATE | _KNOWN,
        Columns(_customers, first_purchase_day),
        PURCHASE | {kind for kinds in KNOWN_BY.values() for kind in kinds},
        reach=FROM_THEN_ON,
        is_state=True,
    ),
    "staff": Source(
        "groups of staff, a month each",
        {
            "headcount": Field("people", Kind.NUMBER, "people"),
            "trained": Field("people trained on the tools", Kind.NUMBER, "people"),
            "leavers": Field("people who left", Kind.NUMBER, "people"),
            "engagement_sum": Field("points of all who answered", Kind.NUMBER, "points"),
            "answers": Field("answers", Kind.NUMBER, "answers"),
        },
        Table(_staff, "month"),
        is_open_ended=True,
    ),
    "spending": Source(
        "months and channels of spending to get customers",
        {"amount": Field("amount spent", Kind.MONEY)},
        Table(_spending, "month"),
        is_open_ended=True,
    ),
    "requests": Source(
        "data requests due",
        {"is_in_time": Field("was delivered in time", Kind.TRUTH, denied="was late or not met")},
        Table(_requests, "promised_on"),
        is_open_ended=True,
    ),
}
