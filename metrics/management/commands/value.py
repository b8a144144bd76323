"""Values every customer now, in this process, and prints what came out."""

import json
from argparse import ArgumentTypeError
from datetime import date
from decimal import Decimal
from typing import Any

from django.core.management.base import CommandError, CommandParser

from customers.management.first_use import FirstUseCommand
from metrics.clv.appraisal import Appraisal
from metrics.models import Valuation
from metrics.value import storage, timing
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
        parser.add_argument("--model", dest="model_asked", choices=["bg_nbd", "nbd"])
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
        purpose = Valuation.Purpose.CURRENT if is_current else Valuation.Purpose.ASKED
        asked = ask(purpose, as_of, **terms)
        if asked is None:
            raise CommandError(f"A valuation as of {as_of} is being made already; wait for it.")
        valuation = Valuation.objects.claim(asked.pk)
        appraisal = run(valuation)
        if appraisal is None:
            raise CommandError(valuation.failure)
        if options["as_json"]:
            self.stdout.write(json.dumps(_as_json(valuation, appraisal), indent=2))
        else:
            self._say(valuation, appraisal)

    def _say(self, valuation: Valuation, appraisal: Appraisal) -> None:
        self.stdout.write(
            f"As of {valuation.as_of}: {valuation.customers:,} customers are worth"
            f" {valuation.clv_total:,} {valuation.currency} over {valuation.months} months"
            f" by {valuation.model}."
        )
        for warning in appraisal.warnings:
            self.stdout.write(f"To know: {warning.sentence}")
        for reason, number in _dropped(valuation, appraisal).items():
            self.stdout.write(f"Left out: {number:,} {reason}")


def _as_json(valuation: Valuation, appraisal: Appraisal) -> dict[str, Any]:
    found = list(parameters_of(appraisal))
    purchases = [row for row in found if row[0] == appraisal.model]
    return {
        "model": appraisal.model,
        "parameters": {name: value for _, name, value, _ in purchases},
        "standard_errors": {name: error for _, name, _, error in purchases},
        "log_likelihood": appraisal.purchases.log_likelihood,
        "customers": len(appraisal.histories),
        "repeat_purchases": int(appraisal.histories.x.sum()),
        "unit": appraisal.histories.unit,
        "status": appraisal.status.value,
        "warnings": [warning.sentence for warning in appraisal.warnings],
        "dropped": _dropped(valuation, appraisal),
        "holdout": _holdout(appraisal),
        "gamma_gamma": _gamma_gamma(appraisal),
        "clv_total": round(appraisal.clv_total, 2),
        "clv_mean": round(appraisal.clv_mean, 4),
        "as_of": valuation.as_of.isoformat(),
        "months": valuation.months,
        "yearly_rate": float(valuation.yearly_rate),
        "margin": float(valuation.margin),
        "currency": valuation.currency,
    }


def _dropped(valuation: Valuation, appraisal: Appraisal) -> dict[str, int]:
    return storage.left_out(valuation.as_of) | appraisal.dropped


def _holdout(appraisal: Appraisal) -> dict[str, Any] | None:
    holdout = appraisal.holdout
    return holdout and {
        "actual": holdout.actual,
        "forecast": holdout.forecast,
        "mae": holdout.mae,
        "naive_forecast": holdout.naive_forecast,
        "naive_mae": holdout.naive_mae,
        "by_frequency": [
            {
                "frequency": row.frequency,
                "customers": row.customers,
                "actual": row.actual,
                "forecast": row.forecast,
            }
            for row in holdout.by_frequency
        ],
    }


def _gamma_gamma(appraisal: Appraisal) -> dict[str, float] | None:
    spend = appraisal.spend
    return spend and {
        "p": spend.model.p,
        "q": spend.model.q,
        "v": spend.model.v,
        "log_likelihood": spend.log_likelihood,
        "customers": spend.customers,
    }


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise ArgumentTypeError(f"{text} is not a day; write it as 2011-12-09") from None
