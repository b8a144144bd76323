"""Yearly chances out of purchases, against a plain count, and what is refused."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from metrics.clv.fit import TooLittleData
from metrics.clv.yearly.appraisal import appraise_years
from metrics.clv.yearly.bg_bb import BgBb
from metrics.clv.yearly.chances import keep_years, last_whole_year, year_end

NEW_YEAR_1995 = int(np.datetime64("1995-01-01").astype(int))

PURCHASES = st.lists(
    st.tuples(st.integers(0, 4), st.integers(-800, 4000), st.integers(0, 9999)), min_size=1
)


def plainly(rows, year):
    """customer -> (x, t_x, T, cents of the later years), counted one by one."""
    bought = {}
    for customer, day, cents in rows:
        calendar_year = (np.datetime64("1995-01-01") + day).item().year
        if calendar_year <= year:
            spent = bought.setdefault(customer, {})
            spent[calendar_year] = spent.get(calendar_year, 0) + cents
    return {
        customer: (
            len(spent) - 1,
            max(spent) - min(spent),
            year - min(spent),
            sum(spent.values()) - spent[min(spent)],
        )
        for customer, spent in bought.items()
    }


@settings(max_examples=60)
@given(rows=PURCHASES, year=st.integers(1992, 2006), years=st.integers(1, 4))
def test_chances_are_those_of_a_plain_count(rows, year, years):
    customer, day, cents = np.array(rows).T
    books = keep_years(customer, day + NEW_YEAR_1995, cents / 100, (year, year + years))
    known = books.at(year)
    later = np.rint(known.mean_spend * np.maximum(known.x, 1) * 100).astype(int)
    found = zip(known.x, known.t_x, known.T, later, strict=True)
    wanted = plainly(rows, year)
    assert dict(zip(known.customer.tolist(), found, strict=True)) == wanted
    after = plainly(rows, year + years)
    held_out = [after[each][0] - wanted[each][0] for each in sorted(wanted)]
    assert books.held_out(year, year + years).tolist() == held_out


@pytest.mark.parametrize(
    ("day", "year"),
    [("2003-12-31", 2003), ("2003-12-30", 2002), ("2004-02-29", 2003), ("1969-12-31", 1969)],
)
def test_a_year_is_whole_on_its_last_day(day, year):
    assert last_whole_year(np.datetime64(day)) == year
    assert str(np.datetime64(year_end(year), "D")) == f"{year}-12-31"


def log(model, customers, years, seed=3, spend=20.0):
    """Purchases from 2000 on, by BG/BB's own story: customer, day, amount."""
    draw = np.random.default_rng(seed)
    takes = draw.beta(model.alpha, model.beta, customers)[:, None]
    leaves = draw.beta(model.gamma, model.delta, customers)[:, None]
    alive = np.cumprod(draw.random((customers, years)) >= leaves, axis=1)
    taken = np.hstack([np.ones((customers, 1)), alive * (draw.random((customers, years)) < takes)])
    joined = draw.integers(0, 3, customers)
    customer, later = np.nonzero(taken)
    year = (2000 + joined[customer] + later - 1970).astype("datetime64[Y]")
    day = year.astype("datetime64[D]") + draw.integers(0, 365, len(year))
    return customer, day, draw.gamma(4, spend / 4, len(year))


def test_who_first_buys_in_the_last_year_teaches_nothing_and_is_valued():
    customer, day, amount = log(BgBb(1.2, 0.75, 0.66, 2.78), 600, 8)
    known = day <= np.datetime64("2006-12-31")
    customer, day, amount = customer[known], day[known], amount[known]
    asked = {"until": np.datetime64("2006-12-31"), "margin": 1.0}
    without = appraise_years(customer, day, amount, **asked)
    new = np.append(customer, [900, 901]), np.append(day, 2 * [np.datetime64("2006-07-01")])
    found = appraise_years(*new, np.append(amount, [5.0, 5.0]), **asked)
    assert found.findings.purchases.log_likelihood == pytest.approx(
        without.findings.purchases.log_likelihood, rel=1e-12
    )
    assert found.histories.T[-2:].tolist() == [0, 0]
    model = found.findings.purchases.model
    assert found.worth.p_alive[-2:] == pytest.approx([1, 1])
    expected = model.alpha / (model.alpha + model.beta) * model.delta / (model.gamma + model.delta)
    assert found.worth.expected_purchases[-2:] == pytest.approx(2 * [expected])


def test_clv_is_each_years_expected_spend_discounted_from_its_end():
    purchases = log(BgBb(1.2, 0.75, 0.66, 2.78), 600, 8)
    asked = {"until": np.datetime64("2007-12-31"), "yearly_rate": 0.2, "margin": 0.5}
    one, two, both, again = (
        appraise_years(*purchases, months=months, **asked).worth for months in (12, 24, 13, 24)
    )
    assert both.clv == pytest.approx(again.clv, rel=1e-14)
    second = (two.expected_purchases - one.expected_purchases) * two.expected_spend * 0.5
    assert one.clv == pytest.approx(
        one.expected_purchases * one.expected_spend * 0.5 / 1.2, rel=1e-12
    )
    assert two.clv - one.clv == pytest.approx(second / 1.2**2, rel=1e-9, abs=1e-12)
    assert np.all(one.expected_purchases < one.dert * 1.2 + 1e-12)


def test_where_nobody_is_seen_to_leave_customers_are_valued_as_staying():
    purchases = log(BgBb(1.5, 1.5, 1e-5, 90.0), 800, 8)
    found = appraise_years(*purchases, until=np.datetime64("2008-12-31"))
    assert "no_drop_out" in [warning.code for warning in found.warnings]
    assert found.worth.p_alive.min() > 0.9999
    errors = found.findings.purchases.standard_errors
    for name, error in errors.items():
        assert abs(getattr(found.findings.purchases.model, name) - 1.5) < 3.5 * error < 1
    assert sorted(errors) == ["alpha", "beta"]


def test_a_test_with_too_few_customers_before_it_is_left_out_and_said():
    customer, day, amount = log(BgBb(1.2, 0.75, 0.66, 2.78), 140, 8)
    late = day + np.where(customer < 60, 0, 1827)
    found = appraise_years(customer, late, amount, until=np.datetime64("2007-12-31"))
    assert found.findings.holdout is None
    assert "not_tested" in [warning.code for warning in found.warnings]


@pytest.mark.parametrize(
    ("until", "sentence"),
    [
        ("2002-12-31", "have 2 whole calendar years after the first by 2002-12-31; 3 are needed"),
        ("2003-12-30", "have 2 whole calendar years after the first by 2003-12-30"),
        ("2000-06-30", "have 0 whole calendar years after the first by 2000-06-30"),
    ],
)
def test_too_few_whole_years_are_refused_in_one_sentence(until, sentence):
    purchases = log(BgBb(1.2, 0.75, 0.66, 2.78), 600, 8)
    with pytest.raises(TooLittleData, match=sentence):
        appraise_years(*purchases, until=np.datetime64(until))


def test_too_few_customers_are_refused_in_one_sentence():
    with pytest.raises(TooLittleData, match=r"99 customers, .* are too few to forecast from"):
        appraise_years(*log(BgBb(2, 1, 1, 9), 99, 5), until=np.datetime64("2006-12-31"))
