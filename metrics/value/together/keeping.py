"""A shard's purchases between rounds: in the database for every worker, and as a crowd, ready to
be asked, in the memory of the process that has worked for it."""

import io
from collections import OrderedDict
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from metrics.clv.learning.crowd import Crowd, crowd_of
from metrics.clv.learning.findings import Terms
from metrics.clv.purchases.histories import Integers, PurchaseDays
from metrics.models import Shard, ShardTask, Valuation
from metrics.value.together import rounds

KEPT = 32
"""Shards whose customers a process remembers, the last used; each until it has valued them."""

_crowds: OrderedDict[tuple[int, int, datetime], Crowd] = OrderedDict()
"""By valuation, shard, and when it was asked to read: what is read anew is another crowd."""


def keep(task: ShardTask, purchases: PurchaseDays) -> None:
    """Store the purchases of a reading task. Belongs in the transaction that finishes it."""
    block = io.BytesIO()
    customer, day = _narrow(purchases.customer), _narrow(purchases.day)
    cents = _narrow(np.rint(100 * purchases.amount).astype(np.int64))
    np.savez(block, *customer, *day, *cents)
    Shard.objects.update_or_create(
        valuation=task.valuation, shard=task.shard, defaults={"histories": block.getvalue()}
    )


def purchases_of(task: ShardTask) -> PurchaseDays:
    """The purchase days that the shard of this task has kept, as they were read."""
    shard = Shard.objects.get(valuation=task.valuation_id, shard=task.shard)
    with np.load(io.BytesIO(shard.histories)) as block:
        arrays = list(block.values())
    customer, day, cents = (
        numbers.astype(np.int64) + lowest
        for lowest, numbers in zip(arrays[::2], arrays[1::2], strict=True)
    )
    return PurchaseDays(customer, day, cents / 100.0)


def crowd_at(task: ShardTask) -> Crowd:
    """The customers of a task's shard as the plan sees them."""
    same = ShardTask.objects.filter(valuation=task.valuation_id, shard=task.shard)
    asked_at = same.values_list("asked_at", flat=True).get(round=rounds.READING)
    key = (task.valuation_id, task.shard, asked_at)
    if key not in _crowds:
        _forget_what_is_over()
        remember(task, asked_at, seen_by(rounds.terms_of(task.valuation), purchases_of(task)))
    _crowds.move_to_end(key)
    return _crowds[key]


def known_here() -> set[tuple[int, int]]:
    """The shards that this process remembers, each with its valuation before it."""
    return {(valuation, shard) for valuation, shard, _ in _crowds}


def forget(task: ShardTask) -> None:
    """Drop the crowd of a task's shard from memory."""
    for key in [key for key in _crowds if key[:2] == (task.valuation_id, task.shard)]:
        del _crowds[key]


def remember(task: ShardTask, asked_at: datetime, crowd: Crowd) -> None:
    """asked_at: of the reading task that stored this crowd's purchases."""
    forget(task)
    _crowds[task.valuation_id, task.shard, asked_at] = crowd
    if len(_crowds) > KEPT:
        _crowds.popitem(last=False)


def _forget_what_is_over() -> None:
    running = Valuation.objects.filter(status=Valuation.Status.RUNNING)
    here = set(running.filter(pk__in={of for of, *_ in _crowds}).values_list("pk", flat=True))
    for key in [key for key in _crowds if key[0] not in here]:
        del _crowds[key]


def seen_by(terms: Terms, purchases: PurchaseDays) -> Crowd:
    """The customers who made these purchases, at the days of the terms."""
    return crowd_of(purchases, terms.tested_to, terms.unit, terms.since)


def _narrow(numbers: Integers) -> tuple[Integers, NDArray[np.unsignedinteger]]:
    """Whole numbers as the lowest of them and what they are above it, in as few bytes as will do:
    a database compresses them no further in the time that it takes to send them."""
    lowest = np.asarray(numbers.min() if len(numbers) else 0, dtype=np.int64)
    above = numbers - lowest
    return lowest, above.astype(np.min_scalar_type(above.max(initial=0)))
