"""Coming in, being kept out, and going out again."""

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse

from customers.models import Role

PASSWORD = "a long enough secret"


@pytest.fixture
def maya(person):
    maya = person(Role.MANAGER)
    maya.name = "Maya Okafor"
    maya.set_password(PASSWORD)
    maya.save()
    return maya


@pytest.fixture
def sign_in(client):
    def enter(email, password, **query):
        words = {"login": email, "password": password}
        return client.post(reverse("account_login", query=query), words, follow=True)

    return enter


def test_a_manager_lands_on_the_board(sign_in, maya):
    answer = sign_in(maya.email, PASSWORD)
    assert answer.redirect_chain[-1][0] == reverse("board")


def test_capitals_in_the_email_do_not_matter(sign_in, maya):
    sign_in(maya.email.upper(), PASSWORD)
    maya.refresh_from_db()
    assert maya.last_login


def test_sign_in_goes_on_to_the_page_that_was_asked_for(sign_in, maya):
    answer = sign_in(maya.email, PASSWORD, next=reverse("account_change_password"))
    assert answer.redirect_chain[-1][0] == reverse("account_change_password")


def test_sign_in_goes_on_to_no_other_site(sign_in, maya):
    answer = sign_in(maya.email, PASSWORD, next="https://elsewhere.example/")
    assert all("elsewhere" not in address for address, _ in answer.redirect_chain)


def test_a_wrong_password_and_an_unknown_email_get_the_same_sentence(sign_in, maya):
    for email in (maya.email, "nobody@example.com"):
        assert "That e-mail and password do not match." in sign_in(email, "wrong").text


def test_after_five_wrong_tries_the_right_password_waits_too(sign_in, maya):
    for _ in range(5):
        sign_in(maya.email, "wrong")
    assert "Too many tries" in sign_in(maya.email, PASSWORD).text
    maya.refresh_from_db()
    assert maya.last_login is None


def test_ten_wrong_tries_from_one_address_are_enough_whoever_is_guessed(sign_in, maya):
    for number in range(10):
        sign_in(f"guess-{number}@example.com", "wrong")
    assert "Too many tries" in sign_in(maya.email, PASSWORD).text


def test_the_sign_in_page_says_whom_to_ask(client, person):
    person(Role.SYSTEM_ADMIN)
    assert "Ask System administrator, system administrator." in client.get(
        reverse("account_login")
    ).text.replace("\n", "")


def test_nobody_signs_up(client, db):
    words = {"email": "new@example.com", "password1": PASSWORD, "password2": PASSWORD}
    answer = client.post(reverse("account_signup"), words)
    assert "People are invited here" in answer.text


def test_signing_out_asks_a_stranger_to_sign_in(client, maya):
    client.force_login(maya)
    client.post(reverse("account_logout"))
    assert client.get(reverse("board")).url.startswith(reverse("account_login"))


def test_a_visit_to_the_sign_out_address_does_not_sign_out(client, maya):
    client.force_login(maya)
    client.get(reverse("account_logout"))
    assert "_auth_user_id" in client.session


def test_a_changed_password_keeps_its_owner_signed_in(client, maya):
    client.force_login(maya)
    words = {"oldpassword": PASSWORD, "password1": "another secret", "password2": "another secret"}
    answer = client.post(reverse("account_change_password"), words)
    maya.refresh_from_db()
    assert maya.check_password("another secret")
    assert answer.url == reverse("home")
    assert "_auth_user_id" in client.session


def test_a_changed_password_ends_the_other_sign_ins(client, maya):
    elsewhere = Client()
    for browser in (client, elsewhere):
        browser.force_login(maya)
    words = {"oldpassword": PASSWORD, "password1": "another secret", "password2": "another secret"}
    client.post(reverse("account_change_password"), words)
    assert elsewhere.get(reverse("board")).url.startswith(reverse("account_login"))


def test_a_common_password_is_refused(client, maya):
    client.force_login(maya)
    words = {"oldpassword": PASSWORD, "password1": "password1", "password2": "password1"}
    assert "too common" in client.post(reverse("account_change_password"), words).text


def test_the_link_by_mail_sets_a_password_once(client, maya):
    client.post(reverse("account_reset_password"), {"email": maya.email})
    (letter,) = mail.outbox
    (link,) = [line for line in letter.body.splitlines() if line.startswith("http")]
    page = client.get(link, follow=True)
    words = {"password1": "another secret", "password2": "another secret"}
    client.post(page.redirect_chain[-1][0], words)
    maya.refresh_from_db()
    assert maya.check_password("another secret")
    assert "no longer works" in client.get(link, follow=True).text


def test_a_stranger_gets_no_mail_and_the_same_page(client, db):
    answer = client.post(
        reverse("account_reset_password"), {"email": "nobody@example.com"}, follow=True
    )
    assert "Look into your mail" in answer.text
    assert mail.outbox == []


def test_a_part_whose_session_ended_sends_the_whole_page_to_sign_in(client, db):
    headers = {"HX-Request": "true", "HX-Current-URL": "http://testserver/board/?week=7"}
    answer = client.get(reverse("board"), headers=headers)
    assert answer.status_code == 200
    assert answer["HX-Redirect"] == f"{reverse('account_login')}?next=/board/%3Fweek%3D7"


def test_a_page_of_a_signed_in_person_is_kept_by_no_cache(client, maya):
    client.force_login(maya)
    assert client.get(reverse("account_change_password"))["Cache-Control"].count("no-store")
