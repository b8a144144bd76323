"""The drawing of a large map: a list of small boxes for each department and level."""

from itertools import combinations

import pytest

from metrics.drawing.map.layout import WIDTH
from metrics.drawing.map.lists import BROADEST
from metrics.drawing.map.picture import draw
from metrics.drawing.map.rows import Box
from tests.metrics.drawing.test_map_layout import corners, generated, sampled


def folded(seed):
    """The generated map with a list for each department and level, and its links between them."""
    boxes, links = generated(150, seed)
    places = {box.key: (box.group, box.level) if box.level > 2 else box.key for box in boxes}
    lists = [box for box in boxes if box.level <= 2]
    for group, level in sorted({place for place in places.values() if isinstance(place, tuple)}):
        own = tuple((box.key, box.name) for box in boxes if places[box.key] == (group, level))
        lists.append(Box((group, level), group, level, group, own))
    between = {(places[child], places[parent]) for child, parent in links}
    return lists, sorted((ends for ends in between if ends[0] != ends[1]), key=str)


@pytest.fixture(params=[7, 8, 9])
def drawn(request):
    boxes, links = folded(request.param)
    return boxes, links, draw(boxes, links)


def test_every_metric_has_a_box_and_none_overlap(drawn):
    _, _, drawing = drawn
    assert {box.key for box in drawing.boxes} == set(range(150))
    for (a, b, c, d), (e, f, g, h) in combinations(map(corners, drawing.boxes), 2):
        assert c <= e or g <= a or d <= f or h <= b


def test_no_line_passes_through_a_box(drawn):
    _, _, drawing = drawn
    boxes = [corners(box) for box in drawing.boxes]
    for route in drawing.routes.values():
        for x, y in sampled(route.curve):
            for left, top, right, bottom in boxes:
                assert not (left + 0.5 < x < right - 0.5 and top + 0.5 < y < bottom - 0.5)


def test_a_line_begins_and_ends_at_its_list_however_short_that_is(drawn):
    boxes, links, drawing = drawn
    at = {box.key: corners(box) for box in drawing.boxes}
    keys = {box.key: [key for key, _ in box.listed] or [box.key] for box in boxes}
    for link in links:
        points = sampled(drawing.routes[link].curve)
        for place, (x, y) in zip(link, (points[0], points[-1]), strict=True):
            left, top, right, _ = at[keys[place][0]]
            bottom = at[keys[place][-1]][3]
            assert left - 0.02 <= x <= right + 0.02
            assert top - 0.02 <= y <= bottom + 0.02


def test_names_in_lists_are_whole_and_have_no_value_below(drawn):
    boxes, _, drawing = drawn
    names = {key: name for box in boxes for key, name in box.listed}
    told = {box.key: " ".join(text for _, text in box.lines) for box in drawing.boxes}
    assert {key: told[key] for key in names} == names
    assert {box.value_y for box in drawing.boxes if box.key in names} == {""}


def test_even_a_map_without_any_order_hardly_needs_pushing_sideways(drawn):
    _, _, drawing = drawn
    assert float(drawing.width) <= 1.1 * WIDTH


def test_few_lists_are_as_broad_as_they_may_be_and_many_fit_a_desk():
    def widest(departments):
        boxes = [Box("top", "Top", 1, "")]
        boxes += [
            Box(name, name, 3, name, tuple((f"{name} {n}", f"Metric {n}") for n in range(9)))
            for name in (f"Department {place}" for place in range(departments))
        ]
        drawing = draw(boxes, [(box.key, "top") for box in boxes[1:]])
        assert float(drawing.width) <= WIDTH
        return max(float(box.width) for box in drawing.boxes if box.key != "top")

    assert widest(4) == BROADEST
    assert 112 <= widest(9) < 140
