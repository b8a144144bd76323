"""Tarnholm Supply comes into an empty site: facts first, then people, map and what they said."""

from collections.abc import Callable

from django.db import transaction

from clvsite.sample.people import AT_TARNHOLM, TARNHOLM, add_people
from clvsite.sample.tarnholm import agreement, facts, stories
from clvsite.simulated.company import simulate
from clvsite.simulated.facts import Facts
from customers.models import Company, Department
from metrics.indicators import figures
from metrics.metric_map.worth import roll_up
from metrics.models import FigureRun, RollUp, Valuation
from metrics.value import asking, valuation

SEED, CUSTOMERS, YEARS = 1, 6000, 3
CREDIT = (
    "Simulated: Tarnholm Supply does not exist. Its customers, orders and troubles were made by a"
    " program, and what causes what is written down in clvsite/simulated."
)
DEPARTMENTS = (
    "Executive", "Finance", "HR", "IT", "Marketing", "Operations", "Product", "Sales", "Service"
)  # fmt: skip


def load(say: Callable[[str], None], customers: int = CUSTOMERS, years: int = YEARS) -> Facts:
    """Fill an empty site with the simulated company; what was simulated.

    Facts that a broken-off loading has left stay and are not stored twice; people come last.
    """
    say("Simulating Tarnholm Supply, its customers and what they live through.")
    simulated = simulate(SEED, customers, years)
    _describe_company()
    facts.bring(simulated, say)
    say("Agreeing on the map of forty metrics.")
    with transaction.atomic():
        add_people(AT_TARNHOLM, TARNHOLM)
        agreement.agree()
        stories.tell(simulated)
        agreement.propose_a_change()
    say("Valuing customers and counting every metric.")
    _value_today()
    return simulated


def _value_today() -> None:
    """What pages need at once; the worker values the month ends behind it when it starts."""
    if asked := asking.ask_current():
        valuation.run(Valuation.objects.claim(asked.pk))
    if run := figures.due_run():
        figures.run(FigureRun.objects.claim(run.pk))
    if due := roll_up.due_roll_up():
        roll_up.run(RollUp.objects.claim(due.pk))


def _describe_company() -> None:
    for name in DEPARTMENTS:
        Department.objects.get_or_create(name=name)
    company = Company.objects.current()
    company.name = "Tarnholm Supply"
    company.currency, company.time_zone = "EUR", "Europe/Amsterdam"
    company.default_margin = "0.3600"
    company.materiality = "5000.00"
    company.finance_department = Department.objects.get(name="Finance")
    company.data_credit = CREDIT
    company.save()
