"""The fit command by yearly chances: published supporters, and a population of known parameters."""

import csv
import json
from pathlib import Path

import numpy as np
import pytest

from metrics.clv.__main__ import main
from metrics.clv.yearly import bg_bb
from metrics.clv.yearly.bg_bb import BgBb

DATA = Path(__file__).parents[3] / "data"
TRUTH = BgBb(1.2, 0.75, 0.66, 2.78)
BY_YEAR = ["--model", "bg_bb", "--until"]


def run(*arguments):
    with pytest.MonkeyPatch.context() as patch:
        written = []
        patch.setattr("sys.stdout.write", written.append)
        assert main(["fit", *map(str, arguments), "--json"]) == 0
    return json.loads("".join(written))


def write(path, customer, year, draw, amount=None):
    """Gifts somewhere in these calendar years, some of them twice, in no order."""
    again = draw.integers(0, len(year), len(year) // 5)
    customer, year = np.append(customer, customer[again]), np.append(year, year[again])
    day = (year - 1970).astype("datetime64[Y]").astype("datetime64[D]")
    day += np.concatenate([[364, 0], draw.integers(0, 365, len(year) - 2)])
    spent = draw.gamma(5, 4, len(year)) if amount is None else amount[customer]
    lines = [
        f"s{who},{on},{given:.2f}"
        for who, on, given in zip(customer, day, np.asarray(spent), strict=True)
    ]
    draw.shuffle(lines)
    path.write_text("\n".join(["supporter_id,date,amount", *lines]))
    return path


def rows_of(path):
    with path.open() as lines:
        return list(csv.DictReader(lines))


@pytest.fixture(scope="module")
def matrix():
    """x, t_x, n and how many of the 11,104 supporters have that history."""
    rows = np.loadtxt(DATA / "donations_rf_matrix.csv", delimiter=",", skiprows=1, dtype=int)
    return rows.T


def gifts_of(matrix, draw):
    """Customer and year of every yearly gift of supporters first seen in 1995."""
    years = []
    for x, t_x, _, weight in matrix.T:
        between = np.argsort(draw.random((weight, max(t_x - 1, 0))))[:, : max(x - 1, 0)] + 1
        ends = np.full((weight, 1 + min(x, 1)), [0, t_x][: 1 + min(x, 1)])
        years += list(1995 + np.hstack([ends, between]))
    return np.repeat(np.arange(len(years)), [len(each) for each in years]), np.concatenate(years)


@pytest.fixture(scope="module")
def supporters(matrix, tmp_path_factory):
    """The command's answer for all supporters, who gave 1995 to 2001, and their values."""
    folder, draw = tmp_path_factory.mktemp("yearly"), np.random.default_rng(1)
    path = write(folder / "gifts.csv", *gifts_of(matrix, draw), draw)
    options = ["--customer", "supporter_id", "--months", 60, "--values", folder / "values.csv"]
    answer = run(path, *BY_YEAR, "2001-12-31", *options)
    return answer, rows_of(folder / "values.csv")


def test_the_published_fit_of_supporters_comes_out_of_their_gifts(supporters):
    answer, _ = supporters
    assert (answer["model"], answer["unit"], answer["customers"]) == ("bg_bb", "year", 11_104)
    assert list(answer["parameters"].values()) == pytest.approx(
        (1.2035, 0.7497, 0.6567, 2.7834), abs=1e-4
    )
    assert answer["log_likelihood"] == pytest.approx(-33225.58, abs=0.005)
    assert answer["dert_total"] == pytest.approx(20_286, rel=1e-3)


def test_the_published_five_years_are_the_sum_over_supporters(supporters):
    _, rows = supporters
    assert sum(float(row["expected_purchases"]) for row in rows) == pytest.approx(12_884.2, abs=0.1)
    by_history = {(row["x"], row["t_x"], row["T"]): row for row in rows}
    assert len(by_history) == 22
    assert float(by_history["4", "5", "6"]["expected_purchases"]) == pytest.approx(2.0296, abs=5e-4)


def test_a_few_hundred_supporters_get_the_fit_of_the_weights(matrix, tmp_path):
    few = matrix.copy()
    few[3] = few[3] // 20
    draw = np.random.default_rng(2)
    path = write(tmp_path / "gifts.csv", *gifts_of(few, draw), draw)
    answer = run(path, *BY_YEAR, "2002-03-31", "--customer", "supporter_id")
    wanted = bg_bb.fit(*few)
    assert 400 < answer["customers"] == few[3].sum()
    assert answer["repeat_purchases"] == few[0] @ few[3]
    assert answer["parameters"] == pytest.approx(wanted.parameters, rel=1e-4)
    assert answer["standard_errors"] == pytest.approx(wanted.standard_errors, rel=1e-3)
    assert answer["log_likelihood"] == pytest.approx(wanted.log_likelihood, rel=1e-10)
    assert "part_of_a_year" in [warning["code"] for warning in answer["warnings"]]


@pytest.fixture(scope="module")
def population(tmp_path_factory):
    """A file of 6,000 customers who join over four years and are seen to 2014; who bought when."""
    draw, customers = np.random.default_rng(6), 6_000
    takes = draw.beta(TRUTH.alpha, TRUTH.beta, customers)[:, None]
    leaves = draw.beta(TRUTH.gamma, TRUTH.delta, customers)[:, None]
    alive = np.cumprod(draw.random((customers, 14)) >= leaves, axis=1)
    taken = np.hstack([np.ones((customers, 1)), alive * (draw.random((customers, 14)) < takes)])
    customer, later = np.nonzero(taken)
    year = 2000 + draw.integers(0, 4, customers)[customer] + later
    customer, year = customer[year <= 2014], year[year <= 2014]
    amount = 30 * draw.gamma(6, 1 / 6, customers)
    path = write(tmp_path_factory.mktemp("yearly") / "log.csv", customer, year, draw, amount)
    return path, customer, year


@pytest.fixture(scope="module")
def simulated(population):
    path, *_ = population
    values = path.with_name("values.csv")
    asked = [*BY_YEAR, "2011-12-31", "--holdout-until", "2014-12-31", "--months", 13]
    answer = run(path, *asked, "--customer", "supporter_id", "--values", values)
    return answer, rows_of(values)


def test_the_parameters_that_made_a_file_are_found(simulated):
    answer, _ = simulated
    for name, error in answer["standard_errors"].items():
        truth = getattr(TRUTH, name)
        assert abs(answer["parameters"][name] - truth) < 3 * error < truth


def test_the_years_held_out_are_foretold(simulated, population):
    test = simulated[0]["holdout"]
    *_, year = population
    assert (test["until"], test["holdout_until"]) == ("2011-12-31", "2014-12-31")
    assert test["actual"] == np.count_nonzero(year > 2011)
    assert test["forecast"] == pytest.approx(test["actual"], rel=0.05)
    assert test["mae"] < test["naive_mae"]
    assert sum(row["customers"] for row in test["by_frequency"]) == test["customers"] == 6_000
    for row in test["by_frequency"]:
        assert row["forecast"] == pytest.approx(row["actual"], abs=0.2)


def test_values_add_up_and_reach_over_whole_years(simulated):
    answer, rows = simulated
    assert sum(float(row["clv"]) for row in rows) == pytest.approx(answer["clv_total"])
    assert sum(float(row["dert"]) for row in rows) == pytest.approx(answer["dert_total"])
    assert max(float(row["expected_purchases"]) for row in rows) > 1.5
    assert answer["gamma_gamma"]["customers"] == sum(int(row["x"]) > 0 for row in rows)


def test_ranges_of_customers_hold_what_they_bring_in_90_of_100_and_more(simulated, population):
    answer, rows = simulated
    path, *_ = population
    brought = dict.fromkeys((row["customer"] for row in rows), 0.0)
    for gift in rows_of(path):
        if (ahead := int(gift["date"][:4]) - 2011) in (1, 2):
            brought[gift["supporter_id"]] += float(gift["amount"]) / 1.1**ahead
    bounds = np.array([(row["clv_low"], row["clv"], row["clv_high"]) for row in rows], dtype=float)
    came = np.array([brought[row["customer"]] for row in rows])
    low, clv, high = bounds.T
    assert np.all((low >= 0) & (low <= clv) & (clv <= high))
    assert 0.9 <= np.mean((low - 0.01 <= came) & (came <= high + 0.01)) <= 0.99
    assert np.all(high[clv > 20] > 1.1 * clv[clv > 20])
    assert answer["clv_total_low"] < came.sum() < answer["clv_total_high"]


def test_a_forecast_of_years_that_missed_its_test_is_told(tmp_path):
    draw = np.random.default_rng(5)
    customer = np.repeat(np.arange(300), 5)
    year = np.tile(2000 + np.arange(5), 300)
    kept = (year == 2000) | (draw.random(1_500) < 0.4)
    path = write(tmp_path / "log.csv", customer[kept], year[kept], draw)
    asked = [*BY_YEAR, "2004-12-31", "--holdout-until", "2008-12-31"]
    answer = run(path, *asked, "--customer", "supporter_id")
    assert answer["holdout"]["actual"] == 0
    assert "missed_its_tests" in [warning["code"] for warning in answer["warnings"]]


def test_the_keys_are_those_of_the_other_models(simulated, population):
    path, *_ = population
    daily = run(path, "--until", "2011-12-31", "--model", "bg_nbd", "--customer", "supporter_id")
    assert list(daily) == list(simulated[0])
    assert list(daily["holdout"]) == list(simulated[0]["holdout"])
    assert list(daily["gamma_gamma"]) == list(simulated[0]["gamma_gamma"])


def test_without_days_of_its_own_a_test_holds_out_the_last_third(population):
    path, *_ = population
    answer = run(path, *BY_YEAR, "2011-12-31", "--customer", "supporter_id")
    assert answer["holdout"]["until"] == "2008-12-31"
    assert answer["holdout"]["forecast"] == pytest.approx(answer["holdout"]["actual"], rel=0.05)


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (["2002-06-30"], "have 1 whole calendar years after the first by 2002-06-30; 3 are"),
        (["1999-12-31"], "Nobody had bought by 1999-12-31"),
        (["2011-12-31", "--unit", "week"], "BG/BB counts years: leave --unit out."),
        (["2011-12-31", "--holdout-until", "2011-06-30"], "must end after"),
        (["2011-12-31", "--margin", "nan"], "The margin must be a share between -1 and 1"),
    ],
)
def test_what_cannot_be_used_is_refused_in_one_sentence(population, capsys, options, sentence):
    path, *_ = population
    assert main(["fit", str(path), "--customer", "supporter_id", *BY_YEAR, *options]) == 2
    said = capsys.readouterr()
    assert sentence in said.err
    assert (said.err.count("\n"), said.out) == (1, "")


def test_a_holdout_without_a_whole_year_is_left_out_and_people_are_told(population, capsys):
    path, *_ = population
    asked = [*BY_YEAR, "2011-12-31", "--holdout-until", "2012-11-30"]
    assert main(["fit", str(path), "--customer", "supporter_id", *asked]) == 0
    shown = capsys.readouterr().out
    assert "repeat years with a purchase" in shown
    assert "The forecast could not be tested: no whole year is held out" in shown
