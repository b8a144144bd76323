"""A command that brings a file of facts: rows counted, and what is wrong with the others."""

import json
from abc import ABC, abstractmethod
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser

from customers.imports.facts.bringing import Brought
from customers.imports.table import UnreadableFile
from customers.management.first_use import FirstUseCommand
from customers.models import UploadCount

SENTENCES_SHOWN = 20
OUTCOMES = {
    "new": UploadCount.STORED,
    "changed": UploadCount.CHANGED,
    "here already": UploadCount.HERE_ALREADY,
}


class BringingCommand(FirstUseCommand, ABC):
    """Answers in words or JSON; a file that cannot be read is one sentence."""

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--json", action="store_true", dest="as_json")

    def handle(self, *, file: Path, as_json: bool, **options: Any) -> None:
        if not file.is_file():
            raise CommandError(f"There is no file {file}.")
        try:
            brought = self.bring(file, options)
        except UnreadableFile as unreadable:
            raise CommandError(str(unreadable)) from None
        self.stdout.write(json.dumps(_as_facts(brought)) if as_json else _in_words(brought))

    @abstractmethod
    def bring(self, file: Path, options: dict[str, Any]) -> Brought:
        """Store what the file holds. Raises UnreadableFile."""


def _as_facts(brought: Brought) -> dict[str, Any]:
    return {
        "rows": brought.rows,
        **{word.replace(" ", "_"): rows for word, rows in _counts(brought).items()},
        "set_aside": [{"line": line, "sentence": why} for line, why in brought.set_aside],
    }


def _in_words(brought: Brought) -> str:
    counts = [f"{rows:,} {word}" for word, rows in _counts(brought).items()]
    lines = [f"{brought.rows:,} rows: {', '.join(counts)}, {len(brought.set_aside):,} set aside"]
    lines += [f"line {line}: {why}" for line, why in brought.set_aside[:SENTENCES_SHOWN]]
    left = len(brought.set_aside) - SENTENCES_SHOWN
    return "\n".join([*lines, f"and {left:,} more"] if left > 0 else lines)


def _counts(brought: Brought) -> dict[str, int]:
    return {word: brought.outcomes.get(outcome, 0) for word, outcome in OUTCOMES.items()}
