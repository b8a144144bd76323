"""BG/NBD: customers buy at random until, after some repeat purchase, they leave for good.

Source: Fader, Hardie, Lee (2005), "Counting your customers the easy way", Marketing Science 24(2);
P(alive): the same (2008), "Computing P(alive) using the BG/NBD model".
"""

from dataclasses import dataclass
from typing import ClassVar

from numpy.typing import ArrayLike

from metrics.clv.fit import Fit, Objective
from metrics.clv.models import beta_geometric
from metrics.clv.models.beta_geometric import PARAMETERS, BetaGeometric
from metrics.clv.models.columns import Columns, columns_of
from metrics.clv.models.purchase_model import Family, fit_family


@dataclass(frozen=True, slots=True)
class BgNbd(BetaGeometric):
    """Buying rates are Gamma(r, alpha), the chance to leave after a purchase is Beta(a, b).

    Nobody leaves after the first purchase: P(alive) is 1 where x is 0.
    """

    first_chances: ClassVar[int] = 0


def objective(columns: Columns) -> Objective:
    """The log-likelihood's sums over these customers, by the logs of r, alpha, a, b."""
    return beta_geometric.objective(columns, BgNbd.first_chances)


FAMILY = Family("bg_nbd", "BG/NBD", PARAMETERS, BgNbd, objective, beta_geometric.starts)


def log_likelihood(
    model: BgNbd, x: ArrayLike, t_x: ArrayLike, T: ArrayLike, weights: ArrayLike | None = None
) -> float:
    """Log-likelihood of the histories, unscaled, in the unit of t_x and T."""
    return objective(columns_of(x, t_x, T, weights))(model.log_parameters).value


def fit(x: ArrayLike, t_x: ArrayLike, T: ArrayLike, weights: ArrayLike | None = None) -> Fit[BgNbd]:
    """The most likely model of these histories, with standard errors where they exist."""
    return fit_family(FAMILY, columns_of(x, t_x, T, weights))
