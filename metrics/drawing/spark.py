"""The small chart of a table's row: the newest values over their usual range."""

from collections.abc import Sequence
from dataclasses import dataclass

from metrics.drawing.axes import pixels
from metrics.drawing.process_chart import Dot, Point, Usual, line_of, scale_of, shares_of

WIDTH, HEIGHT, EDGE = 136.0, 36.0, 4.0


@dataclass(frozen=True)
class Spark:
    """A small line for a table, in a 136 by 36 box; coordinates as text."""

    line: str
    dots: list[Dot]
    band_y: str = ""
    band_height: str = ""
    centre_y: str = ""


def spark(points: Sequence[Point], usual: Usual | None) -> Spark | None:
    """The small chart: signal points marked, else the last point; None without any point."""
    if not points:
        return None
    scale = scale_of([point.value for point in points], usual, HEIGHT - EDGE, EDGE)
    edge = EDGE / WIDTH
    shares = shares_of([point.day for point in points], edge, 1 - 2 * edge)
    xs = [WIDTH * share for share in shares]
    heights = [scale.y(point.value) for point in points]
    dots = [
        Dot(pixels(x), pixels(y), point.title, point.mark)
        for x, y, point in zip(xs, heights, points, strict=True)
        if point.mark
    ]
    last = Dot(pixels(xs[-1]), pixels(heights[-1]), points[-1].title, "last")
    drawn = Spark(line_of(xs, heights), dots or [last])
    if usual is None:
        return drawn
    top, bottom = scale.y(usual.upper), scale.y(max(usual.lower, scale.low))
    return Spark(
        drawn.line, drawn.dots, pixels(top), pixels(bottom - top), pixels(scale.y(usual.centre))
    )
