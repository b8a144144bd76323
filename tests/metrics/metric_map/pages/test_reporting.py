"""Figures that people and programs report: the form, its preview, the API, and who may."""

from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from rest_framework.authtoken.models import Token

from customers.models import AuditEvent, Department, Role
from metrics.indicators.figures.runs import due_run
from metrics.indicators.reporting import report, report_value
from metrics.models import Figure, FigureRun, MetricVersion, ReportedFigure

JANUARY, FEBRUARY, MARCH = date(2025, 1, 1), date(2025, 2, 1), date(2025, 3, 1)
API = "/api/reported-figures/"


@pytest.fixture
def turnover(metric):
    made = metric("Turnover", level=4)
    MetricVersion.objects.create(
        metric=made, number=1, grain="month", unit="% of staff", scale=100, decimals=1,
        way="reported",
    )  # fmt: skip
    return made


@pytest.fixture
def page(turnover):
    return reverse("metric-report", args=[turnover.key])


def lines(*told, **more):
    """The form as a browser sends it: a day and numbers a line."""
    sent = {}
    for place, (starts_on, numbers) in enumerate(told):
        sent[f"{place}-starts_on"] = str(starts_on)
        sent |= {f"{place}-{name}": text for name, text in numbers.items()}
    return sent | more


def months_ago(number):
    day = timezone.localdate().replace(day=1)
    for _ in range(number):
        day = (day - timedelta(1)).replace(day=1)
    return day


def test_what_is_reported_becomes_a_figure_with_who_said_it(signed_in, page, turnover):
    client = signed_in(Role.MANAGER)
    sent = lines((JANUARY, {"value": "7.5"}), (FEBRUARY, {"numerator": "6", "denominator": "60"}))
    answer = client.post(page, sent, follow=True).text
    assert "2 figures taken." in answer
    assert "January 2025" in answer
    assert "7.5%" in answer
    assert "10.0%" in answer
    assert "6 of 60" in answer
    assert set(turnover.reports.values_list("reported_by__name", flat=True)) == {
        "Department manager"
    }
    act = AuditEvent.objects.get(verb=AuditEvent.Verb.REPORTED_FIGURE)
    assert act.about == "Turnover, February 2025: 10.0%, and 1 more"


def test_reported_figures_become_due(signed_in, page, shop):
    shop.sells("ann", "2025-01-01", 10)
    shop.is_complete_until("2025-03-31")
    FigureRun.objects.filter(pk=due_run().pk).update(status="done", ended_at=timezone.now())
    assert due_run() is None
    signed_in(Role.MANAGER).post(page, lines((JANUARY, {"value": "7.5"})))
    assert due_run() is not None


def test_a_preview_works_it_out_and_keeps_nothing(signed_in, page, turnover):
    report_value(turnover, JANUARY, 8, None)
    before = list(ReportedFigure.objects.values())
    sent = lines(
        (JANUARY, {"numerator": "3", "denominator": "40"}), (date(2099, 1, 1), {"value": "1"})
    )
    text = signed_in(Role.MANAGER).post(f"{page}?preview", sent).text
    assert "January 2025: 7.5%" in text
    assert "It was 8.0%." in text
    assert "is not over." in text
    assert list(ReportedFigure.objects.values()) == before
    assert Figure.objects.count() == 1
    assert not AuditEvent.objects.exists()


@pytest.mark.parametrize(
    ("starts_on", "numbers", "sentence"),
    [
        (date(2099, 1, 1), {"value": "1"}, "The month to 31 Jan 2099 is not over."),
        (date(2025, 1, 6), {"value": "1"}, "No month starts on 6 Jan 2025"),
        (JANUARY, {"numerator": "1", "denominator": "0"}, "not divided by 0"),
        (JANUARY, {"value": "nan"}, "Write a number"),
        (JANUARY, {"value": "1", "numerator": "1", "denominator": "2"}, "not both"),
        (JANUARY, {"numerator": "1"}, "needs both"),
        ("", {"value": "1"}, "Say which period it is."),
    ],
)
def test_what_cannot_be_is_told_on_its_line_and_nothing_is_taken(
    signed_in, page, starts_on, numbers, sentence
):
    sent = lines((FEBRUARY, {"value": "5"}), (starts_on, numbers))
    answer = signed_in(Role.MANAGER).post(page, sent)
    assert answer.status_code == 200
    assert sentence in answer.text
    assert not ReportedFigure.objects.exists()


def test_lines_without_a_number_count_for_nothing(signed_in, page):
    answer = signed_in(Role.MANAGER).post(page, lines((JANUARY, {"value": ""})))
    assert "No line says anything yet." in answer.text
    assert not ReportedFigure.objects.exists()


def test_a_metric_that_is_not_divided_is_asked_for_a_value_only(signed_in, page, turnover):
    assert 'name="0-numerator"' in signed_in(Role.MANAGER).get(page).text
    turnover.versions.update(scale=1, unit="people")
    text = signed_in(Role.MANAGER).get(page).text
    assert 'name="0-value"' in text
    assert 'name="0-numerator"' not in text


def test_the_periods_that_are_over_and_not_told_stand_in_the_form(signed_in, page, turnover):
    report_value(turnover, months_ago(4), 5, None)
    report_value(turnover, months_ago(2), 5, None)
    text = signed_in(Role.MANAGER).get(page).text
    filled = [f'name="{n}-starts_on" value="{months_ago(m)}"' for n, m in enumerate((3, 1))]
    assert all(one in text for one in filled)
    assert f'value="{months_ago(5)}"' not in text
    assert f'value="{months_ago(0)}"' not in text


def test_what_is_due_ends_where_the_companys_data_end(signed_in, page, turnover, shop):
    shop.sells("ann", "2025-01-01", 10)
    shop.is_complete_until("2025-06-20")
    report_value(turnover, JANUARY, 5, None)
    client = signed_in(Role.MANAGER)
    told = "Still without a figure: February 2025, March 2025, April 2025, May 2025."
    assert told in client.get(page).text
    for month in range(2, 6):
        report_value(turnover, date(2025, month, 1), 5, None)
    assert "Every month to 31 May 2025 has its figure." in client.get(page).text


def test_nothing_is_due_of_days_that_have_not_come(signed_in, page, turnover, shop):
    shop.sells("ann", "2025-01-01", 10)
    shop.is_complete_until("2099-12-31")
    report_value(turnover, months_ago(1), 5, None)
    assert "has its figure." in signed_in(Role.MANAGER).get(page).text


def test_what_was_said_can_be_said_otherwise(signed_in, page, turnover):
    report_value(turnover, JANUARY, 7.3, None)
    text = signed_in(Role.MANAGER).get(f"{page}?period=2025-01-01").text
    assert 'name="0-starts_on" value="2025-01-01"' in text
    assert 'name="0-value" value="7.3"' in text
    assert "another system" in text


def test_a_report_of_another_grain_is_shown_as_one(signed_in, page, turnover):
    turnover.reports.create(starts_on=date(2025, 1, 6), numerator=0.1)
    text = signed_in(Role.MANAGER).get(page).text
    assert "another grain, does not count" in text


@pytest.mark.parametrize("role", list(Role))
def test_a_departments_leaders_and_the_steward_report_and_nobody_else(signed_in, page, role):
    answer = signed_in(role).get(page)
    may = role in {Role.MANAGER, Role.TEAM_LEAD, Role.DATA_STEWARD}
    assert answer.status_code == (200 if may else 404)


@pytest.mark.parametrize("place", ["owner", "backup"])
def test_an_owner_reports_the_own_metric_from_anywhere(client, person, page, turnover, place):
    who = person(Role.FRONT_LINE, Department.objects.create(name="Elsewhere"))
    client.force_login(who)
    assert client.get(page).status_code == 404
    setattr(turnover, place, who)
    turnover.save()
    assert client.get(page).status_code == 200


def test_a_counted_or_retired_metric_is_not_reported(signed_in, page, turnover):
    client = signed_in(Role.DATA_STEWARD)
    turnover.versions.update(way="counted")
    assert client.get(page).status_code == 404
    turnover.versions.update(way="reported")
    turnover.retired_on = JANUARY
    turnover.save()
    assert client.get(page).status_code == 404


def test_the_page_asks_as_little_for_many_as_for_one(signed_in, page, turnover, metric):
    client = signed_in(Role.DATA_STEWARD)

    def more(number):
        other = metric(f"Other {number}", level=4)
        MetricVersion.objects.create(
            metric=other, number=1, grain="month", unit="people", way="reported"
        )
        other.reports.create(starts_on=JANUARY, numerator=1)
        turnover.reports.create(starts_on=months_ago(number + 1), numerator=1)

    more(0)
    client.get(page)
    one = _queries(client, page)
    for number in range(1, 15):
        more(number)
    assert _queries(client, page) == one


def _queries(client, address):
    with CaptureQueriesContext(connection) as captured:
        assert client.get(address).status_code == 200
    return len(captured)


@pytest.fixture
def program(client, person, turnover):
    """Posts and asks with the token of a data steward."""
    token = Token.objects.create(user=person(Role.DATA_STEWARD))
    client.defaults["HTTP_AUTHORIZATION"] = f"Token {token.key}"

    def send(*rows):
        return client.post(API, {"rows": list(rows)}, content_type="application/json")

    send.client = client
    return send


def row(starts_on=JANUARY, key="turnover", **numbers):
    return {"key": key, "starts_on": str(starts_on), **numbers}


def test_a_program_reports_a_batch_and_the_same_again_changes_nothing(program, turnover):
    batch = row(value=7.5), row(FEBRUARY, numerator=6, denominator=60)
    assert program(*batch).json() == {"taken": 2, "unchanged": 0}
    stored = list(ReportedFigure.objects.values())
    assert program(*batch).json() == {"taken": 0, "unchanged": 2}
    assert list(ReportedFigure.objects.values()) == stored
    assert AuditEvent.objects.count() == 1
    assert program(row(value=8)).json() == {"taken": 1, "unchanged": 0}
    told = program.client.get(API, {"key": turnover.key}).json()["results"]
    assert [(one["starts_on"], one["value"]) for one in told] == [
        ("2025-02-01", pytest.approx(10)),
        ("2025-01-01", pytest.approx(8)),
    ]
    assert told[0]["reported_by"] == "Data steward"


@pytest.mark.parametrize(
    ("bad", "sentence"),
    [
        (row(date(2099, 1, 1), value=1), "is not over"),
        (row(date(2025, 1, 6), value=1), "No month starts on"),
        (row(MARCH, numerator=1, denominator=0), "not divided by 0"),
        (row(MARCH, value="NaN"), "valid number"),
        (row(MARCH), "Give a value"),
        (row(MARCH, value=1, numerator=1), "Give a value"),
        (row(MARCH, value=1, key="sales"), "There is no metric sales that you report."),
        (row(FEBRUARY, value=2), "told twice"),
        (row(MARCH, value="much"), "valid number"),
    ],
)
def test_one_row_that_cannot_be_keeps_the_whole_batch_out(program, bad, sentence):
    answer = program(row(FEBRUARY, value=5), bad)
    assert answer.status_code == 400
    assert sentence in str(answer.json()["rows"]["1"])
    assert not ReportedFigure.objects.exists()


def test_a_program_reports_and_reads_only_what_its_person_may(client, person, turnover):
    report(turnover, JANUARY, 3, 40, None)
    elsewhere = Department.objects.create(name="Elsewhere")
    client.force_login(person(Role.MANAGER, elsewhere))
    assert client.get(API).json()["results"] == []
    sent = {"rows": [row(value=1)]}
    answer = client.post(API, sent, content_type="application/json")
    assert "There is no metric turnover" in str(answer.json())
    client.force_login(person(Role.SYSTEM_ADMIN))
    assert client.get(API).status_code == 404
