"""The drawing of the map: boxes apart, links between them, the same picture every time."""

import random
import re
from itertools import combinations, pairwise

import pytest

from metrics.drawing.map.picture import draw, wrapped
from metrics.drawing.map.rows import Box

DEPARTMENTS = ["Finance", "IT", "Marketing", "Operations", "Product", "Sales", "Service"]
NUMBER = re.compile(r"-?\d+\.\d\d")


def generated(count: int, seed: int = 7):
    """A company's map: a top, a tenth outcomes, the rest heads and front line, two links each."""
    chance = random.Random(seed)
    boxes = [Box(0, "Customer equity", 1, "Board")]
    for key in range(1, count):
        level = 2 if key <= count // 10 else chance.choice([3, 4])
        boxes.append(Box(key, f"Metric number {key}", level, chance.choice(DEPARTMENTS)))
    links = set()
    for box in boxes[1:]:
        above = [other for other in boxes if other.level <= box.level and other.key < box.key]
        for parent in chance.sample(above, k=min(2, len(above))):
            links.add((box.key, parent.key))
    return boxes, sorted(links)


def corners(box):
    x, y = float(box.x), float(box.y)
    return x, y, x + float(box.width), y + float(box.height)


def sampled(curve: str, steps: int = 24):
    """Points of a path of M, C, H and V, its own ends included."""
    points = []
    for letter, text in re.findall(r"([MCHV])([^MCHV]*)", curve):
        numbers = [float(number) for number in NUMBER.findall(text)]
        if letter == "M":
            points.append(tuple(numbers))
            continue
        (x, y) = points[-1]
        if letter == "C":
            a, b, c, d, e, f = numbers
            ways = [(x, y), (a, b), (c, d), (e, f)]
        else:
            end = (numbers[0], y) if letter == "H" else (x, numbers[0])
            ways = [(x, y), (x, y), end, end]
        for step in range(1, steps + 1):
            t = step / steps
            weights = ((1 - t) ** 3, 3 * t * (1 - t) ** 2, 3 * t * t * (1 - t), t**3)
            points.append(
                tuple(sum(w * p[i] for w, p in zip(weights, ways, strict=True)) for i in (0, 1))
            )
    return points


@pytest.fixture(params=[40, 150], ids=["40 metrics", "150 metrics"])
def made(request):
    return generated(request.param)


def test_no_two_boxes_overlap(made):
    boxes = [corners(box) for box in draw(*made).boxes]
    for (a, b, c, d), (e, f, g, h) in combinations(boxes, 2):
        assert c <= e or g <= a or d <= f or h <= b


def test_no_link_passes_through_a_box(made):
    drawing = draw(*made)
    boxes = [corners(box) for box in drawing.boxes]
    for route in drawing.routes.values():
        for x, y in sampled(route.curve):
            for left, top, right, bottom in boxes:
                assert not (left + 0.5 < x < right - 0.5 and top + 0.5 < y < bottom - 0.5)


def test_links_between_levels_rise_all_the_way(made):
    boxes, links = made
    levels = {box.key: box.level for box in boxes}
    drawing = draw(boxes, links)
    for child, parent in links:
        if levels[child] > levels[parent]:
            ys = [y for _, y in sampled(drawing.routes[child, parent].curve)]
            assert all(lower >= upper - 0.01 for lower, upper in pairwise(ys))
            assert not drawing.routes[child, parent].head


def test_links_spread_along_the_side_that_they_meet(made):
    boxes, links = made
    drawing = draw(boxes, links)
    ends = [sampled(drawing.routes[link].curve)[-1] for link in links if link[1] == 0]
    xs = sorted(x for x, _ in ends)
    assert len(xs) > 2
    assert all(right - left > 1 for left, right in pairwise(xs))


def test_boxes_of_a_department_stand_in_its_column(made):
    boxes, links = made
    drawing = draw(boxes, links)
    edges = [0.0, *(float(column.line_x) for column in drawing.columns[1:]), float("inf")]
    spans = {
        column.name: span for column, span in zip(drawing.columns, pairwise(edges), strict=True)
    }
    groups = {box.key: box for box in boxes}
    for drawn in drawing.boxes:
        box = groups[drawn.key]
        if box.level >= 3:
            left, right = spans[box.group]
            assert left < float(drawn.x) < float(drawn.x) + float(drawn.width) < right


def test_everything_lies_within_the_drawing(made):
    drawing = draw(*made)
    width, height = float(drawing.width), float(drawing.height)
    for route in drawing.routes.values():
        assert all(0 <= x <= width and 0 <= y <= height for x, y in sampled(route.curve))
    for box in drawing.boxes:
        left, top, right, bottom = corners(box)
        assert left >= 0
        assert top >= 0
        assert right <= width
        assert bottom <= height


def test_the_same_map_is_drawn_the_same_every_time(made):
    assert draw(*made) == draw(*made)


def test_what_leads_to_a_box_of_its_level_stands_below_it():
    boxes = [Box(1, "Top", 1, ""), Box(2, "Orders", 3, "Sales"), Box(3, "Sales", 3, "Sales")]
    drawing = draw(boxes, [(2, 3), (3, 1)])
    orders, sales = (next(box for box in drawing.boxes if box.key == key) for key in (2, 3))
    assert float(orders.y) > float(sales.y)
    assert not drawing.routes[2, 3].head


def test_neighbours_in_one_row_are_joined_sideways_with_an_arrowhead():
    boxes = [Box(key, f"Metric {key}", min(key, 2), "") for key in (1, 2, 3, 4)]
    route = draw(boxes, [(4, 3), (3, 2), (2, 1)]).routes[4, 3]
    assert "H" in route.curve
    assert route.head


def test_forty_metrics_of_eight_departments_fit_the_width_of_a_desk():
    boxes, links = generated(40)
    near = [(child, parent) for child, parent in links if parent < 4]
    assert float(draw(boxes, near).width) <= 1400


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_no_edge_of_a_wide_link_reaches_into_a_box(seed):
    boxes, links = generated(40, seed)
    widths = {link: 1 + 15 * (place % 4 == 0) for place, link in enumerate(links)}
    drawing = draw(boxes, links, widths)
    corner = [corners(box) for box in drawing.boxes]
    ends = {box.key: corners(box) for box in drawing.boxes}
    for link, route in drawing.routes.items():
        reach = widths[link] / 2
        for x, y in sampled(route.curve):
            for place in corner:
                left, top, right, bottom = place
                if place in (ends[link[0]], ends[link[1]]):
                    continue
                assert not (left < x + reach and x - reach < right and top < y < bottom)


def test_a_link_that_falls_ends_in_an_arrowhead():
    boxes = [Box(1, "Top", 1, ""), Box(2, "Outcome", 2, ""), Box(3, "Front", 4, "Sales")]
    drawing = draw(boxes, [(2, 1), (2, 3)])
    ys = [y for _, y in sampled(drawing.routes[2, 3].curve)]
    assert ys == sorted(ys)
    assert drawing.routes[2, 3].head


def test_an_empty_map_has_its_four_levels():
    drawing = draw([], [])
    assert [band.level for band in drawing.bands] == [1, 2, 3, 4]
    assert drawing.boxes == []


@pytest.mark.parametrize(
    ("name", "lines"),
    [
        ("Orders", ["Orders"]),
        ("Average order value", ["Average order", "value"]),
        (
            "Share of sales to the top fifth of customers",
            ["Share of sales", "to the top fifth", "of customers"],
        ),
    ],
)
def test_a_name_takes_at_most_three_lines(name, lines):
    assert wrapped(name, 124) == lines


def test_a_longer_name_ends_in_dots():
    assert wrapped("Share of sales to the top fifth of customers of last year", 124)[2:] == [
        "of customers of…"
    ]
