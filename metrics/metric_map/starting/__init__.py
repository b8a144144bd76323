"""Maps to start from, as documents: a shop that knows its purchases, and a whole company."""

import re
from dataclasses import replace
from enum import Enum
from pathlib import Path

from customers.models import Company
from metrics.metric_map.document import MapDocument, read_document

FOLDER = Path(__file__).parent
MONEY = re.compile(r"\bmoney\b")


class Starting(Enum):
    """The maps that are here, each by the name of its file."""

    PURCHASES = "purchases"
    WHOLE_COMPANY = "whole_company"


def starting_document(starting: Starting) -> MapDocument:
    """The map, with its money in the company's currency."""
    text = (FOLDER / f"{starting.value}.yaml").read_text(encoding="utf-8")
    return in_currency(read_document(text), Company.objects.current().currency)


def in_currency(document: MapDocument, currency: str) -> MapDocument:
    """The map with this currency wherever a unit says money."""
    metrics = {}
    for key, entry in document.metrics.items():
        if entry.counting:
            unit = MONEY.sub(currency, entry.counting.unit)
            metrics[key] = replace(entry, counting=entry.counting._replace(unit=unit))
        else:
            metrics[key] = entry
    return replace(document, metrics=metrics)
