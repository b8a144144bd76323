"""Take reported figures from a file of CSV."""

import csv
from datetime import date
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from metrics.indicators.reporting import NotReportable, report, report_value
from metrics.models import Metric

NEEDED = {"metric", "starts_on"}


class Command(BaseCommand):
    """One row a metric and period; each is taken or told with the reason why not."""

    help = (
        "Take figures from FILE, comma-separated, with the columns metric (its key), starts_on"
        " (2024-03-01), and value in the metric's unit, or numerator and denominator."
    )

    def add_arguments(self, parser):
        parser.add_argument("file", type=Path)

    def handle(self, *args, file, **options):
        taken, refused = 0, []
        for number, row in enumerate(self._rows(file), start=2):
            try:
                _take(row)
                taken += 1
            except NotReportable as problem:
                refused.append(f"Line {number}: {problem}")
        self.stdout.write(f"{taken} taken, {len(refused)} refused.")
        if refused:
            raise CommandError("\n".join(refused))

    def _rows(self, file):
        try:
            with file.open(newline="", encoding="utf-8-sig") as text:
                rows = list(csv.DictReader(text))
        except (OSError, UnicodeDecodeError) as problem:
            raise CommandError(f"{file} cannot be read: {problem}") from problem
        missing = NEEDED - set(rows[0] if rows else NEEDED)
        if missing:
            raise CommandError(f"The file has no column {' and '.join(sorted(missing))}.")
        return rows


def _take(row: dict[str, str | None]) -> None:
    key = (row["metric"] or "").strip()
    metric = Metric.objects.filter(key=key).first()
    if metric is None:
        raise NotReportable(f"There is no metric {key}.")
    starts_on = _day(row["starts_on"] or "")
    numerator, denominator = _number(row, "numerator"), _number(row, "denominator")
    value = _number(row, "value")
    if (value is None) == (numerator is None):
        raise NotReportable("A row has a value, or a numerator and what it is divided by.")
    if numerator is None:
        report_value(metric, starts_on, value, by=None)
    else:
        report(metric, starts_on, numerator, denominator, by=None)


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        raise NotReportable(f"{text} is no day: write 2024-03-01.") from None


def _number(row: dict[str, str | None], name: str) -> float | None:
    text = (row.get(name) or "").strip()
    try:
        return float(text) if text else None
    except ValueError:
        raise NotReportable(f"The {name} {text} is no number.") from None
