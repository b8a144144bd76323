"""A finished valuation back from its rows: its models, its customers, its totals by future."""

from typing import Any

import numpy as np
from django.db.models import F

from metrics.clv.families import FAMILIES
from metrics.clv.models.gamma_gamma import GammaGamma
from metrics.clv.worth.cash import Horizon
from metrics.clv.worth.conditions import Base
from metrics.clv.worth.movement import Valued
from metrics.models import Valuation
from metrics.models.valuation import SPEND_MODEL
from metrics.value.storage.reading import place_among, read_values

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
    cash = F("p_alive") * F("expected_spend")
    own = read_values(
        valuation,
        x=F("x"),
        T=F("T"),
        band=place_among("band", bands),
        alive=F("p_alive"),
        spend=cash,
        margin=cash * F("margin"),
        cost=F("p_alive") * F("cost"),
    )
    if not len(own["x"]):
        raise NothingLeft(f"The values of valuation {valuation.pk} are no longer kept.")
    ages, at = np.unique(own["T"], return_inverse=True)
    room = len(bands) + 1
    group = (own["x"].astype(np.int64) * len(ages) + at) * room + own["band"].astype(np.int64) + 1
    groups, row = np.unique(group, return_inverse=True)
    of_both, segment = np.divmod(groups, room)
    x, age = np.divmod(of_both, len(ages))
    sums = {name: np.bincount(row, own[name]) for name in ("alive", "spend", "margin", "cost")}
    return Base(
        x=x.astype(np.float64),
        T=ages[age],
        segment=segment - 1,
        unit=valuation.unit,
        horizon=horizon_of(valuation),
        **sums,
    )


def valued(valuation: Valuation) -> Valued:
    """Every customer of a valuation as it was. Raises NothingLeft."""
    names = ("x", "t_x", "T", "mean_spend", "margin", "cost")
    own = read_values(valuation, customer=F("customer_id"), **{name: F(name) for name in names})
    if not len(own["x"]):
        raise NothingLeft(f"The values of valuation {valuation.pk} are no longer kept.")
    purchases, spend = models_of(valuation)
    return Valued(
        customer=own.pop("customer").astype(np.int64),
        **own,
        purchases=purchases,
        spend=spend,
        usual_spend=valuation.usual_spend,
        horizon=horizon_of(valuation),
        unit=valuation.unit,
        until=int((np.datetime64(valuation.as_of) - EPOCH).astype(int)),
    )
