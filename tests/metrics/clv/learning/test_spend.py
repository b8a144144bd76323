"""What customers spend on a purchase: its model, its fallback, and what is told of both."""

from dataclasses import replace

import numpy as np
import pytest

from metrics.clv.learning import choice, findings
from metrics.clv.purchases.spreading import hashed
from tests.metrics.clv.learning.by_hand import END, codes, days_of, found


def test_spend_that_is_tied_to_frequency_is_told():
    draw = np.random.default_rng(6)
    x = draw.geometric(0.2, 500) - 1
    spend = 20 * (1 + x) ** 0.8 * draw.lognormal(0, 0.3, 500)
    learnt = found(days_of(x, spend), 364)
    assert learnt.survey.correlation > choice.TIED
    assert "spend_tied_to_frequency" in codes(learnt)


def test_the_correlation_is_that_of_numpy(cdnow, cdnow_days):
    again = (cdnow.x > 0) & (cdnow.mean_spend > 0)
    known = np.corrcoef(np.log(cdnow.x[again]), np.log(cdnow.mean_spend[again]))[0, 1]
    assert found(cdnow_days, END).survey.correlation == pytest.approx(known, rel=1e-9)


def test_wild_spend_falls_back_to_means_that_are_finite():
    draw = np.random.default_rng(7)
    x = draw.geometric(0.3, 600) - 1
    learnt = found(days_of(x, 10 * draw.pareto(0.6, 600) + 0.01), 364)
    assert learnt.spend is None
    assert "spend_not_modelled" in codes(learnt)
    spend = learnt.expected_spend(learnt.sample.x, learnt.sample.mean_spend)
    assert np.all(np.isfinite(spend) & (spend > 0))


def test_free_goods_only_are_worth_nothing_rather_than_unknown():
    learnt = found(days_of(np.tile([0, 3], 100), np.zeros(200)), 364)
    assert (learnt.spend, learnt.survey.correlation, learnt.usual_spend) == (None, 0, 0)
    assert learnt.expected_spend(np.array([0, 3]), np.zeros(2)).tolist() == [0, 0]


def test_the_fallback_draws_a_small_history_towards_the_company():
    learnt = replace(found(days_of(np.tile([0, 3], 100), np.zeros(200)), 364), usual_spend=28.0)
    spend = learnt.expected_spend(np.array([1, 9, 0]), np.array([100.0, 20.0, 5.0]))
    assert spend == pytest.approx([(28 + 100) / 2, (28 + 180) / 10, 28])


@pytest.mark.parametrize("rate", [1e-9, 1_000.0, 5_000.0, 20_000.0, 1e9])
def test_the_currency_changes_neither_models_nor_warnings(cdnow_days, rate):
    in_dollars = found(cdnow_days, END)
    elsewhere = found((*cdnow_days[:2], rate * cdnow_days.amount), END)
    assert elsewhere.warnings == in_dollars.warnings == ()
    fitted, known = elsewhere.spend, in_dollars.spend
    for name, factor in (("p", 1), ("q", 1), ("v", rate)):
        for own, other in (
            (fitted.parameters, known.parameters),
            (fitted.standard_errors, known.standard_errors),
        ):
            assert own[name] == pytest.approx(factor * other[name], rel=1e-6)
    assert fitted.log_likelihood == pytest.approx(
        known.log_likelihood - 946 * np.log(rate), rel=1e-9
    )


@pytest.mark.parametrize("sampled_repeaters", [0, 3])
def test_spend_is_learnt_from_all_where_the_sample_has_too_few_who_paid_again(
    monkeypatch, sampled_repeaters
):
    """One customer in six is sampled, and 70 of the others bought again."""
    monkeypatch.setattr(findings, "ENOUGH", 100)
    customer = np.arange(600)
    in_sample = hashed(customer) % np.uint64(6) == 0
    again = np.r_[customer[in_sample][:sampled_repeaters], customer[~in_sample][:70]]
    draw = np.random.default_rng(5)
    spend = 300 / draw.gamma(4, 1, 600) * draw.gamma(6, 1 / 6, 600)
    x = np.where(np.isin(customer, again), 1 + customer % 3, 0)
    few = found(days_of(x, spend), 364, "nbd")
    assert np.count_nonzero(few.sample.x) == sampled_repeaters
    monkeypatch.setattr(findings, "ENOUGH", 1000)
    everybody = found(days_of(x, spend), 364, "nbd")
    assert few.spend.parameters == pytest.approx(everybody.spend.parameters, rel=1e-4)


def test_equal_spends_are_told_as_such():
    x = np.random.default_rng(4).geometric(0.3, 400) - 1
    learnt = found(days_of(x, np.full(400, 20.0)), 364, "nbd")
    (warning,) = [each for each in learnt.warnings if each.code == "spend_not_modelled"]
    assert warning.sentence.startswith("All customers spend about the same on a purchase: ")


def test_spends_that_differ_by_little_are_modelled_without_a_warning():
    """p and q of 20,000, and held by the data: nothing ran away."""
    draw = np.random.default_rng(9)
    x = draw.geometric(0.25, 1500) - 1
    spend = 20 * draw.gamma(2e4 * (x + 0.01)) / (2e4 * (x + 0.01)) / draw.gamma(2e4, 1 / 2e4, 1500)
    learnt = found(days_of(x, spend), 364, "nbd")
    assert min(learnt.spend.model.p, learnt.spend.model.q) > choice.RUNAWAY
    assert "runaway_parameters" not in codes(learnt)
