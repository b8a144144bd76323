"""The first day of a company: sign in, send a file, watch it go in, read what it is worth."""

from contextlib import suppress

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Error

from tests.browser.conftest import PURCHASES
from tests.running_site import wait_for

pytestmark = pytest.mark.browser

DESK, PHONE = 1440, 390
LANDING = {
    "front_line": "Find a customer",
    "team_lead": "Find a customer",
    "manager": "Sales",
    "executive": "Customer value",
    "map_admin": "Metric map",
    "data_steward": "Uploads",
    "privacy_officer": "Reads and changes",
    "analyst": "How good is the forecast?",
    "system_admin": "People",
}


def test_a_file_is_sent_watched_and_valued(site, enter):
    executive = enter("executive")
    assert executive.get_by_text("Customers have not been valued yet").is_visible()

    steward = enter("data_steward")
    steward.get_by_role("link", name="Send a file").first.click()
    steward.get_by_label("File").set_input_files(PURCHASES)
    steward.get_by_label("Source").fill("cdnow")
    steward.get_by_label("Who looks after these customers").select_option(label="Sales")
    steward.get_by_role("button", name="Send file").click()
    steward.get_by_role("button", name="Check").click()
    button = steward.get_by_role("button", name="Import 6,919 rows")
    button.wait_for(timeout=40_000)
    button.click()
    shown = set()
    result = steward.get_by_text("6,919 rows imported")
    wait_for(lambda: _note_bar(steward, shown) or result.count(), "the import's end", pause=0.05)
    assert result.first.is_visible()
    assert shown
    assert steward.complaints == []

    wait_for(lambda: _is_valued(executive), "the first valuation", pause=0.5)
    assert executive.get_by_text("2,357 customers").is_visible()
    assert executive.complaints == []


def _note_bar(page, shown):
    """Take down where the bar stands; nothing, so that watching goes on."""
    with suppress(Error):  # the page was on its way to the next state
        value = page.evaluate("document.querySelector('progress')?.value")
        if value is not None:
            shown.add(value)


def _is_valued(page):
    page.reload()
    return page.get_by_text("Our customers are worth a forecast").count()


FURTHER = {
    "analyst": {"/value/segments/", "/value/model/", "/scenarios/new/"},
    "executive": {"/value/segments/"},
}
"""Pages with a door of their own that the main navigation does not name."""
LARGE = """
from customers.models import Department
from metrics.models import Link, Metric
outcomes = list(Metric.objects.filter(level=2).order_by("pk"))
places = list(Department.objects.order_by("pk"))
made = Metric.objects.bulk_create(
    Metric(
        key=f"regional_{n}", name=f"Regional metric {n}", description="One region of many.",
        department=places[n % len(places)], level=3 + n % 2, direction="up", control="shared",
    )
    for n in range(140)
)
Link.objects.bulk_create(
    Link(child=one, parent=outcomes[n % 3], kind="leading", lag_days=30)
    for n, one in enumerate(made)
)
"""


@pytest.mark.parametrize("role", sorted(LANDING))
def test_everybody_lands_on_an_own_page_and_all_of_theirs_are_whole_and_accessible(
    valued, enter, role
):
    page = enter(role)
    assert page.get_by_role("heading", level=1).inner_text() == LANDING[role]
    page.set_viewport_size({"width": PHONE, "height": 780})
    assert Axe().run(page).violations_count == 0
    links = page.locator("nav[aria-label=Main] a").all()
    further = FURTHER.get(role, set())
    for address in sorted({link.get_attribute("href") for link in links} | further):
        page.goto(valued.address + address)
        for width in (PHONE, DESK):
            page.set_viewport_size({"width": width, "height": 900})
            assert _sideways(page) <= 0, (address, width)
        found = Axe().run(page)
        assert found.violations_count == 0, f"{address}: {found.generate_report()}"
    assert page.complaints == []


def _sideways(page):
    return page.evaluate(
        "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    )


def test_the_map_is_walked_by_arrow_keys_and_lights_the_links_of_where_one_stands(site, enter):
    page = enter("executive")
    page.goto(f"{site.address}/map/")
    (first,) = page.locator(".node > a[tabindex='0']").all()
    above = first.get_attribute("href")
    first.focus()
    page.keyboard.press("ArrowDown")
    below = page.evaluate("document.activeElement.getAttribute('href')")
    assert below != above
    lit = page.locator(".node[data-lit] > a")
    assert page.locator("[data-ends][data-lit]").count() > 0
    assert below in {one.get_attribute("href") for one in lit.all()}
    page.keyboard.press("Enter")
    page.wait_for_url(f"**{below}")
    assert page.get_by_role("heading", name="Path of").is_visible()
    assert page.complaints == []


def test_a_map_of_150_metrics_fits_a_desk_is_accessible_and_finds_one_by_its_name(site, enter):
    site.python(LARGE)
    page = enter("executive")
    page.goto(f"{site.address}/map/")
    assert page.locator(".node").count() >= 150
    assert page.evaluate(
        "(region => region.scrollWidth <= region.clientWidth)(document.querySelector('[data-map]'))"
    )
    for width in (PHONE, DESK):
        page.set_viewport_size({"width": width, "height": 900})
        assert _sideways(page) <= 0
        found = Axe().run(page)
        assert found.violations_count == 0, found.generate_report()
    page.get_by_label("Find a metric").fill("regional metric 77")
    page.get_by_role("button", name="Show", exact=True).click()
    assert page.get_by_role("heading", name="Path of “Regional metric 77”").is_visible()
    assert page.complaints == []
