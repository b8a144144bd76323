"""A migrated, empty SQLite database: the first process of a test run makes it, the others copy it.

It is known by its migrations and kept in pytest's cache, so that the next run finds it too. That
the migrations run from nothing is what tests/test_every_command.py begins with.
"""

import fcntl
import hashlib
import inspect
import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import django
from django.db import connection
from django.db.backends.signals import connection_created
from django.db.migrations.loader import MigrationLoader


@contextmanager
def copied_or_kept(folder: Path) -> Iterator[None]:
    """Within it the test database is set up: copied from the kept file, or kept as that file."""
    kept = kept_in(folder)
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        is_new = not kept.exists()
        if not is_new:
            connection_created.connect(_filled_from(kept), weak=False, dispatch_uid="copied")
        yield
        connection_created.disconnect(dispatch_uid="copied")
        if is_new:
            _keep(kept)


def kept_in(folder: Path) -> Path:
    return folder / f"{_fingerprint()}.sqlite3"


def _filled_from(kept: Path):
    def fill(connection, **_):
        connection_created.disconnect(dispatch_uid="copied")
        with closing(sqlite3.connect(kept)) as file:
            file.backup(connection.connection)

    return fill


def _keep(kept: Path) -> None:
    connection.ensure_connection()
    made = kept.with_suffix(f".{os.getpid()}")
    with closing(sqlite3.connect(made)) as file:
        connection.connection.backup(file)
    made.replace(kept)


def _fingerprint() -> str:
    """Of all migrations, ours and those of libraries."""
    found = hashlib.sha256(django.__version__.encode())
    for key, migration in sorted(MigrationLoader(None).disk_migrations.items()):
        found.update(repr(key).encode())
        found.update(Path(inspect.getfile(type(migration))).read_bytes())
    return found.hexdigest()[:16]
