"""A valuation with its pulls, and an analyst."""

import pytest

from customers.models import Role
from tests.metrics.value.by_hand import valuation_of, with_pulls


@pytest.fixture
def valuation(company):
    return with_pulls(valuation_of())


@pytest.fixture
def jo(person):
    return person(Role.ANALYST)
