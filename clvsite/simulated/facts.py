"""The tables that a run of the simulated company leaves."""

from dataclasses import dataclass

import numpy as np
import pandas as pd


@dataclass(frozen=True)
class Facts:
    """Everything up to and with last_day; what lies behind it is NaT or not there.

    Days end in _on (midnight), moments in _at (to the minute, local time); money is in euros;
    customer, order and prospect are codes (text), the same in every run of a seed. Every table
    with a cost says what this one thing cost us.

    customers      customer, name, kind (trade, retail), country, channel, department, group,
                   depot, joined_on (first order), closed_on (trade accounts only), closed_reason
    prospects      prospect, channel, first_visit_on, visits (two or more: engaged), engaged_on,
                   installed_on (the app), trial_on (first order), customer ("" where not won)
    lines          order, line, customer, ordered_at, product, category, quantity, amount (of the
                   whole line), kind (regular, first, cross-sell); unique by order and line
    deliveries     order, customer, depot, dispatch_due_on, dispatched_on, promised_on,
                   delivered_on, cost; one an order, due on promised_on
    invoices       order, customer, sent_on, failed_check, corrected, corrected_on, cost
    tickets        order, customer, group, topic, record_complete, first_contact (False while it
                   is open), reopened (times), opened_at, answered_at, closed_at, cost
    defects        order, line, customer, product, found_on
    returns        order, line, customer, product, quantity, amount, reason, requested_on,
                   refunded_on, cost
    surveys        customer, kind (satisfaction: 0 to 100, recommend: 0 to 10), answered_on, score,
                   text ("" where nothing was written), text_consent (may the text be shown)
    save_calls     customer, flagged_on, due_on, done_on, cost
    contacts       customer, group, contacted_on, record_complete, offer_made, category, accepted,
                   cost: the contacts at which an offer could have been made
    referrals      customer (who), friend (a customer's code, "" while not one), referred_on,
                   first_on (the friend's first order), paid (bonus)
    staff          group, department, month (its first day), headcount, trained, leavers (people),
                   engagement (0 to 100)
    inspections    week (its Monday), escaped (defects that the week's inspection missed)
    acquisition    channel, month, amount
    margins        product, margin (share of the sale left after product cost)

    hidden is what no system knows, for checking the truth and not for the site: customer, month
    (first day), satisfaction, danger (chance to leave in the month, from last month's
    satisfaction; empty in the first), recommend, and what is felt: late, defective, corrected
    (shares), hours, days (means); left_on of every customer is in hidden_leaving.
    """

    last_day: np.datetime64
    customers: pd.DataFrame
    prospects: pd.DataFrame
    lines: pd.DataFrame
    deliveries: pd.DataFrame
    invoices: pd.DataFrame
    tickets: pd.DataFrame
    defects: pd.DataFrame
    returns: pd.DataFrame
    surveys: pd.DataFrame
    save_calls: pd.DataFrame
    contacts: pd.DataFrame
    referrals: pd.DataFrame
    staff: pd.DataFrame
    inspections: pd.DataFrame
    acquisition: pd.DataFrame
    margins: pd.DataFrame
    hidden: pd.DataFrame
    hidden_leaving: pd.Series
