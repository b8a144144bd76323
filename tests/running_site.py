"""A whole site beside the tests: its own data folder and database, real processes."""

import os
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

import psycopg
import pytest

ROOT = Path(__file__).parent.parent
BIN = Path(sys.executable).parent
PATIENCE = 90


class RunningSite:
    """Settings by environment alone, as `make up` and production choose them."""

    def __init__(self, folder: Path, **environment: str) -> None:
        self.folder = folder
        self.processes: dict[str, subprocess.Popen] = {}
        self.database_url = environment.get("DATABASE_URL", "")
        inherited = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("CLVSITE_", "DATABASE_URL", "DJANGO_", "PYTEST"))
        }
        self.environment = inherited | {"CLVSITE_DATA": str(folder)} | environment

    def begin_from(self, migrated: Path | None) -> None:
        """With a copy of a migrated, empty SQLite database, where there is one."""
        if migrated and not self.database_url:
            shutil.copyfile(migrated, self.folder / "clvsite.sqlite3")

    def manage(self, *arguments: str) -> str:
        """Run a management command to its end; its output."""
        command = [sys.executable, "manage.py", *arguments]
        done = subprocess.run(
            command, cwd=ROOT, env=self.environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, f"{arguments}: {done.stdout}\n{done.stderr}"
        return done.stdout

    def python(self, code: str) -> str:
        """Run code inside the site; what it prints."""
        return self.manage("shell", "--verbosity", "0", "--command", code).strip()

    def ask(self, query: str) -> list[tuple]:
        """Read straight from the database, past every process of the site."""
        if self.database_url:
            with psycopg.connect(self.database_url) as connection:
                return connection.execute(query).fetchall()
        file = f"file:{self.folder / 'clvsite.sqlite3'}?mode=ro"
        with closing(sqlite3.connect(file, uri=True, timeout=20)) as connection:
            return connection.execute(query).fetchall()

    def start(self, name: str, *command: str) -> None:
        with (self.folder / f"{name}.log").open("ab") as log:
            self.processes[name] = subprocess.Popen(
                [BIN / command[0], *command[1:]],
                cwd=ROOT,
                env=self.environment,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def start_worker(self) -> None:
        options = ("--loglevel", "INFO", "--without-gossip", "--without-mingle")
        self.start("worker", "celery", "--app", "clvsite", "worker", *options)

    def start_beat(self) -> None:
        self.start("beat", "celery", "--app", "clvsite", "beat", "--pidfile=")

    def start_web(self) -> int:
        """Serve the pages; the port."""
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        self.start(
            "web",
            "gunicorn",
            "clvsite.wsgi",
            "--bind",
            f"127.0.0.1:{port}",
            "--threads=4",
            "--no-control-socket",
        )
        return port

    def kill(self, name: str) -> None:
        """kill -9, with every child."""
        process = self.processes.pop(name)
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()

    def log(self, name: str) -> str:
        return (self.folder / f"{name}.log").read_text(errors="replace")

    def close(self) -> None:
        for name in list(self.processes):
            self.kill(name)


def wait_for(what: Callable[[], Any], why: str, pause: float = 0.02) -> Any:
    """The first true answer of `what`; fails, naming `why`, when it takes too long."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        if answer := what():
            return answer
        time.sleep(pause)
    return pytest.fail(f"waited {PATIENCE} seconds in vain: {why}")


def skip_or_fail(reason: str) -> None:
    """A missing service skips a test by name; where none may be missing, it fails."""
    if os.environ.get("CLVSITE_NO_SKIPS"):
        pytest.fail(reason)
    pytest.skip(reason)
