"""One shard of a valuation: its customers are read once, asked, and valued at the end."""

import io
from collections import Counter
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

import numpy as np
from django.db import transaction
from django.db.models import F
from django.utils import timezone
from numpy.typing import NDArray

from customers.models import Company
from metrics.clv.learning.crowd import Crowd, crowd_of
from metrics.clv.learning.questions import Survey
from metrics.clv.models.chebyshev import ImpossibleValue
from metrics.clv.purchases.histories import Array, PurchaseDays, as_days
from metrics.clv.purchases.patterns import patterns_of
from metrics.models import CustomerValue, Shard, ShardTask, Valuation
from metrics.value.reading import Part, read_purchase_days
from metrics.value.scoring import EPOCH, columns_of, yardstick_of
from metrics.value.together import rounds
from metrics.value.together.letters import packed, read_back
from metrics.value.valuation import CANNOT, cohorts_of, publish
from metrics.value.writing import write_values

KEPT = 32
"""Shards whose customers a process keeps in memory between rounds, until it values some."""

DELETED_AT_ONCE = 10_000


def carry_out(task: ShardTask) -> None:
    """Do what a claimed task says and store its answer. Safe to run again at any point.

    Customers who cannot be valued end the task with the sentence for the person.
    """
    work = {
        ShardTask.Kind.READ: read,
        ShardTask.Kind.ANSWER: answer,
        ShardTask.Kind.SCORE: score,
    }[ShardTask.Kind(task.kind)]
    try:
        work(task)
    except ImpossibleValue as reason:
        task.fail(str(reason))


def read(task: ShardTask) -> None:
    """Keep the purchase days of the shard's customers; the answer is how many they are."""
    terms = read_back(task.questions[0])
    last_day = EPOCH + timedelta(days=max(terms.tested_to.values()))
    days = read_purchase_days(last_day, Part(task.shard, task.valuation.shards))
    _show_life(task)
    purchases = PurchaseDays(days.customer, as_days(days.day), days.amount)
    purchases = purchases.where(purchases.day >= terms.since)
    with transaction.atomic():
        Shard.objects.update_or_create(
            valuation=task.valuation, shard=task.shard, defaults={"histories": kept(purchases)}
        )
        _finish(task, [np.array([len(purchases.day)])])


def answer(task: ShardTask) -> None:
    crowd = crowd_at(task)
    answers = []
    for question in task.questions:
        answers.append(_answer_to(read_back(question), crowd))
        _show_life(task)
    _finish(task, answers)


def _answer_to(question: Any, crowd: Crowd) -> Array:
    """Nothing where nobody is known yet; a survey is answered by any shard."""
    if isinstance(question, Survey) or len(crowd.views[question.as_of].histories):
        given: Array = question.answer(crowd)
        return given
    return np.zeros(0)


def score(task: ShardTask) -> None:
    """Store the worth of the shard's customers; the answer is their cohorts, month by month."""
    valuation, terms = task.valuation, rounds.terms_of(task.valuation)
    findings = rounds.findings_of(valuation)
    _show_life(task)
    purchases = purchases_of(task)
    view = crowd_at(task).views[terms.until]
    _crowd_read.cache_clear()
    if not len(view.histories):
        _finish(task, [np.zeros(0)])
        return
    columns = columns_of(
        valuation,
        view,
        patterns_of(purchases, view.histories),
        yardstick_of(valuation, findings, terms.since),
        Company.objects.current().lapsed_after_days,
    )
    table = cohorts_of(purchases, view.histories)
    _start_over(task, view.histories.customer.tolist())
    write_values(valuation, columns, counted_by=task)
    with transaction.atomic():
        Valuation.objects.filter(pk=valuation.pk).update(
            steps_done=F("steps_done") + len(view.histories), heartbeat_at=timezone.now()
        )
        _finish(task, [np.array([(month.astype(int), *rest) for month, *rest in table])])


def go_on(valuation: Valuation) -> None:
    """Take the step that is due, if one is; publish what is whole. For any worker at any time."""
    try:
        if not rounds.take_step(valuation):
            return
        findings, answers = rounds.finished(valuation)
        yardstick = yardstick_of(valuation, findings, rounds.terms_of(valuation).since)
        with transaction.atomic():
            held = rounds.hold(valuation)
            publish(held, yardstick, cohorts_together([table for (table,) in answers]))
            rounds.forget(held)
    except (*CANNOT, rounds.ShardLost) as reason:
        with transaction.atomic():
            held = rounds.hold(valuation)
            held.fail(str(reason))
            rounds.forget(held)


def cohorts_together(tables: list[Array]) -> list[tuple[np.datetime64, int, int]]:
    """All cohorts from those of the shards: month of the first purchase, months since, how many."""
    customers: Counter[tuple[int, int]] = Counter()
    for table in tables:
        for month, since, number in table.reshape(-1, 3).astype(np.int64).tolist():
            customers[month, since] += number
    return [
        (np.datetime64(month, "M"), since, number)
        for (month, since), number in sorted(customers.items())
    ]


def kept(purchases: PurchaseDays) -> bytes:
    """Purchase days as they are kept between rounds."""
    block = io.BytesIO()
    day = purchases.day.astype(np.int32)
    np.savez_compressed(block, customer=purchases.customer, day=day, amount=purchases.amount)
    return block.getvalue()


def purchases_of(task: ShardTask) -> PurchaseDays:
    """The purchase days that the shard of this task has kept."""
    shard = Shard.objects.get(valuation=task.valuation_id, shard=task.shard)
    with np.load(io.BytesIO(shard.histories)) as block:
        return PurchaseDays(block["customer"], block["day"].astype(np.int64), block["amount"])


def crowd_at(task: ShardTask) -> Crowd:
    """The customers of a task's shard as the plan sees them."""
    same = ShardTask.objects.filter(valuation=task.valuation_id, shard=task.shard)
    reading = same.get(round=rounds.READING)
    return _crowd_read(reading.pk, reading.asked_at)


@lru_cache(maxsize=KEPT)
def _crowd_read(reading: int, asked_at: datetime) -> Crowd:
    """Kept in this process from one round to the next; what is read anew has another task."""
    task = ShardTask.objects.get(pk=reading, asked_at=asked_at)
    terms = read_back(task.questions[0])
    return crowd_of(purchases_of(task), terms.tested_to, terms.unit, terms.since)


def _start_over(task: ShardTask, customers: list[int]) -> None:
    """Take away what an earlier attempt has stored of these customers."""
    task.advance(-task.steps_done, steps_total=len(customers))
    if task.attempt == 1:
        return
    own = CustomerValue.objects.filter(valuation=task.valuation_id)
    for start in range(0, len(customers), DELETED_AT_ONCE):
        own.filter(customer__in=customers[start : start + DELETED_AT_ONCE]).delete()


def _show_life(task: ShardTask) -> None:
    task.show_life()
    Valuation.objects.filter(pk=task.valuation_id).update(heartbeat_at=timezone.now())


def _finish(task: ShardTask, answers: list[NDArray[Any]]) -> None:
    task.finish(answer=packed(answers))
