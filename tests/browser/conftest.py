"""Chromium against a whole running site: web server, worker and beat, as `make up` starts them."""

import shutil
from contextlib import suppress
from pathlib import Path
from urllib.request import urlopen

import pytest
from playwright.sync_api import sync_playwright

from tests.running_site import RunningSite, skip_or_fail, wait_for

PURCHASES = Path(__file__).parents[1] / "data" / "cdnow_sample_transactions.csv"
PASSWORD = "a-long-enough-password"
IMPATIENT = {
    "CLVSITE_LEASE_SECONDS": "10",
    "CLVSITE_SWEEP_SECONDS": "1",
    "CLVSITE_QUIET_SECONDS": "0",
}
SET_UP = f"""
from customers.models import DEPARTMENT_ROLES, Company, Department, Membership, Role, User
from metrics.metric_map.changing.at_once import start_map
Company.objects.current()
start_map(None)
sales = Department.objects.get(name="Sales")
for role in Role:
    user = User.objects.create_user(f"{{role}}@example.com", role.label, "{PASSWORD}")
    place = sales if role in DEPARTMENT_ROLES else None
    Membership.objects.create(user=user, role=role, department=place)
"""


@pytest.fixture(scope="module")
def chromium():
    """A headless Chromium of the system; gone with its module, or its loop stops Django's tests."""
    found = shutil.which("chromium") or shutil.which("google-chrome")
    if not found:
        skip_or_fail("needs Chromium: apt-get install chromium")
    with sync_playwright() as playwright:
        options = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
        browser = playwright.chromium.launch(executable_path=found, args=options)
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def site(tmp_path_factory, migrated):
    """An empty site with one person a role, running, for one file; `site.address` is where."""
    site = RunningSite(tmp_path_factory.mktemp("site"), **IMPATIENT)
    site.begin_from(migrated)
    try:
        site.manage("prepare", "--port", "0")
        site.python(SET_UP)
        port = site.start_web()
        site.start_worker()
        site.start_beat()
        site.address = f"http://127.0.0.1:{port}"
        wait_for(lambda: _is_well(site.address), "the web server", pause=0.2)
        yield site
    finally:
        site.close()


def _is_well(address):
    with suppress(OSError), urlopen(f"{address}/healthz", timeout=10) as answer:
        return answer.status == 200
    return False


@pytest.fixture
def valued(site):
    """The site with purchases and a valuation, whatever ran before."""
    if not site.ask("SELECT 1 FROM metrics_valuation WHERE in_force"):
        columns = "customer=customer_id,date=date,amount=amount"
        place = ("--source", "cdnow", "--department", "Sales", "--columns", columns)
        site.manage("import_purchases", str(PURCHASES), *place)
        site.manage("value")
    return site


@pytest.fixture
def enter(site, chromium):
    """Sign in as the person with a role, in a browser of one's own; a page with its complaints."""
    contexts = []

    def sign_in(role: str):
        context = chromium.new_context(viewport={"width": 1440, "height": 900})
        context.set_default_timeout(10_000)
        contexts.append(context)
        page = context.new_page()
        page.complaints = []
        page.on("console", lambda said: _note(page, said))
        page.on("pageerror", lambda error: page.complaints.append(str(error)))
        page.goto(site.address)
        page.get_by_label("Work e-mail").fill(f"{role}@example.com")
        page.get_by_label("Password", exact=True).fill(PASSWORD)
        page.get_by_role("button", name="Sign in").click()
        page.wait_for_load_state()
        return page

    yield sign_in
    for context in contexts:
        context.close()


def _note(page, said):
    if said.type in {"error", "warning"}:
        page.complaints.append(said.text)
