"""The recount's own arithmetic: means and shares as fractions, medians by walking up the days."""

from collections import Counter
from collections.abc import Sequence
from fractions import Fraction
from math import ceil

from helpdesk.stats.histories import DAY_SECONDS

ENOUGH = 10
"""Answers from which a median or a share is told."""

Cell = tuple[str, str, str]
"""The keys of a table, a row and a column; figures that stand alone are those of the table « page »."""


def mean(seconds: int, count: int) -> float | None:
    """In days of 86,400 seconds."""
    return float(Fraction(seconds, count * DAY_SECONDS)) if count else None


def share(part: int, whole: int) -> float | None:
    return float(Fraction(part, whole)) if whole else None


def middle(days: Sequence[int]) -> float | None:
    """The median, by walking up the days from both sides of the middle."""
    if not days:
        return None
    return float(Fraction(_nth(days, (len(days) + 1) // 2) + _nth(days, len(days) // 2 + 1), 2))


def nine_in_ten(days: Sequence[int]) -> int | None:
    """The fewest days in which nine answers in ten came."""
    return _nth(days, ceil(Fraction(9 * len(days), 10))) if days else None


def _nth(days: Sequence[int], rank: int) -> int:
    counts, day, passed = Counter(days), -1, 0
    while passed < rank:
        day += 1
        passed += counts[day]
    return day
