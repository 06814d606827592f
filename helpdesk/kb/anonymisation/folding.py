"""Words of a text without case, accents nor typing habits, each with its place in the text as given.

Unlike ``reference.phrases``, plurals are kept (« Élan » is no « Élans ») and any text is taken, composed or not.
"""

import re
from dataclasses import dataclass
from functools import lru_cache

from helpdesk.accounts.text import fold

# Letters with what may be glued to them (accents of their own, soft hyphens, zero-width marks); digits; « & ».
INVISIBLE = "\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff"
"""Marks of width and direction, which come along with a text that is pasted."""
_TOKEN = re.compile(rf"(?:[^\W\d_][\u0300-\u036f{INVISIBLE}]*)+|\d+|&")
_SAME = {
    "st": "saint", "ste": "sainte", "av": "avenue", "ave": "avenue", "bd": "boulevard", "bld": "boulevard",
    "boul": "boulevard", "pl": "place", "rte": "route", "che": "chemin", "chem": "chemin", "imp": "impasse",
    "all": "allee", "fg": "faubourg", "fbg": "faubourg", "&": "et",
}  # fmt: skip
_SENTENCE_END = re.compile(r"[.!?…:;\n•]|[-–—]\s")
_CLOSING = "\"'«»“”’)*_ \t\u00a0\u202f"


@dataclass(frozen=True, slots=True)
class Token:
    """A word, a number or « & »; *begins* says whether it begins a sentence or a line."""

    folded: str
    raw: str
    start: int
    end: int
    begins: bool

    @property
    def is_capitalised(self) -> bool:
        return self.raw[0].isupper()

    @property
    def is_upper(self) -> bool:
        return len(self.raw) > 1 and self.raw.isupper()


def tokens_of(text: str) -> list[Token]:
    """The words of *text*, in order; time grows with its length."""
    found: list[Token] = []
    end = 0
    for match in _TOKEN.finditer(text):
        begins = not found or _begins(text[end : match.start()][-8:], found[-1].raw)
        found.append(Token(fold_word(match[0]), match[0], match.start(), match.end(), begins))
        end = match.end()
    return found


def folded_words(text: str) -> tuple[str, ...]:
    return tuple(token.folded for token in tokens_of(text))


@lru_cache(maxsize=8192)
def fold_word(word: str) -> str:
    folded = fold(word).replace(" ", "") or word
    return _SAME.get(folded, folded)


def _begins(gap: str, before: str) -> bool:
    """Whether a sentence begins after *gap*; the dot of « M. » or « J. » ends none."""
    if not _SENTENCE_END.search(gap):
        return False
    return not (gap.strip(_CLOSING) in {".", ".-"} and "\n" not in gap and len(before) <= 3 and before[0].isupper())
