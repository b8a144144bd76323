"""Which databases and brokers a real worker is tested on; what is missing is skipped by name."""

import os
from contextlib import contextmanager
from urllib.parse import urlsplit, urlunsplit

import psycopg
import pytest
from kombu import Connection

from tests.running_site import RunningSite, skip_or_fail

POSTGRES = os.environ.get("CLVSITE_TEST_POSTGRES", "postgresql://localhost/postgres")
BROKERS = {
    "redis": os.environ.get("CLVSITE_TEST_REDIS", "redis://127.0.0.1:6379/9"),
    "rabbitmq": os.environ.get("CLVSITE_TEST_RABBITMQ", "amqp://guest:guest@127.0.0.1:5672//"),
}
IMPATIENT = {
    "CLVSITE_LEASE_SECONDS": "10",
    "CLVSITE_SWEEP_SECONDS": "1",
    "CLVSITE_QUIET_SECONDS": "0",
}


@pytest.fixture
def site(request, tmp_path, migrated):
    """A migrated, empty site on the (database, broker) of the test's parameter."""
    database, broker = request.param
    environment = dict(IMPATIENT)
    if broker != "folder":
        environment["CLVSITE_BROKER_URL"] = _emptied(broker)
    with _database(database, f"clvsite_{os.getpid()}_{broker}") as url:
        if url:
            environment["DATABASE_URL"] = url
        site = RunningSite(tmp_path, **environment)
        site.begin_from(migrated)
        try:
            if not migrated:
                site.manage("migrate", "--verbosity", "0")
            yield site
        finally:
            site.close()


def _emptied(broker: str) -> str:
    url = BROKERS[broker]
    try:
        with Connection(url, connect_timeout=2) as connection:
            connection.ensure_connection(max_retries=1)
            connection.SimpleQueue("celery").clear()
    except (OSError, connection_errors(url)) as error:
        skip_or_fail(f"needs {broker} at {url}: {error}")
    return url


def connection_errors(url: str) -> type[Exception]:
    """What this broker's client raises where nobody answers."""
    return Connection(url).transport.connection_errors[0]


@contextmanager
def _database(kind: str, name: str):
    """A new PostgreSQL database's address, dropped afterwards; nothing for SQLite."""
    if kind == "sqlite":
        yield None
        return
    try:
        server = psycopg.connect(POSTGRES, autocommit=True, connect_timeout=2)
    except psycopg.OperationalError as error:
        skip_or_fail(f"needs PostgreSQL at {POSTGRES}: {error}")
    with server:
        server.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        server.execute(f'CREATE DATABASE "{name}"')
        yield urlunsplit(urlsplit(POSTGRES)._replace(path=f"/{name}"))
        server.execute(f'DROP DATABASE "{name}" WITH (FORCE)')
