"""manage.py import_staff FILE: headcount, training, leavers and engagement by group and month."""

from pathlib import Path
from typing import Any

from customers.imports.facts.bringing import Brought, bring
from customers.management.bringing import BringingCommand
from customers.models import Upload


class Command(BringingCommand):
    help = (
        "Bring a file of staff facts: department, group, month, headcount, and trained, leavers,"
        " engagement and answers where they are known. Groups of fewer than eight are refused."
    )

    def bring(self, file: Path, options: dict[str, Any]) -> Brought:
        return bring(file, Upload.Holds.STAFF)
