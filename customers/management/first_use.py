"""Commands that may be the first to use a data folder."""

from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand
from django.db import connection


class FirstUseCommand(BaseCommand):
    """A command that makes the tables first where the database has none."""

    def execute(self, *args: Any, **options: Any) -> str | None:
        if not connection.introspection.table_names():
            call_command("migrate", verbosity=0)
            call_command("createcachetable", verbosity=0)
        return super().execute(*args, **options)
