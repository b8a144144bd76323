"""Work of this app that outlives a request: valuations and figures, begun when they are due."""

from celery import shared_task

from customers.models import WorkMoved
from metrics.indicators import figures
from metrics.metric_map.agreement import signing
from metrics.metric_map.alerts import handling, openings
from metrics.metric_map.evidence import runs as evidence
from metrics.metric_map.graph import changing_map
from metrics.metric_map.worth import roll_up
from metrics.models import (
    EvidenceRun,
    FigureRun,
    MapEdition,
    Movement,
    RollUp,
    ScenarioValue,
    SecondOpinion,
    ShardTask,
    Valuation,
)
from metrics.value import asking, timing, valuation
from metrics.value.beside import movements, scenarios, second_opinion
from metrics.value.together import rounds, shards


@shared_task(acks_late=True, reject_on_worker_lost=True, throws=(WorkMoved,))
def run_valuation(valuation_id: int) -> None:
    one = Valuation.objects.claim(valuation_id)
    valuation.run(one)
    if one.shards > 1:
        shards.go_on(one)
        _signal_shards(one)


@shared_task(acks_late=True, reject_on_worker_lost=True, throws=(WorkMoved,))
def run_shard_task(task_id: int) -> None:
    """A worker's share of a valuation, then the next step where this was the round's last."""
    task = shards.claim(task_id)
    shards.carry_out(task)
    shards.go_on(task.valuation)
    _signal_shards(task.valuation)


def _signal_shards(one: Valuation) -> None:
    for pk in one.shard_tasks.to_signal():
        run_shard_task.delay_on_commit(pk)


@shared_task(acks_late=True, reject_on_worker_lost=True, throws=(WorkMoved,))
def run_figures(run_id: int) -> None:
    figures.run(FigureRun.objects.claim(run_id))


@shared_task(acks_late=True, reject_on_worker_lost=True, throws=(WorkMoved,))
def run_evidence(run_id: int) -> None:
    evidence.run(EvidenceRun.objects.claim(run_id))


@shared_task(acks_late=True, reject_on_worker_lost=True, throws=(WorkMoved,))
def run_roll_up(roll_up_id: int) -> None:
    roll_up.run(RollUp.objects.claim(roll_up_id))


@shared_task(acks_late=True, reject_on_worker_lost=True, throws=(WorkMoved,))
def run_scenario_value(value_id: int) -> None:
    scenarios.run(ScenarioValue.objects.claim(value_id))


@shared_task(acks_late=True, reject_on_worker_lost=True, throws=(WorkMoved,))
def run_movement(movement_id: int) -> None:
    movements.run(Movement.objects.claim(movement_id))


@shared_task(acks_late=True, reject_on_worker_lost=True, throws=(WorkMoved,))
def run_second_opinion(opinion_id: int) -> None:
    second_opinion.run(SecondOpinion.objects.claim(opinion_id))


KINDS = (
    (Valuation, run_valuation),
    (ShardTask, run_shard_task),
    (FigureRun, run_figures),
    (EvidenceRun, run_evidence),
    (RollUp, run_roll_up),
    (ScenarioValue, run_scenario_value),
    (Movement, run_movement),
    (SecondOpinion, run_second_opinion),
)
"""Every kind of work, with the task that does a piece of it."""


@shared_task
def sweep() -> None:
    """Ask for what is due; send again what waits or was left by a worker that died; tell of the
    metrics that lost their owner since."""
    ask_for_due()
    rounds.keep_alive()
    for kind, task in KINDS:
        for pk in kind.objects.to_signal():
            task.delay_on_commit(pk)
    openings.tell_who_is_missing()


def ask_for_due() -> None:
    """Write down what changes have made due: the valuation, figures, evidence, then worths."""
    publish_in_time()
    if timing.current_is_due():
        asking.ask_workers()
    if not Valuation.objects.open().exists():
        figures.due_run()
    if not FigureRun.objects.open().exists():
        evidence.due_run()
        roll_up.due_roll_up()


def publish_in_time() -> None:
    """Put a map in force that two people confirmed for a time that has come."""
    proposed = MapEdition.objects.filter(state=MapEdition.State.PROPOSED)
    if proposed.filter(publish_at__isnull=False).exists():
        with changing_map():
            signing.publish_due()


@shared_task
def send_alerts() -> None:
    """The morning's mail to everybody whose metrics signal."""
    handling.send_digests()


def bring_up_to_date() -> None:
    """Value and count everything now, in this process: for commands and the sample company."""
    asking.ask_current()
    while waiting := Valuation.objects.filter(status=Valuation.Status.WAITING).first():
        valuation.run(Valuation.objects.claim(waiting.pk))
    for value in ScenarioValue.objects.open().order_by("pk"):
        scenarios.run(ScenarioValue.objects.claim(value.pk))
    for movement in Movement.objects.open().order_by("pk"):
        movements.run(Movement.objects.claim(movement.pk))
    if run := figures.due_run():
        figures.run(FigureRun.objects.claim(run.pk))
    if look := evidence.due_run():
        evidence.run(EvidenceRun.objects.claim(look.pk))
    if due := roll_up.due_roll_up():
        roll_up.run(RollUp.objects.claim(due.pk))
