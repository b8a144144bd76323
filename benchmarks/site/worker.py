"""A worker of the site without its broker: takes what shards have to do until all is valued."""

import sys
import time
from contextlib import suppress

import django

django.setup()

from customers.models import WorkMoved  # noqa: E402
from metrics.models import ShardTask, Valuation  # noqa: E402
from metrics.value.together import shards  # noqa: E402

A_MESSAGE = 0.005
"""Seconds between two looks for work."""


def work_off(one: Valuation) -> None:
    free = ShardTask.objects.claimable
    while not one.is_over:
        for pk in free().filter(valuation=one).order_by("pk").values_list("pk", flat=True)[:1]:
            with suppress(WorkMoved):  # the other one took it
                shards.carry_out(shards.claim(pk))
                shards.go_on(one)
        time.sleep(A_MESSAGE)
        one.refresh_from_db(fields=["status"])


if __name__ == "__main__":
    Valuation.objects.exists()
    print("ready", flush=True)
    work_off(Valuation.objects.get(pk=int(sys.stdin.readline())))
