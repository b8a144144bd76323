"""What workers tell each other reads back as it was written, to the last bit."""

import inspect
import json

import numpy as np
import pytest

from metrics.clv.learning import questions
from metrics.clv.learning.findings import Terms
from metrics.clv.learning.questions import (
    Check,
    Coverage,
    Likelihood,
    Sample,
    SpendLikelihood,
    Survey,
)
from metrics.value.together.letters import KNOWN, packed, read_back, unpacked, written

ASKED = [
    Survey(19_000),
    Sample(np.int64(19_000), 33),
    Likelihood("bg_nbd", 19_000, (0.1 + 0.2, -1e-300, np.float64(1 / 3), 1e22, float("inf"))),
    SpendLikelihood(19_000, (5e-324,)),
    Check("nbd", (2.0, 3.0), 18_900, ()),
    Coverage("nbd", (1.5,), (), 18_900, (0, 1, 7), 104.0),
    Terms(19_000, 18_000, "week", "auto", ("bg_nbd", "nbd"), ((18_900, 19_000), (18_800, 18_900))),
]


@pytest.mark.parametrize("asked", ASKED, ids=lambda asked: type(asked).__name__)
def test_a_question_reads_back_the_same(asked):
    read = read_back(json.loads(json.dumps(written(asked), allow_nan=False)))
    assert read == asked
    assert repr(written(read)) == repr(written(asked))


def test_every_question_can_be_written():
    classes = inspect.getmembers(questions, inspect.isclass)
    asked = {name for name, kind in classes if hasattr(kind, "answer")}
    assert asked <= KNOWN.keys()
    assert {type(each).__name__ for each in ASKED} == KNOWN.keys()


def test_another_class_is_refused():
    with pytest.raises(LookupError, match="ndarray"):
        written(np.zeros(1))


@pytest.mark.parametrize("shapes", [[], [0], [3, 0, 1], [(5, 6), 2]])
def test_answers_are_unpacked_as_they_were_packed(shapes):
    random = np.random.default_rng(1)
    answers = [random.normal(size=shape) for shape in shapes]
    read = unpacked(memoryview(packed(answers)))
    assert len(read) == len(answers)
    for one, other in zip(read, answers, strict=True):
        np.testing.assert_array_equal(one, other.ravel())


def test_numbers_that_are_none_come_back_too():
    (read,) = unpacked(packed([np.array([np.nan, -0.0, np.inf])]))
    np.testing.assert_array_equal(read, [np.nan, -0.0, np.inf])
    assert np.signbit(read[1])
