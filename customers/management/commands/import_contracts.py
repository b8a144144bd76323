"""manage.py import_contracts FILE --source NAME: contracts with their fees, terms and ends."""

from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser

from customers.imports.facts.bringing import Brought, bring
from customers.management.bringing import BringingCommand
from customers.management.department import department_named
from customers.models import Upload


class Command(BringingCommand):
    help = (
        "Bring a file of contracts: customer, number, started_on, term_months, fee_a_month, and"
        " ended_on and margin where they are known. Sent again, it brings what has changed."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--source", required=True, help="the system whose customers these are")
        parser.add_argument("--department", help="looks after customers who are new")

    def bring(self, file: Path, options: dict[str, Any]) -> Brought:
        return bring(
            file,
            Upload.Holds.CONTRACTS,
            source_name=options["source"],
            department=department_named(options["department"]),
        )
