import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from metrics.clv.worth import portfolio

UNTIL = np.datetime64("2011-12-09")
CUSTOMERS = np.array([3, 5, 8])
money = st.floats(0, 1e6)


@pytest.fixture(params=[0, portfolio.ROOMY], ids=["sorted", "by table"])
def _either_way(request, monkeypatch):
    """Months are put together by a sort, or in a table where it is not too sparse."""
    monkeypatch.setattr(portfolio, "ROOMY", request.param)


@pytest.mark.usefixtures("_either_way")
def test_days_before_1970_vary_as_any_others():
    day = np.array(["1969-10-03", "1969-11-03", "1969-12-03"], dtype="datetime64[D]")
    variation = portfolio.monthly_variation(
        np.array([1, 2]),
        np.array([2, 2, 2]),
        day,
        np.array([7.0, 7.0, 7.0]),
        np.datetime64("1969-12-09"),
    )
    assert variation[1] == 0.0


def test_spend_is_summed_after_the_first_day_and_up_to_the_last():
    customer = np.array([3, 3, 5, 5])
    day = np.array(["2011-01-01", "2011-01-02", "2011-01-02", "2011-02-01"], dtype="datetime64[D]")
    spent = portfolio.spend_between(
        CUSTOMERS,
        customer,
        day,
        np.array([1.0, 2.0, 4.0, 8.0]),
        np.datetime64("2011-01-01"),
        np.datetime64("2011-02-01"),
    )
    assert spent.tolist() == [2.0, 12.0, 0.0]


@pytest.mark.usefixtures("_either_way")
def test_equal_months_do_not_vary_and_one_month_in_three_varies_by_the_root_of_two():
    day = np.array(["2011-10-03", "2011-11-03", "2011-12-03", "2011-10-05"], dtype="datetime64[D]")
    variation = portfolio.monthly_variation(
        CUSTOMERS, np.array([3, 3, 3, 5]), day, np.array([7.0, 7.0, 7.0, 9.0]), UNTIL
    )
    assert variation[:2] == pytest.approx([0.0, np.sqrt(2)])
    assert np.isnan(variation[2])


@given(arrays(float, st.integers(1, 300), elements=st.floats(-1e3, 1e6)))
def test_every_customer_is_in_one_class_of_value(clv):
    classes = portfolio.spread(clv)
    assert sum(each.customers for each in classes) == len(clv)
    assert sum(each.clv for each in classes) == pytest.approx(clv.sum(), abs=1e-6)
    assert (classes[0].low < 0) == (clv < 0).any()


def test_classes_of_value_have_round_edges_that_double():
    edges = [each.low for each in portfolio.spread(np.linspace(0, 640, 1000))]
    assert edges == [0, 10, 20, 40, 80, 160, 320, 640]


def test_a_tenth_that_holds_everything_holds_all_of_the_value():
    assert portfolio.top_share(np.array([0.0] * 9 + [5.0]), 0.1) == 1.0
    assert portfolio.top_share(np.zeros(10), 0.1) == 0.0


def test_no_tenth_holds_more_than_everything_where_losses_nearly_cancel_the_total():
    assert portfolio.top_share(np.array([10.0, -9.9] + [0.0] * 8), 0.1) == 1.0
    assert portfolio.top_share(np.array([6.0, 2.0, -7.9] + [0.0] * 7), 0.1) == 0.75


def test_those_who_spent_most_are_misjudged_where_the_forecast_turns_their_order_round():
    spent = np.arange(20.0)
    assert portfolio.misjudged_share(spent, spent) == 0.0
    assert portfolio.misjudged_share(spent, -spent) == 1.0


@pytest.mark.parametrize(
    ("first", "last", "recent", "before", "clv", "variation", "word"),
    [
        ("2011-11-01", "2011-06-01", 0, 0, 1, 0.5, "lapsed"),
        ("2011-11-01", "2011-11-01", 9, 0, 900, 0.1, "new"),
        ("2010-12-01", "2011-12-01", 9, 1, 900, 0.5, "champion"),
        ("2010-12-01", "2011-12-01", 9, 1, 900, 0.9, "growing"),
        ("2010-12-01", "2011-12-01", 125, 100, 1, np.nan, "regular"),
        ("2010-12-01", "2011-12-01", 126, 100, 1, np.nan, "growing"),
        ("2010-12-01", "2011-12-01", 9, 0, 1, 0.1, "regular"),
    ],
)
def test_the_service_word(first, last, recent, before, clv, variation, word):
    others = np.array([10.0, 20.0, 30.0, 40.0])
    words = portfolio.service_words(
        first_day=np.array([first] + ["2011-01-01"] * 4, dtype="datetime64[D]"),
        last_day=np.array([last] + ["2011-12-01"] * 4, dtype="datetime64[D]"),
        until=UNTIL,
        lapsed_after=np.timedelta64(120, "D"),
        last_half_year=np.array([recent, *others], dtype=float),
        half_year_before=np.array([before, *others], dtype=float),
        is_top=np.array([clv, *others]) >= np.quantile([clv, *others], 0.8),
        variation=np.array([variation] + [1.0] * 4),
    )
    assert words[0] == word


@given(arrays(float, st.integers(1, 300), elements=money))
def test_bands_by_the_sample_are_the_bands_by_rank_where_the_sample_is_everybody(spent):
    named = portfolio.band_names(spent, spent)
    assert np.all((named == portfolio.NO_PURCHASE) == (spent == 0))
    order = [*(name for name, _ in portfolio.BANDS), portfolio.NO_PURCHASE]
    ranks = np.array([order.index(name) for name in named])
    assert np.all(np.diff(ranks[np.argsort(-spent, kind="stable")]) >= 0)


@pytest.mark.usefixtures("_either_way")
def test_a_cohort_is_counted_in_the_months_in_which_it_buys():
    customers = np.array([1, 2, 3])
    customer = np.array([1, 1, 1, 2, 3, 3])
    day = np.array(
        ["2011-01-05", "2011-01-20", "2011-03-01", "2011-01-31", "2011-02-01", "2011-04-02"],
        dtype="datetime64[D]",
    )
    first = np.array(["2011-01-05", "2011-01-31", "2011-02-01"], dtype="datetime64[D]")
    rows = portfolio.cohorts(customers, customer, day, first, np.datetime64("2011-04-15"))
    found = {(str(month), since): count for month, since, count in rows}
    assert found == {
        ("2011-01", 0): 2, ("2011-01", 1): 0, ("2011-01", 2): 1,
        ("2011-02", 0): 1, ("2011-02", 1): 0,
    }  # fmt: skip
