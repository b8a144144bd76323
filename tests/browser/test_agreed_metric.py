"""A metric's way onto the map: drafted, tried, proposed, signed, published; then it signals."""

import re

import pytest

from tests.running_site import wait_for

pytestmark = pytest.mark.browser

NAME = "Orders of the week"
KEY = "orders_of_the_week"
ALERTS = "FROM metrics_alert a JOIN metrics_metric m ON m.id = a.metric_id"
MARKETING = """
from customers.models import Company, Department, Membership, User
Company.objects.update(alerts_a_month=31)
marketing = Department.objects.get(name="Marketing")
user = User.objects.create_user("consumer@example.com", "Mina of Marketing", "{password}")
Membership.objects.create(user=user, role="manager", department=marketing)
"""


def test_a_metric_is_agreed_published_and_alerts_its_owner_once(valued, enter):
    valued.python(MARKETING.format(password="a-long-enough-password"))
    roles = ("map_admin", "manager", "consumer", "front_line", "data_steward", "executive")
    pages = {role: enter(role) for role in roles}
    draft(valued, pages["map_admin"])
    assert not any(is_on_board(valued, pages[role]) for role in ("manager", "front_line"))
    agree(valued, pages)
    for role in ("manager", "front_line"):
        wait_for(
            lambda page=pages[role]: is_on_board(valued, page), f"the board of {role}", pause=1
        )
    told = f"SELECT count(*) {ALERTS} WHERE m.key = '{KEY}'"
    wait_for(lambda: valued.ask(told)[0][0], "the alert", pause=1)
    valued.python("from metrics.tasks import send_alerts; send_alerts(); send_alerts()")
    mails = [one.read_text() for one in (valued.folder / "mail").iterdir()]
    own = [mail for mail in mails if "To: manager@example.com" in mail and NAME in mail]
    assert len(own) == 1
    assert valued.ask(told) == [(1,)]
    assert [page.complaints for page in pages.values()] == [[]] * len(roles)


def draft(site, admin):
    """The administrator drafts it, sees what it would come to, and links it upward."""
    admin.goto(f"{site.address}/map/metrics/new/")
    for label, text in (
        ("Name", NAME),
        ("Short name", KEY),
        ("Description", "Orders in which something was bought."),
        ("What its owner can do", "Call who has not ordered"),
        ("Unit", "orders"),
    ):
        admin.get_by_label(re.compile(f"^{label}")).fill(text)
    for label, choice in (
        ("Department", "Sales"),
        ("Level", "Front line"),
        ("Way to grow", "Keep longer"),
        ("What is better", "Higher is better"),
        ("Owner", "Department manager"),
        ("Who can move it", "Shared"),
        ("Told each", "Week"),
    ):
        admin.get_by_role("combobox", name=label, exact=True).select_option(label=choice)
    admin.get_by_label("Marketing").check()
    admin.locator("#id_numerator-counted").select_option("orders.count.")
    admin.get_by_role("button", name="Count it now").click()
    admin.get_by_text("counted from today’s facts, stored nowhere").wait_for()
    admin.get_by_role("button", name="Put this metric into the draft").click()
    admin.goto(f"{site.address}/map/links/new/?child={KEY}")
    admin.get_by_label("To", exact=True).select_option(label="Active customers")
    admin.get_by_label("How it leads there").select_option(label="Leading: moves it later")
    admin.get_by_label(re.compile("^Slope")).fill("0.5")
    admin.get_by_label("Doubt of the slope").fill("0.2")
    admin.get_by_role("button", name="Draw this link").click()
    admin.get_by_text("Drew link from").wait_for()


def agree(site, pages):
    """It is proposed; owner, consumer and steward sign; a second person publishes it."""
    admin, executive = pages["map_admin"], pages["executive"]
    admin.get_by_label("What changes, and why").fill("Orders belong on the map")
    admin.get_by_role("button", name="Propose 2 changes").click()
    for role in ("manager", "consumer", "data_steward"):
        pages[role].goto(f"{site.address}/agreements/")
        pages[role].get_by_role("button", name=f"Sign {NAME}").click()
        pages[role].get_by_text(f"You signed {NAME}").wait_for()
    executive.goto(f"{site.address}/agreements/")
    executive.get_by_role("button", name="Publish Edition").click()
    executive.get_by_text("is published").wait_for()


def is_on_board(site, page):
    page.goto(f"{site.address}/board/")
    return page.get_by_text(NAME).count()
