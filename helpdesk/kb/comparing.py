"""Two versions side by side, word by word. Pure."""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher

_WORD = re.compile(r"\S+\s*|\s+")
WORDS_MAX_COUNT = 4000
"""Past this, a text is shown as replaced whole: comparing grows with the square of its length."""
PAIRS_MAX_COUNT = 100_000
"""The same of equal words, one of each text: the same few words over and over take minutes."""


@dataclass(frozen=True)
class Piece:
    """Words in a row: in both texts, or in one alone."""

    kind: str
    """« same », « removed » or « added »."""
    text: str


def compare(before: str, after: str) -> list[Piece]:
    """What became of *before* in *after*."""
    old, new = _WORD.findall(before), _WORD.findall(after)
    if before == after:
        return [Piece("same", before)] if before else []
    if len(old) + len(new) > WORDS_MAX_COUNT or _pair_count(old, new) > PAIRS_MAX_COUNT:
        return [piece for piece in (Piece("removed", before), Piece("added", after)) if piece.text]
    return list(_pieces(old, new))


def _pair_count(old: list[str], new: list[str]) -> int:
    others = Counter(new)
    return sum(count * others[word] for word, count in Counter(old).items())


def _pieces(old: list[str], new: list[str]) -> Iterator[Piece]:
    for _tag, old_start, old_end, new_start, new_end in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        removed, added = "".join(old[old_start:old_end]), "".join(new[new_start:new_end])
        if removed == added:
            yield Piece("same", added)
            continue
        if removed:
            yield Piece("removed", removed)
        if added:
            yield Piece("added", added)
