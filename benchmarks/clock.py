"""Seconds of the processor, ours and the server's that answers us, and seconds of the wall."""

import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from django.db import connection


class Taken(NamedTuple):
    """What a step took. cpu: of this process and of the database's, in seconds."""

    cpu: float
    wall: float


def taken(step: Callable[[], object]) -> Taken:
    cpu, wall = time.process_time() + _of_server(), time.perf_counter()
    step()
    return Taken(time.process_time() + _of_server() - cpu, time.perf_counter() - wall)


def pin() -> None:
    """Keep this process and the server's that answers it on one core."""
    core = {max(os.sched_getaffinity(0))}
    os.sched_setaffinity(0, core)
    if server := _server():
        os.sched_setaffinity(server, core)


def unpin() -> None:
    every = set(range(os.cpu_count() or 1))
    os.sched_setaffinity(0, every)
    if server := _server():
        os.sched_setaffinity(server, every)


def _of_server() -> float:
    """Seconds of the processor that the server's process has had; it has to be on this machine."""
    server = _server()
    return int(Path(f"/proc/{server}/schedstat").read_text().split()[0]) / 1e9 if server else 0.0


def _server() -> int | None:
    if connection.vendor != "postgresql":
        return None
    connection.ensure_connection()
    process: int = connection.connection.info.backend_pid
    return process
