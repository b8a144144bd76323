"""The map as one document: what is imported, exported, drafted, signed and kept as an edition."""

from metrics.metric_map.documents.differences import Difference, differences, fingerprint
from metrics.metric_map.documents.entries import (
    LinkEntry,
    MapDocument,
    MetricEntry,
    Pair,
    UnusableDocument,
)
from metrics.metric_map.documents.graph import graph_of
from metrics.metric_map.documents.reading import read_document, read_metric
from metrics.metric_map.documents.stored import stored_document
from metrics.metric_map.documents.writing import written, written_metric

__all__ = [
    "Difference",
    "LinkEntry",
    "MapDocument",
    "MetricEntry",
    "Pair",
    "UnusableDocument",
    "differences",
    "fingerprint",
    "graph_of",
    "read_document",
    "read_metric",
    "stored_document",
    "written",
    "written_metric",
]
