"""What workers tell each other through the database: questions as JSON, answers as bytes."""

from collections.abc import Sequence
from dataclasses import fields
from typing import Any, get_args, get_origin, get_type_hints

import numpy as np
from numpy.typing import NDArray

from metrics.clv.learning.findings import Terms
from metrics.clv.learning.questions import (
    Check,
    Coverage,
    Likelihood,
    Sample,
    SpendLikelihood,
    Survey,
)
from metrics.clv.purchases.histories import Array

KNOWN: dict[str, type[Any]] = {
    kind.__name__: kind
    for kind in (Check, Coverage, Likelihood, Sample, SpendLikelihood, Survey, Terms)
}
"""What can be written, by name: a question that is not here cannot be asked of a shard."""


def written(letter: Any) -> dict[str, Any]:
    """A question as JSON: its class by name, floats by their repr, so that all reads back alike."""
    name = type(letter).__name__
    if name not in KNOWN:
        raise LookupError(f"{name} is not among the questions that shards are asked")
    return {"asks": name} | {
        field.name: _plain(getattr(letter, field.name)) for field in fields(letter)
    }


def read_back(letter: dict[str, Any]) -> Any:
    """The question that was written."""
    kind = KNOWN[letter["asks"]]
    hints = get_type_hints(kind)
    return kind(
        **{field.name: _typed(hints[field.name], letter[field.name]) for field in fields(kind)}
    )


def _plain(value: Any) -> Any:
    if isinstance(value, tuple):
        return [_plain(each) for each in value]
    if isinstance(value, float):
        return repr(float(value))
    return value if isinstance(value, str) else int(value)


def _typed(hint: Any, value: Any) -> Any:
    if get_origin(hint) is tuple:
        kinds = get_args(hint)
        if kinds[-1] is Ellipsis:
            kinds = kinds[:1] * len(value)
        return tuple(_typed(kind, each) for kind, each in zip(kinds, value, strict=True))
    return hint(value) if hint in {float, int} else value


def packed(answers: Sequence[NDArray[Any]]) -> bytes:
    """Arrays as bytes: how many, how long each, then their numbers, little-endian."""
    lengths = np.array([len(answers), *(answer.size for answer in answers)], dtype="<i8")
    numbers = [np.asarray(answer, dtype="<f8").tobytes() for answer in answers]
    return b"".join([lengths.tobytes(), *numbers])


def unpacked(answer: bytes | memoryview) -> list[Array]:
    """The arrays that were packed, each in one row."""
    (count,) = np.frombuffer(answer, "<i8", 1)
    lengths = np.frombuffer(answer, "<i8", count, offset=8)
    numbers = np.frombuffer(answer, "<f8", offset=8 + 8 * int(count))
    return np.split(numbers.astype(np.float64), np.cumsum(lengths)[:-1])[:count]
