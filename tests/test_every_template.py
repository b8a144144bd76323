"""Rules that hold for every template and style sheet of the site."""

import re
from pathlib import Path

import pytest
from django.conf import settings

TEMPLATES = sorted((settings.BASE_DIR / "templates").rglob("*.html"))
STYLES = sorted((settings.BASE_DIR / "clvsite" / "static" / "clvsite").glob("*.css"))
TAG = re.compile(r"<[a-z][^<>]*>", re.DOTALL)

every_template = pytest.mark.parametrize(
    "path", TEMPLATES, ids=lambda path: str(path.relative_to(settings.BASE_DIR))
)
every_style = pytest.mark.parametrize("path", STYLES, ids=lambda path: path.name)


def tags(path: Path) -> list[str]:
    return TAG.findall(path.read_text())


def test_there_are_templates_and_styles_to_look_at():
    assert len(TEMPLATES) > 20
    assert {"tokens.css", "base.css", "parts.css"} <= {path.name for path in STYLES}


@every_template
def test_no_style_is_written_into_a_page(path):
    assert not re.search(r"\sstyle=|<style\b", path.read_text())


@every_template
def test_every_script_is_a_file_or_data(path):
    scripts = [tag for tag in tags(path) if tag.startswith("<script")]
    assert [tag for tag in scripts if "src=" not in tag] == []


@every_template
def test_no_tag_carries_a_handler(path):
    handlers = re.compile(r"\s(on[a-z]+|hx-on[:a-z-]*)=|hx-vals=[\"']js:|javascript:")
    assert [tag for tag in tags(path) if handlers.search(tag)] == []


@every_template
def test_no_drawing_names_a_colour(path):
    named = re.compile(r"\s(fill|stroke|color|stop-color)=\"(?!none|currentColor|url\()")
    assert [tag for tag in tags(path) if named.search(tag)] == []


@every_template
def test_no_template_is_longer_than_80_lines(path):
    assert len(path.read_text().splitlines()) <= 80


@every_template
def test_what_htmx_fetches_can_be_reached_without_it(path):
    """A link has its address, a form its action; only a progress part asks by itself."""
    fetching = [tag for tag in tags(path) if re.search(r"\shx-(get|post)=", tag)]
    reachable = re.compile(r"\s(href|action|formaction)=|hx-trigger=\"every ")
    assert [tag for tag in fetching if not reachable.search(tag)] == []


@every_template
def test_every_form_that_changes_something_carries_its_token(path):
    forms = re.findall(r"<form\b[^>]*method=\"post\".*?</form>", path.read_text(), re.DOTALL)
    assert [form for form in forms if "csrf_token" not in form] == []


@every_style
def test_only_the_tokens_hold_a_colour(path):
    colours = re.findall(r"#[0-9a-fA-F]{3,8}\b|\b(?:rgb|hsl|oklch)\(", path.read_text())
    assert bool(colours) == (path.name == "tokens.css")


@every_style
def test_every_token_that_is_used_exists(path):
    tokens = (path.parent / "tokens.css").read_text()
    defined = set(re.findall(r"(--[a-z-]+):", tokens + path.read_text()))
    assert set(re.findall(r"var\((--[a-z-]+)", path.read_text())) <= defined
