"""python -m metrics.clv contract FILE: how long contracts last, from a cohort table or tenures."""

import argparse
import json
import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from metrics.clv.command.table import Table, read_table
from metrics.clv.contracts.renewals import Renewals, renewals_of_cohort, renewals_of_tenures
from metrics.clv.contracts.shifted_beta_geometric import (
    ContractModel,
    ShiftedBetaGeometric,
    fit,
    lifetime,
    remaining_life,
)
from metrics.clv.fit import Caution, Fit, TooLittleData
from metrics.clv.learning.choice import Status
from metrics.clv.models.purchase_model import InfiniteHorizon
from metrics.clv.purchases.reading.headers import UnreadableFile

IN_A_YEAR = {"month": 12, "quarter": 4, "year": 1}

EVERYBODY = "all"

LARGEST_RATE, LONGEST_TERM = 100, 600
"""10,000 % a year, and six hundred periods between decisions; more is a slip."""

SHOWN = 13
"""Periods in the table for people; the JSON has all."""

ABOUT = """\
Fits the shifted-beta-geometric model, by cohort where one is named, and says who stays how long.

A cohort table has rows of (cohort, year, active): customers still there after 0, 1, 2 ... renewals.
Counts are taken as given; with percents say of how many: --percent-of 1000. Tenures have a row a
customer: whole periods so far, and whether the customer has left, at the end of that period.

derl: expected discounted renewals to come by renewals made, just before the next one falls due,
which counts in full. discounted_life: periods of a new customer, discounted, the first in full.
"""


def add_to(subparsers: Any) -> None:
    """Add `contract` to the commands; options.run(options) then answers with the exit code."""
    parser = subparsers.add_parser(
        "contract",
        help="how long contracts last (shifted-beta-geometric)",
        description=ABOUT,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    _add_arguments(parser)
    parser.set_defaults(run=run)


def main(arguments: Sequence[str]) -> int:
    """The exit code: 0, or 2 where the file or the options cannot be used, with a sentence."""
    parser = argparse.ArgumentParser(
        prog="contract", description=ABOUT, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    _add_arguments(parser)
    return run(parser.parse_args(arguments))


def run(options: argparse.Namespace) -> int:
    """As main, from options that are parsed already."""
    try:
        answer = _answer(options)
    except ValueError as refusal:
        text = str(refusal).rstrip(".")
        sys.stderr.write(f"{text}.\n")
        return 2
    text = json.dumps(answer, indent=2, allow_nan=False) if options.json else _for_people(answer)
    sys.stdout.write(f"{text}\n")
    return 0


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", type=Path, help="CSV, CSV.gz or Parquet, with a header")
    parser.add_argument("--cohort", help="column of the cohort or segment; without it all are one")
    parser.add_argument("--year", help="column of the renewals made, 0 in the first row")
    parser.add_argument("--active", help="column of the customers still there")
    parser.add_argument("--percent-of", type=float, help="active is percent of so many customers")
    parser.add_argument("--until", type=int, help="fit on the table's rows up to this year only")
    parser.add_argument("--tenure", help="column of whole periods so far")
    parser.add_argument("--left", help="column of Yes/No, true/false or 1/0: has left")
    parser.add_argument("--term", type=int, default=1, help="periods between decisions (1)")
    parser.add_argument("--period", choices=IN_A_YEAR, help="of the table: year; of tenures: month")
    parser.add_argument("--yearly-rate", type=float, default=0.10, help="discount rate (0.10)")
    parser.add_argument("--project", type=int, default=5, help="periods beyond the data (5)")
    parser.add_argument("--json", action="store_true", help="JSON in place of a table for people")


def _answer(options: argparse.Namespace) -> dict[str, Any]:
    by_table = (options.year, options.active) != (None, None)
    _refuse_impossible_options(options, by_table)
    names = (options.cohort, options.year, options.active, options.tenure, options.left)
    table = read_table(options.file, [name for name in names if name])
    period = options.period or ("year" if by_table else "month")
    rate = float(np.expm1(np.log1p(options.yearly_rate) * options.term / IN_A_YEAR[period]))
    groups = _cohorts(table, options) if by_table else _tenures(table, options)
    cohorts = {
        name: _report(renewals, customers, rate, options.project)
        for name, customers, renewals in groups
    }
    if all(report["status"] == Status.FAILED for report in cohorts.values()):
        raise UnreadableFile(next(iter(cohorts.values()))["warnings"][0]["sentence"])
    return {
        "model": "sbg",
        "period": period,
        "periods_a_renewal": options.term,
        "yearly_rate": options.yearly_rate,
        "rate_a_renewal": rate,
        "cohorts": cohorts,
    }


def _refuse_impossible_options(options: argparse.Namespace, by_table: bool) -> None:
    by_tenure = (options.tenure, options.left) != (None, None)
    table, tenures = (options.year, options.active), (options.tenure, options.left)
    of_table_only = (options.until, options.percent_of) != (None, None)
    rules = {
        "Name --year and --active, or --tenure and --left.": by_table != by_tenure,
        "--year and --active belong together: name both.": not by_table or None not in table,
        "--tenure and --left belong together: name both.": not by_tenure or None not in tenures,
        "--until and --percent-of belong to a cohort table.": by_table or not of_table_only,
        f"The yearly rate must be zero or more, {LARGEST_RATE} at most, as 0.10 for 10 %.": 0
        <= options.yearly_rate
        <= LARGEST_RATE,
        "Project 0 to 1,000 periods.": 0 <= options.project <= 1000,
        "--until must be a year of 1 or more.": options.until is None or options.until >= 1,
        "--percent-of must be a number of customers.": options.percent_of is None
        or 0 < options.percent_of < np.inf,
        f"A term must be a period or more, and {LONGEST_TERM} at most.": 1
        <= options.term
        <= LONGEST_TERM,
    }
    for sentence, holds in rules.items():
        if not holds:
            raise UnreadableFile(sentence)


def _groups(table: Table, options: argparse.Namespace) -> Iterator[tuple[str, NDArray[np.intp]]]:
    """Each cohort in the file's order, with its rows."""
    if not options.cohort:
        yield EVERYBODY, np.arange(table.columns.num_rows)
        return
    names, first, place = np.unique(
        table.words(options.cohort), return_index=True, return_inverse=True
    )
    for each in np.argsort(first):
        yield str(names[each]), np.flatnonzero(place == each)


def _cohorts(
    table: Table, options: argparse.Namespace
) -> Iterator[tuple[str, float, Renewals | TooLittleData]]:
    year, active = table.numbers(options.year), table.numbers(options.active)
    scale = 1.0 if options.percent_of is None else options.percent_of / 100
    for name, rows in _groups(table, options):
        rows = rows[np.argsort(year[rows], kind="stable")]
        if not np.array_equal(year[rows], np.arange(len(rows))):
            raise UnreadableFile(
                f"{table.path}: the years of cohort {name!r} must be 0, 1, 2, ... without a gap."
            )
        survivors = scale * active[rows][: None if options.until is None else options.until + 1]
        try:
            renewals: Renewals | TooLittleData = renewals_of_cohort(survivors)
        except TooLittleData as refusal:
            renewals = refusal
        except ValueError as refusal:
            raise UnreadableFile(f"{table.path}: cohort {name!r}: {refusal}.") from None
        yield name, float(survivors[0]), renewals


def _tenures(table: Table, options: argparse.Namespace) -> Iterator[tuple[str, float, Renewals]]:
    tenure, left = table.numbers(options.tenure), table.yes_or_no(options.left)
    for name, rows in _groups(table, options):
        try:
            renewals = renewals_of_tenures(tenure[rows], left[rows], term=options.term)
        except ValueError as refusal:
            raise UnreadableFile(f"{table.path}: {refusal}.") from None
        yield name, float(len(rows)), renewals


def _report(
    renewals: Renewals | TooLittleData, customers: float, rate: float, project: int
) -> dict[str, Any]:
    if isinstance(renewals, TooLittleData):
        return _failed(renewals, customers)
    try:
        found = fit(renewals)
    except TooLittleData as refusal:
        return _failed(refusal, customers)
    renewal = np.arange(len(renewals.left) + project + 1)
    warnings = [*found.warnings]
    try:
        derl = remaining_life(found.model, renewal, rate).tolist()
        life = lifetime(found.model, rate)
    except InfiniteHorizon as refusal:
        derl = life = None
        warnings.append(Caution("infinite_life", str(refusal)))
    return {
        **_fitted(found),
        "customers": customers,
        "status": Status.WITH_WARNINGS if warnings else Status.GOOD,
        "warnings": [asdict(warning) for warning in warnings],
        "renewals_seen": len(renewals.left),
        "survival": found.model.survival(renewal).tolist(),
        "retention": found.model.retention(renewal).tolist(),
        "derl": derl,
        "discounted_life": life,
    }


def _failed(refusal: TooLittleData, customers: float) -> dict[str, Any]:
    return {
        "status": Status.FAILED,
        "customers": customers,
        "warnings": [{"code": "too_little_data", "sentence": str(refusal)}],
    }


def _fitted(found: Fit[ContractModel]) -> dict[str, Any]:
    is_sbg = isinstance(found.model, ShiftedBetaGeometric)
    return {
        "model": "sbg" if is_sbg else "geometric",
        "parameters": asdict(found.model),  # type: ignore[call-overload]
        "standard_errors": found.standard_errors,
        "log_likelihood": found.log_likelihood,
    }


def _for_people(answer: dict[str, Any]) -> str:
    lines = [f"Discounted at {answer['yearly_rate']:.2%} a year; renewals made, from 0."]
    for name, report in answer["cohorts"].items():
        lines += ["", f"{name}: {report['customers']:,.0f} customers, {report['status']}"]
        lines += [f"  {warning['sentence']}" for warning in report["warnings"]]
        if report["status"] != Status.FAILED:
            lines += _numbers(report)
    return "\n".join(lines)


def _numbers(report: dict[str, Any]) -> list[str]:
    errors = report["standard_errors"] or {}
    fitted = ", ".join(
        f"{name} {value:.4g}" + (f" (error {errors[name]:.2g})" if name in errors else "")
        for name, value in report["parameters"].items()
    )
    life = report["discounted_life"]
    known = "" if life is None else f", discounted life {life:.3f} periods"
    lines = [f"  {report['model']}: {fitted}, log-likelihood {report['log_likelihood']:.3f}{known}"]
    lines.append(f"  {'renewals':>8} {'survival':>9} {'retention':>9} {'derl':>8}")
    last = report["renewals_seen"]
    for age in range(min(len(report["survival"]), SHOWN)):
        left = "-" if report["derl"] is None else f"{report['derl'][age]:.3f}"
        projected = "  projected" if age > last else ""
        lines.append(
            f"  {age:>8} {report['survival'][age]:>9.2%} {report['retention'][age]:>9.2%} "
            f"{left:>8}{projected}"
        )
    return lines
