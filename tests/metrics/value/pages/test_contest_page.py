"""The valuation page: which model foretold best, how far off, who overruled it, who agrees."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from customers.models import AuditEvent, Role, Source
from metrics.models import (
    ModelRuling,
    SecondOpinion,
    SecondOpinionRow,
    Valuation,
)
from tests.metrics.value.made_up import AS_OF, NO_DROP_OUT, finished

pytestmark = pytest.mark.django_db


@pytest.fixture
def sent(monkeypatch):
    """The signals that were sent to workers."""
    signals = []
    monkeypatch.setattr(
        "celery.current_app.send_task", lambda name, args: signals.append((name, args))
    )
    return signals


@pytest.fixture
def valued(db):
    return finished()


@pytest.fixture
def purchases(db):
    """Data to value again: without a source nothing can be asked for."""
    return Source.objects.create(name="shop", complete_until=AS_OF, changed_at=timezone.now())


def text_of(client, address="/value/"):
    """What a reader reads, without markup and with single spaces."""
    answer = client.get(address)
    assert answer.status_code == 200
    return " ".join(answer.text.replace("<b>", "").replace("</b>", "").split())


def queries(client, address):
    with CaptureQueriesContext(connection) as captured:
        assert client.get(address).status_code == 200
    return len(captured)


def test_the_page_says_who_missed_least_and_by_how_much(signed_in, valued):
    page = text_of(signed_in(Role.ANALYST))
    assert "Pareto/NBD missed least: its misfit is 1.4% below that of MBG/NBD" in page
    assert "36% below that of “everybody goes on as before”" in page
    assert page.index("0.891") < page.index("0.903") < page.index("1.225") < page.index("0.910")


def test_a_barred_model_says_why_in_words(signed_in, valued):
    client = signed_in(Role.EXECUTIVE)
    assert NO_DROP_OUT in text_of(client)
    valued.contest.filter(model="mbg_nbd").update(barred=NO_DROP_OUT)
    page = text_of(client)
    assert page.count("For the same reason.") == 1, "one reason is told once"
    valued.contest.filter(model="mbg_nbd").update(barred="Its parameters run away.")
    assert "For the same reason." not in text_of(client)


def test_the_dateline_says_what_each_condition_is(signed_in, valued):
    page = text_of(signed_in(Role.EXECUTIVE))
    assert "Purpose current" in page
    assert "Times in weeks, money in GBP" in page
    assert "Ranges from 5 to 95 in 100" in page


def test_a_model_that_is_used_though_another_missed_less_is_named(signed_in, db):
    finished(model="mbg_nbd")
    page = text_of(signed_in(Role.ANALYST))
    assert "MBG/NBD is used, though Pareto/NBD missed less." in page


def test_a_forecast_that_is_no_better_than_going_on_as_before_says_so(signed_in, valued):
    valued.contest.filter(model="naive").update(deviance=0.5)
    assert "foretells no better than “everybody" in text_of(signed_in(Role.ANALYST))


def test_the_gain_is_told_in_a_sentence_and_drawn_with_its_table(signed_in, valued):
    page = text_of(signed_in(Role.ANALYST))
    assert "The fifth of customers with the highest forecasts made 61% of the purchases" in page
    assert "Customers, highest forecast first" in page


def test_the_range_is_told_by_its_three_doubts_and_never_by_one_holdout(signed_in, valued):
    page = text_of(signed_in(Role.EXECUTIVE))
    for words in ("£541,000 to £750,000", "£609,000 to £667,000", "£616,000 to £660,000"):
        assert words in page
    assert "rests on 3 tests here" in page
    assert "one holdout" not in page


def test_every_test_of_a_past_forecast_has_its_line(signed_in, valued):
    page = text_of(signed_in(Role.ANALYST))
    for words in ("1 Jan 2022", "+3.3%", "−7.8%", "−9.4%"):
        assert words in page


@pytest.mark.parametrize(
    ("coverage", "verdict"), [(0.934, "ranges of single customers hold"), (0.87, "too narrow")]
)
def test_coverage_is_judged_against_nine_in_ten(signed_in, db, coverage, verdict):
    finished(coverage=coverage)
    page = text_of(signed_in(Role.ANALYST))
    assert f"{coverage:.0%} of customers bought within their own range" in page
    assert verdict in page


def test_contracts_stand_apart_from_the_part_that_has_a_range(signed_in, db):
    finished(contract_clv="81250", contract_customers=112)
    page = text_of(signed_in(Role.EXECUTIVE))
    assert "£719,000" in page
    assert "Contracts of 112 customers" in page


def test_a_valuation_without_anything_held_out_says_what_is_missing(signed_in, db):
    Valuation.objects.create(
        status="done", in_force=True, as_of=AS_OF, months=12, yearly_rate="0.1", margin="0.3",
        currency="GBP", changes=1, clv_total=100, model="nbd",
    )  # fmt: skip
    page = text_of(signed_in(Role.ANALYST))
    for words in ("No contest was held", "No range: too little history", "None yet: it takes"):
        assert words in page


def test_an_analyst_overrules_with_a_reason_and_a_valuation_is_asked_for(
    signed_in, valued, purchases, sent, django_capture_on_commit_callbacks
):
    client = signed_in(Role.ANALYST)
    form = text_of(client, "/value/model/")
    assert "Pareto/NBD: off by −9.4% in total, misfit 0.891, the least" in form
    with django_capture_on_commit_callbacks(execute=True):
        page = client.post(
            "/value/model/", {"model": "bg_nbd", "reason": "As the board knows it."}, follow=True
        ).text
    ruling = ModelRuling.objects.get()
    assert (ruling.model, ruling.by.name) == ("bg_nbd", "Analyst")
    asked = Valuation.objects.get(status="waiting")
    assert sent == [("metrics.tasks.run_valuation", [asked.pk])]
    assert "a valuation under it is being made" in page
    assert "As the board knows it." in AuditEvent.objects.get().about
    page = text_of(client)
    assert "BG/NBD was chosen over the contest" in page
    assert "“As the board knows it.”" in page
    assert "This valuation was made without it." in page


def test_a_ruling_without_a_reason_is_not_stored(signed_in, valued, sent):
    page = signed_in(Role.ANALYST).post("/value/model/", {"model": "nbd", "reason": " "}).text
    assert "Say why: it stands beside the forecast." in page
    assert not ModelRuling.objects.exists()
    assert sent == []


def test_a_ruling_while_a_valuation_is_being_made_holds_from_the_next(
    signed_in, valued, purchases, sent
):
    client = signed_in(Role.ANALYST)
    client.post("/value/new/")
    page = client.post("/value/model/", {"model": "auto", "reason": "Why not."}, follow=True).text
    assert "It holds from the next valuation on." in page
    assert ModelRuling.objects.count() == 1
    assert Valuation.objects.filter(status="waiting").count() == 1


def test_earlier_rulings_stay_readable_and_only_analysts_are_offered_another(
    signed_in, valued, person
):
    by = person(Role.ANALYST)
    ModelRuling.objects.create(model="nbd", reason="Nobody left in spring.", by=by)
    ModelRuling.objects.create(model="auto", reason="Spring is over.", by=by)
    page = text_of(signed_in(Role.EXECUTIVE))
    assert "The contest decides again" in page
    assert page.index("Spring is over.") < page.index("Nobody left in spring.")
    assert "/value/model/" not in page


def test_a_second_opinion_is_asked_for_once_and_watched(
    signed_in, valued, sent, django_capture_on_commit_callbacks
):
    client = signed_in(Role.ANALYST)
    assert "Ask for a second opinion" in text_of(client)
    address = f"/value/{valued.pk}/second-opinion/"
    with django_capture_on_commit_callbacks(execute=True):
        client.post(address)
        client.post(address)
    opinion = SecondOpinion.objects.get()
    assert (opinion.status, opinion.asked_by.name) == ("waiting", "Analyst")
    assert sent == [("metrics.tasks.run_second_opinion", [opinion.pk])]
    part = client.get(f"{address}progress/").text
    assert "Waiting for a worker." in part
    assert 'hx-trigger="every 2s"' in part
    assert "<html" not in part


def test_a_finished_second_opinion_says_what_is_farthest_apart(signed_in, valued):
    opinion = SecondOpinion.objects.create(
        valuation=valued, status="done", customers=2_000, ended_at=timezone.now()
    )
    for rank, (name, ours, theirs) in enumerate([("r", 0.243, 0.243), ("CLV", 102.0, 100.0)]):
        SecondOpinionRow.objects.create(
            opinion=opinion, rank=rank, name=name, ours=ours, theirs=theirs
        )
    page = text_of(signed_in(Role.PRIVACY_OFFICER))
    assert "Most apart is “CLV”: ours is +2.00% against theirs." in page
    assert "On 2,000 customers" in page
    assert "second-opinion/" not in page
    opinion.rows.filter(name="CLV").update(theirs=102.01)
    assert "Both agree to a tenth of a percent" in text_of(signed_in(Role.PRIVACY_OFFICER))


def test_a_failed_second_opinion_says_why_and_can_be_tried_again(
    signed_in, valued, sent, django_capture_on_commit_callbacks
):
    opinion = SecondOpinion.objects.create(
        valuation=valued, status="failed", failure="lifetimes did not settle."
    )
    client = signed_in(Role.ANALYST)
    page = text_of(client)
    assert "lifetimes did not settle." in page
    assert "Try again" in page
    with django_capture_on_commit_callbacks(execute=True):
        client.post(f"/value/{valued.pk}/second-opinion/")
    opinion.refresh_from_db()
    assert opinion.status == "waiting"
    assert sent == [("metrics.tasks.run_second_opinion", [opinion.pk])]


def test_an_unfinished_valuation_has_no_second_opinion(signed_in, valued):
    Valuation.objects.update(status="failed", in_force=False)
    answer = signed_in(Role.ANALYST).post(f"/value/{valued.pk}/second-opinion/")
    assert answer.status_code == 404
    assert not SecondOpinion.objects.exists()


def test_the_page_asks_the_same_for_one_ruling_and_one_row_as_for_forty(
    signed_in, company, valued, person
):
    client = signed_in(Role.ANALYST)
    by = person(Role.ANALYST)
    opinion = SecondOpinion.objects.create(valuation=valued, status="done", ended_at=timezone.now())
    ModelRuling.objects.create(model="nbd", reason="One.", by=by)
    SecondOpinionRow.objects.create(opinion=opinion, rank=0, name="0", ours=1, theirs=1)
    before = queries(client, "/value/")
    for number in range(1, 40):
        ModelRuling.objects.create(model="nbd", reason="More.", by=by)
        SecondOpinionRow.objects.create(
            opinion=opinion, rank=number, name=str(number), ours=1, theirs=1
        )
    assert queries(client, "/value/") == before


def test_the_api_tells_the_contest_the_tests_and_the_coverage(signed_in, valued):
    told = signed_in(Role.ANALYST).get(f"/api/valuations/{valued.pk}/").json()
    assert (told["coverage"], told["contract_clv"]) == (0.934, "0.00")
    assert {each["model"] for each in told["contest"] if each["is_chosen"]} == {"pareto_nbd"}
    assert {each["model"] for each in told["contest"] if each["barred"]} == {"bg_nbd"}
    assert [each["actual"] for each in told["tests"]] == [1_882, 1_420, 1_105]
