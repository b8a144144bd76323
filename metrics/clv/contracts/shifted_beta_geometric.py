"""Shifted-beta-geometric: how often contracts are renewed when customers differ in loyalty.

Time is counted in renewals: an age of n is n renewals made. Sources: Fader, Hardie (2007), "How
to project customer retention", Journal of Interactive Marketing 21(1); Fader, Hardie (2010),
"Customer-base valuation in a contractual setting", Marketing Science 29(1).
"""

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import polygamma

from metrics.clv.contracts.renewals import Renewals, checked_whole
from metrics.clv.fit import Caution, Fit, Objective, Peak, Sums, TooLittleData, highest_peak
from metrics.clv.models.purchase_model import InfiniteHorizon, refuse_nonsense
from metrics.clv.purchases.histories import Array

RUNAWAY = 1e4
"""alpha beyond this: chances to leave differ by less than 1 % of themselves (1 / sqrt(alpha))."""

NO_GAIN = 1e-6
"""Log-likelihood over a constant chance to leave that is not more than rounding."""

NO_SPREAD = Caution(
    "constant_hazard",
    "Customers show no difference in loyalty: those who stayed long leave no less often than new "
    "ones. One constant chance to leave (geometric) is used instead.",
)
SPLIT = Caution(
    "parameters_at_the_edge",
    "Nearly all who left did so at once and the others seem never to leave, so that the chance to "
    "leave later is not known; read values within the horizon only.",
)
BLOCK = 512
"""Distinct ages looked at together, so that the work stays small."""

SPLIT_BELOW = 0.01
"""alpha and beta below this: hardly anybody whose chance to leave is neither 0 nor 1."""

UNSETTLED = Caution(
    "did_not_settle",
    "The model of renewals did not settle on one answer; longer periods may help.",
)
NO_ERRORS = Caution(
    "no_standard_errors",
    "The renewals leave the model's parameters so open that no error can be stated.",
)


class ContractModel(Protocol):
    """age: renewals made so far, whole."""

    def survival(self, t: ArrayLike, age: ArrayLike = 0) -> Array:
        """Chance that a customer of this age makes t more renewals; broadcast."""
        ...

    def retention(self, age: ArrayLike) -> Array:
        """Chance that a customer of this age makes the next renewal."""
        ...

    def residual_life(self, age: ArrayLike, rate: float) -> Array:
        """Expected renewals to come, without an end, the next divided by 1 + rate.

        rate: effective, per renewal, zero or more. Raises InfiniteHorizon where the sum has no
        bound: rate 0 and some customers who hardly ever leave (alpha of 1 or less).
        """
        ...


@dataclass(frozen=True, slots=True)
class ShiftedBetaGeometric:
    """The chance to leave at a renewal is Beta(alpha, beta) over customers, constant for each.

    Answers are within 1e-10 of 100-digit arithmetic for parameters in 1e-6..1e5, ages up to 1,000
    and rates from 1e-6.
    """

    alpha: float
    beta: float

    def __post_init__(self) -> None:
        refuse_nonsense(self, alpha=self.alpha, beta=self.beta)

    def survival(self, t: ArrayLike, age: ArrayLike = 0) -> Array:
        """As in ContractModel: B(alpha, beta + age + t) / B(alpha, beta + age)."""
        t, age = checked_whole(t, "t"), checked_whole(age, "age")
        before = np.arange(int(np.max(t, initial=0) + np.max(age, initial=0)))
        logs = np.append(0.0, np.cumsum(-np.log1p(self.alpha / (self.beta + before))))
        return np.asarray(np.exp(logs[(age + t).astype(int)] - logs[age.astype(int)]))

    def retention(self, age: ArrayLike) -> Array:
        """As in ContractModel; rises with age, because the disloyal have gone."""
        known = self.beta + checked_whole(age, "age")
        return np.asarray(known / (self.alpha + known))

    def residual_life(self, age: ArrayLike, rate: float) -> Array:
        """As in ContractModel."""
        return discounted_stays(self.alpha, self.beta + checked_whole(age, "age"), rate)


@dataclass(frozen=True, slots=True)
class Geometric:
    """Everybody leaves at a renewal with the same chance, at any age."""

    leave: float

    def __post_init__(self) -> None:
        if not 0 < self.leave < 1:
            raise ValueError(f"Geometric: leave must lie between 0 and 1, not {self.leave}")

    def survival(self, t: ArrayLike, age: ArrayLike = 0) -> Array:
        """As in ContractModel; the same at any age."""
        t, age = np.broadcast_arrays(checked_whole(t, "t"), checked_whole(age, "age"))
        return np.asarray(np.exp(t * np.log1p(-self.leave)))

    def retention(self, age: ArrayLike) -> Array:
        """As in ContractModel; the same at any age."""
        return np.full(checked_whole(age, "age").shape, 1 - self.leave)

    def residual_life(self, age: ArrayLike, rate: float) -> Array:
        """As in ContractModel; r / (1 + rate - r) with r the chance to stay."""
        stay = self.retention(age)
        return np.asarray(stay / (checked_rate(rate) + self.leave))


def remaining_life(model: ContractModel, age: ArrayLike, rate: float) -> Array:
    """DERL: expected discounted renewals just before the next one falls due.

    The next renewal, if made, counts in full, the one after it is divided by 1 + rate, and so on;
    the period that is running is not counted. age, rate and errors as in residual_life.
    """
    return (1 + rate) * model.residual_life(age, rate)


def lifetime(model: ContractModel, rate: float) -> float:
    """Expected discounted periods of a new customer, the first of them, in full, included."""
    return 1.0 + float(model.residual_life(0, rate))


def discounted_stays(leave: float, stay: ArrayLike, rate: float) -> Array:
    """Sum over j from 1 of E[(1 - theta)^j] / (1 + rate)^j with theta ~ Beta(leave, stay).

    In closed form stay / (leave + stay) / (1 + rate) x 2F1(1, stay + 1; leave + stay + 1;
    1 / (1 + rate)), here the mean of (1 - theta) / (rate + theta) by quadrature: within 1e-10 for
    leave in 1e-6..1e5, stay in 1e-6..1e6, rate from 1e-6. Raises InfiniteHorizon without a bound.
    """
    stay = np.asarray(stay, dtype=np.float64)
    if checked_rate(rate) == 0:
        if leave <= 1:
            raise InfiniteHorizon(
                f"Some customers hardly ever leave (alpha = {leave:.3g}, not above 1), so that the "
                "expected life has no bound: discount it, or look at a limited time."
            )
        return np.asarray(stay / (leave - 1))
    shares = stay / (leave + stay)
    if leave >= 0.5:
        return np.asarray(shares * _mean_multiple(stay + 1, leave, rate))
    # near leave = 0 the mean hangs on a far tail of theta: take its shortfall from 1 / rate
    shortfall = leave / (leave + stay + 1) * _mean_multiple(stay + 1, leave + 1, rate)
    return np.asarray(shares / rate * (1 - shortfall))


def _mean_multiple(stay: Array, leave: float, rate: float) -> Array:
    """E[1 / (rate + theta)], theta ~ Beta(leave, stay), for leave from 0.5 and stay from 1."""
    distinct, place = np.unique(stay, return_inverse=True)
    means = [
        _quadrature(distinct[start : start + BLOCK, None], leave, rate)
        for start in range(0, max(len(distinct), 1), BLOCK)
    ]
    return np.asarray(np.concatenate(means)[place].reshape(stay.shape))


def _quadrature(stay: Array, leave: float, rate: float) -> Array:
    """Trapezoids in the log-odds of staying, where the integrand is smooth whatever the rate."""
    spread = np.sqrt(polygamma(1, stay) + polygamma(1, leave))
    step = np.minimum(0.2, 0.4 * spread)
    low = -40 / stay - 10 * spread
    high = (40 + np.log1p(1 / rate)) / leave + 10 * spread
    steps = np.arange(np.ceil(((high - low) / step).max(initial=0)) + 1)
    log_odds = np.log(stay / leave) + low + step * steps
    logs = -stay * np.logaddexp(0, -log_odds) - leave * np.logaddexp(0, log_odds)
    weights = np.exp(logs - logs.max(axis=1, keepdims=True))
    theta = np.exp(-np.logaddexp(0, log_odds))
    return np.asarray(np.sum(weights / (rate + theta), axis=1) / np.sum(weights, axis=1))


def log_likelihood(model: ShiftedBetaGeometric, renewals: Renewals) -> float:
    """Log-likelihood of the renewals, unscaled."""
    return objective(renewals)(np.log([model.alpha, model.beta])).value


def fit(renewals: Renewals) -> Fit[ContractModel]:
    """The most likely model, with standard errors where they exist.

    A Geometric with a caution where no difference between customers can be seen. Raises
    TooLittleData where nobody has left, or nobody has stayed.
    """
    left, stayed = float(renewals.left.sum()), float(renewals.stayed.sum())
    if not left > 0:
        raise TooLittleData("Nobody has left yet: a chance to leave cannot be learnt from this.")
    if not stayed > 0:
        raise TooLittleData("Nobody has made a renewal: a life cannot be learnt from this.")
    share = left / (left + stayed)
    top = objective(renewals)
    starts = [[share * size, (1 - share) * size] for size in (0.3, 2.0, 10.0, 100.0)]
    peak = highest_peak(top, top, starts)
    alike = left * np.log(share) + stayed * np.log1p(-share)
    if peak.parameters[0] > RUNAWAY or peak.log_likelihood - alike < NO_GAIN:
        return _constant(share, left + stayed, float(alike))
    return Fit(
        model=ShiftedBetaGeometric(*peak.parameters),
        standard_errors=peak.errors_of(("alpha", "beta")),
        covariance=peak.covariance,
        log_likelihood=peak.log_likelihood,
        converged=peak.converged,
        warnings=_doubts(peak),
    )


def _doubts(peak: Peak) -> tuple[Caution, ...]:
    if not peak.converged:
        return (SPLIT if max(peak.parameters) < SPLIT_BELOW else UNSETTLED,)
    return (NO_ERRORS,) if peak.covariance is None else ()


def _constant(share: float, decisions: float, log_likelihood: float) -> Fit[ContractModel]:
    error = float(np.sqrt(share * (1 - share) / decisions))
    return Fit(
        model=Geometric(share),
        standard_errors={"leave": error},
        covariance=np.array([[(error / share) ** 2]]),
        log_likelihood=log_likelihood,
        converged=True,
        warnings=(NO_SPREAD,),
    )


def objective(renewals: Renewals) -> Objective:
    """The log-likelihood with its gradient and Hessian, by log alpha and log beta."""
    left, stayed = renewals.left, renewals.stayed
    asked, age = left + stayed, np.arange(len(left))

    def sums(log_parameters: Array) -> Sums:
        alpha, beta = (float(value) for value in np.exp(log_parameters))
        known = beta + age
        both = alpha + known
        value = -np.sum(left * np.log1p(known / alpha) + stayed * np.log1p(alpha / known))
        slope = np.array([
            np.sum((left * known - stayed * alpha) / both),
            beta * np.sum((stayed * alpha - left * known) / (known * both)),
        ])  # fmt: skip
        shared = np.sum(asked / both**2)
        own = np.array([left.sum() / alpha**2, np.sum(stayed / known**2)])
        scale = np.array([alpha, beta])
        curvature = np.outer(scale, scale) * (shared - np.diag(own)) + np.diag(slope)
        return Sums(float(value), slope, curvature)

    return sums


def checked_rate(rate: float) -> float:
    """rate; ValueError unless it is a number, zero or more."""
    if not (np.isfinite(rate) and rate >= 0):
        raise ValueError("the discount rate must be zero or more")
    return float(rate)
