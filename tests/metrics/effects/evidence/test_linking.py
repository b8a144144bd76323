"""One answer a link: the best source that has enough data, less what chance would bring."""

import numpy as np
import pytest

from metrics.effects.evidence import linking
from metrics.effects.evidence.customers import Experiences
from metrics.effects.evidence.findings import Source, Verdict, missing_for
from metrics.effects.evidence.linking import Names, Rows, claimed, weigh, weigh_initiative
from metrics.effects.evidence.units.interruption import Effect, InitiativeFinding

NAMES = Names("Late deliveries", "satisfaction")


def rows(periods=120, slope=-2.0):
    draw = np.random.default_rng(1)
    child = draw.normal(size=periods + 5)
    return Rows(child[5:], slope * child[2:-3] + draw.normal(size=periods))


def panel(many, windows=12):
    draw = np.random.default_rng(2)
    late = (draw.random((many, windows)) < 0.2).astype(float)
    score = 70 + 5 * draw.normal(size=(many, windows))
    score[:, 1:] -= 4 * late[:, :-1]
    return Experiences(late, score)


def test_customers_speak_before_the_time_series():
    found = weigh(NAMES, panel=panel(200), rows=rows())
    assert (found.source, found.rung, found.verdict) == (Source.PANEL, 3, Verdict.LINK)
    assert abs(found.slope + 4) < 3 * found.se
    assert found.sentence.startswith("Late deliveries: one more is followed by −")


def test_the_clearest_window_counts_at_the_price_of_all():
    found = weigh(NAMES, panel=panel(200), lags=(1, 2, 3))
    assert found.lag == 1
    assert found.p >= linking.customers.look(panel(200), 1).p


def test_the_time_series_speaks_where_customers_are_too_few():
    found = weigh(NAMES, panel=panel(10), rows=rows())
    assert (found.source, found.rung, found.lag) == (Source.SERIES, 3, 3)
    assert "in satisfaction, 3 weeks later (" in found.sentence


def test_too_little_of_everything_says_what_is_missing_least():
    found = weigh(NAMES, panel=panel(10), rows=rows(periods=18))
    assert (found.verdict, found.rung, found.missing) == (Verdict.LITTLE, None, 22)
    with pytest.raises(ValueError, match="no events"):
        weigh(NAMES)


def test_a_link_that_many_looks_would_bring_is_taken_back():
    strong = weigh(NAMES, rows=rows())
    weak = linking.replace(strong, p=0.04)
    unseen = linking.replace(strong, p=0.6, verdict=Verdict.NOTHING, rung=None)
    kept = claimed([weak, strong, *[unseen] * 18])
    assert [one.verdict for one in kept[:3]] == [Verdict.CHANCE, Verdict.LINK, Verdict.NOTHING]
    assert (kept[0].rung, kept[1]) == (None, strong)
    assert "by chance" in kept[0].sentence


def initiative(effect, verdict=Verdict.LINK):
    return InitiativeFinding(effect, np.zeros((9, 3)), (), (), verdict, 0)


def test_what_we_changed_ourselves_stands_higher():
    child = Effect(60, -10.0, 1.0, -12.0, -8.0, 0.001)
    parent = Effect(63, 5.0, 1.0, 3.0, 7.0, 0.001)
    found = weigh_initiative(NAMES, initiative(child), initiative(parent), lag=3)
    assert (found.rung, found.slope, found.source) == (4, -0.5, Source.INITIATIVE)
    calm = Effect(60, 0.2, 1.0, -2.0, 2.0, 0.8)
    none = weigh_initiative(NAMES, initiative(calm, Verdict.NOTHING), initiative(parent))
    assert (none.rung, none.slope, none.verdict) == (None, None, Verdict.NOTHING)


def test_how_much_more_is_needed_grows_with_the_doubt():
    assert missing_for(1.0, 0.2, 100) == 0
    assert missing_for(1.0, 0.5, 100) == 97  # 100 x (2.8016 x 0.5)^2 = 196.2
    assert missing_for(1.0, 5.0, 100) is None
    assert missing_for(1.0, 0.2, 30, at_least=40) == 10
