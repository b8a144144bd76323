"""The metric map as a file: out, in, and held to its rules."""

import sys
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from customers.models import Company
from metrics.metric_map.audit import tell
from metrics.metric_map.changing.at_once import publish_at_once
from metrics.metric_map.document import (
    MapDocument,
    UnusableDocument,
    differences,
    read_document,
    stored_document,
    written,
)
from metrics.metric_map.documents.rules import refusals, warnings
from metrics.metric_map.graph import changing_map
from metrics.metric_map.starting import in_currency
from metrics.models import MapEdition


class Command(BaseCommand):
    help = "Write the metric map to a file, publish one from a file, or hold it to its rules."

    def add_arguments(self, parser: CommandParser) -> None:
        doing = parser.add_subparsers(dest="doing", required=True)
        export = doing.add_parser("export", help="Write the map as YAML.")
        export.add_argument("file", nargs="?", help="Where to; without it, to the screen.")
        bring = doing.add_parser("import", help="Publish the map of a file in place of this one.")
        bring.add_argument("file", help="A map as YAML; - reads it from the standard input.")
        bring.add_argument("--dry-run", action="store_true", help="Only say what would change.")
        doing.add_parser("check", help="Say which rules the map breaks.")

    def handle(self, *, doing: str, **options: Any) -> None:
        if doing == "export":
            self._export(options["file"])
        elif doing == "import":
            self._import(options["file"], is_rehearsal=options["dry_run"])
        else:
            self._hold_to_rules(stored_document())
            self.stdout.write("The map breaks no rule.")

    def _export(self, file: str | None) -> None:
        text = written(stored_document())
        if file:
            Path(file).write_text(text, encoding="utf-8")
        else:
            self.stdout.write(text, ending="")

    def _import(self, file: str, *, is_rehearsal: bool) -> None:
        try:
            text = sys.stdin.read() if file == "-" else Path(file).read_text(encoding="utf-8")
            document = read_document(text)
        except UnusableDocument as unusable:
            raise CommandError("\n".join(unusable.sentences)) from unusable
        except (OSError, UnicodeDecodeError) as error:
            raise CommandError(f"{file} cannot be read: {error}") from error
        with changing_map():
            self._publish(in_currency(document, Company.objects.current().currency), is_rehearsal)

    def _publish(self, document: MapDocument, is_rehearsal: bool) -> None:
        changed = differences(stored_document(), document)
        for difference in changed:
            self.stdout.write(difference.sentence)
        self._hold_to_rules(document)
        if is_rehearsal or not changed:
            told = f"{len(changed)} changes; none is made." if changed else "Nothing changes."
            self.stdout.write(told)
            return
        if edition := MapEdition.objects.open():
            raise CommandError(f"{edition} is open: publish or withdraw it first.")
        publish_at_once(document, None, "From a file, by the command line")
        tell(f"Published a map from a file: {len(changed)} changes", None)
        self.stdout.write(f"Published, with {len(changed)} changes.")

    def _hold_to_rules(self, document: MapDocument) -> None:
        for warning in warnings(document):
            self.stdout.write(f"Worth a look: {warning.sentence}")
        if broken := refusals(document):
            raise CommandError("\n".join(rule.sentence for rule in broken))
