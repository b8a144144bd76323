"""What stands around every page."""

import pytest
from django.urls import reverse

from customers.models import Role

ACCOUNT_PAGES = [
    "account_login",
    "account_signup",
    "account_inactive",
    "account_reset_password",
    "account_reset_password_done",
    "account_reset_password_from_key_done",
]
OWN_ACCOUNT_PAGES = ["account_logout", "account_change_password", "account_reauthenticate"]


@pytest.mark.parametrize("name", ACCOUNT_PAGES)
def test_every_account_page_has_the_sites_frame(client, db, name):
    page = client.get(reverse(name)).text
    assert '<html lang="en-GB">' in page
    assert "clvsite/tokens.css" in page
    assert page.count("<main") == page.count("<h1") == 1


@pytest.mark.parametrize("name", OWN_ACCOUNT_PAGES)
def test_every_page_of_ones_own_account_has_the_sites_frame(signed_in, name):
    page = signed_in(Role.ANALYST).get(reverse(name)).text
    assert '<html lang="en-GB">' in page
    assert page.count("<main") == page.count("<h1") == 1


def test_somebody_without_a_role_is_told_whom_to_ask(client, person):
    person(Role.SYSTEM_ADMIN)
    nora = person(Role.ANALYST)
    nora.memberships.all().delete()
    client.force_login(nora)
    answer = client.get(reverse("home"))
    assert answer.status_code == 403
    assert "You have no role here yet" in answer.text
    assert "system administrator" in answer.text


def test_an_unknown_address_is_404_in_the_sites_frame(signed_in):
    answer = signed_in(Role.ANALYST).get("/nothing-here/")
    assert answer.status_code == 404
    assert "There is nothing for you at this address" in answer.text
    assert "Sign out" in answer.text


def test_the_page_says_where_one_is(signed_in):
    page = signed_in(Role.SYSTEM_ADMIN).get(reverse("person-new")).text
    assert f'<a href="{reverse("person-list")}" aria-current="page">People</a>' in page


def test_every_part_of_the_look_can_be_seen(signed_in):
    page = signed_in(Role.FRONT_LINE).get(reverse("parts")).text
    for part in ("Signal, worse", "Nothing yet", "Process behaviour chart", 'class="path"'):
        assert part in page


def test_the_origin_of_the_data_stands_at_the_foot(signed_in, company):
    company.data_credit = "Invented by Ana"
    company.save()
    page = signed_in(Role.SYSTEM_ADMIN).get(reverse("person-list")).text
    assert "Invented by Ana" in page.partition("<footer")[2]


def test_moments_are_shown_by_the_companys_clock(signed_in, company, person):
    company.time_zone = "Asia/Tokyo"
    company.save()
    somebody = person(Role.ANALYST)
    somebody.last_login = "2026-11-20T16:04:00+00:00"
    somebody.save()
    assert "21 Nov 2026, 01:04" in signed_in(Role.SYSTEM_ADMIN).get(reverse("person-list")).text
