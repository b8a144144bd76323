import pytest

from tests.metrics.metric_map.evidence import by_hand as company


@pytest.fixture
def satisfaction(metric):
    made = metric("Satisfaction", level=2)
    company.satisfaction_score(made)
    return made


@pytest.fixture
def late(metric, sales):
    company.live(sales)
    made = metric("Late deliveries")
    company.late_rate(made)
    return made
