"""The system administrator's pages: who is here, in which roles."""

import pytest
from allauth.account.models import EmailAddress
from django.core import mail
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from customers.models import AuditEvent, Department, Membership, Role, User


@pytest.fixture
def admin(person):
    return person(Role.SYSTEM_ADMIN)


@pytest.fixture
def desk(client, admin):
    """A browser in which the system administrator has signed in."""
    client.force_login(admin)
    return client


@pytest.fixture
def ann(person):
    ann = person(Role.FRONT_LINE)
    ann.name = "Ann Archer"
    ann.save()
    return ann


def told() -> list[str]:
    """What the audit says of people, oldest first."""
    events = AuditEvent.objects.filter(verb=AuditEvent.Verb.CHANGED_PEOPLE).order_by("pk")
    return list(events.values_list("about", flat=True))


def test_who_is_invited_gets_a_role_and_no_password(desk, sales):
    words = {"name": "Bo", "email": "Bo@Example.com", "role": "manager", "department": sales.pk}
    desk.post(reverse("person-new"), words)
    bo = User.objects.get(email="bo@example.com")
    assert not bo.has_usable_password()
    assert [membership.title for membership in bo.memberships.all()] == [
        "Department manager, Sales"
    ]


def test_the_link_of_an_invitation_is_mailed_and_shown_and_sets_the_password(desk):
    words = {"name": "Bo", "email": "bo@example.com", "role": "analyst"}
    answer = desk.post(reverse("person-new"), words)
    link = answer.context["invitation"].link
    assert link in answer.text
    assert [letter.to for letter in mail.outbox] == [["bo@example.com"]]
    assert link in mail.outbox[0].body
    browser = Client()
    form = browser.get(link, follow=True).redirect_chain[-1][0]
    browser.post(form, {"password1": "another secret", "password2": "another secret"})
    assert User.objects.get(email="bo@example.com").check_password("another secret")


def test_a_mail_that_cannot_be_sent_leaves_the_link_on_the_page(desk, settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
    words = {"name": "Bo", "email": "bo@example.com", "role": "analyst"}
    answer = desk.post(reverse("person-new"), words)
    assert "could not be sent" in answer.text
    assert answer.context["invitation"].link in answer.text


def test_nobody_is_invited_twice(desk, ann):
    words = {"name": "Bo", "email": ann.email.upper(), "role": "analyst"}
    assert "Somebody here has that e-mail already." in desk.post(reverse("person-new"), words).text


@pytest.mark.parametrize("role", Role)
def test_a_role_is_given_with_a_department_exactly_where_it_belongs_to_one(
    desk, ann, marketing, role
):
    needs = role in {Role.FRONT_LINE, Role.TEAM_LEAD, Role.MANAGER}
    address = reverse("membership-new", args=[ann.pk])
    wrong = desk.post(address, {"role": role, "department": "" if needs else marketing.pk})
    assert "belong to a department" in wrong.text
    right = desk.post(address, {"role": role, "department": marketing.pk if needs else ""})
    assert right.url == reverse("person-page", args=[ann.pk])
    assert ann.memberships.filter(role=role).count() == 1 + (role == Role.FRONT_LINE)


def test_a_role_is_given_once(desk, ann, sales):
    words = {"role": Role.FRONT_LINE, "department": sales.pk}
    answer = desk.post(reverse("membership-new", args=[ann.pk]), words)
    assert "already has that role there" in answer.text
    assert ann.memberships.count() == 1


def test_an_ended_role_opens_its_pages_no_more(desk, ann):
    counter = Client()
    counter.force_login(ann)
    assert counter.get(reverse("customer-list")).status_code == 200
    desk.post(reverse("membership-end", args=[ann.memberships.get().pk]))
    assert counter.get(reverse("customer-list")).status_code == 404


def test_the_last_administrator_can_neither_leave_nor_lose_the_role(desk, admin):
    for address in (
        reverse("person-leave", args=[admin.pk]),
        reverse("membership-end", args=[admin.memberships.get().pk]),
    ):
        page = desk.post(address, follow=True).text
        assert "is the only system administrator" in page
    admin.refresh_from_db()
    assert admin.is_active
    assert admin.memberships.filter(role=Role.SYSTEM_ADMIN).exists()
    assert told() == []


def test_an_administrator_who_left_does_not_count_as_another(desk, admin, person):
    person(Role.SYSTEM_ADMIN)
    User.objects.exclude(pk=admin.pk).update(is_active=False)
    desk.post(reverse("person-leave", args=[admin.pk]))
    admin.refresh_from_db()
    assert admin.is_active


def test_one_of_two_administrators_may_go(desk, admin, person):
    person(Role.SYSTEM_ADMIN)
    desk.post(reverse("membership-end", args=[admin.memberships.get().pk]))
    assert not admin.memberships.exists()
    assert desk.get(reverse("person-list")).status_code == 404


def test_who_leaves_is_signed_out_at_once_and_cannot_come_in_again(desk, ann):
    ann.set_password("a long enough secret")
    ann.save()
    counter = Client()
    counter.force_login(ann)
    desk.post(reverse("person-leave", args=[ann.pk]))
    assert counter.get(reverse("customer-list")).url.startswith(reverse("account_login"))
    words = {"login": ann.email, "password": "a long enough secret"}
    answer = Client().post(reverse("account_login"), words, follow=True)
    assert "This account is closed" in answer.text


def test_who_comes_back_has_the_roles_from_before(desk, ann):
    desk.post(reverse("person-leave", args=[ann.pk]))
    desk.post(reverse("person-return", args=[ann.pk]))
    counter = Client()
    counter.force_login(User.objects.get(pk=ann.pk))
    assert counter.get(reverse("customer-list")).status_code == 200


def test_who_left_gets_no_link(desk, ann):
    desk.post(reverse("person-leave", args=[ann.pk]))
    assert desk.post(reverse("person-reset", args=[ann.pk])).status_code == 404
    assert mail.outbox == []


def test_a_changed_email_is_the_only_one_that_opens_the_door(desk, ann):
    ann.set_password("a long enough secret")
    ann.save()
    old = ann.email
    EmailAddress.objects.create(user=ann, email=old, verified=True, primary=True)
    words = {"name": "Ann Baker", "email": "ann.baker@example.com"}
    desk.post(reverse("person-page", args=[ann.pk]), words)
    for email, comes_in in ((old, False), ("ann.baker@example.com", True)):
        browser = Client()
        words = {"login": email, "password": "a long enough secret"}
        browser.post(reverse("account_login"), words)
        assert ("_auth_user_id" in browser.session) == comes_in


def test_every_change_is_in_the_audit_with_who_made_it(desk, admin, ann, marketing):
    words = {"role": Role.TEAM_LEAD, "department": marketing.pk}
    desk.post(reverse("membership-new", args=[ann.pk]), words)
    desk.post(reverse("membership-end", args=[ann.memberships.get(department=marketing).pk]))
    words = {"name": "Ann Baker", "email": "ann.baker@example.com"}
    desk.post(reverse("person-page", args=[ann.pk]), words)
    desk.post(reverse("person-reset", args=[ann.pk]))
    desk.post(reverse("person-leave", args=[ann.pk]))
    desk.post(reverse("person-return", args=[ann.pk]))
    desk.post(reverse("department-new"), {"name": "Finance"})
    assert told() == [
        f"Ann Archer (person {ann.pk}): given Team lead, Marketing",
        f"Ann Archer (person {ann.pk}): no longer Team lead, Marketing",
        f"Ann Archer (person {ann.pk}): now called Ann Baker",
        f"Ann Archer (person {ann.pk}): e-mail changed",
        f"Ann Baker (person {ann.pk}): got a link to set a password",
        f"Ann Baker (person {ann.pk}): left",
        f"Ann Baker (person {ann.pk}): came back",
        "Department Finance: created",
    ]
    assert set(AuditEvent.objects.values_list("actor", flat=True)) == {admin.pk}


def test_the_longest_names_fit_into_the_audit(desk, ann):
    place = Department.objects.create(name="d" * 60)
    User.objects.filter(pk=ann.pk).update(name="a" * 80)
    words = {"role": Role.MANAGER, "department": place.pk}
    desk.post(reverse("membership-new", args=[ann.pk]), words)
    desk.post(reverse("person-page", args=[ann.pk]), {"name": "b" * 80, "email": ann.email})
    assert max(map(len, told())) <= AuditEvent._meta.get_field("about").max_length


def test_a_department_has_a_name_of_its_own(desk, sales):
    answer = desk.post(reverse("department-new"), {"name": "Sales"})
    assert "There is a department of that name." in answer.text
    assert Department.objects.count() == 1


def test_the_privacy_officer_sees_everybody_and_changes_nobody(signed_in, ann):
    desk = signed_in(Role.PRIVACY_OFFICER)
    page = desk.get(reverse("person-list"))
    assert "Ann Archer" in page.text
    assert reverse("person-page", args=[ann.pk]) not in page.text
    assert "Invite" not in page.text
    assert "Create department" not in page.text
    assert desk.get(reverse("person-page", args=[ann.pk])).status_code == 404
    assert desk.post(reverse("person-leave", args=[ann.pk])).status_code == 404


def test_people_are_found_by_name_and_by_email(desk, ann):
    for text in ("archer", ann.email.upper()):
        page = desk.get(reverse("person-list"), {"q": text})
        assert [found.name for found in page.context["page"]] == ["Ann Archer"]
    assert "Nobody with" in desk.get(reverse("person-list"), {"q": "zzz"}).text


def test_who_left_stands_last_and_says_so(desk, ann):
    User.objects.filter(pk=ann.pk).update(is_active=False, name="Aaron")
    page = desk.get(reverse("person-list"))
    assert [found.name for found in page.context["page"]][-1] == "Aaron"
    assert ">left<" in page.text


@pytest.mark.parametrize("address", ["person-leave", "person-reset", "membership-new"])
def test_a_visit_changes_nobody(desk, ann, address):
    assert desk.get(reverse(address, args=[ann.pk])).status_code == 405


def test_the_list_asks_as_often_for_40_people_as_for_one(desk, company, admin, sales, marketing):
    def queries() -> int:
        with CaptureQueriesContext(connection) as seen:
            desk.get(reverse("person-list"))
        return len(seen)

    Membership.objects.create(user=admin, department=sales, role=Role.MANAGER)
    for_one = queries()
    for number in range(40):
        somebody = User.objects.create_user(f"p{number}@example.com", f"P {number}")
        for place in (sales, marketing):
            Membership.objects.create(user=somebody, department=place, role=Role.MANAGER)
    assert queries() == for_one


def test_a_persons_page_asks_as_often_for_many_roles_as_for_one(desk, company, ann):
    def queries() -> int:
        with CaptureQueriesContext(connection) as seen:
            desk.get(reverse("person-page", args=[ann.pk]))
        return len(seen)

    for_one = queries()
    for number in range(40):
        place = Department.objects.create(name=f"D {number}")
        Membership.objects.create(user=ann, department=place, role=Role.MANAGER)
    assert queries() == for_one
