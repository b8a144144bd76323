"""What a process remembers of shards between rounds, and which of them it takes by that."""

from importlib import import_module

import numpy as np
import pytest
from django.apps import apps

from customers.models import PurchaseDay, WorkMoved
from metrics.models import ShardTask, Valuation
from metrics.value import asking
from metrics.value.storage.reading import Part, read_purchase_days
from metrics.value.together import keeping, rounds, shards
from tests.metrics.value.conftest import LAST_DAY
from tests.metrics.value.together.conftest import begun, forget_this_process, work_off

pytestmark = pytest.mark.django_db


def test_a_worker_takes_the_shard_that_it_remembers_whichever_it_is_signalled(asked):
    one = asked(3)
    work_off(one, rounds_at_most=1)
    first, second, third = one.shard_tasks.open().order_by("shard")
    keeping.forget(first)
    keeping.forget(second)
    assert shards.claim(first.pk).shard == 2
    assert shards.claim(third.pk).shard == 0
    assert shards.claim(second.pk).shard == 1
    with pytest.raises(WorkMoved):
        shards.claim(first.pk)


def test_a_signal_for_what_is_gone_does_nothing(asked):
    one = asked(2)
    gone = one.shard_tasks.get(shard=1)
    rounds.forget(one)
    with pytest.raises(WorkMoved):
        shards.claim(gone.pk)


def test_a_shard_keeps_its_purchases_as_they_were_read(asked):
    one = asked(2)
    work_off(one, rounds_at_most=1)
    for task in one.shard_tasks.open():
        kept, read = keeping.purchases_of(task), read_purchase_days(LAST_DAY, Part(task.shard, 2))
        assert kept.customer.tolist() == read.customer.tolist()
        assert kept.day.tolist() == read.day.astype(np.int64).tolist()
        assert kept.amount.tolist() == read.amount.tolist()


def test_what_a_slow_worker_read_and_could_not_store_is_not_remembered(asked, monkeypatch):
    one = asked(2)
    slow = ShardTask.objects.claim(one.shard_tasks.get(shard=0).pk)
    ShardTask.objects.filter(pk=slow.pk).update(heartbeat_at="2000-01-01T00:00Z")
    other = ShardTask.objects.claim(slow.pk)
    read = shards.read_purchase_days

    def read_before_another_does(*asked_for):
        found = read(*asked_for)
        monkeypatch.setattr(shards, "read_purchase_days", read)
        PurchaseDay.objects.filter(record__customer=found.customer[0]).delete()
        shards.carry_out(other)
        return found

    monkeypatch.setattr(shards, "read_purchase_days", read_before_another_does)
    with pytest.raises(WorkMoved):
        shards.carry_out(slow)
    (view, *_) = keeping.crowd_at(other).views.values()
    assert {*view.histories.customer} <= {*keeping.purchases_of(other).customer}


def test_a_valuation_that_ran_while_the_site_was_renewed_begins_anew(asked, shop):
    one = work_off(asked(2), rounds_at_most=3)
    import_module("metrics.migrations.0013_shards_are_read_anew").read_anew(apps, None)
    forget_this_process()
    assert not one.shard_tasks.exists()
    Valuation.objects.filter(pk=one.pk).update(heartbeat_at="2000-01-01T00:00Z")
    again = work_off(begun(Valuation.objects.claim(one.pk)))
    assert (again.status, again.customers) == (Valuation.Status.DONE, len(shop))


def test_a_process_remembers_nobody_it_has_valued(asked):
    one = asked(2)
    work_off(one, rounds_at_most=2)
    assert keeping.known_here() >= {(one.pk, 0), (one.pk, 1)}
    work_off(one)
    assert one.pk not in {valuation for valuation, _ in keeping.known_here()}


def test_what_a_lost_valuation_left_in_memory_goes_with_the_next_one_begun_elsewhere(asked):
    lost = work_off(asked(2), rounds_at_most=1)
    known = keeping.known_here()
    Valuation.objects.filter(pk=lost.pk).update(status="failed")
    made = asking.ask(Valuation.Purpose.ASKED, LAST_DAY, shards=2, model_asked="nbd")
    one = work_off(begun(Valuation.objects.claim(made.pk)), rounds_at_most=1)
    assert {valuation for valuation, _ in known} == {lost.pk}
    keeping.forget(one.shard_tasks.get(shard=0, round=0))
    work_off(one, rounds_at_most=1)
    assert {valuation for valuation, _ in keeping.known_here()} == {one.pk}
