"""Database to database: purchase days in, a value for every customer out.

    python -m benchmarks.database [--database postgresql sqlite] [--customers 10000 100000] [--orm]

Each database is a temporary one of its own, dropped afterwards. On PostgreSQL it is made beside
the one that CLVSITE_TEST_POSTGRES names, which has to be on this machine: its processor's seconds
count too. --orm: beside the same by the ORM's iterator, lifetimes and bulk_create.
"""

import argparse
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import urlsplit, urlunsplit

import psycopg

SERVER = os.environ.get("CLVSITE_TEST_POSTGRES", "postgresql://localhost/postgres")
ROUNDS, ONCE_FROM = 3, 1_000_000
"""Rounds, and the number of customers from which there is only one."""


@contextmanager
def database(kind: str) -> Iterator[dict[str, str]]:
    """The environment of a site on a new database; both are gone afterwards."""
    with TemporaryDirectory() as folder:
        if kind == "sqlite":
            yield {"CLVSITE_DATA": folder, "DATABASE_URL": f"sqlite:///{Path(folder) / 'bench'}"}
            return
        name = f"clvsite_bench_{os.getpid()}"
        with psycopg.connect(SERVER, autocommit=True) as server:
            server.execute(f'CREATE DATABASE "{name}"')
            try:
                url = urlunsplit(urlsplit(SERVER)._replace(path=f"/{name}"))
                yield {"CLVSITE_DATA": folder, "DATABASE_URL": url}
            finally:
                server.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--database", nargs="+", default=["postgresql", "sqlite"])
    parser.add_argument("--customers", type=int, nargs="+", default=[10_000, 100_000])
    parser.add_argument("--orm", action="store_true")
    options = parser.parse_args()
    for customers in options.customers:
        for kind in options.database:
            with database(kind) as environment:
                site = os.environ | environment | {"DJANGO_SETTINGS_MODULE": "clvsite.settings"}
                subprocess.run(
                    [sys.executable, "manage.py", "migrate", "-v0"], env=site, check=True
                )
                rounds = 1 if customers >= ONCE_FROM else ROUNDS
                rebuild = [sys.executable, "-m", "benchmarks.site.rebuild"]
                wanted = [str(customers), str(rounds), *(["orm"] if options.orm else [])]
                subprocess.run([*rebuild, *wanted], env=site, check=True)


if __name__ == "__main__":
    main()
