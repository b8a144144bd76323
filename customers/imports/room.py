"""The server's disk is full: said in words, wherever an upload is stored."""

import errno
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import OperationalError

from customers.imports.table import UnreadableFile
from customers.models import Upload, WorkMoved

IS_FULL = "There is no room left on the server's disk."
NOT_KEPT = f"{IS_FULL} Nothing of this file was stored; free some, then send it again."
STOPPED = f"{IS_FULL} The rows counted so far are safe; free some, then try again."
WORDS = ("disk is full", "no space left")  # SQLite's, and the system's by way of PostgreSQL


@contextmanager
def keeping() -> Iterator[None]:
    """Raises UnreadableFile where there is no room for a file that arrives."""
    try:
        yield
    except (OSError, OperationalError) as problem:
        if not _means_full(problem):
            raise
        raise UnreadableFile(NOT_KEPT) from problem


@contextmanager
def working_on(upload: Upload) -> Iterator[None]:
    """Ends the upload's step with a sentence where there is no room for what it stores.

    The chunk that did not fit has been rolled back, so the row is read again before it moves.
    Raises WorkMoved where another worker has it by now.
    """
    attempt = upload.attempt
    try:
        yield
    except (OSError, OperationalError) as problem:
        if not _means_full(problem):
            raise
        upload.refresh_from_db()
        if upload.attempt != attempt:
            raise WorkMoved(upload.pk) from problem
        upload.fail(STOPPED)


def _means_full(problem: OSError | OperationalError) -> bool:
    if isinstance(problem, OSError):
        return problem.errno == errno.ENOSPC
    return any(words in str(problem).lower() for words in WORDS)
