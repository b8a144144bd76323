"""The questions that are put to the simulated company's facts: one for each written effect.

Only what a system would know is looked at, never what is hidden; the last weeks, in which things
are still on their way, are left out.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from clvsite.simulated.surroundings.conditions import CAMPAIGN_WEEKS
from metrics.effects.evidence import customers, events
from metrics.effects.evidence.linking import Names, Units, weigh
from metrics.effects.evidence.linking import Rows as Figures
from metrics.effects.evidence.windows import (
    carried_forward,
    months_since,
    ratio,
    totals,
    weeks_since,
)

FIRST, MONDAY = np.datetime64("2023-01-01"), np.datetime64("2022-12-26")


def unripe(facts, days=45):
    return pd.Timestamp(facts.last_day) - pd.Timedelta(days=days)


@dataclass(frozen=True)
class Asked:
    """Facts, with what several questions have in common."""

    facts: object

    @cached_property
    def customer(self):
        return pd.Index(self.facts.customers["customer"])

    @cached_property
    def groups(self):
        return pd.Index(sorted(self.facts.staff["group"].unique()))

    @cached_property
    def months(self):
        return int(months_since(FIRST, [self.facts.last_day])[0]) + 1

    @cached_property
    def group_of(self):
        own = self.facts.customers.set_index("customer")["group"]
        return lambda table: self.groups.get_indexer(table["customer"].map(own))

    def matrix(self, table, day, amount=1.0):
        """(customers, months)."""
        table = table[table[day].notna()]
        who = self.customer.get_indexer(table["customer"])
        amounts = table[amount].astype(float) if isinstance(amount, str) else amount
        shape = (len(self.customer), self.months)
        return totals(who, months_since(FIRST, table[day]), amounts, shape)

    def by_group(self, table, day, amount, of=1.0):
        """(groups, months): a mean, in hundredths where it is of yes and no."""
        table = table[table[day].notna()]
        who = self.groups.get_indexer(table["group"]) if "group" in table else self.group_of(table)
        month, shape = months_since(FIRST, table[day]), (len(self.groups), self.months)
        total = totals(who, month, table[amount].astype(float), shape)
        return ratio(total, totals(who, month, 1.0, shape), of)

    def staff(self, column):
        table = self.facts.staff
        who, month = self.groups.get_indexer(table["group"]), months_since(FIRST, table["month"])
        return totals(who, month, table[column].astype(float), (len(self.groups), self.months))

    def surveys(self, kind):
        return self.facts.surveys[self.facts.surveys["kind"] == kind]

    @cached_property
    def satisfaction(self):
        table = self.surveys("satisfaction")
        return ratio(self.matrix(table, "answered_on", "score"), self.matrix(table, "answered_on"))

    @cached_property
    def promoting(self):
        """100 for a promoter, -100 for a detractor."""
        table = self.surveys("recommend")
        table = table.assign(
            points=100.0 * ((table["score"] >= 9).astype(int) - (table["score"] <= 6).astype(int))
        )
        return ratio(self.matrix(table, "answered_on", "points"), self.matrix(table, "answered_on"))

    @cached_property
    def orders(self):
        """Deliveries with what else became of the order; those that have ripened."""
        facts = self.facts
        table = facts.deliveries.dropna(subset="delivered_on")
        table = table[table["promised_on"] < unripe(facts, 30)]
        table = table.merge(facts.invoices[["order", "failed_check", "corrected"]], on="order")
        broken = set(facts.defects["order"])
        return table.assign(
            kept=table["dispatched_on"] <= table["dispatch_due_on"],
            late=table["delivered_on"] > table["promised_on"],
            broken=table["order"].isin(broken),
            ticket=table["order"].isin(set(facts.tickets["order"])),
        ).sort_values("promised_on", kind="stable")

    @cached_property
    def tickets(self):
        table = self.facts.tickets
        table = table[(table["opened_at"] < unripe(self.facts, 30)) & table["closed_at"].notna()]
        hours = (table["closed_at"] - table["opened_at"]).dt.total_seconds() / 3600
        return table.assign(hours=hours).sort_values("opened_at", kind="stable")

    def deliveries(self):
        done = self.facts.deliveries.dropna(subset="delivered_on")
        return done.assign(late=done["delivered_on"] > done["promised_on"])

    # what customers lived through

    @cached_property
    def lived_late(self):
        table = self.deliveries()
        share = ratio(
            self.matrix(table, "delivered_on", "late"), self.matrix(table, "delivered_on"), 100
        )
        return carried_forward(share)

    @cached_property
    def lived_defects(self):
        lines = self.facts.lines.groupby("order").size().rename("lines")
        table = self.deliveries().join(lines, on="order")
        found = self.matrix(self.facts.defects, "found_on")
        return carried_forward(ratio(found, self.matrix(table, "delivered_on", "lines"), 100))

    @cached_property
    def lived_wrong_invoices(self):
        table = self.facts.invoices
        share = ratio(
            self.matrix(table, "sent_on", "corrected"), self.matrix(table, "sent_on"), 100
        )
        return carried_forward(share)

    def _until_the_next_delivery(self, total, count):
        delivered = self.matrix(self.deliveries(), "delivered_on") > 0
        return carried_forward(ratio(total, count), delivered)

    @cached_property
    def lived_hours(self):
        table = self.facts.tickets.dropna(subset="closed_at")
        hours = (table["closed_at"] - table["opened_at"]).dt.total_seconds() / 3600
        table = table.assign(hours=hours)
        return self._until_the_next_delivery(
            self.matrix(table, "closed_at", "hours"), self.matrix(table, "closed_at")
        )

    @cached_property
    def lived_days(self):
        table = self.facts.returns.dropna(subset="refunded_on")
        table = table.assign(days=(table["refunded_on"] - table["requested_on"]).dt.days)
        return self._until_the_next_delivery(
            self.matrix(table, "refunded_on", "days"), self.matrix(table, "refunded_on")
        )

    @cached_property
    def is_customer(self):
        """(customers, months): from the month of the first order on."""
        joined = months_since(FIRST, self.facts.customers["joined_on"])
        return np.arange(self.months) >= joined[:, None]


def of_customers(ends, exposure, outcome, lag=1):
    return weigh(Names(*ends), panel=customers.Experiences(exposure, outcome), lags=[lag])


def of_events(ends, table, exposure, outcome, who="customer", when="promised_on", unit=1.0):
    single = events.Events(
        table[exposure].astype(float).to_numpy(),
        unit * table[outcome].astype(float).to_numpy(),
        table[who].to_numpy(),
        weeks_since(MONDAY, table[when]),
    )
    return weigh(Names(*ends), single=single)


def of_groups(ends, exposure, outcome, lag):
    """Groups of staff, a month each."""
    return weigh(Names(*ends), units=Units(exposure, outcome), lags=[lag])


def of_weeks(ends, child, parent, lags=(0, 8)):
    """Campaigns are in the marketing department's calendar, so they are told apart."""
    figures = Figures(child, parent, lags=lags, season=52, controls=campaigns(len(child)))
    return weigh(Names(*ends), rows=figures)


def campaigns(weeks):
    of_year = np.arange(1, weeks + 1) % 52.18
    return np.isin(of_year.astype(int), CAMPAIGN_WEEKS).astype(float)


def weekly(table, day, facts, amount=None):
    """One figure a week, up to the weeks that have not ripened."""
    weeks = int(weeks_since(MONDAY, [unripe(facts).to_datetime64()])[0])
    table = table[table[day].notna()]
    amounts = 1.0 if amount is None else table[amount].astype(float)
    return totals(np.zeros(len(table)), weeks_since(MONDAY, table[day]), amounts, (1, weeks))[0, 1:]
