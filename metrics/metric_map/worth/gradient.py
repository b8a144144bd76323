"""The top of the map: how customer equity moves with each of its drivers, by the value engine."""

from metrics.indicators.words import number_word
from metrics.models import DriverPull, Link, Valuation
from metrics.value.newcomers import MONTHS, months_told, newcomers_of_years

Driver = Link.Driver
NO_COST = "Before what winning a customer costs, which nobody has entered."
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
    the discount rate, one newcomer (worth less what is known of the cost of winning one), one of
    the currency of that cost (for a year's newcomers), one of the currency at the top itself.
    """
    gains = dict(valuation.pulls.values_list("driver", "gain"))
    gradient: dict[str, float | None] = {
        driver.value: gains.get(pull.value) for driver, pull in STEPS.items()
    }
    newcomers = newcomers_of_years([valuation.as_of])[valuation.as_of]
    worth = gains.get(DriverPull.Driver.ACQUIRE.value)
    gradient[Driver.ACQUIRE] = None if worth is None else worth - newcomers.cost_each
    gradient[Driver.WINNING] = -float(newcomers.won) if newcomers.won else None
    gradient[Driver.WHOLE] = 1.0
    return gradient


def costs_untold(valuation: Valuation) -> dict[str, str]:
    """What a driver's step is told without, in a sentence; empty where every cost is entered."""
    months = months_told(valuation.as_of)
    if months >= MONTHS:
        return {}
    if not months:
        return {Driver.ACQUIRE.value: NO_COST}
    sentence = f"What winning a customer costs is entered for {number_word(months)} of the last"
    return {Driver.ACQUIRE.value: f"{sentence} {number_word(MONTHS)} months."}
