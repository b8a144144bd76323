"""The same steps by other libraries: lifetimes always, pymc-marketing where it is installed."""

import importlib.util
import warnings
from typing import Any

import pandas as pd

from benchmarks.engine.pipeline import MONTHS, WEEKS_AHEAD, YEARLY_RATE, Step
from benchmarks.population import LAST_DAY, Population

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from lifetimes import BetaGeoFitter, GammaGammaFitter, ParetoNBDFitter
    from lifetimes.utils import summary_data_from_transaction_data


def by_lifetimes(log: Population) -> dict[str, Step]:
    """Its own functions with their defaults, from a data frame that exists already."""
    purchases = pd.DataFrame({"id": log.customer, "day": log.day, "amount": log.amount})

    def summary(made: dict[str, Any]) -> None:
        made["histories"] = summary_data_from_transaction_data(
            purchases, "id", "day", "amount", observation_period_end=LAST_DAY, freq_multiplier=7
        )

    def buying(made: dict[str, Any]) -> None:
        one = made["histories"]
        made["buying"] = BetaGeoFitter().fit(one.frequency, one.recency, one["T"])

    def spending(made: dict[str, Any]) -> None:
        again = made["histories"].query("frequency > 0 and monetary_value > 0")
        made["spending"] = GammaGammaFitter().fit(again.frequency, again.monetary_value)

    def forecast(made: dict[str, Any]) -> None:
        one, model = made["histories"], made["buying"]
        columns = (one.frequency, one.recency, one["T"])
        made["alive"] = model.conditional_probability_alive(*columns)
        made["purchases"] = model.conditional_expected_number_of_purchases_up_to_time(
            WEEKS_AHEAD, *columns
        )
        made["clv"] = made["spending"].customer_lifetime_value(
            model, *columns, one.monetary_value, time=MONTHS,
            discount_rate=(1 + YEARLY_RATE) ** (1 / 12) - 1, freq="W",
        )  # fmt: skip

    def pareto(made: dict[str, Any]) -> None:
        one = made["histories"]
        made["pareto"] = ParetoNBDFitter().fit(one.frequency, one.recency, one["T"])

    return {
        "summary": summary,
        "BG/NBD fit": buying,
        "Gamma-Gamma fit": spending,
        "predictions and CLV": forecast,
        "Pareto/NBD fit": pareto,
    }


def by_pymc_marketing(log: Population) -> dict[str, Step] | None:
    """Its maximum a posteriori fits with default priors; None where it is not installed."""
    if importlib.util.find_spec("pymc_marketing") is None:
        return None
    clv = importlib.import_module("pymc_marketing.clv")

    def summary(made: dict[str, Any]) -> None:
        purchases = pd.DataFrame({"id": log.customer, "day": log.day, "amount": log.amount})
        made["histories"] = clv.utils.rfm_summary(
            purchases, "id", "day", "amount", observation_period_end=LAST_DAY, time_unit="D"
        ).assign(recency=lambda one: one.recency / 7, T=lambda one: one["T"] / 7)

    def fitted(model: str) -> Step:
        def fit(made: dict[str, Any]) -> None:
            data = made["histories"]
            if model == "GammaGammaModel":
                data = data[(data.frequency > 0) & (data.monetary_value > 0)]
            made[model] = getattr(clv, model)(data=data)
            made[model].fit(method="map", progressbar=False)

        return fit

    return {
        "summary": summary,
        "BG/NBD fit": fitted("BetaGeoModel"),
        "Gamma-Gamma fit": fitted("GammaGammaModel"),
        "Pareto/NBD fit": fitted("ParetoNBDModel"),
    }
