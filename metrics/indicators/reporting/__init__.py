"""Figures that people and other systems report: one by one, or many at once."""

from metrics.indicators.reporting.single import NotReportable, report, report_value

__all__ = ["NotReportable", "report", "report_value"]
