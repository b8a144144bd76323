"""Figure runs: when one is due, and that it can be stopped and begun again."""

from datetime import timedelta

import pytest
from django.conf import settings as site
from django.utils import timezone

from customers.models import Source, Upload, WorkMoved
from metrics.indicators.figures import due_run, run, runs, store
from metrics.models import Figure, FigureRun, MetricVersion

ORDERS = ("orders", "count", "")


@pytest.fixture
def open_shop(shop):
    shop.sells("ann", "2024-01-01", 10)
    shop.is_complete_until("2024-01-14")
    return shop


def claimed(asked):
    return FigureRun.objects.claim(asked.pk)


def test_a_run_is_due_once_and_then_when_purchases_change(open_shop, declare):
    declare(ORDERS)
    run(claimed(due_run()))
    assert due_run() is None
    Source.objects.count_change(open_shop.source.pk)
    assert due_run() is not None


def test_a_run_is_due_when_a_definition_is_new(open_shop, declare):
    run(claimed(due_run()))
    declare(ORDERS)
    assert due_run() is not None


def test_a_run_is_due_when_data_are_complete_for_longer(open_shop, declare):
    run(claimed(due_run()))
    open_shop.is_complete_until("2024-01-21")
    assert due_run().as_of.isoformat() == "2024-01-21"


def test_nothing_is_due_before_the_first_import(db):
    assert due_run() is None


def test_nothing_is_due_while_a_file_is_on_its_way_in(open_shop):
    Upload.objects.update(status=Upload.Status.RUNNING)
    assert due_run() is None


def test_there_is_one_run_at_a_time(open_shop):
    assert due_run() is not None
    assert due_run() is None


def test_a_failed_run_is_not_tried_again_until_something_changes(open_shop):
    claimed(due_run()).fail("The disk is full.")
    assert due_run() is None
    Source.objects.count_change(open_shop.source.pk)
    assert due_run() is not None


def test_a_run_that_stopped_goes_on_after_the_version_it_reached(open_shop, declare, monkeypatch):
    first, second = declare(ORDERS), declare(ORDERS)
    stored = []

    def stop_at_the_second(version, *figures):
        stored.append(version.pk)
        if stored == [first.pk, second.pk]:
            raise KeyboardInterrupt
        store(version, *figures)

    monkeypatch.setattr(runs, "store", stop_at_the_second)
    asked = due_run()
    with pytest.raises(KeyboardInterrupt):
        run(claimed(asked))
    silent = timezone.now() - site.WORK_LEASE - timedelta(seconds=1)
    FigureRun.objects.update(heartbeat_at=silent)
    run(claimed(asked))
    asked.refresh_from_db()
    assert stored == [first.pk, second.pk, second.pk]
    assert (asked.status, asked.steps_done, asked.steps_total) == ("done", 2, 2)
    assert Figure.objects.count() == 4


def test_only_one_of_two_workers_goes_on(open_shop, declare):
    declare(ORDERS)
    run_of_one = claimed(due_run())
    run_of_other = FigureRun.objects.get(pk=run_of_one.pk)
    run(run_of_one)
    with pytest.raises(WorkMoved):
        run(run_of_other)


def test_a_version_that_cannot_be_counted_does_not_stop_the_others(open_shop, declare):
    declare(("parcels", "count", ""))
    version = declare(ORDERS)
    run(claimed(due_run()))
    assert version.figures.count() == 2
    assert Figure.objects.count() == 2


def test_a_version_out_of_force_keeps_its_figures(open_shop, declare):
    version = declare(ORDERS)
    run(claimed(due_run()))
    MetricVersion.objects.filter(pk=version.pk).update(is_in_force=False)
    Source.objects.count_change(open_shop.source.pk)
    run(claimed(due_run()))
    assert version.figures.count() == 2
