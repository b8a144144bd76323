import pytest

from clvsite.simulated.company import simulate


@pytest.fixture(scope="session")
def facts():
    """The company as `make up` shows it."""
    return simulate(seed=1)
