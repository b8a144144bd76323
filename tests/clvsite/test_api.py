"""Signing in to the API by token, its schema, and how often it may be asked."""

import pytest
from django.core.cache import cache
from django.core.management import call_command
from django.urls import reverse
from rest_framework.authtoken.models import Token

from customers.models import Role, User

TRIES_A_MINUTE = 5


@pytest.fixture(autouse=True)
def nothing_counted_yet(db):
    cache.clear()


@pytest.fixture
def steward(person):
    return person(Role.DATA_STEWARD)


def sign_in(client, email, password="sesame"):
    sent = {"email": email, "password": password}
    return client.post(reverse("api-token"), sent, content_type="application/json")


def by(user):
    """The headers of a program that acts for this person."""
    return {"Authorization": f"Token {Token.objects.get_or_create(user=user)[0].key}"}


def test_e_mail_and_password_give_a_token_that_opens_the_api(client, steward):
    answer = sign_in(client, steward.email)
    assert answer.status_code == 200
    headers = {"Authorization": f"Token {answer.json()['token']}"}
    answer = client.get(reverse("api-upload-list"), headers=headers)
    assert answer.status_code == 200
    assert answer["Cache-Control"] == "private, no-store"


def test_the_same_person_gets_the_same_token(client, steward):
    tokens = {sign_in(client, steward.email).json()["token"] for _ in range(2)}
    assert len(tokens) == 1


def test_a_wrong_password_gives_no_token(client, steward):
    answer = sign_in(client, steward.email, "wrong")
    assert answer.status_code == 400
    assert answer.json() == {"non_field_errors": ["That e-mail and password do not match."]}
    assert not Token.objects.exists()


def test_somebody_who_left_gets_no_token_and_the_old_one_opens_nothing(client, steward):
    headers = by(steward)
    User.objects.filter(pk=steward.pk).update(is_active=False)
    assert sign_in(client, steward.email).status_code == 400
    assert client.get(reverse("api-upload-list"), headers=headers).status_code == 401


def test_a_new_password_ends_the_token(client, steward):
    headers = by(steward)
    client.force_login(steward)
    new = {"oldpassword": "sesame", "password1": "rye-harbour-4", "password2": "rye-harbour-4"}
    assert client.post(reverse("account_change_password"), new).status_code == 302
    client.logout()
    assert client.get(reverse("api-upload-list"), headers=headers).status_code == 401


def test_a_body_that_is_too_large_is_not_read(client, settings, steward):
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 20
    assert sign_in(client, steward.email).status_code == 400


def test_nobody_is_asked_for_a_token(client, db):
    answer = client.get(reverse("api-upload-list"))
    assert answer.status_code == 401
    assert answer["WWW-Authenticate"] == "Token"


@pytest.mark.parametrize("role", sorted(set(Role) - {Role.DATA_STEWARD}))
def test_a_token_opens_no_more_than_its_persons_roles(client, person, role):
    answer = client.get(reverse("api-upload-list"), headers=by(person(role)))
    assert answer.status_code == 404
    assert answer["Content-Type"] == "application/json"


def test_a_closed_address_is_404_in_json_for_a_session_too(signed_in):
    answer = signed_in(Role.MANAGER).get(reverse("api-upload-list"))
    assert answer.status_code == 404
    assert answer["Content-Type"] == "application/json"


def test_a_token_opens_no_page(client, steward):
    answer = client.get(reverse("upload-list"), headers=by(steward))
    assert answer.status_code == 302
    assert answer["Location"].startswith(reverse("account_login"))


def test_the_sixth_try_for_a_token_in_a_minute_is_refused(client, steward):
    tries = [sign_in(client, f"nobody-{n}@example.com", "x") for n in range(TRIES_A_MINUTE)]
    assert {answer.status_code for answer in tries} == {400}
    answer = sign_in(client, steward.email)
    assert answer.status_code == 429
    assert int(answer["Retry-After"]) > 0


def test_a_header_of_the_callers_own_brings_no_more_tries(client, steward):
    for n in range(TRIES_A_MINUTE):
        sign_in(client, f"nobody-{n}@example.com", "x")
    client.defaults["HTTP_X_FORWARDED_FOR"] = "192.0.2.1"
    assert sign_in(client, steward.email).status_code == 429


def test_the_schema_of_the_api_is_valid_and_complete(db, tmp_path):
    to = tmp_path / "schema.yml"
    call_command("spectacular", validate=True, fail_on_warn=True, file=str(to))
    for address in ("/api/token/", "/api/purchases/", "/api/metrics/{key}/", "/api/values/"):
        assert f"\n  {address}:" in to.read_text()


def test_the_schema_is_served_to_whoever_has_a_role(client, steward):
    address = reverse("api-schema")
    assert client.get(address).status_code == 401
    assert b"openapi: 3" in client.get(address, headers=by(steward)).content
