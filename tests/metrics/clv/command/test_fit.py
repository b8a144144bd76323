import csv
import json

import numpy as np
import pytest

from metrics.clv.__main__ import main

CDNOW = "tests/data/cdnow_sample_transactions.csv"
COLUMNS = (
    "customer x t_x T mean_spend p_alive expected_purchases dert expected_spend"
    " clv clv_low clv_high"
)

ASKED = ["--until", "1997-09-30", "--holdout-until", "1998-06-30"]


@pytest.fixture(scope="module", autouse=True)
def at_the_root(request):
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(request.config.rootpath)
        yield


@pytest.fixture(scope="module")
def cdnow(tmp_path_factory):
    """The command's answer for CDNOW by Pareto/NBD, and the values that it wrote."""
    values = tmp_path_factory.mktemp("fit") / "values.csv"
    with pytest.MonkeyPatch.context() as patch:
        written = []
        patch.setattr("sys.stdout.write", written.append)
        options = [*ASKED, "--model", "pareto_nbd", "--weekly-rate", "0.0027"]
        code = main(["fit", CDNOW, *options, "--values", str(values), "--json"])
    assert code == 0
    with values.open() as lines:
        return json.loads("".join(written)), list(csv.DictReader(lines))


def test_the_published_fit_of_cdnow_comes_out(cdnow):
    answer, _ = cdnow
    assert answer["model"] == "pareto_nbd"
    assert answer["parameters"]["r"] == pytest.approx(0.553, abs=0.001)
    assert answer["parameters"]["beta"] == pytest.approx(11.669, abs=0.05)
    assert answer["log_likelihood"] == pytest.approx(-9594.976, abs=0.01)
    assert answer["standard_errors"]["r"] == pytest.approx(0.0476, rel=0.02)
    assert (answer["customers"], answer["repeat_purchases"]) == (2357, 2457)
    assert (answer["unit"], answer["status"], answer["dropped"]) == ("week", "good", {})


def test_the_holdout_and_the_spend_of_cdnow_come_out(cdnow):
    answer, _ = cdnow
    holdout, spend = answer["holdout"], answer["gamma_gamma"]
    assert holdout["actual"] == 1882
    assert holdout["forecast"] == pytest.approx(1665.51, rel=1e-3)
    assert holdout["mae"] == pytest.approx(0.7545, rel=1e-3)
    assert holdout["naive_mae"] > holdout["mae"]
    customers = [row["customers"] for row in holdout["by_frequency"]]
    assert customers == [1411, 439, 214, 100, 62, 38, 29, 64]
    assert (spend["p"], spend["q"]) == pytest.approx((6.2496, 3.7442), abs=0.01)
    assert spend["log_likelihood"] == pytest.approx(-4055.918, abs=0.01)
    assert spend["customers"] == 946


def test_a_continuous_weekly_rate_gives_the_published_residual(cdnow):
    assert cdnow[0]["dert_total"] == pytest.approx(7185.97, rel=1e-3)


def test_the_values_of_customers_add_up_to_the_total(cdnow):
    answer, values = cdnow
    assert list(values[0]) == COLUMNS.split()
    assert sum(float(row["clv"]) for row in values) == pytest.approx(answer["clv_total"])
    assert sum(float(row["dert"]) for row in values) == pytest.approx(answer["dert_total"])
    first = {name: float(value) for name, value in values[0].items()}
    assert (first["customer"], first["x"], first["T"]) == (1, 2, pytest.approx(38.857, rel=1e-4))
    assert first["clv_low"] <= first["clv"] <= first["clv_high"]


def write(path, customers, days=700, seed=4):
    """A log of customers named by text, who come by a Poisson process and stay."""
    draw = np.random.default_rng(seed)
    bought = [(f"c{number:03}", 0) for number in range(customers)]
    for number, rate in enumerate(draw.gamma(2, 0.01, customers)):
        again = draw.integers(1, days, draw.poisson(rate * days))
        bought += [(f"c{number:03}", day) for day in again]
    lines = [
        f"{name};{np.datetime64('2022-01-01') + int(day)};{draw.gamma(5, 4):.2f}"
        for name, day in bought
    ]
    path.write_text("\n".join(["client;day;spend", *lines, ";2022-01-01;5"]))
    return path


def test_names_that_are_text_come_back_in_the_values(tmp_path, capsys):
    path, values = write(tmp_path / "log.csv", 400), tmp_path / "values.csv"
    asked = ["--until", "2023-11-30", "--model", "bg_nbd", "--values", str(values), "--json"]
    code = main(["fit", str(path), *asked])
    answer = json.loads(capsys.readouterr().out)
    assert code == 0
    assert answer["dropped"] == {"no customer": 1}
    assert answer["holdout"]["holdout_until"] == "2023-11-30"
    with values.open() as lines:
        rows = list(csv.DictReader(lines))
    assert sorted(row["customer"] for row in rows) == [f"c{number:03}" for number in range(400)]
    counted = sum(1 for line in path.read_text().splitlines() if line.startswith("c007;"))
    (seventh,) = (row for row in rows if row["customer"] == "c007")
    assert 0 < int(seventh["x"]) < counted


def test_people_get_a_few_lines_and_every_warning(tmp_path, capsys):
    path = write(tmp_path / "log.csv", 400)
    assert main(["fit", str(path), "--until", "2024-12-31", "--model", "nbd"]) == 0
    shown = capsys.readouterr().out
    assert shown.startswith("400 customers, ")
    assert "The last purchase in the file is of 2023-1" in shown
    assert "1 rows, no customer" in shown


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["none.csv", *ASKED], "There is no file none.csv."),
        ([CDNOW, *ASKED, "--amount", "net"], "The file has no column net. It has customer_id,"),
        (["pyproject.toml", *ASKED], "Say which column holds the customer; the file has [project]"),
        ([CDNOW, "--until", "1996-12-31"], "Nobody had bought by 1996-12-31: the first purchase"),
        ([CDNOW, *ASKED, "--date", "cds"], "holds no purchase that can be read."),
        ([CDNOW, *ASKED, "--months", "0"], "The horizon must be between 1 and 60 months."),
        ([CDNOW, *ASKED, "--yearly-rate", "-0.1"], "The yearly rate must be between 0 and 100"),
        ([CDNOW, *ASKED, "--yearly-rate", "nan"], "The yearly rate must be between 0 and 100"),
        ([CDNOW, *ASKED, "--weekly-rate", "-0.0027"], "The weekly rate must be between 0 and 0.08"),
        ([CDNOW, *ASKED, "--weekly-rate", "1e9"], "The weekly rate must be between 0 and 0.08"),
        ([CDNOW, *ASKED, "--margin", "30"], "The margin must be a share between -1 and 1"),
        ([CDNOW, *ASKED, "--margin", "nan"], "The margin must be a share between -1 and 1"),
        ([CDNOW, *ASKED, "--date", "cds"], "Rows left out: 6,919 with no day."),
        ([CDNOW, "--until", "1997-01-02"], "too few to forecast from"),
        ([CDNOW, "--until", "1997-09-30", "--holdout-until", "1997-09-01"], "must end after"),
    ],
)
def test_what_cannot_be_used_is_refused_in_one_sentence(capsys, arguments, sentence):
    assert main(["fit", *arguments]) == 2
    said = capsys.readouterr()
    assert sentence in said.err
    assert said.err.count("\n") == 1
    assert said.out == ""


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ([CDNOW], "The following arguments are required: --until."),
        ([CDNOW, "--until", "1997-13-01"], "Argument --until: invalid day value: '1997-13-01'."),
        ([CDNOW, *ASKED, "--model", "magic"], "invalid choice: 'magic'"),
        ([CDNOW, *ASKED, "--yearly-rate", ".1", "--weekly-rate", ".1"], "not allowed with"),
    ],
)
def test_options_that_do_not_fit_are_refused_in_one_sentence(capsys, arguments, sentence):
    with pytest.raises(SystemExit) as refusal:
        main(["fit", *arguments])
    assert refusal.value.code == 2
    said = capsys.readouterr().err
    assert sentence in said
    assert said.count("\n") == 1


def test_amounts_beyond_all_numbers_are_refused_in_one_sentence(tmp_path, capsys):
    path = write(tmp_path / "log.csv", 400)
    head, *lines = path.read_text().splitlines()
    path.write_text("\n".join([head, *(f"{line}e300" for line in lines)]))
    assert main(["fit", str(path), "--until", "2023-11-30", "--model", "nbd", "--json"]) == 2
    said = capsys.readouterr()
    assert "impossible for" in said.err
    assert said.err.count("\n") == 1
    assert said.out == ""
