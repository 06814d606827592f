"""Where everything stands in a chart; ``components/charts.html`` draws it. Pure.

Across, all is in percentages of the width, so that a chart fills its place; down, all is in pixels, so that words keep
their size. What is not a number (a figure that is not told, a month without answers) is a gap, never a zero.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from math import ceil, isfinite

CHARACTER_PX = 7.5
"""Of a figure or a letter in the labels, 13 px high: the widest of the fonts of the system."""
WIDE_PX, NARROW_PX = 470, 264
"""The inside of a card at its narrowest: on a screen of 44 rem or more, on a telephone of 320 px."""
DAY_STEPS, MONTH_STEPS = (1, 2, 5, 10, 20, 50, 100, 200, 500), (1, 2, 3, 4, 6, 12, 24, 60, 120)
"""From one label to the next."""
MOST_MARKED = 24
"""Points of a series; with more, their marks would hide its line."""


@dataclass(frozen=True)
class Label:
    """Words under the chart, centred on *x*; *is_wide_only*: no room for them on a telephone."""

    text: str
    x: float
    is_wide_only: bool = False
    is_target: bool = False


@dataclass(frozen=True)
class Bar:
    """*value* is none where it is not told; *is_shown*: it is written above, *is_wide_only* as for a label."""

    value: int | None
    x: float
    width: float
    y: float
    height: float
    is_beyond: bool
    is_shown: bool = False
    is_wide_only: bool = False

    @property
    def middle(self) -> float:
        return _round(self.x + self.width / 2)

    @property
    def text_y(self) -> float:
        return _round(self.y - 6)


@dataclass(frozen=True)
class Histogram:
    """A bar for each count; *target_x* is where the counts beyond the target start, none where there is no target."""

    TOP = 36
    FLOOR = 200
    GAP_SHARE = 0.28
    WIDEST = 12
    LOWEST_PX = 2
    """Of a count above zero: it must be seen beside one of several hundreds."""
    UNTOLD_PX = 10

    bars: tuple[Bar, ...]
    labels: tuple[Label, ...]
    target_x: float | None

    @classmethod
    def of(cls, counts: Sequence[object], limit: int | None, *, is_open_ended: bool = False) -> "Histogram":
        """Of how many there are of 0, 1, 2… days, the last within the target being *limit*.

        A count is a whole number, anything else is one that is not told; *is_open_ended*: the last counts all beyond
        it too (« 18+ »).
        """
        told = [max(count, 0) if isinstance(count, int) else None for count in counts]
        slot = 100 / max(len(told), 1)
        target_x = None if limit is None or not told else _round(min(max((limit + 1) * slot, 0), 100))
        bars = tuple(cls._bars(told, slot, limit))
        return cls(bars, tuple(_days(len(told), slot, limit, is_open_ended=is_open_ended)), target_x)

    @classmethod
    def _bars(cls, told: Sequence[int | None], slot: float, limit: int | None) -> Iterator[Bar]:
        highest = max((count for count in told if count), default=0)
        text_px = len(str(highest)) * CHARACTER_PX + 2
        wide = _summits(told, range(len(told)), _bins(len(told), WIDE_PX, text_px))
        narrow = _summits(told, wide, _bins(len(told), NARROW_PX, text_px))
        width = min(slot * (1 - cls.GAP_SHARE), cls.WIDEST)
        for place, count in enumerate(told):
            height = cls._height(count, highest)
            yield Bar(
                value=count,
                x=_round((place + 0.5) * slot - width / 2),
                width=_round(width),
                y=_round(cls.FLOOR - height),
                height=_round(height),
                is_beyond=limit is not None and place > limit,
                is_shown=place in wide,
                is_wide_only=place not in narrow,
            )

    @classmethod
    def _height(cls, count: int | None, highest: int) -> float:
        if count is None:
            return cls.UNTOLD_PX
        return max(count / highest * (cls.FLOOR - cls.TOP), cls.LOWEST_PX) if count else 0

    @property
    def within(self) -> tuple[Bar, ...]:
        return tuple(bar for bar in self.bars if bar.value and not bar.is_beyond)

    @property
    def beyond(self) -> tuple[Bar, ...]:
        return tuple(bar for bar in self.bars if bar.value and bar.is_beyond)

    @property
    def untold(self) -> tuple[Bar, ...]:
        return tuple(bar for bar in self.bars if bar.value is None)

    @property
    def shown(self) -> tuple[Bar, ...]:
        """The bars whose count is written above."""
        return tuple(bar for bar in self.bars if bar.is_shown)

    @property
    def is_drawn(self) -> bool:
        """Whether any count is told and above zero: else words stand in its place."""
        return any(bar.value for bar in self.bars)

    @property
    def is_target_far(self) -> bool:
        """Whether the words of the target go on the left of its line: on its right there is no room for them."""
        return self.target_x is not None and self.target_x > 50


@dataclass(frozen=True)
class Point:
    x: float
    y: float
    value: float


@dataclass(frozen=True)
class Line:
    """A series; *runs* are its unbroken parts, *marks* the points that get a mark; *end_y*: where its last value is
    written on the right, none when that is a gap.
    """

    label: str
    runs: tuple[tuple[Point, ...], ...]
    marks: tuple[Point, ...]
    end: Point | None = None
    end_y: float | None = None

    @property
    def polylines(self) -> tuple[str, ...]:
        """The ``points`` of each run that has two at least, across from 0 to 100."""
        return tuple(" ".join(f"{point.x},{point.y}" for point in run) for run in self.runs if len(run) > 1)


@dataclass(frozen=True)
class Tick:
    value: float
    y: float

    @property
    def text_y(self) -> float:
        return _round(self.y + 4)


@dataclass(frozen=True)
class Curve:
    """Lines over the same labels; *ticks* from the lowest up, without those that the target hides.

    It takes the whole width of a page: half of it is too narrow for the names of twelve months.
    """

    WIDE_PX, NARROW_PX = 540, NARROW_PX - 76
    """Between the ticks on the left and the last values on the right."""
    TOP = 14
    FLOOR = 174
    MARGIN = 3
    MOST_TICKS = 4
    LINE_PX = 15

    lines: tuple[Line, ...]
    labels: tuple[Label, ...]
    ticks: tuple[Tick, ...]
    target: Tick | None

    @property
    def is_drawn(self) -> bool:
        """Whether a line has two values: one alone shows no course, and words stand in the place of the curve."""
        return any(sum(map(len, line.runs)) > 1 for line in self.lines)

    @classmethod
    def of(cls, labels: Sequence[str], series: Mapping[str, Sequence[object]], target: float | None = None) -> "Curve":
        """Of the values of each series, at least zero, one for each label; what is no finite number is a gap.

        :raises ValueError: when a series has not one value for each label.
        """
        told = {name: [_number(value) for value in values] for name, values in series.items()}
        if any(len(values) != len(labels) for values in told.values()):
            raise ValueError("a value, or a gap, for each label")
        everything = [value for values in told.values() for value in values if value is not None]
        highest = max([1.0, *everything, *([target] if target else [])])
        step = next(step for step in _steps() if highest / step <= cls.MOST_TICKS)
        top = ceil(highest / step) * step
        ticks = [cls._tick(value, top) for value in range(0, top + 1, step)]
        goal = cls._tick(target, top) if target is not None and target > 0 else None
        return cls(
            lines=tuple(cls._written(cls._line(name, values, top) for name, values in told.items())),
            labels=tuple(cls._labels(labels)),
            ticks=tuple(tick for tick in ticks if not goal or abs(tick.y - goal.y) >= cls.LINE_PX),
            target=goal,
        )

    @classmethod
    def _tick(cls, value: float, top: float) -> Tick:
        return Tick(_round(value), _round(cls.FLOOR - value / top * (cls.FLOOR - cls.TOP)))

    @classmethod
    def _x(cls, place: int, count: int) -> float:
        return _round(cls.MARGIN + place * (100 - 2 * cls.MARGIN) / (count - 1)) if count > 1 else 50

    @classmethod
    def _line(cls, name: str, values: Sequence[float | None], top: float) -> Line:
        points = [
            None if value is None else Point(cls._x(place, len(values)), cls._tick(value, top).y, value)
            for place, value in enumerate(values)
        ]
        groups = groupby(points, key=bool)
        runs = tuple(tuple(point for point in group if point) for is_told, group in groups if is_told)
        are_marked = len(values) <= MOST_MARKED
        marks = tuple(point for run in runs for point in run if are_marked or len(run) == 1)
        return Line(name, runs, marks, points[-1] if points else None)

    @classmethod
    def _written(cls, lines: Iterable[Line]) -> Iterator[Line]:
        """Give each line the place of its last value, one below the other."""
        lines = list(lines)
        ends = sorted((line.end.y, place) for place, line in enumerate(lines) if line.end)
        written: dict[int, float] = {}
        floor = cls.FLOOR - (len(ends) - 1) * cls.LINE_PX
        lowest = 0.0
        for y, place in ends:
            written[place] = lowest = max(min(y, floor), lowest)
            lowest, floor = lowest + cls.LINE_PX, floor + cls.LINE_PX
        for place, line in enumerate(lines):
            yield replace(line, end_y=_round(written[place] + 4) if place in written else None)

    @classmethod
    def _labels(cls, labels: Sequence[str]) -> Iterator[Label]:
        text_px = max(map(len, labels), default=0) * (CHARACTER_PX - 1) + 6
        count = len(labels)
        wide = _spread(count, _bins(count, cls.WIDE_PX, text_px), MONTH_STEPS)
        narrow = _spread(count, _bins(count, cls.NARROW_PX, text_px), MONTH_STEPS, among=wide)
        for place in wide:
            yield Label(labels[place], cls._x(place, count), is_wide_only=place not in narrow)


@dataclass(frozen=True)
class Gauge:
    """A share as a bar; *tick*: where its target stands; *is_below*: the target is not reached."""

    width: float
    tick: float | None
    is_below: bool


def gauge(share: float, target: float | None = None) -> Gauge:
    """Of a share from 0 to 1; below its target by the exact share: its figure beside reads so too."""
    is_below = target is not None and share < target
    return Gauge(_percent(share), None if target is None else _percent(target), is_below)


def _percent(share: float) -> float:
    return _round(min(max(share, 0), 1) * 100)


def _number(value: object) -> float | None:
    return max(value, 0) if isinstance(value, int | float) and isfinite(value) else None


def _round(value: float) -> float:
    """Two decimals, and none where there are none: this is written hundreds of times in a page."""
    rounded = round(value, 2)
    return int(rounded) if rounded == int(rounded) else rounded


def _steps() -> Iterator[int]:
    """1, 2, 5, 10, 20, 50…"""
    power = 1
    while True:
        yield from (power, 2 * power, 5 * power)
        power *= 10


def _bins(count: int, room_px: float, text_px: float) -> int:
    """How many of *count* places from one text to the next, so that they do not touch."""
    return ceil(text_px * count / room_px) or 1


def _apart(places: Iterable[int], distance: int) -> list[int]:
    """*places*, the first ones first, without those too near one that is kept."""
    kept: list[int] = []
    for place in places:
        if all(abs(place - other) >= distance for other in kept):
            kept.append(place)
    return kept


def _summits(counts: Sequence[int | None], among: Iterable[int], distance: int) -> list[int]:
    """The places whose count is written, the highest first: where it would stand across higher bars, it is not."""
    ranked = sorted((place for place in among if counts[place]), key=lambda place: -(counts[place] or 0))
    reach = distance // 3
    clear = [p for p in ranked if all((c or 0) <= (counts[p] or 0) for c in counts[max(p - reach, 0) : p + reach + 1])]
    return _apart(clear, distance)


def _spread(
    count: int, distance: int, steps: Sequence[int], *, among: Sequence[int] | None = None, first: Sequence[int] = ()
) -> list[int]:
    """The places of *count* that get a label: *first* if they can, and others one of *steps* apart."""
    step = next((step for step in steps if step >= distance), distance)
    regular = [place for place in range(0, count, step) if among is None or place in among]
    return sorted(_apart([*first, *regular], distance))


def _days(count: int, slot: float, limit: int | None, *, is_open_ended: bool) -> Iterator[Label]:
    first = [
        place for place in (limit, count - 1 if is_open_ended else None) if place is not None and 0 <= place < count
    ]
    text_px = len(str(count)) * CHARACTER_PX + 8
    wide = _spread(count, _bins(count, WIDE_PX, text_px), DAY_STEPS, first=first)
    narrow = _spread(count, _bins(count, NARROW_PX, text_px), DAY_STEPS, first=first, among=wide)
    for place in wide:
        more = "+" if is_open_ended and place == count - 1 else ""
        yield Label(f"{place}{more}", _round((place + 0.5) * slot), place not in narrow, place == limit)
