"""What a metric can count: each source's rows of one period, and the fields they carry.

A declared measure names a source, an aggregate and a field; nothing here knows a metric. Some
sources are dated: their rows are what happened in the period. The others are a state: their rows
are what is true at the period's end, and where there is none of it, there is no figure either.
"""

from metrics.indicators.sources.interactions import INTERACTIONS
from metrics.indicators.sources.kinds import Columns, Field, Kind, Source, Table
from metrics.indicators.sources.people import PEOPLE
from metrics.indicators.sources.purchases import PURCHASES
from metrics.indicators.sources.values import VALUES

__all__ = ["SOURCES", "Columns", "Field", "Kind", "Source", "Table"]

SOURCES: dict[str, Source] = {**PURCHASES, **PEOPLE, **INTERACTIONS, **VALUES}
