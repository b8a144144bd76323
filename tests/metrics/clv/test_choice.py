from dataclasses import replace

import numpy as np
import pytest

from metrics.clv import choice
from metrics.clv.choice import Status, choose_purchase_model, choose_spend
from metrics.clv.fit import Fit, TooLittleData
from metrics.clv.histories import group_histories
from metrics.clv.models import bg_nbd
from metrics.clv.models.nbd import Nbd


def histories_from(x, mean_spend, T=52):
    """Histories with evenly spread purchases of one amount each, one customer a row."""
    rows = [
        (customer, round(place * 7 * T / (count + 1)), spend)
        for customer, (count, spend) in enumerate(zip(x, mean_spend, strict=True))
        for place in range(int(count) + 1)
    ]
    customer, day, amount = np.array(rows).T
    return group_histories(customer, day.astype(int), amount, until=7 * T)


def codes(chosen):
    return [warning.code for warning in chosen.warnings]


def test_a_sound_fit_is_good_without_a_warning(cdnow):
    chosen = choose_purchase_model(cdnow)
    assert (chosen.chosen, chosen.status, chosen.warnings) == ("bg_nbd", Status.GOOD, ())


def test_a_shop_that_nobody_is_seen_to_leave_gets_nbd_and_is_told_so(gift_shop_days):
    histories = group_histories(*gift_shop_days, until=np.datetime64("2011-12-09"))
    asked = bg_nbd.fit(histories.x, histories.t_x, histories.T)
    assert (asked.model.a < 1e-4, asked.standard_errors) == (True, None)
    chosen = choose_purchase_model(histories)
    assert (chosen.asked, chosen.chosen, chosen.status) == ("bg_nbd", "nbd", "good with warnings")
    assert chosen.warnings == (choice.NO_DROP_OUT,)
    assert "do not read them beyond the horizon" in chosen.warnings[0].sentence
    assert (chosen.fit.model.r, chosen.fit.model.alpha) == pytest.approx(
        (0.87499, 10.8430), rel=1e-4
    )


def test_nbd_is_published_unwarned_where_it_was_asked_for(cdnow):
    chosen = choose_purchase_model(cdnow, "nbd")
    assert (chosen.chosen, chosen.status) == ("nbd", Status.GOOD)


def test_a_model_that_does_not_exist_is_refused_by_name(cdnow):
    with pytest.raises(ValueError, match="not 'crystal_ball'"):
        choose_purchase_model(cdnow, "crystal_ball")


@pytest.mark.parametrize(("customers", "repeaters"), [(99, 60), (400, 49)])
def test_too_few_customers_are_refused_in_words(customers, repeaters):
    x = np.where(np.arange(customers) < repeaters, 2, 0)
    with pytest.raises(TooLittleData, match=f"{customers} customers, {repeaters} of them"):
        choose_purchase_model(histories_from(x, np.ones(customers)))


def test_customers_who_hardly_differ_are_valued_with_a_warning():
    """As many purchases each as chance gives: r and alpha have no top, their ratio has."""
    x = np.random.default_rng(4).binomial(8, 0.5, 400)
    chosen = choose_purchase_model(histories_from(x, np.ones(400)))
    assert (chosen.chosen, chosen.status) == ("nbd", Status.WITH_WARNINGS)
    assert codes(chosen) == ["no_drop_out", "runaway_parameters"]
    assert chosen.fit.model.r / chosen.fit.model.alpha == pytest.approx(x.mean() / 52, rel=1e-3)


def test_a_fit_that_settles_nowhere_has_failed_and_says_so(cdnow, monkeypatch):
    lost = Fit(Nbd(1.0, 1.0), None, None, -1e9, converged=False)
    monkeypatch.setitem(choice.FITTERS, "nbd", lambda histories: lost)
    chosen = choose_purchase_model(cdnow, "nbd")
    assert (chosen.status, codes(chosen)) == (Status.FAILED, ["nbd_did_not_settle"])


def test_drop_out_that_does_not_settle_falls_back_to_nbd(cdnow, monkeypatch):
    lost = replace(bg_nbd.fit(cdnow.x, cdnow.t_x, cdnow.T), converged=False)
    monkeypatch.setitem(choice.FITTERS, "bg_nbd", lambda histories: lost)
    chosen = choose_purchase_model(cdnow)
    assert (chosen.chosen, codes(chosen)) == ("nbd", ["bg_nbd_did_not_settle"])


def test_spend_that_is_tied_to_frequency_is_told():
    draw = np.random.default_rng(6)
    x = draw.geometric(0.2, 500) - 1
    spend = 20 * (1 + x) ** 0.8 * draw.lognormal(0, 0.3, 500)
    chosen = choose_spend(histories_from(x, spend))
    assert chosen.correlation > choice.TIED
    assert "spend_tied_to_frequency" in codes(chosen)


def test_wild_spend_falls_back_to_means_that_are_finite():
    draw = np.random.default_rng(7)
    x = draw.geometric(0.3, 600) - 1
    spend = 10 * draw.pareto(0.6, 600) + 0.01
    chosen = choose_spend(histories_from(x, spend))
    assert (chosen.fit, codes(chosen)) == (None, ["spend_not_modelled"])
    assert np.all(np.isfinite(chosen.expected_spend) & (chosen.expected_spend > 0))


def test_free_goods_only_are_worth_nothing_rather_than_unknown():
    chosen = choose_spend(histories_from(np.tile([0, 3], 100), np.zeros(200)))
    assert (chosen.fit, chosen.correlation) == (None, 0)
    assert chosen.expected_spend.tolist() == [0] * 200


def test_the_fallback_draws_a_small_history_towards_the_company():
    histories = histories_from([1, 9, *[0] * 10], [100.0, 20.0, *[5.0] * 10])
    spend = choose_spend(histories).expected_spend
    company = (100 + 9 * 20) / 10
    assert spend[:3] == pytest.approx([(company + 100) / 2, (company + 180) / 10, company])
