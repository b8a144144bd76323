"""Work of this app that outlives a request: valuations and figures, begun when they are due."""

from celery import shared_task

from customers.models import WorkMoved
from metrics.indicators import figures
from metrics.models import FigureRun, Valuation
from metrics.value import asking, timing, valuation


@shared_task(acks_late=True, reject_on_worker_lost=True, throws=(WorkMoved,))
def run_valuation(valuation_id: int) -> None:
    valuation.run(Valuation.objects.claim(valuation_id))


@shared_task(acks_late=True, reject_on_worker_lost=True, throws=(WorkMoved,))
def run_figures(run_id: int) -> None:
    figures.run(FigureRun.objects.claim(run_id))


@shared_task
def sweep() -> None:
    """Ask for what is due; send again what waits or was left by a worker that died."""
    ask_for_due()
    for pk in Valuation.objects.to_signal():
        run_valuation.delay_on_commit(pk)
    for pk in FigureRun.objects.to_signal():
        run_figures.delay_on_commit(pk)


def ask_for_due() -> None:
    """Write down the valuation, then the figure run, that purchases have made due."""
    if timing.current_is_due():
        asking.ask_current()
    if not Valuation.objects.open().exists():
        figures.due_run()


def bring_up_to_date() -> None:
    """Value and count everything now, in this process: for commands and the sample company."""
    asking.ask_current()
    while waiting := Valuation.objects.filter(status=Valuation.Status.WAITING).first():
        valuation.run(Valuation.objects.claim(waiting.pk))
    if run := figures.due_run():
        figures.run(FigureRun.objects.claim(run.pk))
