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

T = TypeVar("T")

MAX_GAP = 8
_INDEX_LETTERS = 3

_WORD = re.compile(r"[^\W_]+")
_SENTENCE_END = re.compile(r"[.!?…](?:\s|$)|;|\n\s*\n|•")
_CLAUSE_END = re.compile(r"[,:()\[\]–—]")
_LIGATURES = str.maketrans({"œ": "oe", "æ": "ae", "Œ": "oe", "Æ": "ae", "ß": "ss"})


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
    if not word.isascii():
        decomposed = unicodedata.normalize("NFKD", word.translate(_LIGATURES))
        word = "".join(char for char in decomposed if not unicodedata.combining(char))
    word = word.lower()
    return word[:-1] if len(word) > 3 and word[-1] in "sx" else word


def words_of(text: str) -> list[Word]:
    """The words of *text*, which must be in NFC for positions to be right (:func:`normalize`)."""
    found = []
    end = 0
    for match in _WORD.finditer(text):
        gap = text[end : match.start()]
        found.append(Word(match[0], fold(match[0]), match.start(), match.end(), _break_in(gap)))
        end = match.end()
    return found


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
class _Option:
    """One way to satisfy an element of a phrase."""

    value: str
    is_prefix: bool = False
    is_capitals: bool = False

    def accepts(self, word: Word) -> bool:
        if self.is_capitals:
            return word.raw == self.value
        return word.folded.startswith(self.value) if self.is_prefix else word.folded == self.value


_Element = tuple[_Option, ...]
_GAP: _Element = ()


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
            raise ValueError(f"motif « {source} » : « ~ » doit se trouver une seule fois, entre deux mots")
        return cls(source, tuple(_GAP if part == "~" else _parse_element(part, source) for part in parts))

    def end_at(self, words: Sequence[Word], start: int) -> int | None:
        """The index after the last word of the phrase when it begins at *start*, else None."""
        return _match(self.elements, 0, words, start)


def _parse_element(part: str, source: str) -> _Element:
    return tuple(_parse_option(option, source) for option in part.split("|"))


def _parse_option(option: str, source: str) -> _Option:
    stem = option.removesuffix("*")
    if not stem or not _WORD.fullmatch(stem):
        raise ValueError(f"motif « {source} » : « {option} » n’est pas un mot")
    if option != stem:
        if len(stem) < _INDEX_LETTERS:
            raise ValueError(f"motif « {source} » : « {option} » est trop court avant l’étoile")
        return _Option(_fold_stem(stem), is_prefix=True)
    if stem.isupper() and stem.isalpha():
        return _Option(stem, is_capitals=True)
    return _Option(fold(stem))


def _fold_stem(stem: str) -> str:
    return fold(stem + "-")[:-1]


def _match(elements: tuple[_Element, ...], element: int, words: Sequence[Word], at: int) -> int | None:
    while element < len(elements):
        if not elements[element]:
            return _match_after_gap(elements, element + 1, words, at)
        if at >= len(words) or not any(option.accepts(words[at]) for option in elements[element]):
            return None
        if element and words[at].break_before is Break.SENTENCE:
            return None
        element, at = element + 1, at + 1
    return at


def _match_after_gap(
    elements: tuple[_Element, ...], element: int, words: Sequence[Word], at: int
) -> int | None:
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
        for option in phrase.elements[0]:
            if option.is_prefix:
                _append(self._prefix, option.value[:_INDEX_LETTERS], phrase, owner)
            else:
                _append(self._whole, fold(option.value), phrase, owner)

    def hits(self, words: Sequence[Word]) -> Iterator[Hit[T]]:
        """Every phrase found in *words*, by position."""
        for position, word in enumerate(words):
            for phrase, owner in (
                *self._whole.get(word.folded, ()),
                *self._prefix.get(word.folded[:_INDEX_LETTERS], ()),
            ):
                end = phrase.end_at(words, position)
                if end is not None:
                    yield Hit(position, end, owner)


def _append(table: dict[str, list[tuple[Phrase, T]]], key: str, phrase: Phrase, owner: T) -> None:
    bucket = table.setdefault(key, [])
    if (phrase, owner) not in bucket:
        bucket.append((phrase, owner))


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
    return [
        replace(word, folded=spellings[word.folded]) if word.folded in spellings else word for word in words
    ]
