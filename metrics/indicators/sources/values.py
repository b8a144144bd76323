"""What customers are worth by the valuation of a day, and with them a year's newcomers."""

from django.db.models import Case, Exists, F, FloatField, OuterRef, QuerySet, Subquery, Value, When

from customers.models import Change
from metrics.indicators.periods import Period
from metrics.indicators.sources.kinds import EVERYWHERE, FROM_THEN_ON, Field, Kind, Source, Table
from metrics.models import CustomerValue, DriverPull, Valuation
from metrics.value.newcomers import newcomers_of_years

CLV = Field("customer lifetime value", Kind.MONEY)


def _newest(period: Period) -> QuerySet[Valuation]:
    """The newest finished valuation of each month end."""
    finished = Valuation.objects.month_ends().filter(as_of__range=period)
    newer = finished.filter(as_of=OuterRef("as_of")).order_by("-pk").values("pk")
    return finished.filter(pk=Subquery(newer[:1]))


def _values_of(valuations: list[int]) -> QuerySet[CustomerValue]:
    values = CustomerValue.objects.filter(valuation__in=valuations)
    return values.annotate(day=F("valuation__as_of"))


def _values(period: Period) -> list[QuerySet]:
    return [_values_of(list(_newest(period).values_list("pk", flat=True)))]


def _with_newcomers(period: Period) -> list[QuerySet]:
    """The same, and one row a valuation: what a year's newcomers bring, less what was spent.

    Of valuations that still have their customers' values, and that say what a newcomer is worth.
    """
    acquire = DriverPull.objects.filter(driver=DriverPull.Driver.ACQUIRE, gain__isnull=False)
    told = _newest(period).filter(
        Exists(CustomerValue.objects.filter(valuation=OuterRef("pk"))),
        pk__in=acquire.values("valuation"),
    )
    days = dict(told.values_list("pk", "as_of"))
    newcomers = newcomers_of_years(days.values())
    whens = [
        When(valuation=pk, then=F("gain") * Value(float(own.won)) - Value(own.spent))
        for pk, own in ((pk, newcomers[day]) for pk, day in days.items())
    ]
    pulls = acquire.filter(valuation__in=days).annotate(
        day=F("valuation__as_of"), clv=Case(*whens, output_field=FloatField())
    )
    return [_values_of(list(days)), pulls] if days else []


VALUES = {
    "values": Source(
        "customers in the valuation of that day",
        {"clv": CLV, "p_alive": Field("chance of still buying", Kind.SHARE)},
        Table(_values, "day"),
        frozenset({Change.CUSTOMER}),
        reach=EVERYWHERE,
        is_state=True,
        is_forecast=True,
    ),
    "with_newcomers": Source(
        "customers in the valuation of that day, and the newcomers of a year",
        {"clv": CLV},
        Table(_with_newcomers, "day"),
        frozenset({Change.CUSTOMER, Change.PURCHASE}),
        reach=FROM_THEN_ON,
        is_state=True,
        is_forecast=True,
    ),
}
