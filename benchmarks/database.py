"""Database to database: purchase days in, a value for every customer out.

    python -m benchmarks.database [--database postgresql sqlite] [--customers 100000] [--orm]

Each database is a temporary one of its own, dropped afterwards. On PostgreSQL it is made beside
the one that CLVSITE_TEST_POSTGRES names. The floor is what any rebuild has to pay: one scan of
the days' columns, and storing the same rows from a block that was prepared before. --orm: the same
rebuild by the ORM's iterator, lifetimes and bulk_create, as the site would do it without an engine.
"""

import argparse
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import urlsplit, urlunsplit

import psycopg

SERVER = os.environ.get("CLVSITE_TEST_POSTGRES", "postgresql://localhost/postgres")


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


def timed(what: str, step: Callable[[], object]) -> float:
    start = time.perf_counter()
    step()
    seconds = time.perf_counter() - start
    print(f"{what:<44}{seconds:>9.2f} s", flush=True)
    return seconds


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--database", nargs="+", default=["postgresql", "sqlite"])
    parser.add_argument("--customers", type=int, default=100_000)
    parser.add_argument("--orm", action="store_true")
    options = parser.parse_args()
    for kind in options.database:
        with database(kind) as environment:
            site = os.environ | environment | {"DJANGO_SETTINGS_MODULE": "clvsite.settings"}
            subprocess.run([sys.executable, "manage.py", "migrate", "-v0"], env=site, check=True)
            command = [sys.executable, "-m", "benchmarks.rebuild", str(options.customers)]
            subprocess.run([*command, *(["orm"] if options.orm else [])], env=site, check=True)


if __name__ == "__main__":
    main()
