"""Fills an empty site with a company to try it out: the simulated one, or a real gift shop."""

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from clvsite.sample import is_empty

SAMPLES = ("simulated", "gift-shop")


class Command(BaseCommand):
    help = (
        "Load a sample into an empty site: simulated, a company that does not exist, with all"
        " facts and a map of forty metrics; gift-shop, a UK gift shop's real orders."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("sample", choices=SAMPLES)

    def handle(self, *, sample: str, **options) -> None:
        if settings.IS_PRODUCTION:
            raise CommandError("The sample's people have known passwords: not for production.")
        if not is_empty():
            raise CommandError("Somebody uses this site already; the sample needs an empty one.")
        if sample == "simulated":
            from clvsite.sample.tarnholm.loading import load  # noqa: PLC0415 - loads pandas
        else:
            from clvsite.sample.gift_shop import load  # noqa: PLC0415 - loads the engine
        load(self.stdout.write)
