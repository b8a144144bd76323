"""What is learnt from purchases: which model is used, and which warnings go with it."""

from dataclasses import replace

import numpy as np
import pytest

from metrics.clv.appraisal import appraise, terms_of
from metrics.clv.fit import TooLittleData
from metrics.clv.learning import choice, findings, plans
from metrics.clv.learning.choice import Status
from metrics.clv.learning.crowd import crowd_of
from metrics.clv.learning.findings import FitFailed, find
from metrics.clv.models import bg_nbd
from metrics.clv.purchases.grouping import merge_days
from metrics.clv.purchases.histories import PurchaseDays
from metrics.clv.purchases.spreading import hashed
from tests.metrics.clv.learning.by_hand import END, HOLDOUT_END, codes, days_of, found


def test_a_sound_fit_has_no_warning(cdnow_days):
    learnt = found(cdnow_days, END)
    assert (learnt.model, learnt.warnings) == ("bg_nbd", ())


def test_the_contest_is_won_by_the_lowest_misfit(cdnow_days):
    learnt = found(cdnow_days, END, "auto", ((END, HOLDOUT_END),))
    misfits = {each.model: each.holdout.deviance for each in learnt.contest}
    assert set(misfits) == {"bg_nbd", "mbg_nbd", "pareto_nbd", "nbd"}
    assert learnt.model == min(misfits, key=misfits.get) == "pareto_nbd"
    assert misfits["nbd"] > 1.05 * misfits["pareto_nbd"]


def test_a_model_asked_for_by_name_is_used_whoever_wins(cdnow_days):
    assert found(cdnow_days, END, "mbg_nbd", ((END, HOLDOUT_END),)).model == "mbg_nbd"


def test_a_shop_that_nobody_is_seen_to_leave_gets_nbd_and_is_told_so(gift_shop_days):
    learnt = found(gift_shop_days, np.datetime64("2011-12-09"))
    assert learnt.model == "nbd"
    assert learnt.warnings[0] == choice.NO_DROP_OUT
    assert "do not read them beyond the horizon" in learnt.warnings[0].sentence
    fitted = learnt.purchases.model
    assert (fitted.r, fitted.alpha) == pytest.approx((0.87499, 10.8430), rel=1e-4)


def test_nbd_is_published_unwarned_where_it_was_asked_for(cdnow_days):
    learnt = found(cdnow_days, END, "nbd")
    assert (learnt.model, learnt.warnings) == ("nbd", ())


def test_a_model_that_does_not_exist_is_refused_by_name(cdnow_days):
    with pytest.raises(ValueError, match="not 'crystal_ball'"):
        found(cdnow_days, END, "crystal_ball")


@pytest.mark.parametrize(("customers", "repeaters"), [(99, 60), (400, 49)])
def test_too_few_customers_are_refused_in_words(customers, repeaters):
    x = np.where(np.arange(customers) < repeaters, 2, 0)
    with pytest.raises(TooLittleData, match=f"{customers} customers, {repeaters} of them"):
        found(days_of(x, np.ones(customers)), 364)


def test_customers_who_hardly_differ_are_valued_with_a_warning():
    """As many purchases each as chance gives: r and alpha have no top, their ratio has."""
    x = np.random.default_rng(4).binomial(8, 0.5, 400)
    learnt = found(days_of(x, np.ones(400)), 364)
    assert learnt.model == "nbd"
    assert codes(learnt)[:2] == ["no_drop_out", "runaway_parameters"]
    fitted = learnt.purchases.model
    assert fitted.r / fitted.alpha == pytest.approx(x.mean() / 52, rel=1e-3)


def test_a_fit_that_settles_nowhere_fails_and_says_so(cdnow_days, monkeypatch):
    monkeypatch.setattr(plans, "fit_from_peak", unsettled(plans.fit_from_peak, "Nbd"))
    with pytest.raises(FitFailed, match=r"\(NBD\) did not settle on one answer"):
        found(cdnow_days, END, "nbd")


def test_drop_out_that_does_not_settle_falls_back_to_nbd(cdnow_days, monkeypatch):
    monkeypatch.setattr(plans, "fit_from_peak", unsettled(plans.fit_from_peak, "BgNbd"))
    learnt = found(cdnow_days, END)
    assert (learnt.model, codes(learnt)) == ("nbd", ["bg_nbd_did_not_settle"])


def unsettled(fit_from_peak, model):
    def fit(family, peak):
        fitted = fit_from_peak(family, peak)
        return replace(fitted, converged=fitted.converged and family.build.__name__ != model)

    return fit


def test_a_season_is_told_from_the_tracking():
    """Twice as many purchases every second eight weeks, from the same customers."""
    draw = np.random.default_rng(3)
    days = [
        (customer, int(day), 10.0)
        for customer in range(500)
        for day in np.flatnonzero(draw.random(728) < 0.03 * draw.gamma(2, 0.5))
        if day // 56 % 2 == 0 or draw.random() < 0.2
    ]
    customer, day, amount = np.array(days).T
    season = (customer.astype(int), day.astype(int), amount)
    assert "season_not_modelled" in codes(found(season, 727))
    even = (season[0], np.sort(draw.permutation(season[1])), amount)
    assert "season_not_modelled" not in codes(found(even, 727))


@pytest.mark.parametrize("shards", [4, 16])
def test_shards_by_customer_find_the_same(cdnow_days, shards):
    """Every question's answers are combined over shards, as many workers do."""
    purchases = merge_days(*cdnow_days)
    terms = terms_of(purchases, END, ((END, HOLDOUT_END),), "week", "auto")
    shard = hashed(purchases.customer) % np.uint64(shards)
    crowds = [
        crowd_of(purchases.where(shard == one), terms.tested_to, "week", terms.since)
        for one in range(shards)
    ]
    plan = find(terms)
    answers = None
    while True:
        try:
            questions = plan.send(answers) if answers else next(plan)
        except StopIteration as end:
            together = end.value
            break
        answers = tuple(
            question.combine([question.answer(crowd) for crowd in crowds]) for question in questions
        )
    alone = found(cdnow_days, END, "auto", ((END, HOLDOUT_END),))
    assert together.model == alone.model
    assert list(together.purchases.parameters.values()) == pytest.approx(
        list(alone.purchases.parameters.values()), rel=1e-9
    )
    assert list(together.spend.parameters.values()) == pytest.approx(
        list(alone.spend.parameters.values()), rel=1e-9
    )
    assert together.holdout.forecast == pytest.approx(alone.holdout.forecast, rel=1e-9)
    assert together.coverage == alone.coverage


def test_coverage_counts_who_bought_within_the_own_bounds(cdnow_days):
    assert 0.9 <= found(cdnow_days, END, "pareto_nbd", ((END, HOLDOUT_END),)).coverage <= 1


def test_the_sample_is_everybody_where_they_are_few(cdnow_days):
    assert len(found(cdnow_days, END).sample.x) == 2357 < findings.ENOUGH


def test_status_tells_warnings_from_none(cdnow_days):
    assert appraise(*cdnow_days, until=END, model="bg_nbd").status is Status.GOOD
    assert appraise(*cdnow_days, until=END).status is Status.WITH_WARNINGS


def test_without_a_test_the_first_model_that_nothing_bars_is_used_and_told(cdnow_days):
    learnt = found(cdnow_days, END, "auto")
    assert (learnt.model, codes(learnt)) == ("bg_nbd", ["not_tested"])
    assert "BG/NBD is the first that these purchases bear" in learnt.warnings[0].sentence
    by_name = found(cdnow_days, END, "bg_nbd")
    assert learnt.purchases.parameters == by_name.purchases.parameters


def test_a_test_that_cannot_be_held_chooses_no_model_either(cdnow_days):
    early = ((np.datetime64("1997-01-05"), END),)
    learnt = found(cdnow_days, END, "auto", early)
    assert (learnt.model, codes(learnt)) == ("bg_nbd", ["not_tested"])
    for said in ("are too few to forecast from", "BG/NBD is the first"):
        assert said in learnt.warnings[0].sentence


def test_a_model_asked_for_by_name_is_not_said_to_be_chosen(cdnow_days):
    early = ((np.datetime64("1997-01-05"), END),)
    (warning,) = found(cdnow_days, END, "nbd", early).warnings
    assert "too few" in warning.sentence
    assert "first" not in warning.sentence


def test_where_every_drop_out_is_barred_nobody_leaves_and_both_are_told(gift_shop_days):
    learnt = found(gift_shop_days, np.datetime64("2011-12-09"), "auto")
    assert (learnt.model, learnt.warnings[0]) == ("nbd", choice.NO_DROP_OUT)
    assert "not_tested" in codes(learnt)


def test_a_forecast_that_missed_its_tests_is_told_with_its_size():
    """Everybody stops on day 200; a model in which nobody leaves goes on."""
    draw = np.random.default_rng(8)
    x = draw.geometric(0.3, 400) - 1
    customer, day, amount = days_of(x, draw.gamma(4, 5, 400), T=200 / 7)
    learnt = found((customer, day, amount), 400, "nbd", ((100, 200), (200, 300)))
    size = np.exp(np.sqrt(np.mean(np.square(learnt.errors))))
    (warning,) = [each for each in learnt.warnings if each.code == "missed_its_tests"]
    assert f"by a factor of {size:,.1f} " in warning.sentence
    assert f"{learnt.tests[1].forecast:,.0f} for 0" in warning.sentence


@pytest.mark.parametrize(
    ("actual", "is_told"), [(149, False), (152, True), (67, False), (65, True)]
)
def test_tests_are_missed_beyond_a_factor_of_one_and_a_half(cdnow_days, actual, is_told):
    tested = found(cdnow_days, END, tests=((END, HOLDOUT_END),)).holdout
    one = replace(tested, actual=actual, forecast=100.0)
    assert bool(choice.missed([one])) == is_told
    assert choice.missed([]) == ()


def test_purchases_by_nobody_make_no_view():
    nothing = PurchaseDays(np.zeros(0, int), np.zeros(0, int), np.zeros(0))
    crowd = crowd_of(nothing, {10: 20}, "week", 0)
    assert len(crowd.views[10].histories) == 0
    assert bg_nbd.FAMILY.objective(crowd.views[10].columns)(np.zeros(4)).value == 0
