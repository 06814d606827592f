"""A query as typed, made harmless: words, "phrases", -exclusions; everything else is a letter like another. Pure.

There is no operator that costs more than a word, and the number of words is bounded.
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from itertools import pairwise

from helpdesk.search.analysis import Token, article_variants, clean, stop_terms, terms, tokens
from helpdesk.search.lexicon import Expansion, Lexicon

MAX_CHARS = 4_000
MAX_TERMS = 25
MAX_ADDED_TERMS = 20
MAX_PHRASES = 5
ADDED_WEIGHT = 0.4
"""Of a word that the lexicon or the topics add: at full weight they lose what they bring."""

_QUOTED = re.compile(r"(?P<minus>(?:^|(?<=\s))-)?[\"“”«]\s?(?P<words>[^\"“”«»]{1,200}?)\s?[\"“”»]")
_EXCLUDED = re.compile(r"(?:^|(?<=\s))-(?P<word>[^\W\d_][^\s\"“”«»]*)")


@dataclass(frozen=True)
class Query:
    """What is looked for.

    ``weights`` are the terms, the typed ones at 1; ``pairs`` the typed terms that stand side by side; every
    phrase must be there, nothing of ``excluded`` may. ``stop_words`` is all there is when nothing else is.
    """

    text: str = ""
    found: tuple[Token, ...] = ()
    weights: dict[str, float] = field(default_factory=dict)
    pairs: tuple[tuple[str, str], ...] = ()
    phrases: tuple[tuple[str, ...], ...] = ()
    excluded: tuple[tuple[str, ...], ...] = ()
    stop_words: tuple[str, ...] = ()
    expansion: Expansion = field(default_factory=Expansion)

    @property
    def own(self) -> list[str]:
        """The typed terms, each once."""
        return list(dict.fromkeys(token.term for token in self.found))

    @property
    def required(self) -> frozenset[str]:
        return frozenset(term for phrase in self.phrases for term in phrase)

    @property
    def forbidden(self) -> frozenset[str]:
        """The excluded words; an excluded phrase is looked at entry by entry."""
        return frozenset(phrase[0] for phrase in self.excluded if len(phrase) == 1)

    @property
    def is_empty(self) -> bool:
        return not self.weights

    def adding(self, added: Iterable[str], weight: float = ADDED_WEIGHT) -> "Query":
        """The same query with more terms, as far as there is room."""
        room = MAX_TERMS + MAX_ADDED_TERMS - len(self.weights)
        fresh = [term for term in dict.fromkeys(added) if term not in self.weights][: max(0, room)]
        return replace(self, weights={**self.weights, **dict.fromkeys(fresh, weight)})

    def keeping(self, kept: Iterable[str]) -> "Query":
        """The same query with no other typed terms than *kept*; the words of phrases stay."""
        stay = {*kept, *self.required}
        found = tuple(token for token in self.found if token.term in stay)
        return replace(self, found=found, weights={token.term: 1.0 for token in found}, pairs=_pairs(found))


def parse(text: str, lexicon: Lexicon, added: Iterable[str] = ()) -> Query:
    """Read a query; never fails.

    :param added: terms that come with the text without being in it (its topics).
    """
    text = clean(text[:MAX_CHARS])
    phrases, excluded = _quoted(text)
    wanted = _blanked(_QUOTED, text, lambda match: bool(match["minus"]))
    excluded += [tuple(terms(match["word"])) for match in _EXCLUDED.finditer(wanted)]
    found = tuple(tokens(_blanked(_EXCLUDED, wanted, lambda _: True)))
    if not found:
        return Query(text=text, stop_words=tuple(stop_terms(text)[:MAX_TERMS]))
    expansion = lexicon.expand(text, found)
    query = Query(
        text=text,
        found=found,
        weights={token.term: 1.0 for token in found},
        pairs=_pairs(found),
        phrases=tuple(phrase for phrase in phrases if phrase)[:MAX_PHRASES],
        excluded=tuple(phrase for phrase in excluded if phrase)[:MAX_TERMS],
        expansion=expansion,
    )
    variants = [variant for term in query.weights for variant in article_variants(term)]
    return query.adding((*variants, *expansion.terms, *added))


def of_terms(weights: dict[str, float]) -> Query:
    """A query that nobody has typed."""
    return Query(weights=weights)


def _pairs(found: tuple[Token, ...]) -> tuple[tuple[str, str], ...]:
    sides = [(left.term, right.term) for left, right in pairwise(found)]
    return tuple(dict.fromkeys(sides))[:MAX_TERMS]


def _quoted(text: str) -> tuple[list[tuple[str, ...]], list[tuple[str, ...]]]:
    """The phrases that must be there, and those that may not."""
    wanted: list[tuple[str, ...]] = []
    excluded: list[tuple[str, ...]] = []
    for match in _QUOTED.finditer(text):
        (excluded if match["minus"] else wanted).append(tuple(terms(match["words"])))
    return wanted, excluded


def _blanked(pattern: re.Pattern[str], text: str, is_out: Callable[[re.Match[str]], bool]) -> str:
    """*text* with what is out replaced by as many spaces: places stay true."""
    return pattern.sub(lambda match: " " * len(match[0]) if is_out(match) else match[0], text)
