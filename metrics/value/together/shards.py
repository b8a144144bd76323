"""One shard of a valuation: its customers are read once, asked, and valued at the end."""

from collections import Counter
from contextlib import suppress
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

import numpy as np
from django.db import transaction
from django.db.models import F
from django.utils import timezone
from numpy.typing import NDArray

from customers.models import Company, WorkMoved
from metrics.clv.learning.crowd import Crowd
from metrics.clv.learning.questions import Survey
from metrics.clv.models.chebyshev import ImpossibleValue
from metrics.clv.purchases.histories import Array, PurchaseDays, as_days
from metrics.clv.purchases.patterns import patterns_of
from metrics.models import CustomerValue, ShardTask, Valuation
from metrics.value.scoring import EPOCH, Yardstick, columns_of, yardstick_of
from metrics.value.storage.reading import Part, read_purchase_days
from metrics.value.storage.writing import write_values
from metrics.value.together import keeping, rounds
from metrics.value.together.letters import packed, read_back
from metrics.value.valuation import CANNOT, cohorts_of, publish

DELETED_AT_ONCE = 10_000

A_MOMENT = timedelta(seconds=1)
"""How long a worker's last sign of life is fresh."""


def claim(pk: int) -> ShardTask:
    """The task signalled, or another of its valuation whose customers this process remembers.

    Each signal is for one task, whichever: the other one's goes to a worker who has it first or
    finds this one left. Raises WorkMoved where nothing is free.
    """
    free = ShardTask.objects.claimable().filter(valuation__shard_tasks=pk)
    rows = [(each, (of, shard)) for each, of, shard in free.values_list("pk", "valuation", "shard")]
    known = keeping.known_here()
    for each, _ in sorted(rows, key=lambda row: (row[1] not in known, row[0] != pk, row[0])):
        with suppress(WorkMoved):
            task: ShardTask = ShardTask.objects.claim(each)
            return task
    raise WorkMoved(pk)


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
    crowd = keeping.seen_by(terms, purchases)
    with transaction.atomic():
        keeping.keep(task, purchases)
        _finish(task, [np.array([len(purchases.day)])])
    # Only now: what another worker read and stored may be of another moment
    keeping.remember(task, task.asked_at, crowd)


def answer(task: ShardTask) -> None:
    crowd = keeping.crowd_at(task)
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
    yardstick = _yardstick(*rounds.run_of(valuation))
    _show_life(task)
    purchases = keeping.purchases_of(task)
    view = keeping.crowd_at(task).views[terms.until]
    keeping.forget(task)
    if not len(view.histories):
        _finish(task, [np.zeros(0)])
        return
    columns = columns_of(
        valuation,
        view,
        patterns_of(purchases, view.histories),
        yardstick,
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
        answers = rounds.scored(valuation)
        yardstick = _yardstick(*rounds.run_of(valuation))
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


@lru_cache(maxsize=2)
def _yardstick(first_task: int, asked_at: datetime) -> Yardstick:
    """One for all shards of a run that this process values."""
    tasks = ShardTask.objects.select_related("valuation")
    valuation = tasks.get(pk=first_task, asked_at=asked_at).valuation
    return yardstick_of(valuation, rounds.findings_of(valuation), rounds.terms_of(valuation).since)


@transaction.atomic
def _start_over(task: ShardTask, customers: list[int]) -> None:
    """Take away what an earlier attempt has stored of these customers, and none of a later one,
    which cannot be claimed before the end of this transaction."""
    task.advance(-task.steps_done, steps_total=len(customers))
    if task.attempt == 1:
        return
    own = CustomerValue.objects.filter(valuation=task.valuation_id)
    for start in range(0, len(customers), DELETED_AT_ONCE):
        own.filter(customer__in=customers[start : start + DELETED_AT_ONCE]).delete()


def _show_life(task: ShardTask) -> None:
    if timezone.now() - task.heartbeat_at < A_MOMENT:
        return
    task.show_life()
    Valuation.objects.filter(pk=task.valuation_id).update(heartbeat_at=timezone.now())


def _finish(task: ShardTask, answers: list[NDArray[Any]]) -> None:
    task.finish(answer=packed(answers))
