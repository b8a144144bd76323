"""The secret of a site that was given none: made once, and kept in its data folder."""

import os
from contextlib import suppress
from pathlib import Path
from tempfile import NamedTemporaryFile

from django.core.management.utils import get_random_secret_key


def kept_secret(kept: Path) -> str:
    """What this file holds; it is made where there is none, readable by its owner alone."""
    if not kept.exists():
        with NamedTemporaryFile("w", dir=kept.parent) as made:
            made.write(get_random_secret_key())
            made.flush()
            with suppress(FileExistsError):  # another process was first
                os.link(made.name, kept)
    return kept.read_text()
