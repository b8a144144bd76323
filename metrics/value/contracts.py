"""The contracts of a valuation's customers, valued beside their purchases."""

from dataclasses import replace
from typing import Any

import numpy as np

from customers.cash.contracts import contracts_on
from metrics.clv.contracts.values import fit_by_term, value_contracts
from metrics.clv.fit import Caution, TooLittleData
from metrics.models import ContractValue, Valuation
from metrics.value.results import cents


def write_contracts(valuation: Valuation) -> tuple[dict[str, Any], tuple[Caution, ...]]:
    """Store the value of every customer's contracts; the valuation's columns, and what to know.

    In the caller's transaction; what an earlier attempt has stored is taken away.
    """
    ContractValue.objects.filter(valuation=valuation).delete()
    rows = list(contracts_on(valuation.as_of))
    if not rows:
        return {}, ()
    customer, tenure, fee, term, left, margin = (
        np.array(column) for column in zip(*rows, strict=True)
    )
    left = left.astype(bool)
    if not (~left).any():
        return {}, ()
    # Who left within the first month decided at its end, as who leaves within any other does
    tenure = np.where(left, np.maximum(tenure, 1), tenure)
    try:
        fits = fit_by_term(tenure, left, term)
    except TooLittleData as reason:
        sentence = f"Contracts are not in the value: {reason}"
        return {}, (Caution("contracts_not_valued", sentence),)
    stays = ~left
    own_margin = margin if valuation.is_under_company_margin else float(valuation.margin)
    values = value_contracts(
        {length: fit.model for length, fit in fits.items()},
        tenure[stays],
        fee[stays],
        term[stays],
        own_margin[stays] if isinstance(own_margin, np.ndarray) else own_margin,
        months=valuation.months,
        yearly_rate=float(valuation.yearly_rate),
    )
    owners, place = np.unique(customer[stays], return_inverse=True)
    columns = [values.value, values.low, values.high, fee[stays]]
    clv, low, high, fees = (np.bincount(place, each) for each in columns)
    last_chance = values.chances[values.row, -1]
    leaves_all = np.ones(len(owners))
    np.multiply.at(leaves_all, place, 1 - last_chance)
    number = np.bincount(place)
    ContractValue.objects.bulk_create(
        (
            ContractValue(
                valuation=valuation,
                customer_id=int(owners[row]),
                contracts=int(number[row]),
                fee=float(fees[row]),
                p_stay=float(np.clip(1 - leaves_all[row], 0, 1)),
                clv=float(clv[row]),
                clv_low=float(low[row]),
                clv_high=float(high[row]),
            )
            for row in range(len(owners))
        ),
        batch_size=1_000,
    )
    # Purchases may be warned of by the same code, which stands once in a valuation
    cautions = {
        warning.code: replace(warning, code=f"contracts_{warning.code}")
        for fit in fits.values()
        for warning in fit.warnings
    }
    found = {"contract_clv": cents(float(clv.sum())), "contract_customers": len(owners)}
    return found, tuple(cautions.values())
