"""Many shards find and store what one process finds, whoever takes the steps, and however often."""

from dataclasses import asdict
from datetime import date, timedelta

import numpy as np
import pytest
from django.db import IntegrityError, connection, transaction

from customers.models import PurchaseDay, SourceRecord, WorkMoved
from metrics.models import CustomerValue, Shard, ShardTask, Valuation
from metrics.value import asking, valuation
from metrics.value.storage.reading import Part
from metrics.value.together import rounds, shards
from tests.metrics.value.conftest import LAST_DAY
from tests.metrics.value.together.conftest import begun, forget_this_process, work_off

pytestmark = pytest.mark.django_db
CLOSE = 1e-9


def values_of(one: Valuation) -> np.ndarray:
    columns = ("customer", "clv", "p_alive", "clv_low", "expected_spend", "spend_variation", "cost")
    rows = one.values_by_customer.order_by("customer").values_list(*columns)
    return np.array(rows, dtype=float)


@pytest.mark.parametrize("number", [1, 4, 16])
def test_shards_find_and_store_what_one_process_does(asked, shop, number, source, served):
    guest = SourceRecord.objects.create(source=source, key="")
    PurchaseDay.objects.create(record=guest, day=date(2020, 1, 1), amount=5, lines_bought=1)
    served({f"c{number}": 1 + number / 10 for number in range(50)})
    one = work_off(asked(number))
    assert one.status == Valuation.Status.DONE, one.failure
    alone = asking.ask(Valuation.Purpose.ASKED, LAST_DAY, model_asked="bg_nbd")
    expected = valuation.run(Valuation.objects.claim(alone.pk))
    found = rounds.findings_of(one)
    alone.refresh_from_db()
    assert one.customers == alone.customers == len(shop)
    assert one.log_likelihood == pytest.approx(alone.log_likelihood, rel=CLOSE)
    assert asdict(found.purchases.model) == pytest.approx(
        asdict(expected.purchases.model), rel=CLOSE
    )
    assert asdict(found.spend.model) == pytest.approx(asdict(expected.spend.model), rel=CLOSE)
    assert found.errors == pytest.approx(expected.errors, rel=CLOSE)
    assert found.coverage == expected.coverage
    np.testing.assert_allclose(values_of(one), values_of(alone), rtol=CLOSE, atol=1e-12)
    assert float(one.clv_total) == pytest.approx(float(alone.clv_total), rel=CLOSE, abs=0.01)
    for table in ("cohorts", "size_bands", "spread"):
        assert _rows(one, table) == _rows(alone, table)


def _rows(one, table):
    counted = {"cohorts": "cohort", "size_bands": "name", "spread": "low"}[table]
    return sorted(getattr(one, table).values_list(counted, "customers"))


def test_a_shard_without_customers_changes_nothing(asked, shop, monkeypatch):
    monkeypatch.setattr(
        Part, "holds", lambda part, customer: np.full(len(customer), part.number == 0)
    )
    one = work_off(asked(2, model_asked="pareto_nbd"))
    assert (one.status, one.customers) == ("done", len(shop)), one.failure


def test_a_worker_who_has_seen_nothing_goes_on_from_what_is_stored(asked):
    one = asked(2)
    for _ in range(60):
        forget_this_process()
        if work_off(one, rounds_at_most=1).is_over:
            break
    assert one.status == Valuation.Status.DONE
    assert set(one.shard_tasks.values_list("attempt", flat=True)) == {1}


def test_a_task_that_died_is_done_again_and_no_other(asked):
    one = asked(3)
    work_off(one, rounds_at_most=3)
    lost = one.shard_tasks.open().order_by("pk").first()
    ShardTask.objects.claim(lost.pk)
    ShardTask.objects.filter(pk=lost.pk).update(heartbeat_at="2000-01-01T00:00Z")
    assert work_off(one).status == Valuation.Status.DONE
    attempts = dict(one.shard_tasks.values_list("pk", "attempt"))
    assert attempts.pop(lost.pk) == 2
    assert set(attempts.values()) == {1}


def test_a_shard_stopped_between_two_chunks_of_its_values_stores_each_once(
    asked, shop, monkeypatch
):
    one = asked(2)
    while not one.shard_tasks.filter(kind=ShardTask.Kind.SCORE).exists():
        work_off(one, rounds_at_most=1)
    scoring = one.shard_tasks.open().first()
    write = shards.write_values

    def stop_after_it_has_written(*arguments, **named):
        write(*arguments, **named)
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(shards, "write_values", stop_after_it_has_written)
        with pytest.raises(KeyboardInterrupt):
            shards.carry_out(ShardTask.objects.claim(scoring.pk))
    assert 0 < one.values_by_customer.count() < len(shop)
    ShardTask.objects.filter(pk=scoring.pk).update(heartbeat_at="2000-01-01T00:00Z")
    assert work_off(one).status == Valuation.Status.DONE
    assert one.values_by_customer.count() == one.customers == one.steps_done == len(shop)


def test_values_of_an_earlier_attempt_go_in_the_moment_in_which_the_task_is_held(
    asked, monkeypatch
):
    one = asked(1)
    while not one.shard_tasks.filter(kind=ShardTask.Kind.SCORE).exists():
        work_off(one, rounds_at_most=1)
    task = ShardTask.objects.claim(one.shard_tasks.open().get().pk)
    depth = len(connection.savepoint_ids)
    held = []

    def look(run, steps, advance=ShardTask.advance, **values):
        held.append(len(connection.savepoint_ids) - depth)
        advance(run, steps, **values)

    monkeypatch.setattr(ShardTask, "advance", look)
    shards.carry_out(task)
    assert all(held)


def test_whoever_waits_for_others_follows_the_plan(asked):
    one = asked(2)
    work_off(one, rounds_at_most=3)
    forget_this_process()
    waiting = one.shard_tasks.open().order_by("pk").first()
    shards.carry_out(shards.claim(waiting.pk))
    shards.go_on(one)
    assert not one.shard_tasks.filter(round=waiting.round + 1).exists()
    assert rounds._replay(one)._answered == waiting.round - 1


def test_a_step_taken_twice_is_one_step(asked):
    one = asked(2)
    for task in one.shard_tasks.all():
        shards.carry_out(ShardTask.objects.claim(task.pk))
    assert not rounds.take_step(one)
    forget_this_process()
    assert not rounds.take_step(one)
    assert one.shard_tasks.filter(round=1).count() == 2


def test_the_step_of_a_worker_who_died_after_the_last_answer_is_taken_by_the_next_attempt(asked):
    one = asked(2)
    for task in one.shard_tasks.all():
        shards.carry_out(ShardTask.objects.claim(task.pk))
    rounds.keep_alive()
    Valuation.objects.filter(pk=one.pk).update(heartbeat_at="2000-01-01T00:00Z")
    rounds.keep_alive()
    again = begun(Valuation.objects.claim(one.pk))
    assert again.attempt == 2
    assert again.shard_tasks.count() == 2
    assert work_off(again).status == Valuation.Status.DONE


def test_a_valuation_is_not_taken_for_dead_while_a_shard_waits(asked):
    one = asked(2)
    Valuation.objects.filter(pk=one.pk).update(heartbeat_at="2000-01-01T00:00Z")
    rounds.keep_alive()
    with pytest.raises(WorkMoved):
        Valuation.objects.claim(one.pk)


def test_what_a_valuation_that_was_given_up_has_kept_is_swept_away(asked):
    one = asked(2)
    work_off(one, rounds_at_most=2)
    assert Shard.objects.exists()
    Valuation.objects.filter(pk=one.pk).update(attempt=5, heartbeat_at="2000-01-01T00:00Z")
    with pytest.raises(WorkMoved):
        Valuation.objects.claim(one.pk)
    rounds.keep_alive()
    assert not Shard.objects.exists()
    assert not one.shard_tasks.open().exists()
    assert one.shard_tasks.exists()


def test_only_the_first_of_two_workers_publishes(asked):
    one = asked(2)
    slow = Valuation.objects.get(pk=one.pk)
    work_off(one)
    with pytest.raises(WorkMoved):
        shards.go_on(slow)
    assert one.cohorts.exists()
    assert not Shard.objects.exists()


def test_too_little_data_ends_it_in_words(bought):
    bought({f"c{number}": [(LAST_DAY - timedelta(days=number), 5.0)] for number in range(4)})
    made = asking.ask(Valuation.Purpose.ASKED, LAST_DAY, shards=3, model_asked="bg_nbd")
    one = work_off(begun(Valuation.objects.claim(made.pk)))
    assert one.status == Valuation.Status.FAILED
    assert one.failure.endswith(".")
    assert not Shard.objects.exists()


def test_a_shard_that_is_given_up_ends_the_valuation_with_its_reason(asked):
    one = asked(2)
    ShardTask.objects.filter(valuation=one, shard=1).update(status="failed", failure="It stopped.")
    shards.go_on(one)
    one.refresh_from_db()
    assert (one.status, one.failure) == ("failed", "It stopped.")
    assert not one.shard_tasks.open().exists(), "a worker would be sent the others for ever"
    assert not ShardTask.objects.to_signal()
    assert not Shard.objects.exists()


def test_one_that_failed_and_is_asked_for_anew_reads_its_purchases_again(asked):
    one = asked(2)
    work_off(one, rounds_at_most=3)
    Valuation.objects.filter(pk=one.pk).update(status="failed")
    one.refresh_from_db()
    one.try_again()
    again = begun(Valuation.objects.claim(one.pk))
    assert set(again.shard_tasks.values_list("kind", flat=True)) == {"read"}
    assert work_off(again).status == Valuation.Status.DONE


def test_the_database_refuses_a_second_task_for_one_shard_and_round(asked):
    one = asked(2)
    with pytest.raises(IntegrityError), transaction.atomic():
        ShardTask.objects.create(valuation=one, kind="answer", round=0, shard=1)
    assert CustomerValue.objects.filter(valuation=one).count() == 0
