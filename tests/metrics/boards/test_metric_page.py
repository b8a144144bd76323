"""One metric's page: its way up in money, whose it is, its versions and notes."""

from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from customers.models import Role
from metrics.models import Annotation, Baseline, ControlAction, Dispute, Figure, Metric
from tests.metrics.boards.conftest import QUIET

LONG = QUIET * 3


def text_of(response):
    return " ".join(response.text.split())


@pytest.fixture
def chain(with_figures, worth, link):
    """late → satisfaction → retention → equity, with what a step of each is worth."""
    top = with_figures(*QUIET, key="equity", level=1).metric
    keep = with_figures(*QUIET, key="retention", level=2, unit="%").metric
    says = with_figures(*QUIET, key="satisfaction", level=2, unit="points").metric
    late = with_figures(*QUIET, key="late", unit="%", direction="down").metric
    for version in (keep, says, late):
        Figure.objects.filter(version__metric=version).update(denominator=1)
    link(keep, top, "identity", driver="keep")
    doubtful = link(says, keep, slope=0.25, se=0.1, lag_days=90, rung=2)
    link(late, says, slope=-0.5, se=0.15, lag_days=30, rung=4)
    worth(keep, 100_000, lowest_rung=None)
    worth(
        late, 12_500, 4_000, 25_000, step=-1.0, lowest_rung=2, p_right=0.98,
        half_after_days=91, doubtful_link=doubtful, smallest_change=0.1,
    )  # fmt: skip
    return late


def test_the_way_up_is_told_in_units_and_in_money(signed_in, chain):
    page = text_of(signed_in(Role.MANAGER).get("/metrics/late/"))
    assert "1 point fewer, as in its own best quarter" in page
    for change in ("−1 point", "+0.5 points", "+0.12 points", "about +£12,500"):
        assert change in page
    assert "0.25 to 0.75" in page  # 0.5 ± 1.645 × 0.15
    assert "98 chances in 100 that it helps at all" in page
    assert "half of it after about 3 months" in page
    doubt = "Most of the doubt is in how strongly metric satisfaction moves metric retention."
    assert doubt in page
    assert "by other ways" not in page


@pytest.mark.parametrize("address", ["/metrics/late/", "/map/?metric=late"])
def test_the_money_is_told_of_what_stands_at_the_top(signed_in, chain, address):
    page = text_of(signed_in(Role.MANAGER).get(address))
    assert "of metric equity" in page
    assert "of customer equity" not in page


def test_what_comes_by_other_ways_is_said(signed_in, chain):
    chain.worths.update(gain=20_000, gain_high=30_000)
    page = text_of(signed_in(Role.MANAGER).get("/metrics/late/"))
    assert "£7,500 of it comes by other ways than this one." in page


def test_what_drives_a_metric_is_listed_with_what_it_carries(signed_in, chain):
    page = text_of(signed_in(Role.MANAGER).get("/metrics/satisfaction/"))
    assert "One step of it is worth £12,500 this way" in page
    assert "back-tested" in page


def test_inside_the_usual_range_the_page_says_that_the_parts_are_noise(signed_in, chain):
    page = text_of(signed_in(Role.MANAGER).get("/metrics/satisfaction/"))
    assert "so the parts below are noise as well" in page


def test_control_is_declared_measured_and_disputed(signed_in, with_figures, person):
    metric = with_figures(*LONG, key="late", control="full").metric
    ControlAction.objects.create(metric=metric, text="Move the cut-off")
    client = signed_in(Role.FRONT_LINE)
    page = text_of(client.get("/metrics/late/"))
    assert "You control" in page
    assert "Move the cut-off" in page
    assert "The season explains" in page
    assert "/metrics/late/dispute/" in page
    Dispute.objects.create(metric=metric, raised_by=person(Role.MANAGER), said="No carrier of ours")
    assert "No carrier of ours" in text_of(client.get("/metrics/late/"))


def test_with_few_periods_the_data_do_not_speak_of_control_yet(signed_in, with_figures):
    with_figures(*QUIET, key="late")
    page = text_of(signed_in(Role.MANAGER).get("/metrics/late/"))
    assert "The data say something after 13 more periods." in page


@pytest.mark.parametrize("role", [Role.FRONT_LINE, Role.MANAGER])
def test_a_holder_tells_what_happened_on_a_day(signed_in, with_figures, role):
    with_figures(*QUIET, key="late")
    client = signed_in(role)
    for _ in range(2):
        client.post("/metrics/late/annotate/", {"day": "2024-02-05", "text": "A strike"})
    assert Annotation.objects.count() == 1
    page = client.get("/metrics/late/").text
    assert page.count('class="mark"') == 1
    assert "A strike" in page


def test_nobody_tells_of_tomorrow_or_of_another_department(signed_in, with_figures, marketing):
    with_figures(*QUIET, key="late")
    with_figures(*QUIET, key="clicks", department=marketing)
    client = signed_in(Role.MANAGER)
    tomorrow = timezone.localdate() + timedelta(1)
    client.post("/metrics/late/annotate/", {"day": tomorrow, "text": "A strike"})
    said = {"day": "2024-02-05", "text": "A strike"}
    assert client.post("/metrics/clicks/annotate/", said).status_code == 404
    assert not Annotation.objects.exists()


def test_a_baseline_is_set_anew_for_a_reason_only(signed_in, with_figures):
    version = with_figures(*LONG, key="late")
    client = signed_in(Role.MANAGER)
    client.post("/metrics/late/rebase/", {"reason": " "})
    assert not Baseline.objects.exists()
    client.post("/metrics/late/rebase/", {"reason": "A second carrier since May"})
    assert version.baselines.get(is_in_force=True).points == 24
    page = text_of(client.get("/metrics/late/"))
    assert "Baseline of 24 weeks from 25 Mar 2024" in page
    assert "A second carrier since May" in page


def test_no_other_manager_sets_a_baseline_anew(signed_in, with_figures, marketing):
    with_figures(*LONG, key="clicks", department=marketing)
    answer = signed_in(Role.MANAGER).post("/metrics/clicks/rebase/", {"reason": "Why not"})
    assert answer.status_code == 404


def test_two_versions_stand_side_by_side(signed_in, with_figures):
    old = with_figures(*QUIET, key="late")
    old.is_in_force, old.beside_until = False, date(2030, 1, 1)
    old.save()
    new = old.metric.versions.create(number=2, grain="week", unit="orders", made_on="2024-02-05")
    new.measures.create(side="numerator", source="orders", aggregate="count")
    for figure in old.figures.all():
        new.figures.create(
            starts_on=figure.starts_on, ends_on=figure.ends_on, numerator=figure.numerator + 2
        )
    page = text_of(signed_in(Role.MANAGER).get("/metrics/late/"))
    assert "counted beside its successor until 1 Jan 2030" in page
    assert '<td class="num">+2 orders</td>' in page
    assert "Version 2</text>" in page


def test_who_has_to_sign_stands_on_the_page(client, with_figures, person):
    with_figures(*QUIET, key="late")
    manager = person(Role.MANAGER)
    client.force_login(manager)
    assert f"waits</span> for {manager.name}" in text_of(client.get("/metrics/late/"))


def test_an_awaited_metric_offers_to_ask_for_its_data(signed_in, declare):
    declare(way="awaited", key="late")
    page = text_of(signed_in(Role.MANAGER).get("/metrics/late/"))
    assert "Nobody has asked for its data yet" in page
    assert "/data-requests/new/?metric=late" in page


def test_forty_drivers_take_as_many_queries_as_two(signed_in, with_figures, chain, link, worth):
    client = signed_in(Role.MANAGER)
    says = Metric.objects.get(key="satisfaction")

    def more(first, last):
        for number in range(first, last):
            made = with_figures(*QUIET, key=f"m{number}").metric
            link(made, says, slope=0.1, lag_days=7)
            worth(made, 5)

    def queries():
        with CaptureQueriesContext(connection) as captured:
            assert client.get("/metrics/satisfaction/").status_code == 200
        return len(captured)

    more(0, 1)
    client.get("/metrics/satisfaction/")
    few = queries()
    more(1, 40)
    assert queries() == few
