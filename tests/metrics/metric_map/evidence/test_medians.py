"""A median over everybody is, of one customer with a few facts, the customer's own mean."""

import numpy as np
import pytest

from metrics.metric_map.evidence.measures import Facts, outcome_of
from metrics.models import Measure, MetricVersion
from tests.metrics.metric_map.evidence import by_hand as company


@pytest.mark.parametrize("where", [(), ("is_satisfaction",)])
def test_what_a_customer_said_is_the_same_by_median_and_by_mean(metric, sales, where):
    company.live(sales)
    company.satisfaction_score(metric("Mean score"))
    mean = MetricVersion.objects.get()
    version = MetricVersion.objects.create(
        metric=metric("Median score"), number=1, grain="month", unit="points"
    )
    median = Measure.objects.create(
        version=version, side="numerator", source="surveys", aggregate="median", field="score"
    )
    for field in where:
        median.conditions.create(field=field, comparison="eq", value=1)
    facts = Facts.until(company.AS_OF)
    said = outcome_of(version, facts)
    assert np.isfinite(said).any()
    np.testing.assert_array_equal(said, outcome_of(mean, facts))
