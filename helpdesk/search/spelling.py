"""Which known terms a misspelt word may stand for. Pure."""

from collections.abc import Iterable, Mapping

MAX_DISTANCE = 2
LEAST_CHARS = 4
"""A shorter word has too many neighbours."""
LONG_CHARS = 6
"""From this length on two mistakes are allowed, below it one."""


def nearest(term: str, known: Mapping[str, int], limit: int) -> list[str]:
    """The terms of *known* closest to *term*, most frequent first among equals.

    The first letter is taken as right: the engines list their terms by it.
    """
    allowed = MAX_DISTANCE if len(term) >= LONG_CHARS else 1
    if len(term) < LEAST_CHARS:
        return []
    close = []
    for candidate, count in known.items():
        if abs(len(candidate) - len(term)) <= allowed and candidate.isalpha():
            far = distance(term, candidate, allowed)
            if 0 < far <= allowed:
                close.append((far, -count, candidate))
    return [candidate for _, _, candidate in sorted(close)[:limit]]


def beginnings(word: str, known: Iterable[str], limit: int) -> list[str]:
    """The terms of *known* that *word* begins like, closest and longest first.

    A mistake in its ending keeps the stemmer from finding the stem: « harcelment » stays whole, « harcèlement »
    is ``harcel``. The words themselves are still to be compared.
    """
    close = []
    for term in known:
        if LONG_CHARS <= len(term) < len(word) and term.isalpha():
            far = distance(word[: len(term)], term, 1)
            if far <= 1:
                close.append((far, -len(term), term))
    return [term for _, _, term in sorted(close)[:limit]]


def distance(left: str, right: str, most: int) -> int:
    """Letters to add, take away, change or swap with their neighbour; anything above *most* is ``most + 1``."""
    older: list[int] = []
    old = list(range(len(right) + 1))
    for i, letter in enumerate(left, 1):
        row = [i]
        for j, other in enumerate(right, 1):
            cost = min(old[j] + 1, row[j - 1] + 1, old[j - 1] + (letter != other))
            if i > 1 and j > 1 and letter == right[j - 2] and left[i - 2] == other:
                cost = min(cost, older[j - 2] + 1)
            row.append(cost)
        if min(row) > most:
            return most + 1
        older, old = old, row
    return min(old[-1], most + 1)
