"""Imports a file of purchases here and now, by the same road as an upload."""

import json
from argparse import ArgumentTypeError
from datetime import date
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser

from customers.imports.columns import UnusableColumns, parse_columns
from customers.imports.loader import import_file
from customers.imports.table import UnreadableFile
from customers.management.department import department_named
from customers.management.first_use import FirstUseCommand
from customers.models import Upload, UploadCount


class Command(FirstUseCommand):
    help = "Import a file of purchases: CSV, or CSV compressed with gzip."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--source", required=True, help="the system that the file comes from")
        parser.add_argument("--columns", help="field=column,…; guessed where it is not given")
        parser.add_argument("--department", help="looks after the customers of the file")
        parser.add_argument("--complete-until", type=_day, metavar="YYYY-MM-DD")
        parser.add_argument("--dry-run", action="store_true", help="count only, store nothing")
        parser.add_argument("--json", action="store_true", dest="as_json")

    def handle(self, *, file: Path, source: str, as_json: bool, dry_run: bool, **options) -> None:
        if not file.is_file():
            raise CommandError(f"There is no file {file}.")
        try:
            upload = import_file(
                file,
                source_name=source,
                department=department_named(options["department"]),
                columns=parse_columns(options["columns"]) if options["columns"] else None,
                complete_until=options["complete_until"],
                doing=Upload.Doing.CHECK if dry_run else Upload.Doing.IMPORT,
                watch=self._show_progress,
            )
        except (UnreadableFile, UnusableColumns) as problem:
            raise CommandError(str(problem)) from None
        if self.stderr.isatty():
            self.stderr.write("")
        result = _result(upload)
        self.stdout.write(json.dumps(result) if as_json else _in_words(result))
        if dry_run:
            upload.discard()

    def _show_progress(self, upload: Upload) -> None:
        """On a terminal only: in a log, every chunk would be a line."""
        if not self.stderr.isatty():
            return
        self.stderr.write(f"\r{upload.steps_done:,} of {upload.steps_total:,} rows", ending="")
        self.stderr.flush()


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise ArgumentTypeError(f"{text} is not a day; write it as 2026-11-20") from None


def _result(upload: Upload) -> dict[str, Any]:
    """What became of the rows; customers are those in the file."""
    outcomes = upload.outcomes()
    stored = outcomes.pop(UploadCount.STORED, 0)
    here_already = outcomes.pop(UploadCount.HERE_ALREADY, 0)
    return {
        "rows": upload.steps_total,
        "stored": stored,
        "here_already": here_already,
        "dropped": dict(sorted(outcomes.items())),
        "customers": upload.customers,
    }


def _in_words(result: dict[str, Any]) -> str:
    lines = [
        f"{result['rows']:,} rows of {result['customers']:,} customers",
        f"{result['stored']:,} stored",
        f"{result['here_already']:,} here already",
    ]
    lines += [f"{rows:,} set aside: {reason}" for reason, rows in result["dropped"].items()]
    return "\n".join(lines)
