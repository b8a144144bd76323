"""manage.py import_interactions FILE --source NAME: deliveries, tickets, calls, what they cost."""

from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser

from customers.imports.facts.bringing import Brought, bring
from customers.management.bringing import BringingCommand
from customers.models import Upload


class Command(BringingCommand):
    help = (
        "Bring a file of interactions: customer or prospect, kind, happened_on, and number, due_on,"
        " done_on, answered_at, outcome, topic, score, consent, flagged, referred, cost and"
        " description where they are known. Sent again, it brings what has changed."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--source", required=True, help="the system whose customers these are")

    def bring(self, file: Path, options: dict[str, Any]) -> Brought:
        return bring(file, Upload.Holds.INTERACTIONS, source_name=options["source"])
