"""Ten fewer late deliveries a week: what the slopes promise, and what the company then earns."""

import numpy as np
import pytest

from clvsite.simulated.company import simulate
from clvsite.simulated.surroundings.changes import Changes
from metrics.effects.evidence.windows import months_since
from metrics.effects.roll_up import Arrow, spread
from tests.clvsite.simulated.looking import FIRST, Asked
from tests.clvsite.simulated.questions import QUESTIONS, lives

LATE, SATISFACTION, RETENTION, NPS, FRIENDS, SALES = (
    "late_delivery_rate", "customer_satisfaction", "retention_rate", "nps", "word_of_mouth", "sales"
)  # fmt: skip
FEWER = 10
RUNS = range(1, 11)


def sales(facts):
    return float(facts.lines["amount"].sum())


def step(facts):
    """Ten a week, in points of the rate."""
    done = facts.deliveries.dropna(subset="delivered_on")
    weeks = (done["promised_on"].max() - done["promised_on"].min()).days / 7
    return -100 * FEWER * weeks / len(done)


def sales_a_point(facts):
    """What one point more of twelve-month retention, from the first day on, adds in these years.

    A danger lower by so much has kept more of the customers the longer they have been there; the
    two months until a delivery tells in who leaves are taken off. Of the records alone.
    """
    one = Asked(facts)
    bought = one.matrix(facts.lines, "ordered_at", "amount")
    joined = months_since(FIRST, facts.customers["joined_on"])
    exposed = np.maximum(np.arange(one.months) - joined[:, None] - 1.5, 0)
    seen = lives(one)
    staying = np.exp(-12 * seen.left.sum() / seen.at_risk.sum())
    return float((bought * exposed).sum()) * 0.01 / (12 * staying)


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


def rolled_up(facts, top=SALES):
    """Of ten fewer late deliveries a week: points of retention, or sales over the three years."""
    one = Asked(facts)

    def arrow(child, parent):
        seen = QUESTIONS[child, parent](one, (child, parent))
        return Arrow(child, parent, seen.slope, seen.se)

    arrows = [
        arrow(LATE, SATISFACTION),
        arrow(SATISFACTION, RETENTION),
        arrow(SATISFACTION, NPS),
        arrow(NPS, FRIENDS),
        Arrow(RETENTION, SALES, sales_a_point(facts), exact=True),
        Arrow(FRIENDS, SALES, sales_a_friend(facts), exact=True),
    ]
    return spread(arrows, top)[LATE].times(step(facts))


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
    return simulate(1), simulate(1, changes=Changes(fewer_late_a_week=FEWER))


def test_as_many_customers_stay_as_the_roll_up_says(company):
    promised = rolled_up(company[0], RETENTION)
    assert promised.low <= kept_more(*company) <= promised.high
    assert promised.right_sign > 0.99


@pytest.mark.prove
@pytest.mark.xfail(
    reason="In money the promise is too low: 35,000 (26,000 to 44,000) for a gain of 45,000."
)
def test_the_company_earns_what_the_roll_up_says(company):
    """The gain over many runs: in one, luck decides which twenty customers stay.

    Retention comes out a sixth too low, as the next test tells; and those who stay for it buy more
    than the average customer, which one rate at which retention turns to money cannot know.
    """
    promised, gains = rolled_up(company[0]), []
    for seed in RUNS:
        fewer = simulate(seed, changes=Changes(fewer_late_a_week=FEWER))
        gains.append(sales(fewer) - sales(simulate(seed)))
    assert promised.low <= np.mean(gains) <= promised.high


@pytest.mark.prove
def test_the_roll_up_errs_on_the_side_of_caution():
    """Known and not hidden: of ten companies about six hold the truth between 5 and 95 in 100.

    Slopes are means, and their product leaves out that fewer late deliveries spare just those who
    are in most danger; some differ from each other in ways that nobody records, which pulls the
    slope of leaving towards zero. Together the promise is about a quarter too low.
    """
    shares, inside = [], []
    for seed in RUNS:
        facts = simulate(seed)
        gained = kept_more(facts, simulate(seed, changes=Changes(fewer_late_a_week=FEWER)))
        promised = rolled_up(facts, RETENTION)
        shares.append(promised.effect / gained)
        inside.append(promised.low <= gained <= promised.high)
    assert 0.6 <= np.mean(shares) <= 1.0
    assert np.mean(inside) >= 0.5
