"""The commands of the README, as a newcomer runs them one after the other: in a data folder that
nothing has used."""

import json
from pathlib import Path

import pytest

from tests.running_site import RunningSite

PURCHASES = Path(__file__).parent / "data" / "cdnow_sample_transactions.csv"


@pytest.mark.long
def test_the_papers_cohort_goes_in_and_is_valued_as_published_and_as_the_sites_own(tmp_path):
    site = RunningSite(tmp_path)
    columns = "customer=customer_id,date=date,amount=amount"
    imported = json.loads(
        site.manage(
            "import_purchases", str(PURCHASES), "--source", "cdnow", "--columns", columns, "--json"
        )
    )
    assert imported == {
        "rows": 6919,
        "stored": 6919,
        "here_already": 0,
        "dropped": {},
        "customers": 2357,
    }
    days = ("--until", "1997-09-30", "--holdout-until", "1998-06-30")
    valued = json.loads(site.manage("value", *days, "--unit", "week", "--json"))
    published = {"r": 0.24259, "alpha": 4.41360, "a": 0.79292, "b": 2.42591}
    assert valued["parameters"] == pytest.approx(published, abs=5e-4)
    assert valued["log_likelihood"] == pytest.approx(-9582.4292, abs=0.01)
    assert valued["holdout"]["forecast"] == pytest.approx(1653.41, rel=1e-3)
    assert valued["holdout"]["actual"] == 1882
    assert valued["holdout"]["mae"] == pytest.approx(0.7855, abs=1e-3)
    assert (valued["customers"], valued["repeat_purchases"]) == (2357, 2457)
    assert (valued["model"], valued["unit"], valued["status"]) == ("bg_nbd", "week", "good")
    assert valued["gamma_gamma"]["p"] == pytest.approx(6.2496, abs=0.01)
    assert site.ask("SELECT count(*) FROM metrics_valuation WHERE in_force") == [(0,)]
    assert "2,357 customers" in site.manage("value")
    assert site.ask("SELECT customers FROM metrics_valuation WHERE in_force") == [(2357,)]


def test_a_site_where_nobody_can_sign_in_says_how_the_first_one_gets_in(tmp_path, migrated):
    site = RunningSite(tmp_path)
    site.begin_from(migrated)
    assert "Nobody can sign in yet." in site.manage("prepare", "--port", "0")
    site.python("from customers.models import User; User.objects.create(email='a@b.c', name='A')")
    assert "Nobody can sign in" not in site.manage("prepare", "--port", "0")
