"""manage.py import_product_margins FILE: what a sale of each product leaves after its cost."""

from pathlib import Path
from typing import Any

from customers.imports.facts.bringing import Brought, bring
from customers.management.bringing import BringingCommand
from customers.models import Upload


class Command(BringingCommand):
    help = "Bring a file of product margins: product, margin as a share of the sale."

    def bring(self, file: Path, options: dict[str, Any]) -> Brought:
        return bring(file, Upload.Holds.MARGINS)
