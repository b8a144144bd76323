"""MBG/NBD: as BG/NBD, but a customer may leave after the first purchase already.

Sources: Batislam, Denizel, Filiztekin (2007), "Empirical validation and comparison of models for
customer base analysis", IJRM 24(3); Hoppe, Wagner (2007), "Customer base analysis: the case for a
central variant of the Betageometric/NBD model", Marketing JRM 29(2).
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
class MbgNbd(BetaGeometric):
    """Buying rates are Gamma(r, alpha), the chance to leave after a purchase is Beta(a, b).

    Also after the first purchase: P(alive) starts at b / (a + b).
    """

    first_chances: ClassVar[int] = 1


def objective(columns: Columns) -> Objective:
    """The log-likelihood's sums over these customers, by the logs of r, alpha, a, b."""
    return beta_geometric.objective(columns, MbgNbd.first_chances)


FAMILY = Family("mbg_nbd", "MBG/NBD", PARAMETERS, MbgNbd, objective, beta_geometric.starts)


def log_likelihood(
    model: MbgNbd, x: ArrayLike, t_x: ArrayLike, T: ArrayLike, weights: ArrayLike | None = None
) -> float:
    """Log-likelihood of the histories, unscaled, in the unit of t_x and T."""
    return objective(columns_of(x, t_x, T, weights))(model.log_parameters).value


def fit(
    x: ArrayLike, t_x: ArrayLike, T: ArrayLike, weights: ArrayLike | None = None
) -> Fit[MbgNbd]:
    """The most likely model of these histories, with standard errors where they exist."""
    return fit_family(FAMILY, columns_of(x, t_x, T, weights))
