"""Our own pipeline step by step: from histories to what each customer is worth."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from benchmarks.population import LAST_DAY
from metrics.clv.models import bg_nbd, gamma_gamma
from metrics.clv.models.columns import alive_of, columns_of_histories, if_alive_by_place
from metrics.clv.models.purchase_model import fit_family
from metrics.clv.purchases.histories import Histories
from metrics.clv.purchases.reading.purchases import PurchaseFile, books_of_file
from metrics.clv.worth.cash import Horizon, discounted_if_alive

WEEKS_AHEAD, MONTHS, YEARLY_RATE = 52, 12, 0.10

Step = Callable[[dict[str, Any]], None]


def models() -> dict[str, Step]:
    """From histories to what each customer is worth."""

    def buying(made: dict[str, Any]) -> None:
        made["columns"] = columns_of_histories(made["histories"])
        made["buying"] = fit_family(bg_nbd.FAMILY, made["columns"]).model

    def spending(made: dict[str, Any]) -> None:
        one: Histories = made["histories"]
        made["spending"] = gamma_gamma.fit(one.x, one.mean_spend).model

    def forecast(made: dict[str, Any]) -> None:
        one, model, columns = made["histories"], made["buying"], made["columns"]
        horizon = Horizon(MONTHS, YEARLY_RATE)
        made["alive"] = alive_of(model, columns)
        made["purchases"] = made["alive"] * if_alive_by_place(
            columns, lambda x, T: model.purchases_if_alive(x, T, WEEKS_AHEAD)
        )
        made["clv"] = if_alive_by_place(
            columns, lambda x, T: discounted_if_alive(model, x, T, horizon, "week")
        )
        made["clv"] *= made["alive"]
        made["clv"] *= made["spending"].expected_spend(one.x, one.mean_spend)

    return {
        "BG/NBD fit": buying,
        "Gamma-Gamma fit": spending,
        "predictions and CLV": forecast,
    }


def from_parquet(path: Path) -> None:
    """The whole pipeline from a file, purchases never held."""
    made: dict[str, Any] = {}
    (made["histories"],) = books_of_file(PurchaseFile(path), [LAST_DAY]).histories.values()
    for step in models().values():
        step(made)
