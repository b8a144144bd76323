"""The purchase models that an appraisal can choose from."""

from typing import Any

from metrics.clv.models import bg_nbd, mbg_nbd, nbd, pareto_nbd
from metrics.clv.models.purchase_model import Family

FAMILIES: dict[str, Family] = {
    family.key: family for family in (bg_nbd.FAMILY, mbg_nbd.FAMILY, pareto_nbd.FAMILY, nbd.FAMILY)
}

AUTO = "auto"
"""Asked for where the test shall choose."""


def model_of(key: str, parameters: tuple[float, ...]) -> Any:
    """The model of a family with these parameters, in the family's order."""
    return FAMILIES[key].build(*parameters)
