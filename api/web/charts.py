"""Charts as geometry: bars and a line, drawn by charts.html as SVG whose text keeps its size."""

from collections.abc import Sequence
from typing import NamedTuple

WIDEST = 88  # per cent, of the longest bar: its number stands behind it
BAR_ROW, LINE_HEIGHT = 48, 220  # pixels
TOP, BOTTOM = 34, 36  # pixels over and under a line, for its numbers and the names below
STEPS = 4


class Bar(NamedTuple):
    """One bar: what it is of, its number, its width in per cent, and where its row begins."""

    label: str
    value: int
    width: float
    y: int


class Point(NamedTuple):
    """One point of a line, ``x`` in per cent and ``y`` in pixels."""

    label: str
    value: int
    x: float
    y: float


class Line(NamedTuple):
    """A line: its points, and the numbers beside which a rule is drawn, with their heights."""

    points: list[Point]
    rules: list[tuple[int, float]]
    height: int


def bars(counts: Sequence[tuple[str, int]]) -> list[Bar]:
    """Draw a bar for each count, in the order given."""
    most = max((value for _, value in counts), default=0) or 1
    return [
        Bar(label, value, round(WIDEST * value / most, 2), n * BAR_ROW)
        for n, (label, value) in enumerate(counts)
    ]


def line(counts: Sequence[tuple[str, int]]) -> Line:
    """Draw a line through counts, evenly apart; its scale begins at nothing."""
    step = _step(max((value for _, value in counts), default=0))
    most = step * STEPS
    apart = 100 / max(len(counts), 1)

    def height(value: int) -> float:
        return round(LINE_HEIGHT - BOTTOM - (LINE_HEIGHT - TOP - BOTTOM) * value / most, 1)

    points = [
        Point(label, value, round(apart * (n + 0.5), 2), height(value))
        for n, (label, value) in enumerate(counts)
    ]
    rules = [(step * n, height(step * n)) for n in range(STEPS + 1)]
    return Line(points, rules, LINE_HEIGHT)


def _step(most: int) -> int:
    """Choose a round step so that a few of them reach the largest count."""
    unit = 1
    while True:
        for step in (unit, 2 * unit, 5 * unit):
            if step * STEPS >= most:
                return step
        unit *= 10
