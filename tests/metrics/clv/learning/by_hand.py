"""Histories made to a plan, and what is learnt from purchases."""

import numpy as np

from metrics.clv.appraisal import terms_of
from metrics.clv.learning.crowd import crowd_of
from metrics.clv.learning.findings import find
from metrics.clv.learning.plans import carried_out
from metrics.clv.purchases.grouping import merge_days

END = np.datetime64("1997-09-30")
HOLDOUT_END = np.datetime64("1998-06-30")


def days_of(x, mean_spend, T=52):
    """Evenly spread purchases of one amount each, one customer a row."""
    rows = [
        (customer, round(place * 7 * T / (count + 1)), spend)
        for customer, (count, spend) in enumerate(zip(x, mean_spend, strict=True))
        for place in range(int(count) + 1)
    ]
    customer, day, amount = np.array(rows).T
    return customer.astype(int), day.astype(int), amount


def found(days, until, model="bg_nbd", tests=()):
    purchases = merge_days(*days)
    terms = terms_of(purchases, until, tests, "week", model)
    return carried_out(find(terms), crowd_of(purchases, terms.tested_to, "week", terms.since))


def codes(learnt):
    return [warning.code for warning in learnt.warnings]
