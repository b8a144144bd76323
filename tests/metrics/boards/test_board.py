"""A person's own board: what waits, seven rows, the rest folded; the front line's one metric."""

from datetime import date, timedelta

import pytest
from django.utils import timezone

from customers.models import Role
from metrics.models import Alert, ControlAction, DataRequest

ROSE = "Late deliveries rose."
QUIET = [10, 11, 9, 10, 11, 9, 10, 11, 9, 10, 11, 9]


def text_of(response):
    return " ".join(response.text.split())


@pytest.fixture
def manager(client, person):
    made = person(Role.MANAGER)
    client.force_login(made)
    return made


@pytest.fixture
def alert(with_figures, manager):
    """Raise an alert to the manager."""

    def make(**values):
        metric = with_figures(1).metric
        told = {
            "kind": "signal",
            "period_on": date(2024, 3, 4),
            "sentence": "Late deliveries rose.",
        }
        return Alert.objects.create(metric=metric, owner=manager, **told | values)

    return make


def test_seven_rows_at_most_the_own_first_then_by_worth(client, manager, with_figures, worth):
    versions = [with_figures(*QUIET, key=f"m{number}") for number in range(10)]
    for number, version in enumerate(versions):
        worth(version.metric, 1000 * (number + 1))
    owned = versions[2].metric
    owned.owner = manager
    owned.save()
    page = client.get("/board/")
    keys = [row.metric.key for row in page.context["board"].rows]
    assert keys == ["m2", "m9", "m8", "m7", "m6", "m5", "m4"]
    assert "3 more of Sales" in page.text
    assert "about +£10,000" in page.text


def test_what_is_not_known_is_said_in_words_never_as_zero(client, manager, with_figures, worth):
    worth(with_figures(*QUIET).metric, unknown="The model in force sees nobody leave.")
    page = client.get("/board/").text
    assert "Worth not known. The model in force sees nobody leave." in page
    assert "£0" not in page


def test_noise_is_quiet(client, manager, with_figures, worth):
    worth(with_figures(*QUIET).metric, 10)
    page = client.get("/board/").text
    assert 'class="verdict" data-is="noise"' in page
    assert not {"▲", "▼"} & set(page)


def test_the_row_names_what_its_owner_can_do(client, manager, with_figures):
    metric = with_figures(*QUIET, 30).metric
    ControlAction.objects.create(metric=metric, text="Move the cut-off to 14:00")
    assert "<b>Move the cut-off to 14:00</b>" in client.get("/board/").text


def test_where_no_action_is_named_a_dispute_is_a_click_away(client, manager, with_figures):
    with_figures(*QUIET, key="late")
    assert "/metrics/late/#dispute" in client.get("/board/").text


def test_a_metric_without_data_is_a_hole_with_its_day(client, manager, declare, marketing):
    version = declare(way="awaited", key="late")
    assert "Ask for these data" in client.get("/board/").text
    DataRequest.objects.create(
        metric=version.metric, asked_on="2024-01-05", department=marketing, source="ledger",
        wanted="Each delivery", promised_on="2024-05-03",
    )  # fmt: skip
    assert "Asked from Marketing, due 3 May 2024" in client.get("/board/").text


def test_a_retired_metric_leaves_the_board(client, manager, with_figures):
    metric = with_figures(*QUIET, key="gone").metric
    metric.retired_on = date(2024, 1, 1)
    metric.save()
    assert "Metric gone" not in client.get("/board/").text


def test_no_results_of_another_manager_are_shown(client, manager, with_figures, worth, marketing):
    worth(with_figures(*QUIET, key="clicks", department=marketing).metric, 4321)
    page = client.get("/board/").text
    assert "clicks" not in page
    assert "4,321" not in page


def test_an_alert_waits_until_it_is_seen(client, alert):
    one = alert(path="Late deliveries → satisfaction")
    page = client.get("/board/").text
    assert ROSE in page
    assert "Late deliveries → satisfaction" in page
    client.post(f"/alerts/{one.pk}/", {"does": "seen", "comment": "A strike."})
    one.refresh_from_db()
    assert one.comment == "A strike."
    assert ROSE not in client.get("/board/").text


def test_an_alert_can_wait_for_a_reason_only(client, alert):
    one = alert()
    until = timezone.localdate() + timedelta(7)
    client.post(f"/alerts/{one.pk}/", {"does": "wait", "until": until})
    assert ROSE in client.get("/board/").text
    client.post(f"/alerts/{one.pk}/", {"does": "wait", "until": until, "comment": "Known."})
    assert ROSE not in client.get("/board/").text


def test_what_follows_from_an_alert_is_told_with_it_not_apart(client, alert):
    follows = alert(sentence="Satisfaction fell.", expected_from=alert())
    page = text_of(client.get("/board/"))
    assert f"Expected from it, so not told apart: {follows.metric.name}" in page
    assert "Satisfaction fell." not in page


def test_what_the_budget_holds_back_is_folded_away(client, alert):
    alert(is_held_back=True)
    page = text_of(client.get("/board/"))
    assert "1 more, beyond this month’s 2" in page
    assert page.index("1 more, beyond") < page.index(ROSE)


def test_a_request_for_data_without_a_day_waits_for_its_department(
    client, manager, with_figures, sales
):
    DataRequest.objects.create(
        metric=with_figures(1).metric, asked_on="2024-01-05", department=sales, source="till",
        wanted="Each order",
    )  # fmt: skip
    assert "1 request for data of yours without a day." in client.get("/board/").text


def test_the_front_line_sees_one_metric_with_its_path_and_worth_first(
    signed_in, with_figures, worth, link
):
    top = with_figures(*QUIET, key="equity", level=1).metric
    head = with_figures(*QUIET, key="head", level=3).metric
    own = with_figures(*QUIET, key="own", level=4).metric
    link(head, top, "identity")
    link(own, head, slope=2.0, se=0.5)
    worth(head, 9000)
    worth(own, 800, 300, 1300)
    client = signed_in(Role.FRONT_LINE)
    page = text_of(client.get("/board/"))
    assert "<h1>Metric own</h1>" in page
    assert "about +£800" in page
    assert "£300 to £1,300" in page
    assert "+2 orders" in page
    assert page.count('class="plot"') == 2
    assert "Metric head" not in page.split("<h1>")[0]
    assert "<h1>Sales</h1>" in client.get("/board/?all").text


def test_the_front_line_sees_what_has_figures_before_what_awaits_them(
    signed_in, with_figures, worth
):
    awaited = with_figures(key="awaited", level=4).metric
    own = with_figures(*QUIET, key="own", level=4).metric
    worth(awaited, 9000)
    own.description = "Orders that came."
    own.save()
    page = text_of(signed_in(Role.FRONT_LINE).get("/board/"))
    assert "<h1>Metric own</h1>" in page
    assert "Orders that came.</p>" in page
    assert ".." not in page


def test_the_front_line_without_a_metric_is_told_who_adds_one(signed_in):
    page = text_of(signed_in(Role.FRONT_LINE).get("/board/"))
    assert "The map administrator adds them on the map." in page
