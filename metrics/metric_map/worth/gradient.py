"""The top of the map: how customer equity moves with each of its drivers, by the value engine."""

from datetime import date, timedelta

from django.db.models import Exists, OuterRef, Sum

from customers.models import AcquisitionCost, Customer, PurchaseDay
from metrics.models import DriverPull, Link, Valuation

Driver = Link.Driver
DAYS_IN_A_YEAR = 365
STEPS = {
    Driver.KEEP: DriverPull.Driver.KEEP,
    Driver.CASH: DriverPull.Driver.CASH,
    Driver.DISCOUNT: DriverPull.Driver.DISCOUNT,
}
UNKNOWN = {
    Driver.KEEP: "The model in force sees nobody leave, so what keeping more would be worth is"
    " unknown.",
    Driver.CASH: "What a customer's yearly cash is worth waits for the next valuation.",
    Driver.DISCOUNT: "What the discount rate does waits for the next valuation.",
    Driver.ACQUIRE: "What a newcomer is worth waits for the next valuation.",
    Driver.WINNING: "Nobody was won in the last year.",
}


def gradient_of(valuation: Valuation) -> dict[str, float | None]:
    """Currency at the top for one step of each driver; None where it cannot be known.

    Steps: a point of twelve-month retention, one of the currency a customer and year, a point of
    the discount rate, one newcomer (worth less what winning one costs), one of the currency of
    that cost (for a year's newcomers), one of the currency at the top itself.
    """
    gains = dict(valuation.pulls.values_list("driver", "gain"))
    gradient: dict[str, float | None] = {
        driver.value: gains.get(pull.value) for driver, pull in STEPS.items()
    }
    newcomers, cost = _newcomers_of_a_year(valuation)
    worth = gains.get(DriverPull.Driver.ACQUIRE.value)
    gradient[Driver.ACQUIRE] = None if worth is None else worth - cost
    gradient[Driver.WINNING] = -float(newcomers) if newcomers else None
    gradient[Driver.WHOLE] = 1.0
    return gradient


def _newcomers_of_a_year(valuation: Valuation) -> tuple[int, float]:
    """How many customers were won in the year to as-of, and what winning one cost; 0 if unknown.

    Costs are by the calendar month: the last twelve of them.
    """
    since = valuation.as_of - timedelta(DAYS_IN_A_YEAR)
    counting = PurchaseDay.objects.counting().filter(record__customer=OuterRef("pk"))
    won = Customer.objects.filter(
        Exists(counting.filter(day__gt=since, day__lte=valuation.as_of)),
        ~Exists(counting.filter(day__lte=since)),
    ).count()
    first = date(valuation.as_of.year - 1, valuation.as_of.month, 1)
    spent = AcquisitionCost.objects.filter(month__gt=first, month__lte=valuation.as_of)
    total = spent.aggregate(total=Sum("amount"))["total"] or 0
    return won, float(total) / won if won else 0.0
