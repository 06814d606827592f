"""One ranking for every engine: a true BM25F over two fields, with the pairs of words that stand side by side. Pure.

Weighted frequencies of title and body are added, then saturated once. The figures behind the constants are in
docs/recherche.md; they were chosen between those that suit each test set, not on one.
"""

import math
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date

from helpdesk.search.query import Query

SATURATION = 5.0
"""BM25's k1."""
TITLE_WEIGHT = 12.0
BODY_LENGTH_SHARE = 0.6
"""BM25's b for the body; that of the title is 1."""
PAIR_WEIGHT = 0.3
LEAST_MEAN = 1e-9
MANY_TERMS = 12
"""From there on, cutting a text into its words once is faster than looking for each of them."""
LOWERED = "lowered"
"""The facet of an entry that is found, but comes after what is as close: it is no longer sure."""
LOWERED_SHARE = 0.5


@dataclass(frozen=True, slots=True)
class Entry:
    """An article or a question as the index holds it: its terms in order, as :func:`packed` writes them."""

    id: int
    stamp: int
    on: date
    title: str
    body: str
    title_terms: int
    body_terms: int
    facets: Mapping[str, tuple[str, ...]]

    def holds(self, term: str) -> bool:
        return f" {term} " in self.title or f" {term} " in self.body


def packed(terms: Iterable[str]) -> str:
    """Each term with a space on both sides: counting one is then counting a string, which is fast."""
    return "".join(f" {term} " for term in terms)


def packed_count(text: str) -> int:
    return text.count(" ") // 2


@dataclass(frozen=True)
class Stats:
    """What the index knows of all its entries; ``frequencies`` says in how many entries a term is."""

    entry_count: int
    title_mean: float
    body_mean: float
    frequencies: Mapping[str, int] = field(default_factory=dict)

    def rarity(self, count: int) -> float:
        """The weight of what *count* entries hold."""
        return math.log(self.entry_count / (count + 1) + 1)


@dataclass(frozen=True, slots=True)
class Ranked:
    score: float
    entry: Entry


@dataclass(frozen=True, slots=True)
class _Counted:
    """An entry with the number of times it holds each wanted term and pair, title and body."""

    entry: Entry
    title_norm: float
    body_norm: float
    terms: dict[str, tuple[int, int]]
    pairs: dict[tuple[str, str], tuple[int, int]]

    def frequency(self, title_count: int, body_count: int) -> float:
        return title_count * self.title_norm + body_count * self.body_norm


def title_norm(length: int, mean: float) -> float:
    """What one occurrence in a title of *length* terms counts."""
    return TITLE_WEIGHT / (length / max(mean, LEAST_MEAN) + LEAST_MEAN) if length else 0.0


def body_norm(length: int, mean: float) -> float:
    """What one occurrence in a body of *length* terms counts."""
    return 1 / (1 - BODY_LENGTH_SHARE + BODY_LENGTH_SHARE * length / max(mean, LEAST_MEAN))


def saturated(frequency: float) -> float:
    return frequency * (SATURATION + 1) / (frequency + SATURATION)


def rank(query: Query, entries: Iterable[Entry], stats: Stats) -> list[Ranked]:
    """The entries that answer *query*, best first; one that holds none of its words is left out."""
    counted = [_count(query, entry, stats) for entry in entries if is_allowed(query, entry)]
    pair_counts = Counter(pair for one in counted for pair in one.pairs)
    term_weights = {
        term: weight * stats.rarity(stats.frequencies.get(term, 0)) for term, weight in query.weights.items()
    }
    pair_weights = {pair: PAIR_WEIGHT * stats.rarity(count) for pair, count in pair_counts.items()}
    scored = (Ranked(_share(one.entry) * _score(one, term_weights, pair_weights), one.entry) for one in counted)
    return sorted((one for one in scored if one.score > 0), key=lambda one: (-one.score, one.entry.id))


def _share(entry: Entry) -> float:
    return LOWERED_SHARE if LOWERED in entry.facets else 1.0


def is_allowed(query: Query, entry: Entry) -> bool:
    """Whether every phrase of *query* is in *entry*, and nothing that it excludes."""
    if not query.phrases and not query.excluded:
        return True
    return all(_has(entry, phrase) for phrase in query.phrases) and not any(
        _has(entry, phrase) for phrase in query.excluded
    )


def _has(entry: Entry, phrase: tuple[str, ...]) -> bool:
    wanted = packed(phrase)
    return wanted in entry.title or wanted in entry.body


def _count(query: Query, entry: Entry, stats: Stats) -> _Counted:
    in_title, in_body = _term_counts(query, entry.title), _term_counts(query, entry.body)
    terms = {term: (in_title.get(term, 0), in_body.get(term, 0)) for term in query.weights}
    found = {term: counts for term, counts in terms.items() if any(counts)}
    pairs = {
        (left, right): _counts(entry, f" {left}  {right} ")
        for left, right in query.pairs
        if left in found and right in found
    }
    return _Counted(
        entry,
        title_norm(entry.title_terms, stats.title_mean),
        body_norm(entry.body_terms, stats.body_mean),
        found,
        {pair: counts for pair, counts in pairs.items() if any(counts)},
    )


def _term_counts(query: Query, text: str) -> Mapping[str, int]:
    if len(query.weights) > MANY_TERMS:
        return Counter(filter(query.weights.__contains__, text.split()))
    return {term: text.count(f" {term} ") for term in query.weights}


def _counts(entry: Entry, wanted: str) -> tuple[int, int]:
    return entry.title.count(wanted), entry.body.count(wanted)


def _score(one: _Counted, term_weights: Mapping[str, float], pair_weights: Mapping[tuple[str, str], float]) -> float:
    # fsum: the same sum whatever the order in which an engine gives the words
    return math.fsum(
        (
            *(term_weights[term] * saturated(one.frequency(*counts)) for term, counts in one.terms.items()),
            *(pair_weights[pair] * saturated(one.frequency(*counts)) for pair, counts in one.pairs.items()),
        )
    )
