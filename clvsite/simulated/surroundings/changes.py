"""What a run of the simulated company may have otherwise than the company itself."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Changes:
    """Everything as it is, unless said.

    added: metric key -> units, points for a share, by which this cause is higher from from_on on.
    fewer_late_a_week: so many of each week's late deliveries are on time instead.
    without: keys of projects that never happen.
    The people and their luck are the same in every run of one seed.
    """

    added: Mapping[str, float] = field(default_factory=dict)
    fewer_late_a_week: int = 0
    without: frozenset[str] = frozenset()
    from_on: date = date.min

    def of(self, metric: str, day: NDArray[np.datetime64]) -> NDArray[np.float64] | float:
        """How much higher the metric is made on each of these days."""
        size = self.added.get(metric, 0.0)
        return size * self.begun(day) if size else 0.0

    def begun(self, day: NDArray[np.datetime64]) -> NDArray[np.bool_]:
        return day >= np.datetime64(max(self.from_on, date(1970, 1, 1)))
