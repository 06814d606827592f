"""Words of a French text, and phrases found in it, in linear time: whole words, accents and plural folded.

A phrase is written as space-separated words: ``agress*`` (prefix), ``mort|deces`` (either), ``AT`` (only in
capitals), ``~`` (up to :data:`MAX_GAP` words in between, in the same sentence).
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import IntEnum
from functools import lru_cache
from typing import Generic, TypeVar

from helpdesk.reference.letters import without_accents

T = TypeVar("T")

MAX_GAP = 8
_INDEX_LETTERS = 3

_WORD = re.compile(r"[^\W_]+")
_SENTENCE_END = re.compile(r"[.!?…](?:\s|$)|;|\n\s*\n|•")
_CLAUSE_END = re.compile(r"[,:()\[\]–—]")
_TITLES = frozenset({"M", "MM", "Mr", "Mme", "Mlle", "Dr", "Me", "art"})


class Break(IntEnum):
    """How strongly a word is cut off from the one before it."""

    NONE = 0
    CLAUSE = 1
    SENTENCE = 2


@dataclass(frozen=True, slots=True)
class Word:
    """A word of the text: *folded* is lower case, without accent nor plural mark; *raw* is as typed."""

    raw: str
    folded: str
    start: int
    end: int
    break_before: Break


@lru_cache(maxsize=4096)
def fold(word: str) -> str:
    """Lower case, no accent nor ligature, without the final s or x of a word of four letters or more."""
    word = without_accents(word).lower()
    return word[:-1] if len(word) > 3 and word[-1] in "sx" else word


def words_of(text: str) -> list[Word]:
    """The words of *text*, which must be in NFC for positions to be right (:func:`normalize`)."""
    found: list[Word] = []
    end = 0
    for match in _WORD.finditer(text):
        break_before = _break_in(text[end : match.start()])
        if break_before is Break.SENTENCE and found and _is_title(found[-1], text):
            break_before = Break.NONE
        found.append(Word(match[0], fold(match[0]), match.start(), match.end(), break_before))
        end = match.end()
    return found


def _is_title(word: Word, text: str) -> bool:
    """Whether the dot after *word* belongs to it: « M. Dupont » is one sentence."""
    return word.raw in _TITLES and text[word.end : word.end + 2] == ". "


def normalize(text: str) -> str:
    """Accents composed, so that a letter typed on any keyboard is one character."""
    return unicodedata.normalize("NFC", text)


def _break_in(gap: str) -> Break:
    if len(gap) <= 1:
        return Break.CLAUSE if gap and gap in ",:();–—" else Break.NONE
    if _SENTENCE_END.search(gap):
        return Break.SENTENCE
    return Break.CLAUSE if _CLAUSE_END.search(gap) else Break.NONE


@dataclass(frozen=True, slots=True)
class _Element:
    """One place of a phrase, with every way to fill it; none at all is a gap."""

    whole: frozenset[str] = frozenset()
    prefixes: tuple[str, ...] = ()
    capitals: frozenset[str] = frozenset()

    @property
    def is_gap(self) -> bool:
        return not (self.whole or self.prefixes or self.capitals)

    def accepts(self, word: Word) -> bool:
        return word.folded in self.whole or word.raw in self.capitals or word.folded.startswith(self.prefixes)

    def may_be_in(self, vocabulary: "_Vocabulary") -> bool:
        return (
            self.is_gap
            or not self.whole.isdisjoint(vocabulary.folded)
            or not self.capitals.isdisjoint(vocabulary.raw)
            or any(prefix[:_INDEX_LETTERS] in vocabulary.beginnings for prefix in self.prefixes)
        )


@dataclass(frozen=True, slots=True)
class _Vocabulary:
    """The distinct words of a text, to leave out at once the phrases that it cannot hold."""

    folded: frozenset[str]
    raw: frozenset[str]
    beginnings: frozenset[str]

    @classmethod
    def of(cls, words: Sequence[Word]) -> "_Vocabulary":
        folded = frozenset(word.folded for word in words)
        raw = frozenset(word.raw for word in words)
        return cls(folded, raw, frozenset(word[:_INDEX_LETTERS] for word in folded))


@dataclass(frozen=True, slots=True)
class Phrase:
    """A compiled phrase."""

    source: str
    elements: tuple[_Element, ...]

    @classmethod
    def parse(cls, source: str) -> "Phrase":
        """Compile *source*.

        :raises ValueError: with a French reason, if *source* does not follow the rules of this module.
        """
        parts = source.split()
        if not parts:
            raise ValueError("motif vide")
        if "~" in (parts[0], parts[-1]) or parts.count("~") > 1:
            raise ValueError(f"motif « {source} »\u00a0: « ~ » doit se trouver une seule fois, entre deux mots")
        return cls(source, tuple(_Element() if part == "~" else _parse(part, source) for part in parts))

    def may_be_in(self, vocabulary: _Vocabulary) -> bool:
        return all(element.may_be_in(vocabulary) for element in self.elements)

    def end_at(self, words: Sequence[Word], start: int) -> int | None:
        """The index after the last word of the phrase when it begins at *start*, else None."""
        return _match(self.elements, 0, words, start)


def _parse(part: str, source: str) -> _Element:
    whole, prefixes, capitals = set(), [], set()
    for option in part.split("|"):
        stem = option.removesuffix("*")
        if not stem or not _WORD.fullmatch(stem):
            raise ValueError(f"motif « {source} »\u00a0: « {option} » n’est pas un mot")
        if option == stem:
            is_acronym = stem.isupper() and stem.isalpha()
            capitals.add(stem) if is_acronym else whole.add(fold(stem))
        elif len(stem) < _INDEX_LETTERS:
            raise ValueError(f"motif « {source} »\u00a0: « {option} » est trop court avant l’étoile")
        else:
            prefixes.append(_fold_stem(stem))
    return _Element(frozenset(whole), tuple(prefixes), frozenset(capitals))


def _fold_stem(stem: str) -> str:
    return fold(stem + "-")[:-1]


def _match(elements: tuple[_Element, ...], element: int, words: Sequence[Word], at: int) -> int | None:
    while element < len(elements):
        if elements[element].is_gap:
            return _match_after_gap(elements, element + 1, words, at)
        if at >= len(words) or not elements[element].accepts(words[at]):
            return None
        if element and words[at].break_before is Break.SENTENCE:
            return None
        element, at = element + 1, at + 1
    return at


def _match_after_gap(elements: tuple[_Element, ...], element: int, words: Sequence[Word], at: int) -> int | None:
    for position in range(at, min(at + MAX_GAP + 1, len(words))):
        if words[position].break_before is Break.SENTENCE:
            return None
        end = _match(elements, element, words, position)
        if end is not None:
            return end
    return None


@dataclass(frozen=True, slots=True)
class Hit(Generic[T]):
    """A phrase found: words *first* to *last* excluded, and what the phrase stands for."""

    first: int
    last: int
    owner: T


class PhraseIndex(Generic[T]):
    """Many phrases looked up together: each word only tries the phrases that can begin with it."""

    def __init__(self, phrases: Iterable[tuple[str, T]]) -> None:
        self._whole: dict[str, list[tuple[Phrase, T]]] = {}
        self._prefix: dict[str, list[tuple[Phrase, T]]] = {}
        for source, owner in phrases:
            self._add(Phrase.parse(source), owner)

    def _add(self, phrase: Phrase, owner: T) -> None:
        first = phrase.elements[0]
        for word in {*first.whole, *map(fold, first.capitals)}:
            self._whole.setdefault(word, []).append((phrase, owner))
        for beginning in {prefix[:_INDEX_LETTERS] for prefix in first.prefixes}:
            self._prefix.setdefault(beginning, []).append((phrase, owner))

    def hits(self, words: Sequence[Word]) -> Iterator[Hit[T]]:
        """Every phrase found in *words*, by position."""
        vocabulary = _Vocabulary.of(words)
        whole = _possible(self._whole, vocabulary.folded, vocabulary)
        prefix = _possible(self._prefix, vocabulary.beginnings, vocabulary)
        for position, word in enumerate(words):
            for phrase, owner in (
                *whole.get(word.folded, ()),
                *prefix.get(word.folded[:_INDEX_LETTERS], ()),
            ):
                end = phrase.end_at(words, position)
                if end is not None:
                    yield Hit(position, end, owner)


def _possible(
    table: Mapping[str, list[tuple[Phrase, T]]], keys: frozenset[str], vocabulary: _Vocabulary
) -> dict[str, list[tuple[Phrase, T]]]:
    """The phrases of *table*, under *keys*, of which every word is somewhere in the text."""
    kept = {}
    for key in keys & table.keys():
        possible = [entry for entry in table[key] if entry[0].may_be_in(vocabulary)]
        if possible:
            kept[key] = possible
    return kept


def misspellings(word: str) -> frozenset[str]:
    """Every folded spelling one mistake away from *word*: a letter more, less, other, or two swapped.

    The first letter is kept, so that another word (« occident » for « accident ») is rarely taken for it.
    """
    letters = "abcdefghijklmnopqrstuvwxyz"
    splits = [(word[:cut], word[cut:]) for cut in range(1, len(word) + 1)]
    spellings = {left + right[1:] for left, right in splits if right}
    spellings |= {left + right[1] + right[0] + right[2:] for left, right in splits if len(right) > 1}
    spellings |= {left + letter + right[1:] for left, right in splits if right for letter in letters}
    spellings |= {left + letter + right for left, right in splits for letter in letters}
    return frozenset(fold(spelling) for spelling in spellings)


def corrected(words: Sequence[Word], spellings: Mapping[str, str]) -> list[Word]:
    """*words* with the folded form replaced where *spellings* knows a better one."""
    return [replace(word, folded=spellings[word.folded]) if word.folded in spellings else word for word in words]
