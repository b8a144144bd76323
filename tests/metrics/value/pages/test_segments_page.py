"""Segments and cohorts: who sees which group, and what each is worth."""

from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from customers.models import Role
from metrics.drawing.segments.cohorts import cohort_triangle
from metrics.drawing.segments.groups import group_table, heat_of, size_matrix
from metrics.models import CohortMonth, SegmentTotal
from tests.metrics.value.made_up import finished

pytestmark = pytest.mark.django_db

ADDRESS = "/value/segments/"


@pytest.fixture
def valued(db):
    return finished()


def text_of(client):
    return " ".join(client.get(ADDRESS).text.replace("<b>", "").replace("</b>", "").split())


def segment(name, customers=100, clv=1_000.0, **more):
    return SegmentTotal(name=name, customers=customers, clv=clv, spent=0, **more)


def test_the_page_begins_with_the_group_that_holds_most(signed_in, valued):
    page = text_of(signed_in(Role.EXECUTIVE))
    assert "“Large, steady” holds 30% of customer equity and is 5% of customers." in page
    assert "53 customers will cost more to serve than they bring." in page


@pytest.mark.parametrize(("role", "is_shown"), [(Role.ANALYST, True), (Role.EXECUTIVE, False)])
def test_a_group_of_fewer_than_ten_is_shown_to_an_analyst_only(signed_in, valued, role, is_shown):
    page = text_of(signed_in(role))
    assert ("£57,700" in page) == is_shown
    assert ("−£400" in page) == is_shown
    assert ("Fewer than 10 customers: not shown." in page) != is_shown


def test_what_is_not_known_is_never_a_zero(signed_in, valued):
    page = text_of(signed_in(Role.ANALYST))
    assert "in month 4" in page
    assert "not within 12 months" in page
    assert "not known" in page


def test_without_a_valuation_or_without_segments_the_page_says_what_is_missing(signed_in, company):
    client = signed_in(Role.EXECUTIVE)
    assert "have not been valued yet" in text_of(client)
    valuation = finished()
    valuation.segments.all().delete()
    valuation.cohorts.all().delete()
    page = text_of(client)
    assert "This valuation kept no segments." in page
    assert "No channel is known" in page


def test_the_triangle_has_a_line_a_month_and_a_mean_below(signed_in, valued):
    page = text_of(signed_in(Role.EXECUTIVE))
    assert "Jul 2021" in page
    assert "+17" in page
    assert "All of them" in page


def test_the_page_is_linked_for_those_who_may_open_it(signed_in, valued):
    assert ADDRESS in signed_in(Role.EXECUTIVE).get("/value/").text
    assert ADDRESS not in signed_in(Role.PRIVACY_OFFICER).get("/value/").text


def test_the_page_asks_the_same_for_one_segment_and_for_forty(signed_in, company, valued):
    client = signed_in(Role.EXECUTIVE)

    def queries():
        with CaptureQueriesContext(connection) as captured:
            assert client.get(ADDRESS).status_code == 200
        return len(captured)

    valued.segments.filter(dimension="country").exclude(name="Germany").delete()
    before = queries()
    for number in range(40):
        SegmentTotal.objects.create(
            valuation=valued, dimension="country", rank=number, name=f"Land {number}",
            customers=50, spent=1, clv=1,
        )  # fmt: skip
    assert queries() == before


# The drawings


def test_a_hidden_group_does_not_stretch_the_scale_of_the_others():
    table = group_table([segment("a", clv=100), segment("b", customers=3, clv=9_000)], 10)
    assert [row.is_hidden for row in table.rows] == [False, True]
    assert table.rows[0].x == "96.00%"


def test_a_loss_lies_left_of_zero():
    table = group_table([segment("a", clv=-100), segment("b", clv=100)], 1)
    assert (table.rows[0].x, table.zero, table.rows[1].x) == ("4.00%", "50.00%", "96.00%")


def test_steadiness_stands_in_its_order_and_unknown_words_after_it():
    matrix = size_matrix(
        [
            segment("Large", steadiness="jumpy"),
            segment("Large", steadiness="irregular"),
            segment("Small", steadiness="steady"),
        ],
        ("steady", "mixed", "irregular"),
        1,
    )
    assert matrix.columns == ["steady", "irregular", "jumpy"]
    assert [[cell.of is not None for cell in cells] for _, cells in matrix.rows] == [
        [False, True, True],
        [True, False, False],
    ]


def test_the_group_named_first_is_one_that_may_be_shown():
    matrix = size_matrix(
        [
            segment("Large", customers=2, clv=9_000.0, steadiness="steady"),
            segment("Small", clv=10.0, steadiness="steady"),
        ],
        ("steady",),
        10,
    )
    assert matrix.top.of.name == "Small"


def test_heat_has_five_steps():
    assert [heat_of(share, 0.5) for share in (0, 0.05, 0.15, 0.3, 0.49, 0.5)] == [0, 1, 2, 4, 5, 5]


def bought(cohort, since, customers):
    return CohortMonth(cohort=cohort, months_since=since, customers=customers)


def test_a_month_that_is_not_over_is_left_out_and_named():
    rows = [bought(date(2022, 1, 1), since, 100 - 30 * since) for since in range(3)]
    whole = cohort_triangle(rows, date(2022, 3, 31), 1)
    cut = cohort_triangle(rows, date(2022, 3, 30), 1)
    assert [cell.text for cell in whole.rows[0].cells] == ["70", "40"]
    assert [cell.text for cell in cut.rows[0].cells] == ["70"]
    assert (whole.unfinished, cut.unfinished) == (None, date(2022, 3, 1))


def test_a_month_in_which_nobody_came_back_is_a_nought_not_a_gap():
    rows = [
        bought(date(2022, 1, 1), 0, 50),
        bought(date(2022, 1, 1), 2, 10),
        bought(date(2022, 2, 1), 0, 150),
        bought(date(2022, 2, 1), 1, 40),
    ]
    triangle = cohort_triangle(rows, date(2022, 3, 31), 1)
    assert [[cell.text for cell in row.cells] for row in triangle.rows] == [["0", "20"], ["27"]]
    assert triangle.means == ["20", "20"]


def test_a_small_cohort_keeps_its_line_hidden():
    rows = [bought(date(2022, 1, 1), 0, 9), bought(date(2022, 2, 1), 0, 10)]
    triangle = cohort_triangle(rows, date(2022, 3, 31), 10)
    assert [row.is_hidden for row in triangle.rows] == [True, False]


def test_there_is_no_triangle_before_a_whole_month_has_followed_the_first():
    assert cohort_triangle([bought(date(2022, 1, 1), 0, 9)], date(2022, 1, 31), 1) is None
    assert cohort_triangle([], date(2022, 1, 31), 1) is None


def test_a_size_is_told_with_its_range(signed_in, valued):
    of = valued.segments.filter(dimension="size").order_by("-clv").first()
    of.clv_low, of.clv_high = 71_100.0, 98_800.0
    of.save()
    assert "£71,100 to £98,800" in text_of(signed_in(Role.ANALYST))
    valued.segments.filter(dimension="size").update(clv_low=None, clv_high=None)
    assert "range not known" in text_of(signed_in(Role.ANALYST))
