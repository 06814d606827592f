"""What a misspelt word may have been meant to be. Pure.

The index knows stems; the words themselves are read in the texts. So the stems that may begin the word meant are
looked for first, then their words are compared with what was typed.
"""

from collections.abc import Iterable

MAX_DISTANCE = 2
LEAST_CHARS = 4
"""A shorter word has too many neighbours."""
LONG_CHARS = 6
"""From this length on two mistakes are allowed, below it one."""
ENDING_CHARS = 8
"""How much longer than its stem a word may be."""
TELLING_CHARS = 5
"""From this length on a stem stands for any of its words: the one meant need not be found itself."""
CHAR_COST = 0.25
"""Of each letter of the word that a stem says nothing of, beside a mistake's 1."""


def allowed_mistakes(word: str) -> int:
    if len(word) < LEAST_CHARS:
        return 0
    return MAX_DISTANCE if len(word) >= LONG_CHARS else 1


def likely_stems(word: str, known: Iterable[str]) -> dict[str, int]:
    """The stems of *known* that may begin the word meant by *word*, the likeliest first, with their mistakes.

    The first letter is taken as right: the engines list their terms by it.
    """
    allowed = allowed_mistakes(word)
    close = []
    for stem in known if allowed else ():
        if len(word) - ENDING_CHARS <= len(stem) <= len(word) + allowed and stem.isalpha():
            far = _rows(stem, word, allowed)
            if far is not None and min(far) <= allowed:
                cost = min(mistakes + CHAR_COST * abs(len(word) - at) for at, mistakes in enumerate(far))
                close.append((cost, stem, min(far)))
    return {stem: mistakes for _, stem, mistakes in sorted(close)}


def is_meant(word: str, other: str, stem: str, stem_mistakes: int) -> bool:
    """Whether *other*, a word of a likely *stem*, may be proposed for *word*.

    The very word meant may not have been read; another of the same stem finds the same entries.
    """
    allowed = allowed_mistakes(word)
    return distance(word, other, allowed) <= allowed or (len(stem) >= TELLING_CHARS and stem_mistakes <= 1)


def distance(left: str, right: str, most: int) -> int:
    """Letters to add, take away, change or swap with their neighbour; anything above *most* is ``most + 1``."""
    last = _rows(left, right, most)
    return most + 1 if last is None else min(last[-1], most + 1)


def _rows(left: str, right: str, most: int) -> list[int] | None:
    """The distances from *left* to each beginning of *right*; None when all are above *most*."""
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
            return None
        older, old = old, row
    return old
