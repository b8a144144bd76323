"""The contract command: the published answers from files, and a sentence for every bad file."""

import argparse
import csv
import gzip
import json
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from pyarrow import parquet

from metrics.clv.command.contract import add_to, main

DATA = Path(__file__).parents[3] / "data"
TELCO = str(DATA / "telco_customer_churn.csv")
BY_TABLE = ["--cohort", "cohort", "--year", "year", "--active", "active"]
BY_TENURE = ["--tenure", "tenure", "--left", "Churn"]


@pytest.fixture(scope="module")
def cohort_rows():
    """(cohort, year, percent active) of the two published cohorts."""
    with (DATA / "retention_high_end_regular.csv").open() as lines:
        rows = list(csv.DictReader(lines))
    return [
        (name, int(row["year"]), float(row[column]))
        for name, column in (
            ("High End", "high_end_percent_surviving"),
            ("Regular", "regular_percent_surviving"),
        )
        for row in rows
    ]


@pytest.fixture
def cohorts(tmp_path, cohort_rows):
    lines = [
        "cohort,year,active",
        *(f"{name},{year},{active}" for name, year, active in cohort_rows),
    ]
    path = tmp_path / "cohorts.csv"
    path.write_text("\n".join(lines))
    return path


@pytest.fixture
def file_with(tmp_path):
    def write(text):
        path = tmp_path / "given.csv"
        path.write_text(text)
        return str(path)

    return write


@pytest.fixture
def answer(capsys):
    """What the command prints as JSON."""

    def ask(*arguments):
        assert main([*map(str, arguments), "--json"]) == 0
        printed = capsys.readouterr()
        assert printed.err == ""
        return json.loads(printed.out)

    return ask


@pytest.fixture
def refusal(capsys):
    """The one line on standard error, with exit code 2 and nothing else printed."""

    def ask(*arguments):
        assert main([*map(str, arguments)]) == 2
        printed = capsys.readouterr()
        assert printed.out == ""
        (line,) = printed.err.splitlines()
        return line

    return ask


def test_the_published_cohorts_get_the_published_answers(answer, cohorts):
    told = answer(cohorts, *BY_TABLE, "--percent-of", 1000, "--until", 7)
    assert (told["model"], told["period"], told["yearly_rate"]) == ("sbg", "year", 0.10)
    high, regular = told["cohorts"]["High End"], told["cohorts"]["Regular"]
    assert high["parameters"] == pytest.approx({"alpha": 0.6681, "beta": 3.8061}, abs=1e-4)
    assert high["log_likelihood"] == pytest.approx(-1611.158, abs=1e-3)
    assert (high["customers"], high["status"], high["warnings"]) == (1000, "good", [])
    assert high["standard_errors"] == pytest.approx({"alpha": 0.104, "beta": 0.786}, rel=0.01)
    assert high["survival"][8:] == pytest.approx([0.460, 0.436, 0.414, 0.395, 0.378], abs=5e-4)
    assert high["retention"][:3] == pytest.approx([0.851, 0.878, 0.897], abs=6e-4)
    assert high["derl"][:5] == pytest.approx([5.415, 5.902, 6.294, 6.620, 6.897], abs=1.1e-3)
    assert high["discounted_life"] == pytest.approx(5.922, abs=6e-4)
    assert regular["parameters"] == pytest.approx({"alpha": 0.7041, "beta": 1.182}, abs=1e-4)
    assert regular["discounted_life"] == pytest.approx(3.695, abs=6e-4)


def test_without_percent_of_values_are_taken_as_given(answer, cohorts):
    as_given = answer(cohorts, *BY_TABLE)["cohorts"]["High End"]
    scaled = answer(cohorts, *BY_TABLE, "--percent-of", 1000)["cohorts"]["High End"]
    assert as_given["customers"] == 100
    assert as_given["parameters"] == pytest.approx(scaled["parameters"], rel=1e-6)
    assert as_given["standard_errors"]["alpha"] == pytest.approx(
        np.sqrt(10) * scaled["standard_errors"]["alpha"], rel=1e-4
    )


def test_subscribers_are_fitted_by_contract_from_tenures(answer):
    told = answer(TELCO, *BY_TENURE, "--cohort", "Contract")
    assert told["period"] == "month"
    assert told["rate_a_renewal"] == pytest.approx(1.1 ** (1 / 12) - 1)
    monthly, yearly = told["cohorts"]["Month-to-month"], told["cohorts"]["One year"]
    assert monthly["parameters"] == pytest.approx({"alpha": 0.4226, "beta": 7.393}, rel=1e-3)
    assert [monthly["survival"][12], monthly["survival"][24]] == pytest.approx(
        [0.6585, 0.5359], abs=1e-4
    )
    assert (yearly["model"], yearly["status"]) == ("geometric", "good with warnings")
    assert yearly["warnings"][0]["code"] == "constant_hazard"
    everybody = answer(TELCO, *BY_TENURE)["cohorts"]["all"]
    assert everybody["log_likelihood"] == pytest.approx(-10465.4, abs=0.05)
    assert everybody["customers"] == 7043


def test_the_same_table_as_csv_gzip_and_parquet_gets_the_same_answer(
    answer, cohorts, cohort_rows, tmp_path
):
    packed, columnar = tmp_path / "cohorts.csv.gz", tmp_path / "cohorts.parquet"
    packed.write_bytes(gzip.compress(cohorts.read_bytes(), mtime=0))
    cohort, year, active = zip(*cohort_rows, strict=True)
    parquet.write_table(pa.table({"cohort": cohort, "year": year, "active": active}), columnar)
    plain = answer(cohorts, *BY_TABLE)
    assert plain == answer(packed, *BY_TABLE) == answer(columnar, *BY_TABLE)


@pytest.mark.parametrize(("yes", "no"), [("Yes", "No"), ("true", "FALSE"), ("1", "0")])
def test_left_may_be_said_in_three_ways(answer, file_with, yes, no):
    rows = [f"{1 + n % 7},{yes if n % 3 else no}" for n in range(60)]
    told = answer(
        file_with("\n".join(["months,gone", *rows])), "--tenure", "months", "--left", "gone"
    )
    assert told["cohorts"]["all"]["customers"] == 60


def test_a_truth_column_of_parquet_is_understood(answer, tmp_path):
    path = tmp_path / "tenures.parquet"
    left = [n % 3 > 0 for n in range(60)]
    parquet.write_table(pa.table({"months": [1 + n % 7 for n in range(60)], "gone": left}), path)
    assert answer(path, "--tenure", "months", "--left", "gone")["cohorts"]["all"]["parameters"]


def test_years_may_come_in_any_order(answer, cohorts, file_with):
    header, *rows = cohorts.read_text().splitlines()
    shuffled = file_with("\n".join([header, *sorted(rows, key=lambda row: row[::-1])]))
    forward, backward = (answer(path, *BY_TABLE)["cohorts"] for path in (cohorts, shuffled))
    assert forward == backward


def test_a_life_without_a_bound_is_left_out_and_said(answer, cohorts):
    high = answer(cohorts, *BY_TABLE, "--yearly-rate", 0)["cohorts"]["High End"]
    assert (high["derl"], high["discounted_life"]) == (None, None)
    assert high["status"] == "good with warnings"
    assert "has no bound" in high["warnings"][0]["sentence"]


def test_a_cohort_that_cannot_be_fitted_does_not_stop_the_others(answer, file_with):
    path = file_with("c,y,n\nnew,0,50\nnew,1,50\nold,0,90\nold,1,60\nold,2,50\nold,3,45\n")
    told = answer(path, "--cohort", "c", "--year", "y", "--active", "n")["cohorts"]
    assert (told["new"]["status"], told["old"]["status"]) == ("failed", "good")
    assert told["new"]["warnings"][0]["sentence"].startswith("Nobody has left")


def test_a_cohort_that_has_just_begun_does_not_stop_the_others(answer, file_with):
    rows = ["old,0,100", "old,1,80", "old,2,70", "new,0,90"]
    told = answer(file_with("\n".join(["cohort,year,active", *rows])), *BY_TABLE)["cohorts"]
    assert told["old"]["model"] == "sbg"
    assert (told["new"]["status"], told["new"]["customers"]) == ("failed", 90)
    assert "One count of survivors is not enough" in told["new"]["warnings"][0]["sentence"]


def test_people_get_a_table(capsys, cohorts):
    assert main([str(cohorts), *BY_TABLE, "--percent-of", "1000", "--until", "7"]) == 0
    printed = capsys.readouterr().out
    assert "High End: 1,000 customers, good" in printed
    assert "alpha 0.6681 (error 0.1), beta 3.806" in printed
    assert "46.04%    94.64%    7.695  projected" in printed


def test_the_command_joins_others_under_one_parser(capsys, cohorts):
    parser = argparse.ArgumentParser()
    add_to(parser.add_subparsers())
    options = parser.parse_args(["contract", str(cohorts), *BY_TABLE, "--json"])
    assert options.run(options) == 0
    assert json.loads(capsys.readouterr().out)["model"] == "sbg"


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("year,count\n0,9\n", "has no column 'active'; it has year, count"),
        ("year,active\n0,100\n1,many\n", "'active' has 'many' in row 2, where a number belongs"),
        ("year,active\n0,100\n1,\n", "'active' is empty in row 2"),
        ("year,active\n0,100\n1,nan\n", "'active' has 'nan' in row 2, where a number belongs"),
        ("year,active\n0,100\n1,80\n2,90\n", "survivors cannot rise, as they do from 80"),
        ("year,active\n0,100\n1,-8\n", "survivors must be zero or more"),
        ("year,active\n0,1e308\n1,1e307\n", "survivors must be zero or more, and 1,000,"),
        ("year,active\n0,100\n2,80\n", "must be 0, 1, 2, ... without a gap"),
        ("year,active\n0,100\n0,80\n", "must be 0, 1, 2, ... without a gap"),
        ("year,active\n0,100\n1,100\n", "Nobody has left yet"),
        ("year,active\n0,100\n", "One count of survivors is not enough"),
        ("year,active\n", "a header and no rows"),
        ("year,active,active\n0,1,1\n", "more than one column 'active'"),
        ("year,active\n0,100\n1,80,7\n", "cannot be read"),
        ("", "cannot be read"),
    ],
)
def test_a_bad_cohort_table_is_refused_in_one_sentence(refusal, file_with, text, sentence):
    assert sentence in refusal(file_with(text), "--year", "year", "--active", "active")


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("tenure,Churn\n-4,No\n", "tenure must be a whole number"),
        ("tenure,Churn\n2.5,No\n", "tenure must be a whole number"),
        ("tenure,Churn\n0,Yes\n", "a tenure of one period or more"),
        ("tenure,Churn\nsix,No\n", "'tenure' has 'six' in row 1, where a number belongs"),
        ("tenure,Churn\n6,No\n7,maybe\n", "'Churn' has 'maybe' in row 2, where Yes or No belongs"),
    ],
)
def test_bad_tenures_are_refused_in_one_sentence(refusal, file_with, text, sentence):
    assert sentence in refusal(file_with(text), *BY_TENURE)


@pytest.mark.parametrize("name", ["broken.parquet", "broken.csv.gz", "broken.csv"])
def test_a_file_of_noise_is_refused_in_one_sentence(refusal, tmp_path, name):
    path = tmp_path / name
    path.write_bytes(b"\xff\xfe\x00 noise\n\x00\x81\x82" * 40)
    assert refusal(path, *BY_TENURE).startswith(str(path))


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (["--year", "tenure"], "--year and --active belong together"),
        (["--left", "Churn"], "--tenure and --left belong together"),
        ([], "Name --year and --active, or --tenure and --left."),
        ([*BY_TENURE, "--year", "tenure"], "Name --year and --active, or --tenure and --left."),
        ([*BY_TENURE, "--until", "4"], "belong to a cohort table"),
        ([*BY_TENURE, "--yearly-rate", "-0.1"], "The yearly rate must be zero or more"),
        ([*BY_TENURE, "--yearly-rate", "nan"], "The yearly rate must be zero or more"),
        ([*BY_TENURE, "--project", "-1"], "Project 0 to 1,000 periods"),
        ([*BY_TENURE, "--yearly-rate", "1e308"], "The yearly rate must be zero or more"),
        ([*BY_TENURE, "--term", "0"], "A term must be a period or more"),
        ([*BY_TENURE, "--term", "100000000"], "A term must be a period or more, and 600 at most."),
        ([*BY_TABLE, "--percent-of", "0"], "--percent-of must be a number of customers."),
    ],
)
def test_options_that_do_not_fit_are_refused_in_one_sentence(refusal, options, sentence):
    assert sentence in refusal(TELCO, *options)


def test_a_missing_file_is_refused_in_one_sentence(refusal, tmp_path):
    assert (
        refusal(tmp_path / "none.csv", *BY_TENURE) == f"There is no file {tmp_path / 'none.csv'}."
    )
