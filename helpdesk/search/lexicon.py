"""Words that stand for one another: acronyms and their meanings, both ways; what replaced what. Pure.

Only the query is expanded, never the documents: a lexicon that changes needs no new index.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache

from helpdesk.reference import get_reference
from helpdesk.reference.types import LexiconEntry, Reference
from helpdesk.search.analysis import ACRONYM, Token, clean, terms, tokens

_IN_BRACKETS = re.compile(r"\s*\([^)]*\)")
_ALTERNATIVE = re.compile(r"\s*(?:,|=>|/)\s*")

Phrase = tuple[str, ...]


@dataclass(frozen=True)
class Sense:
    """One meaning of an ambiguous acronym, with the query that asks for this one."""

    sigle: str
    meaning: str
    text: str


@dataclass(frozen=True)
class Outdated:
    """A word of the query that another has replaced."""

    word: str
    replaced_by: str
    text: str


@dataclass(frozen=True)
class _Meaning:
    """What a phrase stands for: the other phrases, or the reason why it is not expanded."""

    others: tuple[Phrase, ...] = ()
    entry: LexiconEntry | None = None
    is_capitals_only: bool = False


@dataclass(frozen=True)
class Expansion:
    """What the lexicon says of a query."""

    terms: tuple[str, ...] = ()
    senses: tuple[Sense, ...] = ()
    outdated: tuple[Outdated, ...] = ()


class Lexicon:
    """Phrases found in a query, the longest first, and what they stand for."""

    def __init__(self, reference: Reference | None = None, synonyms: Iterable[Sequence[str]] = ()) -> None:
        """:param synonyms: groups of equal phrases, beside the acronyms of *reference*."""
        self._meanings: dict[Phrase, list[_Meaning]] = {}
        self._longest = 1
        self._reference = reference
        for entry in reference.lexicon.values() if reference else ():
            self._add_entry(entry)
        for group in synonyms:
            phrases = [phrase for phrase in (_phrase(text) for text in group) if phrase]
            for phrase in phrases:
                self._add(phrase, _Meaning(tuple(other for other in phrases if other != phrase)))

    def expand(self, text: str, found: Sequence[Token]) -> Expansion:
        """Return the words to add to the query *text*, whose tokens are *found*."""
        added: dict[str, None] = {}
        senses: list[Sense] = []
        outdated: list[Outdated] = []
        own = {token.term for token in found}
        for first, last, meaning in self._hits(text, found):
            entry = meaning.entry
            start, end = found[first].start, found[last - 1].end
            if entry is not None and len(_real_meanings(entry)) > 1:
                senses += _senses(entry, text, start, end, own)
                continue
            if entry is not None and entry.replaced_by:
                outdated.append(Outdated(text[start:end], entry.replaced_by, _put(text, start, end, entry.replaced_by)))
            for phrase in meaning.others:
                added |= dict.fromkeys(phrase)
        return Expansion(tuple(term for term in added if term not in own), tuple(senses), tuple(outdated))

    def _hits(self, text: str, found: Sequence[Token]) -> Iterator[tuple[int, int, _Meaning]]:
        """First and last token of each phrase found; a phrase inside a longer one is left out."""
        covered: set[int] = set()
        for length in range(min(self._longest, len(found)), 0, -1):
            for first in range(len(found) - length + 1):
                span = range(first, first + length)
                if covered.issuperset(span):
                    continue
                meanings = self._meanings.get(tuple(found[at].term for at in span), ())
                shown = text[found[first].start : found[first + length - 1].end]
                fitting = [one for one in meanings if not one.is_capitals_only or shown.isupper()]
                if fitting:
                    covered.update(span)
                for meaning in fitting:
                    yield first, first + length, meaning

    def _add_entry(self, entry: LexiconEntry) -> None:
        sigles = [phrase for phrase in map(_sigle, (entry.sigle, *entry.variants)) if phrase]
        meanings = [_phrase(_spelt_out(entry.sigle, meaning)) for meaning in _real_meanings(entry)]
        newer = [_sigle(entry.replaced_by)] if entry.replaced_by else []
        for sigle in sigles:
            others = (*(other for other in sigles if other != sigle), *meanings, *newer)
            self._add(sigle, _Meaning(others, entry, entry.is_capitals_only))
        for meaning in meanings:
            if len(meaning) > 1:
                self._add(meaning, _Meaning(tuple(sigles[:1])))

    def _add(self, phrase: Phrase, meaning: _Meaning) -> None:
        self._meanings.setdefault(phrase, []).append(meaning)
        self._longest = max(self._longest, len(phrase))


@cache
def service_lexicon() -> Lexicon:
    """The lexicon of the reference data."""
    return Lexicon(get_reference())


def parse_group(line: str) -> list[str]:
    """Read a group of synonyms written on one line: « comité social et économique, cse »."""
    return [part for part in _ALTERNATIVE.split(line) if part]


def _senses(entry: LexiconEntry, text: str, start: int, end: int, own: set[str]) -> list[Sense]:
    """Every meaning as a ready query; none when the query already holds the words of one."""
    meanings = [_spelt_out(entry.sigle, meaning) for meaning in _real_meanings(entry)]
    if any(own.issuperset(terms(meaning)) for meaning in meanings):
        return []
    return [Sense(entry.sigle, meaning, _put(text, start, end, meaning)) for meaning in meanings]


def _spelt_out(sigle: str, meaning: str) -> str:
    """The meaning without its remark, unless the remark is all that tells it from the sigle."""
    words = _IN_BRACKETS.sub("", meaning)
    return words if words != sigle else meaning.removeprefix(sigle).strip(" ()")


def _real_meanings(entry: LexiconEntry) -> list[str]:
    """Without the remark that the sigle is also a common word."""
    return [meaning for meaning in entry.meanings if not meaning.startswith("«")]


def _put(text: str, start: int, end: int, words: str) -> str:
    return " ".join(f"{text[:start]} {words} {text[end:]}".split())


def _phrase(text: str) -> Phrase:
    return tuple(terms(_IN_BRACKETS.sub("", text)))


def _sigle(text: str) -> Phrase:
    """A sigle in capitals is never a stop word."""
    found = tokens(clean(_IN_BRACKETS.sub("", text)))
    return tuple(token.term for token in found) or (ACRONYM + text.lower(),)
