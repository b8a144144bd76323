"""A valuation in shards, worked off in this process round by round."""

import pytest

from metrics.models import ShardTask, Valuation
from metrics.value import asking, timing, valuation
from metrics.value.scoring import EPOCH
from metrics.value.together import keeping, rounds, shards
from tests.metrics.value.conftest import LAST_DAY


@pytest.fixture
def asked(shop):
    """Ask for a valuation in so many shards, and let every shard be asked to read."""
    forget_this_process()  # another test's valuation had the same key

    def ask(number: int, model_asked: str = "bg_nbd") -> Valuation:
        made = asking.ask(Valuation.Purpose.ASKED, LAST_DAY, shards=number, model_asked=model_asked)
        return begun(Valuation.objects.claim(made.pk))

    return ask


def begun(one: Valuation) -> Valuation:
    since = (timing.first_purchase_day() - EPOCH).days
    rounds.begin(one, valuation.terms_of(one, since))
    return one


def work_off(one: Valuation, rounds_at_most: int = 1000) -> Valuation:
    """Do what waits, round by round, in this process, up to the valuation's end."""
    for _ in range(rounds_at_most):
        open_tasks = one.shard_tasks.open().order_by("pk").values_list("pk", flat=True)
        for pk in list(open_tasks):
            shards.carry_out(ShardTask.objects.claim(pk))
        shards.go_on(one)
        one.refresh_from_db()
        if one.is_over:
            break
    return one


def forget_this_process() -> None:
    """What another worker, who has seen none of it, would know."""
    rounds._replay_from.cache_clear()
    shards._yardstick.cache_clear()
    keeping._crowds.clear()
