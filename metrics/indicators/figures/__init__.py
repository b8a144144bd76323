"""Figures: every period of every declared metric, counted where a fact has changed."""

from metrics.indicators.figures.counted import compute
from metrics.indicators.figures.runs import due_run, run
from metrics.indicators.figures.stored import store

__all__ = ["compute", "due_run", "run", "store"]
