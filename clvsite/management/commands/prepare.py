"""Makes the site ready to be served: `make up` runs this before it starts the processes."""

import socket

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser

from clvsite.sample import PASSWORD, is_empty, sample_people
from customers.models import User

SAMPLES = {
    "simulated": "Tarnholm Supply, a simulated company. This takes about two minutes.",
    "gift-shop": "a UK gift shop's real orders. This takes about two minutes.",
}
NOBODY = "Nobody can sign in yet. In another terminal, with the same CLVSITE_DATA:"


class Command(BaseCommand):
    requires_system_checks = ()
    help = "Migrate, collect static files, load the sample company on first run, say where to go."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--port", type=int, default=8000)
        parser.add_argument("--sample", choices=[*SAMPLES, "none"], default="none")

    def handle(self, *, port: int, sample: str, **options) -> None:
        _refuse_a_taken_port(port)
        call_command("migrate", verbosity=0)
        call_command("createcachetable", verbosity=0)
        call_command("collectstatic", interactive=False, verbosity=0)
        if sample != "none" and is_empty():
            self.stdout.write(f"First run: loading {SAMPLES[sample]}")
            call_command("load_sample", sample, stdout=self.stdout)
        self._welcome(port)

    def _welcome(self, port: int) -> None:
        self.stdout.write(f"\nclvsite is starting on http://127.0.0.1:{port}/ (Ctrl-C stops it)")
        people = sample_people()
        if people:
            self.stdout.write(f"Sample sign-ins, each with the password {PASSWORD}\n")
        for user in people:
            roles = ", ".join(m.get_role_display() for m in user.memberships.all())
            self.stdout.write(f"  {user.email:<34} {roles}")
        if not User.objects.working().exists():
            self.stdout.write(f"{NOBODY} .venv/bin/python manage.py first_admin EMAIL NAME")
        self.stdout.write("")


def _refuse_a_taken_port(port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            raise CommandError(
                f"Port {port} is taken. Stop what uses it, or choose another: make up PORT=8123"
            ) from None
