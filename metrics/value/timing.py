"""When: the day to which data are complete, and which valuations are due."""

from calendar import monthrange
from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from decimal import Decimal
from hashlib import blake2b
from typing import NamedTuple

from django.conf import settings
from django.db.models import Count, F, Max, Min, QuerySet, Sum
from django.utils import timezone

from customers.models import Company, PurchaseDay, Source, Upload, Work
from metrics.models import ModelRuling, Valuation
from metrics.models.valuation import TERMS

LAGGING_DAYS = 92
NIGHT_HOURS = range(2, 5)
MONTHS_BEFORE_FIRST_MONTH_END = 3

FACTOR, PRIME = 40_503, 65_521
"""They shuffle customers' numbers, so that two others with the same sum are told apart."""


class Read(NamedTuple):
    """What a valuation reads. days: how many purchase days.

    fingerprint: of each day their number, their sum, and who bought; it tells a file that was sent
    again with its customers put right, and people found to be one.
    """

    days: int
    fingerprint: str


def as_of_day() -> date | None:
    """The last day to which every live source is complete; None before the first import.

    A source that has ended, or lags more than a quarter behind the newest, does not hold the
    others back: `lagging_sources` names it.
    """
    days = {source.pk: source.complete_until for source in _live_sources()}
    lagging = {source.pk for source in lagging_sources()}
    return min((day for pk, day in days.items() if pk not in lagging), default=None)


def lagging_sources() -> list[Source]:
    """Sources that seem to have ended without anybody saying so."""
    sources = _live_sources()
    newest = max((source.complete_until for source in sources), default=None)
    return [
        source
        for source in sources
        if newest - source.complete_until > timedelta(days=LAGGING_DAYS)
    ]


def _live_sources() -> list[Source]:
    return list(Source.objects.filter(has_ended=False, complete_until__isnull=False))


def current_is_due() -> bool:
    """Whether purchases, the company's terms or the model ruled have changed since the last run.

    Changed purchases have to be quiet for a while first, or it has to be night. A run that failed
    on the same purchases and terms is not tried again by itself.
    """
    changed_at = Source.objects.aggregate(last=Max("changed_at"))["last"]
    if changed_at is None or as_of_day() is None or is_importing():
        return False
    company = Company.objects.current()
    last = Valuation.objects.filter(purpose=Valuation.Purpose.CURRENT).order_by("pk").last()
    if last and last.is_going_on:
        return False
    if last and last.changes == Source.objects.total_changes():
        has_new_terms = terms_of(company) != {name: getattr(last, name) for name in TERMS}
        return has_new_terms or last.ruling != ModelRuling.objects.last_made()
    is_night = timezone.localtime(timezone=company.clock).hour in NIGHT_HOURS
    return is_night or timezone.now() - changed_at >= settings.QUIET_BEFORE_VALUE


def terms_of(company: Company) -> dict[str, int | str | Decimal]:
    """The conditions that the company's own valuations stand under, by Valuation's columns."""
    return {
        "months": company.horizon_months,
        "yearly_rate": company.yearly_rate,
        "margin": company.default_margin,
        "currency": company.currency,
    }


def is_importing() -> bool:
    """Whether purchases are on their way in or out, so that what is there is half a file."""
    return Upload.objects.open().exclude(doing=Upload.Doing.CHECK).exists()


def due_month_ends() -> dict[date, Read]:
    """Month ends without a finished valuation of just the purchases that are there now, with
    what these are."""
    last_day = as_of_day()
    if last_day is None or is_importing():
        return {}
    known = _month_ends_known()
    return {
        month_end: read
        for month_end, read in _purchases_by_month_end(last_day)
        if known.get(month_end) != read
    }


def purchases_until(day: date) -> Read:
    """The purchases up to this day, as a valuation of them tells others from them."""
    every = _purchases_by_day(day)
    return Read(sum(each[1] for each in every), _told(blake2b(digest_size=16), every))


def first_purchase_day() -> date | None:
    """The first that is some customer's: what guests bought before tells nothing of customers."""
    known = PurchaseDay.objects.counting().filter(record__customer__isnull=False)
    return known.aggregate(first=Min("day"))["first"]


def _purchases_by_month_end(last_day: date) -> Iterator[tuple[date, Read]]:
    """Each whole month's end up to last_day, with the fingerprint of all purchases before it."""
    by_month = defaultdict(list)
    for purchases in _purchases_by_day(last_day):
        by_month[purchases[0].replace(day=1)].append(purchases)
    days, so_far = 0, blake2b(digest_size=16)
    for number, month in enumerate(_months(min(by_month, default=last_day), last_day), start=1):
        days += sum(each[1] for each in by_month[month])
        read = Read(days, _told(so_far, by_month[month]))
        month_end = month.replace(day=monthrange(month.year, month.month)[1])
        if number >= MONTHS_BEFORE_FIRST_MONTH_END and month_end <= last_day:
            yield month_end, read


def _purchases_by_day(until: date) -> QuerySet:
    """Of each day with a purchase: the day, how many, their cents, and sums that tell by whom."""
    who = F("record__customer_id")
    by_day = PurchaseDay.objects.counting().filter(day__lte=until).values("day").order_by("day")
    return by_day.annotate(
        purchases=Count("pk"), paid=Sum("cents"), by=Sum(who), shuffled=Sum(who * FACTOR % PRIME)
    ).values_list("day", "purchases", "paid", "by", "shuffled")


def _told(so_far: blake2b, by_day: Iterable[tuple]) -> str:
    for day, *sums in by_day:
        so_far.update(f"{day} {[each and int(each) for each in sums]}\n".encode())
    return so_far.hexdigest()


def _months(first: date, last: date) -> Iterator[date]:
    month = first.replace(day=1)
    while month <= last:
        yield month
        month = (month + timedelta(days=31)).replace(day=1)


def _month_ends_known() -> dict[date, Read]:
    """What the newest attempt for each month end has read, under the company's present terms.

    One that is done and has lost values, since customers went and came back, is not known.
    """
    asked = Valuation.objects.filter(
        purpose=Valuation.Purpose.MONTH_END, **terms_of(Company.objects.current())
    )
    return {
        valuation.as_of: Read(valuation.days_read, valuation.purchases_read)
        for valuation in asked.annotate(kept=Count("values_by_customer")).order_by("pk")
        if valuation.status != Work.Status.DONE or valuation.kept == valuation.customers
    }
