"""Gamma-Gamma: what a customer spends on a purchase day, whatever the number of purchases.

Source: Fader, Hardie (2013), "The Gamma-Gamma model of monetary value", note 025.
"""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import digamma, gammaln

from metrics.clv.fit import Fit, Objective, TooLittleData, every_nth, highest_peak
from metrics.clv.histories import Array
from metrics.clv.models.purchase_model import refuse_nonsense

FEWEST_SPENDERS = 50
"""Customers with a repeat spend; fewer leave the spread between customers (q) to chance."""


class InfiniteSpend(ArithmeticError):
    """q is 1 or less: the model's mean spend of a new customer is infinite."""


@dataclass(frozen=True, slots=True)
class GammaGamma:
    """Spends are Gamma(p, nu) with nu ~ Gamma(q, v); v is in currency."""

    p: float
    q: float
    v: float

    def __post_init__(self) -> None:
        refuse_nonsense(self, p=self.p, q=self.q, v=self.v)

    def expected_spend(self, x: ArrayLike, mean_spend: ArrayLike) -> Array:
        """Expected spend on a purchase day, in currency; the company's mean where x is 0.

        x: repeat purchases with the mean `mean_spend`; they broadcast. Raises InfiniteSpend where
        q <= 1 and ValueError for negative input.
        """
        x, mean_spend = (np.asarray(column, dtype=np.float64) for column in (x, mean_spend))
        if self.q <= 1:
            raise InfiniteSpend(
                f"Spend differs so much between customers (q = {self.q:.3g}) that the model's "
                "expected spend is infinite."
            )
        if not np.all((x >= 0) & (mean_spend >= 0)):
            raise ValueError("x and mean_spend must be zero or more")
        return np.asarray(self.p * (self.v + x * mean_spend) / (self.p * x + self.q - 1))


@dataclass(frozen=True, slots=True)
class SpendFit(Fit[GammaGamma]):
    """customers: how many it was learnt from; left_out: how many not, by reason."""

    customers: int = field(kw_only=True)
    left_out: dict[str, int] = field(kw_only=True)


def log_likelihood(model: GammaGamma, x: ArrayLike, mean_spend: ArrayLike) -> float:
    """Log-likelihood of the mean spends of customers with x > 0 and mean_spend > 0."""
    x, mean_spend = (np.asarray(column, dtype=np.float64) for column in (x, mean_spend))
    if not np.all((x > 0) & (mean_spend > 0)):
        raise ValueError("x and mean_spend must be positive")
    return _objective(x, mean_spend)(np.log([model.p, model.q, model.v]))[0]


def fit(x: ArrayLike, mean_spend: ArrayLike) -> SpendFit:
    """The most likely model; customers without a repeat purchase or its spend are left out.

    Raises TooLittleData where fewer than FEWEST_SPENDERS remain.
    """
    x, mean_spend = (np.asarray(column, dtype=np.float64) for column in (x, mean_spend))
    used = (x > 0) & (mean_spend > 0)
    left_out = {
        "no repeat purchase": int(np.count_nonzero(x == 0)),
        "repeat purchases of zero amount": int(np.count_nonzero((x > 0) & (mean_spend <= 0))),
    }
    x, mean_spend = x[used], mean_spend[used]
    if len(x) < FEWEST_SPENDERS:
        raise TooLittleData(
            f"Only {len(x)} customers have paid for a repeat purchase; {FEWEST_SPENDERS} are "
            "needed to learn how spend differs between customers."
        )
    usual = float(np.median(mean_spend))
    peak = highest_peak(
        _objective(x, mean_spend),
        _objective(*every_nth(x, mean_spend)),
        [[2.0, 3.0, usual], [8.0, 3.0, usual / 3], [1.0, 10.0, 10 * usual]],
    )
    return SpendFit(
        model=GammaGamma(*peak.parameters),
        standard_errors=peak.errors_of(("p", "q", "v")),
        covariance=peak.covariance,
        log_likelihood=peak.log_likelihood,
        converged=peak.converged,
        customers=len(x),
        left_out={reason: count for reason, count in left_out.items() if count},
    )


def _objective(x: Array, mean_spend: Array) -> Objective:
    counts, customers = np.unique(x, return_counts=True)
    total, log_mean, log_total = x * mean_spend, np.log(mean_spend), np.log(x * mean_spend)
    log_means, x_log_totals = float(log_mean.sum()), float(np.sum(x * log_total))

    def value_and_slope(log_parameters: Array) -> tuple[float, Array]:
        p, q, v = (float(value) for value in np.exp(log_parameters))
        shape, log_sum = p * x + q, np.log(v + total)
        table = gammaln(p * counts + q) - gammaln(p * counts) - gammaln(q)
        value = np.sum(customers * table) + len(x) * q * np.log(v) - log_means
        value += p * x_log_totals - np.sum(shape * log_sum)
        both = digamma(p * counts + q)
        slope = [
            np.sum(customers * counts * (both - digamma(p * counts)))
            + x_log_totals
            - np.sum(x * log_sum),
            np.sum(customers * (both - digamma(q))) + len(x) * np.log(v) - log_sum.sum(),
            len(x) * q / v - np.sum(shape / (v + total)),
        ]
        return float(value), np.array([p, q, v]) * slope

    return value_and_slope
