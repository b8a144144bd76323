"""Asking for a valuation: a row that says what is wanted. No engine is needed for that."""

from datetime import date, timedelta

from django.conf import settings
from django.db import IntegrityError, transaction

from customers.models import Company, Source, User
from metrics.models import ModelRuling, Valuation
from metrics.value import timing

MOST_HELD_OUT = timedelta(weeks=26)
SHARE_HELD_OUT = 3


def ask_workers(by: User | None = None) -> Valuation | None:
    """As `ask_current`, for as many workers as the settings say."""
    return ask_current(by, shards=settings.VALUATION_SHARDS)


def ask_current(by: User | None = None, shards: int = 1) -> Valuation | None:
    """Ask for a valuation of today's purchases; None where one is on its way or there are none."""
    as_of = timing.as_of_day()
    return as_of and ask(Valuation.Purpose.CURRENT, as_of, by=by, shards=shards)


def ask(
    purpose: Valuation.Purpose, as_of: date, by: User | None = None, **terms
) -> Valuation | None:
    """Write down that a valuation is wanted; None where one for this purpose and day is on its
    way already, under whatever terms.

    terms: conditions that differ from the company's (months, yearly_rate, margin, unit,
    model_asked, calibrated_until, holdout_until), or the number of shards.
    """
    first = timing.first_purchase_day() or as_of
    return _write_down(purpose, as_of, timing.purchases_until(as_of), first, asked_by=by, **terms)


def ask_month_ends(shards: int) -> None:
    """Ask for every month end that is due, in the same few looks at purchases however many."""
    due = timing.due_month_ends()
    first = timing.first_purchase_day() if due else None
    for month_end, read in due.items():
        purpose = Valuation.Purpose.MONTH_END
        _write_down(purpose, month_end, read, first or month_end, shards=shards)


def _write_down(
    purpose: Valuation.Purpose, as_of: date, read: timing.Read, first: date, **terms
) -> Valuation | None:
    """read: the purchases up to as_of; first: the day of the first of them."""
    conditions = {
        **timing.terms_of(Company.objects.current()),
        **_model_ruled(purpose),
        "calibrated_until": _calibration_end(as_of, first),
        "holdout_until": as_of,
    }
    try:
        with transaction.atomic():
            return Valuation.objects.create(
                purpose=purpose,
                as_of=as_of,
                status=Valuation.Status.WAITING,
                changes=Source.objects.total_changes(),
                days_read=read.days,
                purchases_read=read.fingerprint,
                **conditions | terms,
            )
    except IntegrityError:
        return None


def _calibration_end(as_of: date, first: date) -> date:
    """The day up to which purchases are shown to the model before its forecast is checked.

    Half a year is held out, or a third of the time since the first purchase where that is less.
    """
    return as_of - min(MOST_HELD_OUT, (as_of - first) // SHARE_HELD_OUT)


def _model_ruled(purpose: Valuation.Purpose) -> dict[str, object]:
    """The model that an analyst wants the site's own valuations to use, where one has ruled."""
    ruling = ModelRuling.objects.last_made()
    if ruling is None or purpose == Valuation.Purpose.ASKED:
        return {}
    return {"model_asked": ruling.model, "ruling": ruling}
