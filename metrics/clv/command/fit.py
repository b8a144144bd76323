"""python -m metrics.clv fit FILE: what the customers in a file of purchases are worth."""

import argparse
import json
import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import Any, get_args

import numpy as np
import pyarrow as pa
import pyarrow.csv

from metrics.clv.appraisal import Appraisal, appraise, windows_before
from metrics.clv.families import AUTO, FAMILIES
from metrics.clv.fit import Caution
from metrics.clv.learning.holdout import Holdout
from metrics.clv.purchases.histories import DAYS_IN, Day, Unit
from metrics.clv.purchases.reading.headers import UnreadableFile
from metrics.clv.purchases.reading.purchases import PurchaseFile, Purchases
from metrics.clv.purchases.reading.roster import Roster
from metrics.clv.yearly import bg_bb
from metrics.clv.yearly.appraisal import YearlyAppraisal, appraise_years
from metrics.clv.yearly.chances import YearsHeldOut, last_whole_year, year_end

DAYS_IN_A_YEAR = 365.25

UNIX_EPOCH = date(1970, 1, 1)

LARGEST_RATE = 100
"""A year; 10,000 %. A larger one is a slip."""

YEARLY = bg_bb.FAMILY.key
"""The model that looks at calendar years, and not at days."""

COUNTED = {"year": "years with a purchase"}
"""What is counted, where it is not purchases, by unit."""

SILENCE = 31
"""Days without any purchase at the end of what is asked for that need a word."""

NO_AMOUNTS = Caution(
    "no_amounts", "The file has no column of amounts, so that every purchase is worth 0."
)

ABOUT = """\
Fits a model of repeat purchases and one of spend, tests the forecast and values every customer.

Rows of one customer and day are one purchase. Columns are guessed by their usual names. The
forecast is tested on the days up to --holdout-until; without it, on windows before --until.
clv: discounted margin of the next --months, in the file's currency. dert: discounted expected
purchases without an end. clv_low, clv_high: 5 and 95 % of what this customer may bring. Rows that
hold no purchase are left out and counted in dropped.

bg_bb looks at whole calendar years: with a purchase, or without. x, t_x and T count them from a
customer's first, expected_purchases and dert are years with a purchase, spend is that of such a
year, and clv reaches over --months rounded up to years.
"""


def add_to(subparsers: Any) -> None:
    """Add `fit` to the commands; options.run(options) then answers with the exit code."""
    parser = subparsers.add_parser(
        "fit",
        help="what customers are worth, from their purchases",
        description=ABOUT,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    _add_arguments(parser)
    parser.set_defaults(run=run)


def main(arguments: Sequence[str]) -> int:
    """The exit code: 0, or 2 where file or options cannot be used, with a sentence."""
    parser = argparse.ArgumentParser(
        prog="fit", description=ABOUT, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    _add_arguments(parser)
    return run(parser.parse_args(arguments))


def run(options: argparse.Namespace) -> int:
    """As main, from options that are parsed already."""
    try:
        file = PurchaseFile(options.file, options.customer, options.date, options.amount)
        purchases = file.all_at_once()
        with np.errstate(all="ignore"):  # what it comes to is refused, in a sentence
            appraisal = _appraised(purchases, file, options)
        answer = answer_of(appraisal, file)
        answer["warnings"] += [asdict(caution) for caution in _cautions(purchases, file, options)]
        in_json = json.dumps(answer, indent=2, allow_nan=False)
        if options.values:
            write_values(appraisal, file.roster, options.values)
    except (ValueError, ArithmeticError, OSError) as refusal:
        text = str(refusal).rstrip(".")
        sys.stderr.write(f"{text[:1].upper()}{text[1:]}.\n")
        return 2
    sys.stdout.write(f"{in_json if options.json else _for_people(answer)}\n")
    return 0


def answer_of(appraisal: Appraisal | YearlyAppraisal, file: PurchaseFile) -> dict[str, Any]:
    """What is found, as JSON has it. dropped: rows; customers_left_out: customers, by reason."""
    found, worth = appraisal.findings, appraisal.worth
    spend = found.spend
    return {
        "model": found.model,
        "parameters": asdict(found.purchases.model),
        "standard_errors": found.purchases.standard_errors,
        "log_likelihood": found.purchases.log_likelihood,
        "customers": len(appraisal.histories),
        "repeat_purchases": int(appraisal.histories.x.sum()),
        "unit": appraisal.histories.unit,
        "status": str(appraisal.status),
        "warnings": [asdict(warning) for warning in appraisal.warnings],
        "dropped": dict(file.dropped),
        "customers_left_out": appraisal.dropped,
        "holdout": _holdout(found.holdout) if found.holdout else None,
        "gamma_gamma": spend
        and {
            **asdict(spend.model),
            "log_likelihood": spend.log_likelihood,
            "customers": spend.customers,
        },
        "dert_total": None if worth.dert is None else float(worth.dert.sum()),
        "clv_total": appraisal.clv_total,
        "clv_mean": appraisal.clv_mean,
        "clv_total_low": appraisal.clv_low,
        "clv_total_high": appraisal.clv_high,
    }


def write_values(appraisal: Appraisal | YearlyAppraisal, roster: Roster, path: Path) -> None:
    """One row a customer, by the names of the file; a cell is empty where nothing is known."""
    histories, worth = appraisal.histories, appraisal.worth
    unknown = pa.nulls(len(histories), pa.float64())
    columns = {
        "customer": roster.names(histories.customer),
        "x": histories.x,
        "t_x": histories.t_x,
        "T": histories.T,
        "mean_spend": histories.mean_spend,
        "p_alive": worth.p_alive,
        "expected_purchases": worth.expected_purchases,
        "dert": unknown if worth.dert is None else worth.dert,
        "expected_spend": worth.expected_spend,
        "clv": worth.clv,
        "clv_low": unknown if worth.clv_low is None else worth.clv_low,
        "clv_high": unknown if worth.clv_high is None else worth.clv_high,
    }
    pa.csv.write_csv(pa.table(columns), path, pa.csv.WriteOptions(quoting_style="needed"))


def day(text: str) -> int:
    """Days since 1970-01-01 of an ISO date."""
    return (date.fromisoformat(text) - UNIX_EPOCH).days


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("file", type=Path, help="CSV, CSV.gz or Parquet, with a header; a row a purchase")
    add("--customer", help="column of the customer's id")
    add("--date", help="column of the day or moment of the purchase, ISO")
    add("--amount", help="column of the amount, zero or more")
    add("--until", type=day, required=True, help="value customers as of this DAY")
    add("--holdout-until", type=day, help="test on the days after, up to this DAY")
    add("--unit", choices=get_args(Unit), help="of t_x, T and parameters (week)")
    models = (AUTO, *FAMILIES, YEARLY)
    add("--model", choices=models, default=AUTO, help="auto: what foretells the test, by days")
    rates = parser.add_mutually_exclusive_group()
    rates.add_argument("--yearly-rate", type=float, default=0.10, help="0.15 is 15 %% a year")
    rates.add_argument("--weekly-rate", type=float, help="continuous: 0.0027 is 15 %% a year")
    add("--months", type=int, default=12, help="horizon of clv (12)")
    add("--margin", type=float, default=1.0, help="share of the amount that stays (1: revenue)")
    add("--values", type=Path, help="write a row a customer to this CSV")
    add("--json", action="store_true", help="JSON in place of a table for people")


def _appraised(
    purchases: Purchases, file: PurchaseFile, options: argparse.Namespace
) -> Appraisal | YearlyAppraisal:
    if not len(purchases.day):
        raise UnreadableFile(_no_purchase(file, options))
    first_day = int(purchases.day.min())
    if options.until < first_day:
        raise UnreadableFile(
            f"Nobody had bought by {_iso(options.until)}: the first purchase is of "
            f"{_iso(first_day)}."
        )
    if not -1 <= options.margin <= 1:
        raise ValueError("the margin must be a share between -1 and 1, as 0.3 for 30 %")
    terms: dict[str, Any] = {
        "until": options.until,
        "months": options.months,
        "yearly_rate": _yearly_rate(options),
        "margin": options.margin,
    }
    if options.model == YEARLY:
        if options.unit:
            raise ValueError(f"{bg_bb.FAMILY.title} counts years: leave --unit out")
        return appraise_years(*purchases, holdout_until=options.holdout_until, **terms)
    tests: tuple[tuple[Day, Day], ...] = windows_before(first_day, options.until)
    if options.holdout_until is not None:
        tests = ((options.until, options.holdout_until),)
    unit: Unit = options.unit or "week"
    return appraise(*purchases, tests=tests, unit=unit, model=options.model, **terms)


def _no_purchase(file: PurchaseFile, options: argparse.Namespace) -> str:
    reasons = ", ".join(f"{rows:,} with {reason}" for reason, rows in file.dropped.items())
    left_out = f" Rows left out: {reasons}." if reasons else ""
    return f"{options.file} holds no purchase that can be read.{left_out}"


def _cautions(
    purchases: Purchases, file: PurchaseFile, options: argparse.Namespace
) -> Iterator[Caution]:
    """What a reader must know of the file itself."""
    if file.headers.amount is None:
        yield NO_AMOUNTS
    last_day, asked = int(purchases.day.max()), options.holdout_until or options.until
    if options.model == YEARLY:
        asked = year_end(last_whole_year(asked))
    if asked - last_day > SILENCE:
        sentence = (
            f"The last purchase in the file is of {_iso(last_day)}; the days from then to "
            f"{_iso(asked)} are taken as days on which nobody bought."
        )
        yield Caution("file_ends_early", sentence)


def _yearly_rate(options: argparse.Namespace) -> float:
    weeks = DAYS_IN_A_YEAR / DAYS_IN["week"]
    weekly, largest = options.weekly_rate, float(np.log1p(LARGEST_RATE)) / weeks
    if weekly is not None and not 0 <= weekly <= largest:
        raise ValueError(
            f"the weekly rate must be between 0 and {largest:.4f}, as 0.0027 for 15 % a year"
        )
    rate = float(options.yearly_rate if weekly is None else np.expm1(weekly * weeks))
    if weekly is None and not 0 <= rate <= LARGEST_RATE:
        raise ValueError(f"the yearly rate must be between 0 and {LARGEST_RATE}, as 0.10 for 10 %")
    return rate


def _holdout(holdout: Holdout | YearsHeldOut) -> dict[str, Any]:
    named = ("customers", "actual", "forecast", "mae", "naive_mae")
    return {
        "until": _iso(holdout.until),
        "holdout_until": _iso(holdout.holdout_until),
        **{name: getattr(holdout, name) for name in named},
        "by_frequency": [asdict(row) for row in holdout.by_frequency],
    }


def _iso(day: int) -> str:
    return str(np.datetime64(day, "D"))


def _for_people(answer: dict[str, Any]) -> str:
    counted = COUNTED.get(answer["unit"], "purchases")
    lines = [
        f"{answer['customers']:,} customers, {answer['repeat_purchases']:,} repeat {counted}",
        f"model {answer['model']}, by {answer['unit']}: "
        + ", ".join(f"{name} {value:.4g}" for name, value in answer["parameters"].items()),
        f"log-likelihood {answer['log_likelihood']:,.2f}",
    ]
    if answer["holdout"]:
        test = answer["holdout"]
        lines.append(
            f"test {test['until']} to {test['holdout_until']}: {test['forecast']:,.0f} {counted} "
            f"foretold, {test['actual']:,} came"
        )
    lines.append(f"value {answer['clv_total']:,.2f}, {answer['clv_mean']:,.2f} a customer")
    lines += [f"left out: {rows:,} rows, {reason}" for reason, rows in answer["dropped"].items()]
    lines += [warning["sentence"] for warning in answer["warnings"]]
    return "\n".join(lines)
