"""A finished valuation back from its rows: its models, its customers, its totals by future."""

from itertools import chain
from typing import Any

import numpy as np
from django.db.models import F, FloatField, Sum

from metrics.clv.families import FAMILIES
from metrics.clv.models.gamma_gamma import GammaGamma
from metrics.clv.worth.cash import Horizon
from metrics.clv.worth.conditions import Base
from metrics.clv.worth.movement import Valued
from metrics.models import CustomerValue, Valuation
from metrics.models.valuation import SPEND_MODEL
from metrics.value.storage.reading import sent_rows

EPOCH = np.datetime64("1970-01-01")


class NothingLeft(ValueError):
    """A valuation's values a customer are no longer kept; carries the sentence for the person."""


def models_of(valuation: Valuation) -> tuple[Any, GammaGamma | None]:
    """The purchase model, and the spend model where there is one."""
    values: dict[str, dict[str, float]] = {}
    for parameter in valuation.parameters.all():
        values.setdefault(parameter.model, {})[parameter.name] = parameter.value
    spend = values.get(SPEND_MODEL[0])
    purchases = FAMILIES[valuation.model].build(**values[valuation.model])
    return purchases, GammaGamma(**spend) if spend else None


def horizon_of(valuation: Valuation) -> Horizon:
    return Horizon(valuation.months, float(valuation.yearly_rate))


def base_of(valuation: Valuation, bands: list[str]) -> Base:
    """Customers by x, T and size band; the segment is the band's place in `bands`."""
    alive = F("p_alive")
    rows = (
        CustomerValue.objects.filter(valuation=valuation)
        .values_list("x", "T", "band")
        .annotate(
            alive=Sum(alive),
            spend=_sum(alive * F("expected_spend")),
            margin=_sum(alive * F("expected_spend") * F("margin")),
            cost=_sum(alive * F("cost")),
        )
        .order_by("x", "T", "band")
    )
    place = {band: number for number, band in enumerate(bands)}
    table = np.array(
        [(x, T, place.get(band, -1), *sums) for x, T, band, *sums in sent_rows(rows)],
        dtype=np.float64,
    ).reshape(-1, 7)
    if not len(table):
        raise NothingLeft(f"The values of valuation {valuation.pk} are no longer kept.")
    x, T, segment, alive_sum, spend, margin, cost = table.T
    return Base(
        x=x,
        T=T,
        segment=segment.astype(np.int64),
        alive=alive_sum,
        spend=spend,
        margin=margin,
        cost=cost,
        unit=valuation.unit,
        horizon=horizon_of(valuation),
    )


def valued(valuation: Valuation) -> Valued:
    """Every customer of a valuation as it was. Raises NothingLeft."""
    names = ("customer_id", "x", "t_x", "T", "mean_spend", "margin", "cost")
    rows = (
        CustomerValue.objects.filter(valuation=valuation)
        .order_by("customer_id")
        .values_list(*names)
    )
    read = np.fromiter(chain.from_iterable(sent_rows(rows)), np.float64).reshape(-1, len(names))
    if not len(read):
        raise NothingLeft(f"The values of valuation {valuation.pk} are no longer kept.")
    customer, x, t_x, T, mean_spend, margin, cost = read.T
    purchases, spend = models_of(valuation)
    return Valued(
        customer=customer.astype(np.int64),
        x=x,
        t_x=t_x,
        T=T,
        mean_spend=mean_spend,
        margin=margin,
        cost=cost,
        purchases=purchases,
        spend=spend,
        usual_spend=valuation.usual_spend,
        horizon=horizon_of(valuation),
        unit=valuation.unit,
        until=int((np.datetime64(valuation.as_of) - EPOCH).astype(int)),
    )


def _sum(expression: Any) -> Sum:
    return Sum(expression, output_field=FloatField())
