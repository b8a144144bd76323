"""Is a metric fit for a target: stable enough to trust, sensitive enough to notice improvement?"""

from dataclasses import dataclass

from metrics.effects.sensitivity import Fitness, autocorrelation, fitness, periods_to_notice
from metrics.indicators.reading import Reading
from metrics.indicators.words import number_word

SIGMA_OF_A_RANGE = 1.128379
DAYS = {"day": 1, "week": 7, "month": 30.4, "quarter": 91.3}
WORDS = {
    Fitness.BOTH: "Stable and sensitive: fit for a target.",
    Fitness.STABLE_ONLY: "Stable, but slow to show improvement: count more finely, or pool.",
    Fitness.SENSITIVE_ONLY: "Sensitive, but not stable: mend the process or its definition first.",
    Fitness.NEITHER: "Neither stable nor sensitive: only watch it.",
}


@dataclass(frozen=True)
class Fit:
    """periods: to notice the smallest change that matters; None where that never shows."""

    fitness: Fitness
    periods: int | None
    smallest: float | None
    grain: str

    @property
    def words(self) -> str:
        return WORDS[self.fitness]

    @property
    def notice_words(self) -> str:
        """How soon what matters shows: "What matters shows after nine weeks"; "" if not known."""
        if self.smallest is None:
            return ""
        if self.periods is None:
            return "The smallest change that matters is lost in the usual ups and downs"
        unit = self.grain if self.periods == 1 else f"{self.grain}s"
        return f"What matters shows after {number_word(self.periods)} {unit}"


def fit_of(reading: Reading, smallest: float | None, review_days: int) -> Fit | None:
    """The verdict on a reading with limits; None under twelve points, or where they are gone.

    smallest: the change that matters, in the metric's unit; without it one standard deviation.
    """
    limits, judgement = reading.judgement.limits, reading.judgement
    points = reading.baseline_figures
    if limits is None or reading.version is None or not points:
        return None
    baseline = [figure.value for figure in points]
    phi = min(max(autocorrelation(baseline), -0.95), 0.95)
    sigma = limits.mean_range / SIGMA_OF_A_RANGE
    wanted = smallest or sigma
    periods = periods_to_notice(wanted, sigma, len(points), max(phi, 0.0)) if wanted else 1
    horizon = max(1, int(review_days / DAYS[reading.version.grain]))
    places = {place for place, figure in enumerate(reading.final) if figure in points}
    has_signal = any(places & set(signal.points) for signal in judgement.signals)
    return Fit(fitness(has_signal, phi, periods, horizon), periods, smallest, reading.version.grain)
