"""Values every customer now, in this process, and prints what came out."""

import json
from argparse import ArgumentTypeError
from dataclasses import asdict
from datetime import date
from decimal import Decimal
from typing import Any

from django.core.management.base import CommandError, CommandParser

from customers.management.first_use import FirstUseCommand
from metrics.clv.learning.findings import Findings
from metrics.models import Valuation
from metrics.models.valuation import AUTO, PurchaseModel
from metrics.value import timing
from metrics.value.asking import ask
from metrics.value.results import parameters_of
from metrics.value.valuation import run

OPTIONS = ("unit", "model_asked", "months", "yearly_rate", "margin")


class Command(FirstUseCommand):
    help = (
        "Value every customer. Without options this is the site's valuation: it comes into force."
        " With options it is kept under its conditions, and pages go on showing the one in force."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--until", type=_day, help="fit on purchases up to this day")
        parser.add_argument("--holdout-until", type=_day, help="check against those up to this one")
        parser.add_argument("--unit", choices=Valuation.Unit.values)
        parser.add_argument("--model", dest="model_asked", choices=[AUTO[0], *PurchaseModel.values])
        parser.add_argument("--months", type=int, help="horizon, 1 to 60")
        parser.add_argument("--yearly-rate", type=Decimal, help="0.10 is 10%% a year")
        parser.add_argument("--margin", type=Decimal, help="0.3 is 30%% of a sale")
        parser.add_argument("--json", action="store_true", dest="as_json")

    def handle(self, *, until: date | None, holdout_until: date | None, **options: Any) -> None:
        terms = {name: options[name] for name in OPTIONS if options[name] is not None}
        as_of = until or timing.as_of_day()
        if as_of is None:
            raise CommandError("There are no purchases yet. Import some: import_purchases FILE.")
        if holdout_until:
            if holdout_until <= as_of:
                raise CommandError("--holdout-until has to be later than --until.")
            terms |= {"calibrated_until": as_of, "holdout_until": holdout_until}
        is_current = not (until or terms)
        if not is_current:
            terms.setdefault("model_asked", PurchaseModel.BG_NBD.value)
        purpose = Valuation.Purpose.CURRENT if is_current else Valuation.Purpose.ASKED
        asked = ask(purpose, as_of, **terms)
        if asked is None:
            raise CommandError(f"A valuation as of {as_of} is being made already; wait for it.")
        valuation = Valuation.objects.claim(asked.pk)
        findings = run(valuation)
        if findings is None:
            raise CommandError(valuation.failure)
        valuation.refresh_from_db()
        if options["as_json"]:
            self.stdout.write(json.dumps(_as_json(valuation, findings), indent=2))
        else:
            self._say(valuation)

    def _say(self, valuation: Valuation) -> None:
        between = (
            f" (5 to 95 in 100: {valuation.clv_low:,} to {valuation.clv_high:,})"
            if valuation.clv_low is not None
            else ""
        )
        self.stdout.write(
            f"As of {valuation.as_of}: {valuation.customers:,} customers are worth"
            f" {valuation.clv_total:,} {valuation.currency}{between} over {valuation.months} months"
            f" by {valuation.get_model_display()}."
        )
        for warning in valuation.warnings.order_by("pk"):
            self.stdout.write(f"To know: {warning.sentence}")
        for row in valuation.left_out.order_by("pk"):
            self.stdout.write(f"Left out: {row.number:,} {row.reason}")


def _as_json(valuation: Valuation, findings: Findings) -> dict[str, Any]:
    found = list(parameters_of(findings))
    purchases = [row for row in found if row[0] == findings.model]
    return {
        "model": findings.model,
        "parameters": {name: value for _, name, value, _ in purchases},
        "standard_errors": {name: error for _, name, _, error in purchases},
        "log_likelihood": findings.purchases.log_likelihood,
        "customers": valuation.customers,
        "repeat_purchases": valuation.repeat_purchases,
        "unit": valuation.unit,
        "status": valuation.outcome,
        "warnings": [warning.sentence for warning in valuation.warnings.order_by("pk")],
        "dropped": {row.reason: row.number for row in valuation.left_out.order_by("pk")},
        "holdout": _holdout(findings),
        "coverage": findings.coverage,
        "gamma_gamma": _gamma_gamma(findings),
        "clv_total": float(valuation.clv_total),
        "clv_low": _number(valuation.clv_low),
        "clv_high": _number(valuation.clv_high),
        "clv_mean": round(float(valuation.clv_total) / valuation.customers, 4),
        "as_of": valuation.as_of.isoformat(),
        "months": valuation.months,
        "yearly_rate": float(valuation.yearly_rate),
        "margin": float(valuation.margin),
        "currency": valuation.currency,
    }


def _number(amount: Decimal | None) -> float | None:
    return None if amount is None else float(amount)


def _holdout(findings: Findings) -> dict[str, Any] | None:
    holdout = findings.holdout
    return holdout and {
        "actual": holdout.actual,
        "forecast": holdout.forecast,
        "mae": holdout.mae,
        "naive_forecast": holdout.naive_forecast,
        "naive_mae": holdout.naive_mae,
        "by_frequency": [asdict(row) for row in holdout.by_frequency],
    }


def _gamma_gamma(findings: Findings) -> dict[str, float] | None:
    spend = findings.spend
    return spend and {
        **spend.parameters,
        "log_likelihood": spend.log_likelihood,
        "customers": spend.customers,
    }


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise ArgumentTypeError(f"{text} is not a day; write it as 2011-12-09") from None
