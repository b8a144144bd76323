"""What customers are worth by the valuation of a day."""

from django.db.models import F, OuterRef, QuerySet, Subquery

from customers.models import Change
from metrics.indicators.periods import Period
from metrics.indicators.sources.kinds import EVERYWHERE, Field, Kind, Source, Table
from metrics.models import CustomerValue, Valuation


def _values(period: Period) -> list[QuerySet]:
    """Of the newest finished valuation of each month end."""
    finished = Valuation.objects.month_ends().filter(as_of__range=period)
    newer = finished.filter(as_of=OuterRef("as_of")).order_by("-pk").values("pk")
    newest = list(finished.filter(pk=Subquery(newer[:1])).values_list("pk", flat=True))
    values = CustomerValue.objects.filter(valuation__in=newest)
    return [values.annotate(day=F("valuation__as_of"))]


VALUES = {
    "values": Source(
        "customers in the valuation of that day",
        {
            "clv": Field("customer lifetime value", Kind.MONEY),
            "p_alive": Field("chance of still buying", Kind.SHARE),
        },
        Table(_values, "day"),
        frozenset({Change.CUSTOMER}),
        reach=EVERYWHERE,
        is_state=True,
        is_forecast=True,
    ),
}
