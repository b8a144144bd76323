"""Margins of many products come as a file."""

from decimal import Decimal

import pytest

from customers.models import ProductMargin, Source


@pytest.fixture
def brought(bring):
    def run(*rows):
        return bring("import_product_margins", "product,margin", *rows, options=())

    return run


def test_margins_are_stored_changed_and_left_alone(brought):
    Source.objects.create(name="web shop")
    brought("Blue mug,0.4", "Teapot,-0.05")
    assert Source.objects.get().changes == 1
    again = brought("Blue mug,0.5", "Teapot,-0.05")
    assert (again["new"], again["changed"], again["here_already"]) == (0, 1, 1)
    assert dict(ProductMargin.objects.values_list("product", "margin")) == {
        "Blue mug": Decimal("0.5"),
        "Teapot": Decimal("-0.05"),
    }


def test_the_same_file_again_makes_nothing_due(brought):
    Source.objects.create(name="web shop")
    brought("Blue mug,0.4")
    brought("Blue mug,0.4")
    assert Source.objects.get().changes == 1


@pytest.mark.parametrize(
    ("row", "sentence"),
    [
        ("Teapot,40", "The margin is a share: write 0.3 for 30%."),
        ("Teapot,", "The row has no margin."),
        (",0.4", "The row has no product."),
        ("Blue mug,0.7", "Line 2 of the file says the same one already."),
    ],
)
def test_a_bad_row_is_set_aside_with_its_sentence_and_the_rest_goes_in(brought, row, sentence):
    assert brought("Blue mug,0.4", row)["set_aside"] == [{"line": 3, "sentence": sentence}]
    assert ProductMargin.objects.get().margin == Decimal("0.4")
