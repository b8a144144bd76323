"""manage.py metric_map: out, in, and held to the rules; what fails says why."""

from dataclasses import replace
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from customers.models import AuditEvent
from metrics.metric_map.changing.at_once import start_map
from metrics.metric_map.document import read_document, stored_document, written
from metrics.metric_map.starting import FOLDER
from metrics.models import MapEdition, Metric


@pytest.fixture
def file(tmp_path):
    return tmp_path / "map.yaml"


@pytest.fixture
def shop_map(db):
    start_map(None)
    return stored_document()


def ran(*arguments: object) -> str:
    said = StringIO()
    call_command("metric_map", *map(str, arguments), stdout=said)
    return said.getvalue()


def test_what_is_exported_and_imported_changes_nothing(shop_map, file):
    ran("export", file)
    assert read_document(file.read_text()) == shop_map
    assert ran("export") == file.read_text()
    assert "Nothing changes." in ran("import", file)
    assert stored_document() == shop_map
    assert MapEdition.objects.count() == 1


def test_a_whole_company_replaces_a_shop_and_is_an_edition(shop_map):
    said = ran("import", FOLDER / "whole_company.yaml")
    assert "Orders is removed." in said
    assert "Late deliveries is added." in said
    assert Metric.objects.on_the_map().count() == 40
    edition = MapEdition.objects.in_force()
    assert (edition.number, edition.state, edition.proposed_by) == (2, "published", None)
    assert replace(read_document(edition.document), name="") == replace(stored_document(), name="")
    assert AuditEvent.objects.filter(about__startswith="Published a map from a file").exists()
    assert "The map breaks no rule." in ran("check")


def test_a_rehearsal_tells_and_does_not_do(shop_map, file):
    file.write_text(written(shop_map.without_metric("orders")))
    said = ran("import", file, "--dry-run")
    assert "Orders is removed." in said
    assert "changes; none is made." in said
    assert stored_document() == shop_map


def test_a_map_that_breaks_a_rule_stays_out(shop_map, file):
    top = replace(shop_map.metrics["orders"], level=1)
    file.write_text(written(shop_map.with_metric(top)))
    with pytest.raises(CommandError, match="The map has 2 tops"):
        ran("import", file)
    assert stored_document() == shop_map


@pytest.mark.parametrize(
    ("text", "told"), [("map: [", "This is no YAML"), (None, "cannot be read")]
)
def test_a_file_that_is_no_map_is_told(shop_map, file, text, told):
    if text:
        file.write_text(text)
    with pytest.raises(CommandError, match=told):
        ran("import", file)


def test_nothing_is_imported_over_an_open_edition(shop_map, file):
    MapEdition.objects.create(number=7, document=written(shop_map))
    file.write_text(written(shop_map.without_metric("orders")))
    with pytest.raises(CommandError, match="Edition 7 is open"):
        ran("import", file)
    assert stored_document() == shop_map


def test_a_stored_map_that_breaks_a_rule_is_told(shop_map):
    Metric.objects.filter(key="orders").update(
        counter_metric=None, control="none", target=1, target_on="2030-01-01"
    )
    with pytest.raises(CommandError, match="Orders has a target, and nobody controls it"):
        ran("check")
