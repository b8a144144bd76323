import pytest
from django.test import Client

from clvsite import sample
from clvsite.sample.people import GIFT_SHOP, TARNHOLM, add_people
from customers.models import Company, Customer, Department, Role, User

pytestmark = pytest.mark.django_db(transaction=True)

OWN = {"name": "Ada Own", "email": "ada@own.example", "password": "a-long-enough-password"}


@pytest.fixture
def sample_site():
    company = Company.objects.current()
    company.data_credit = "Sample data: somewhere."
    company.save()
    add_people()
    Customer.objects.create(code="17850", department=Department.objects.get(name="Sales"))


@pytest.fixture
def administrator(client, sample_site):
    client.force_login(User.objects.holding(Role.SYSTEM_ADMIN).get())
    return client


def test_every_page_says_that_the_data_are_a_sample_and_offers_to_clear_it(administrator):
    page = administrator.get("/people/").text
    assert "Sample data: somewhere." in page
    assert 'href="/sample/clear/"' in page


def test_clearing_leaves_one_administrator_of_your_own_and_nothing_else(administrator):
    page = administrator.post("/sample/clear/", OWN, follow=True)
    assert page.status_code == 200
    assert [user.email for user in User.objects.all()] == ["ada@own.example"]
    assert not Customer.objects.exists()
    assert not sample.sample_people().exists()
    assert "Ada Own" in page.text
    assert administrator.get("/sample/clear/").status_code == 404


def test_a_weak_password_or_an_address_of_the_sample_clears_nothing(administrator):
    for bad in ({"password": "short"}, {"email": f"me@{GIFT_SHOP}"}, {"email": f"me@{TARNHOLM}"}):
        assert administrator.post("/sample/clear/", OWN | bad).status_code == 200
    assert Customer.objects.exists()


def test_production_refuses_the_samples_password(sample_site, settings):
    credentials = {"login": "sam.system@gift-shop.example", "password": sample.PASSWORD}
    open_site = Client()
    open_site.post("/account/login/", credentials)
    assert open_site.get("/people/").status_code == 200
    settings.IS_PRODUCTION = True
    shut = Client()
    shut.post("/account/login/", credentials)
    assert shut.get("/people/").status_code == 302
    assert open_site.get("/people/").status_code == 302
