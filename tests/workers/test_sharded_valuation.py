"""One valuation by one, two and four real workers: the same numbers, and kill -9 costs a round."""

import numpy as np
import pytest

from tests.running_site import wait_for

pytestmark = [pytest.mark.long, pytest.mark.worker]

PLACES = [
    pytest.param(("postgresql", "redis"), marks=pytest.mark.postgresql),
    pytest.param(("postgresql", "rabbitmq"), marks=pytest.mark.postgresql),
]
SHARDS = 4
CLOSE = 1e-9

FILL = """
from datetime import date, timedelta
import numpy as np
from customers.models import Customer, Department, PurchaseDay, Source, SourceRecord
chance = np.random.default_rng(5)
source = Source.objects.create(name="shop")
sales = Department.objects.create(name="Sales")
customers = Customer.objects.bulk_create(
    Customer(code=f"c{number}", department=sales) for number in range(1500)
)
records = SourceRecord.objects.bulk_create(
    SourceRecord(source=source, key=one.code, customer=one) for one in customers
)
def days_of(record):
    start = int(chance.integers(0, 180))
    leaves = min(start + chance.exponential(150), 360)
    gaps = np.cumsum(chance.exponential(chance.gamma(2, 18), size=30))
    days = {start, *(int(start + gap) for gap in gaps if start + gap < leaves)}
    spend = chance.gamma(4, 8)
    for day in sorted(days):
        yield PurchaseDay(
            record=record, day=date(2022, 1, 3) + timedelta(days=day), lines_bought=1,
            amount=round(spend * chance.gamma(5, 0.2), 2),
        )
PurchaseDay.objects.bulk_create(day for record in records for day in days_of(record))
"""
BEGIN = f"""
from datetime import date
from metrics.models import Valuation
from metrics.tasks import run_shard_task
from metrics.value import asking, timing, valuation
from metrics.value.scoring import EPOCH
from metrics.value.together import rounds
made = asking.ask("asked", date(2022, 12, 31), shards={SHARDS}, model_asked="bg_nbd")
one = Valuation.objects.claim(made.pk)
since = (timing.first_purchase_day() - EPOCH).days
rounds.begin(one, valuation.terms_of(one, since))
for pk in one.shard_tasks.to_signal():
    run_shard_task.delay_on_commit(pk)
print(one.pk)
"""


@pytest.mark.parametrize("site", PLACES, indirect=True, ids="+".join)
def test_one_two_and_four_workers_find_the_same_and_a_killed_one_costs_its_round(site):
    site.python(FILL)
    site.start_beat()
    alone = _valued_by(site, 1)
    for workers in (2, 4):
        _assert_same(_valued_by(site, workers), alone)
    _assert_same(_valued_in_spite_of_a_kill(site), alone)


def _valued_by(site, workers):
    """The numbers of a new valuation by so many processes; every task was begun once."""
    names = [_start_worker(site, number) for number in range(workers)]
    pk = site.python(BEGIN)
    _wait_for_end(site, pk)
    for name in names:
        site.kill(name)
    assert site.ask(f"SELECT max(attempt) FROM metrics_shardtask WHERE valuation_id = {pk}") == [
        (1,)
    ]
    return _numbers(site, pk)


def _valued_in_spite_of_a_kill(site):
    """The numbers of a valuation whose only worker was killed in the middle of a later round."""
    _start_worker(site, 0)
    pk = site.python(BEGIN)
    tasks = f"FROM metrics_shardtask WHERE valuation_id = {pk}"
    wait_for(
        lambda: site.ask(f"SELECT 1 {tasks} AND round > 2 AND status = 'running'"),
        "a task of a later round to begin",
        pause=0.001,
    )
    site.kill("worker 0")
    ((status,),) = site.ask(f"SELECT status FROM metrics_valuation WHERE id = {pk}")
    assert status == "running"
    running = site.ask(f"SELECT id, round {tasks} AND status = 'running'")
    _start_worker(site, 0)
    _wait_for_end(site, pk)
    site.kill("worker 0")
    again = site.ask(f"SELECT id, round {tasks} AND attempt > 1")
    assert set(again) == set(running)
    assert len({number for _, number in again}) <= 1
    return _numbers(site, pk)


def _start_worker(site, number):
    name = f"worker {number}"
    options = ("--concurrency", "1", "--without-gossip", "--without-mingle")
    node = ("--hostname", f"worker{number}@%h")
    site.start(name, "celery", "--app", "clvsite", "worker", *options, *node)
    return name


def _wait_for_end(site, pk):
    question = f"SELECT status, failure FROM metrics_valuation WHERE id = {pk}"
    ((status, failure),) = wait_for(
        lambda: (rows := site.ask(question))[0][0] != "running" and rows, "the valuation's end"
    )
    assert status == "done", failure


def _numbers(site, pk):
    """Log-likelihood, total and parameters, then each customer's value, in order."""
    found = site.ask(
        f"SELECT log_likelihood, clv_total::float8 FROM metrics_valuation WHERE id = {pk}"
    )
    parameters = site.ask(
        "SELECT value FROM metrics_valuationparameter"
        f" WHERE valuation_id = {pk} ORDER BY model, name"
    )
    values = site.ask(
        "SELECT clv, p_alive, clv_high FROM metrics_customervalue"
        f" WHERE valuation_id = {pk} ORDER BY customer_id"
    )
    return [np.array(rows, dtype=float) for rows in (found, parameters, values)]


def _assert_same(one, other):
    for some, others in zip(one, other, strict=True):
        np.testing.assert_allclose(some, others, rtol=CLOSE, atol=1e-12)
