"""Two current valuations that end at the same moment: both end, and the newer is in force."""

from threading import Thread

import psycopg
import pytest
from django.db import connection

from metrics.models import Valuation
from metrics.value.storage.switching import switch
from tests.metrics.value.by_hand import LAST_MONTH_END, TODAY, valuation_of


def running(as_of):
    terms = {"months": 12, "yearly_rate": "0.1", "margin": "0.3", "currency": "GBP", "changes": 0}
    return Valuation.objects.create(as_of=as_of, status="running", **terms)


def elsewhere():
    settings = connection.settings_dict
    names = {"dbname": "NAME", "host": "HOST", "port": "PORT", "user": "USER"}
    known = {name: settings[key] for name, key in names.items() if settings[key]}
    return psycopg.connect(**known, password=settings["PASSWORD"] or None)


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("first", [0, 1])
def test_of_two_that_end_at_the_same_moment_the_newer_is_in_force(first):
    valuation_of()
    both = [running(LAST_MONTH_END), running(TODAY)]
    one, other = both[first], both[1 - first]

    def end():
        switch(other, clv_total=1)
        connection.close()

    thread = Thread(target=end)
    with elsewhere() as other_worker:
        other_worker.execute("UPDATE metrics_valuation SET in_force = FALSE WHERE in_force")
        other_worker.execute(
            "UPDATE metrics_valuation SET in_force = TRUE, status = 'done', clv_total = 1"
            " WHERE id = %s",
            [one.pk],
        )
        thread.start()
        thread.join(timeout=1)
        assert thread.is_alive(), "it waits for the other"
    thread.join()
    assert Valuation.objects.in_force() == both[1]
    assert set(Valuation.objects.values_list("status", flat=True)) == {"done"}
