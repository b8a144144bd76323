"""Ten fewer late deliveries a week: what the slopes promise, and what the company then earns.

Twice: rolled up along the links, as the map does, and counted customer by customer, which knows
on whom late deliveries fall.
"""

import numpy as np
import pytest

from clvsite.simulated.company import simulate
from clvsite.simulated.surroundings.changes import Changes
from metrics.effects.evidence import survival
from metrics.effects.evidence.impact import (
    hazards,
    purchases_gained,
    retention_gained,
    spared,
)
from metrics.effects.roll_up import Arrow, product_spread, spread
from tests.clvsite.simulated.looking import Asked
from tests.clvsite.simulated.questions import QUESTIONS, lives

LATE, SATISFACTION, RETENTION, NPS, FRIENDS, SALES = (
    "late_delivery_rate", "customer_satisfaction", "retention_rate", "nps", "word_of_mouth", "sales"
)  # fmt: skip
FEWER = 10
WEEKS_A_MONTH = 365.25 / 84
LAG, COUNTED_FROM = 2, 3
"""Months: until a delivery tells in satisfaction and that in who leaves; the first that counts."""
Z_90 = 1.645
LUCKS = range(1, 11)
COMPANIES = range(1, 21)


def simulated(seed):
    return simulate(seed), simulate(seed, changes=Changes(fewer_late_a_week=FEWER))


def sales(facts):
    return float(facts.lines["amount"].sum())


def step(facts):
    """Ten a week, in points of the rate."""
    done = facts.deliveries.dropna(subset="delivered_on")
    weeks = (done["promised_on"].max() - done["promised_on"].min()).days / 7
    return -100 * FEWER * weeks / len(done)


def sales_a_friend(facts):
    """What one friend brought a month by a hundred customers adds in these years, from records."""
    one = Asked(facts)
    orders = one.matrix(facts.lines, "ordered_at") > 0
    until_last = np.cumsum(orders[:, ::-1], axis=1)[:, ::-1] > 0
    came = (facts.customers["channel"] != "Referral").to_numpy()
    months = (until_last & one.is_customer)[came].sum()
    brought = set(facts.referrals["friend"]) - {""}
    theirs = facts.lines.loc[facts.lines["customer"].isin(brought), "amount"].sum()
    return float(months / 100 * theirs / len(facts.referrals))


def arrow(one, child, parent):
    seen = QUESTIONS[child, parent](one, (child, parent))
    return Arrow(child, parent, seen.slope, seen.se)


def rolled_up(facts):
    """Points of retention, along the links."""
    one = Asked(facts)
    arrows = [arrow(one, LATE, SATISFACTION), arrow(one, SATISFACTION, RETENTION)]
    return spread(arrows, RETENTION)[LATE].times(step(facts))


def by_friends(facts):
    """Sales of those whom the satisfied bring, along the links."""
    one = Asked(facts)
    arrows = [
        arrow(one, LATE, SATISFACTION),
        arrow(one, SATISFACTION, NPS),
        arrow(one, NPS, FRIENDS),
        Arrow(FRIENDS, SALES, sales_a_friend(facts), exact=True),
    ]
    return spread(arrows, SALES)[LATE].times(step(facts))


class OneByOne:
    """What ten fewer change, counted customer by customer, from the records alone."""

    def __init__(self, facts):
        one = Asked(facts)
        self.trade = (facts.customers["kind"] == "trade").to_numpy()
        self.seen = lives(one)
        self.felt = _later(one.lived_late)
        late = one.matrix(one.deliveries(), "delivered_on", "late").sum(axis=0)
        self.share = _later(np.minimum(FEWER * WEEKS_A_MONTH / np.maximum(late, 1), 1)[None])[0]
        self.bought = one.matrix(facts.lines, "ordered_at", "amount")
        pleases = arrow(one, LATE, SATISFACTION)
        keeps = survival.look(self.seen).log_hazard
        self.slope, self.se = product_spread(pleases.slope, pleases.se, *keeps)

    def gained(self, errors=0.0):
        """Points of retention and sales, the slope so many standard errors from where it is."""
        slope = self.slope + errors * self.se
        at_risk, left = np.zeros((2, *self.felt.shape), dtype=bool)
        at_risk[self.trade], left[self.trade] = self.seen.at_risk, self.seen.left
        hazard = hazards(at_risk, left, self.felt, slope)
        less = spared(hazard, self.felt, slope, self.share)
        at_risk[:, :COUNTED_FROM] = False
        return retention_gained(hazard, less, at_risk), purchases_gained(self.bought, less)

    def points(self):
        """5, 50 and 95 %: both rise with the slope."""
        return [self.gained(errors)[0] for errors in (-Z_90, 0, Z_90)]

    def sales(self, friends):
        """5, 50 and 95 %, with those of the friends that the satisfied bring."""
        low, middle, high = (self.gained(errors)[1] for errors in (-Z_90, 0, Z_90))
        whole = middle + friends.effect
        return [
            whole - np.hypot(middle - low, friends.effect - friends.low),
            whole,
            whole + np.hypot(high - middle, friends.high - friends.effect),
        ]


def _later(matrix):
    """From the month in which it is lived through to that in which it bears on who leaves."""
    return np.nan_to_num(np.pad(matrix, ((0, 0), (LAG, 0)))[:, :-LAG])


def kept(facts, months):
    """Points of twelve-month retention, from each customer's own mean danger; free of luck."""
    seen = facts.hidden.merge(months, on=["customer", "month"])
    hazard = -np.log1p(-seen["danger"])
    return 100 * np.exp(-12 * hazard.groupby(seen["customer"]).transform("mean")).mean()


def kept_more(facts, fewer):
    """Of the months in which a customer is there in both runs, once the change is felt."""
    known = facts.hidden[facts.hidden["month"] >= "2023-04-01"].dropna(subset="danger")
    months = known[["customer", "month"]].merge(fewer.hidden[["customer", "month"]])
    return kept(fewer, months) - kept(facts, months)


@pytest.fixture(scope="module")
def company():
    """As `make up` shows it, and with ten fewer."""
    return simulated(1)


@pytest.fixture(scope="module")
def counted(company):
    return OneByOne(company[0])


def test_as_many_customers_stay_as_the_roll_up_says(company):
    promised = rolled_up(company[0])
    assert promised.low <= kept_more(*company) <= promised.high
    assert promised.right_sign > 0.99


def test_as_many_stay_as_counted_one_by_one(company, counted):
    low, _, high = counted.points()
    assert 0 < low <= kept_more(*company) <= high


def test_the_company_earns_what_is_counted(company, counted):
    low, _, high = counted.sales(by_friends(company[0]))
    assert 0 < low <= sales(company[1]) - sales(company[0]) <= high


@pytest.mark.prove
def test_the_company_earns_it_whatever_the_luck(company, counted):
    """The gain over many runs: in one, luck decides which twenty customers stay."""
    low, _, high = counted.sales(by_friends(company[0]))
    gains = [sales(fewer) - sales(facts) for facts, fewer in map(simulated, LUCKS)]
    assert low <= np.mean(gains) <= high


@pytest.mark.prove
def test_ranges_counted_one_by_one_hold():
    """Of twenty companies sixteen at least, where eighteen would be right.

    Differences between customers that nobody records pull the slope of leaving to zero by a
    twentieth. Along the links alone the promise is a sixth too low.
    """
    inside, along, one_by_one = [], [], []
    for seed in COMPANIES:
        facts, fewer = simulated(seed)
        gained, (low, middle, high) = kept_more(facts, fewer), OneByOne(facts).points()
        inside.append(low <= gained <= high)
        one_by_one.append(middle / gained)
        along.append(rolled_up(facts).effect / gained)
    assert sum(inside) >= 16
    assert 0.85 <= np.mean(one_by_one) <= 1.1
    assert 0.7 <= np.mean(along) <= 1.0
