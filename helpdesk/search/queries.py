"""Searching: for results, while typing, and for what is alike. The person comes first; None is a public visitor."""

from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import sqlalchemy as sa
import structlog

from helpdesk.accounts.models import Person
from helpdesk.db import db
from helpdesk.reference import get_reference
from helpdesk.search import corpora
from helpdesk.search.analysis import STOPPED, terms
from helpdesk.search.corpora import TOPIC_MARK, Filters
from helpdesk.search.corrections import corrected
from helpdesk.search.engines import Engine, IndexState, IndexUnavailable, engine_for
from helpdesk.search.highlight import excerpt_html, title_html
from helpdesk.search.lexicon import Lexicon, service_lexicon
from helpdesk.search.models import BYTES_TEXT, SearchMiss, SearchNear
from helpdesk.search.pool import POOL, Pool
from helpdesk.search.query import MAX_TERMS, Query, of_terms, parse
from helpdesk.search.ranking import Entry, Ranked, Stats, rank
from helpdesk.search.results import Hit, Results

log = structlog.get_logger(__name__)

NO_FILTERS = Filters()
CORRECTED_WEIGHT = 0.5
COMPLETED_WEIGHT = 0.5
COMPLETED_TERMS = 8
COMPLETION_POOL = 30
PREFIX_LETTERS = 3
SIMILAR_POOL = 60
BODY_CHARS_READ = 3_000
PER_PAGE_MAX_COUNT = 100
MAX_TOPIC_CHARS = 400


def find(
    person: Person | None,
    corpus: str,
    text: str,
    *,
    filters: Filters = NO_FILTERS,
    page: int = 1,
    per_page: int = 20,
    lexicon: Lexicon | None = None,
) -> Results:
    """The page *page* of what answers *text*, best first; any text is a query."""
    pool = Pool(person, corpora.get(corpus), engine_for(corpus), filters)
    answer = _answer(pool, text, lexicon)
    query, ranked = answer.query, answer.ranked
    shown = _page(ranked, page, per_page)
    return replace(
        shown,
        hits=_hits(pool, ranked[(shown.page - 1) * shown.per_page : shown.page * shown.per_page], query.weights),
        suggestion=answer.suggestion,
        senses=query.expansion.senses,
        outdated=query.expansion.outdated,
        is_fallback=answer.is_fallback,
    )


def find_ids(
    person: Person | None,
    corpus: str,
    text: str,
    *,
    filters: Filters = NO_FILTERS,
    limit: int = POOL,
    lexicon: Lexicon | None = None,
) -> list[int]:
    """The identifiers of what answers *text*, best first: what :func:`find` shows, without its texts."""
    pool = Pool(person, corpora.get(corpus), engine_for(corpus), filters)
    return _answer(pool, text, lexicon).ids[:limit]


def find_narrowed(
    person: Person | None, corpus: str, text: str, *, narrow: Callable[[sa.Select[Any]], sa.Select[Any]]
) -> tuple[list[int], bool]:
    """The identifiers of what answers *text*, best first, for a list that has filters and rows of its own.

    :param narrow: adds the list's own filters to what the person may see.
    :returns: the identifiers, and whether plain SQL answered for want of an index.
    """
    whole = corpora.get(corpus)
    narrowed = replace(
        whole,
        visible=lambda person, filters: narrow(whole.visible(person, filters)),
        plain=lambda person, words, limit: narrow(whole.plain(person, words, limit)),
    )
    answer = _answer(Pool(person, narrowed, engine_for(corpus)), text)
    return answer.ids, answer.is_fallback


def complete_ids(person: Person | None, corpus: str, text: str, limit: int = 3) -> list[int]:
    """The best entries while *text* is being typed, whose last word may be unfinished; a page reads its own rows."""
    pool = Pool(person, corpora.get(corpus), engine_for(corpus))
    query = parse(text, service_lexicon())
    try:
        query = _completed(pool, query)
        ranked = rank(query, pool.candidates(query, COMPLETION_POOL), pool.engine.stats(query.weights))
    except IndexUnavailable:
        ranked = _plainly_ranked(pool, query)
    return _ids(ranked[:limit])


def similar_ids(
    person: Person | None,
    corpus: str,
    title: str,
    body: str,
    *,
    limit: int = 5,
    excluding: Collection[int] = frozenset(),
) -> list[int]:
    """The entries that a text is closest to: the words of its title, and the most telling ones of its body."""
    pool = Pool(person, corpora.get(corpus), engine_for(corpus), excluding=frozenset(excluding))
    return _ids(_similar(pool, title, body)[:limit])


def _similar(pool: Pool, title: str, body: str) -> list[Ranked]:
    try:
        query, stats = telling(pool.engine, title, body)
        return rank(query, pool.candidates(query, SIMILAR_POOL), stats)
    except IndexUnavailable:
        return _plainly_ranked(pool, parse(title, service_lexicon()))


def kept_near(corpus: str, entry_id: Any, near_corpus: str) -> sa.Subquery:
    """What a worker has found close to a text, for the statement of a page: ``near_id`` in the order of ``rank``.

    Under nobody's rights: the statement adds its reader's.
    """
    return _kept_near(corpus, near_corpus).where(SearchNear.entry_id == entry_id).subquery("near")


def kept_near_each(corpus: str, entry_ids: Any, near_corpus: str) -> sa.Subquery:
    """The same for several texts: *entry_ids*, a parameter; ``entry_id`` tells which."""
    return _kept_near(corpus, near_corpus).where(SearchNear.entry_id.in_(entry_ids)).subquery("near")


def _kept_near(corpus: str, near_corpus: str) -> sa.Select[int, int, int]:
    near = SearchNear
    columns = sa.select(near.entry_id, near.near_id, near.rank)
    return columns.where(near.corpus == corpus, near.near_corpus == near_corpus)


def index_states() -> dict[str, IndexState]:
    """The state of each index, for the page of the service's state."""
    corpora.load()
    return {name: engine_for(name).state() for name in corpora.CORPORA}


def most_missed(corpus: str, since_on: date, limit: int = 50, *, until_on: date | None = None) -> list[tuple[str, int]]:
    """What was searched most without a result since that day, or between two days, both included; an empty text
    stands for words not kept.
    """
    count = sa.func.sum(SearchMiss.count)
    statement = (
        sa.select(SearchMiss.query, count)
        .where(SearchMiss.corpus == corpus, SearchMiss.searched_on.between(since_on, until_on or date.max))
        .group_by(SearchMiss.query)
        .order_by(count.desc(), sa.cast(SearchMiss.query, BYTES_TEXT))  # the same first ones on every server
        .limit(limit)
    )
    return [(query, total) for query, total in db.session.execute(statement)]


# --- ranking what may be seen


@dataclass(frozen=True)
class _Answer:
    """What answers a text, best first, the query as it was understood in the end, and how it may have been meant."""

    ranked: list[Ranked]
    query: Query
    suggestion: str | None = None
    is_fallback: bool = False

    @property
    def ids(self) -> list[int]:
        return _ids(self.ranked)


def _answer(pool: Pool, text: str, lexicon: Lexicon | None = None) -> _Answer:
    """From the index, or from plain SQL while it is away."""
    query = parse(text, lexicon or service_lexicon(), _topic_terms(text))
    try:
        return _Answer(*_ranked(pool, query))
    except IndexUnavailable:
        return _Answer(_plainly_ranked(pool, query), query, is_fallback=True)


def _ids(ranked: Sequence[Ranked]) -> list[int]:
    return [one.entry.id for one in ranked]


def _ranked(pool: Pool, query: Query) -> tuple[list[Ranked], Query, str | None]:
    """What answers, the query as it was understood in the end, and how it may have been meant."""
    if query.is_empty:
        return _plainly_ranked(pool, query), query, None
    stats = pool.engine.stats(query.weights)
    query = _shortened(query, stats)
    entries = pool.candidates(query)
    added, suggestion = corrected(pool, query, entries)
    if added:
        query = query.adding(added, CORRECTED_WEIGHT)
        stats = pool.engine.stats(query.weights)
        entries = pool.candidates(query)
    return rank(query, entries, stats), query, suggestion


def _shortened(query: Query, stats: Stats) -> Query:
    """The rarest words of a query that is too long."""
    if len(query.own) <= MAX_TERMS:
        return query
    known = [term for term in query.own if stats.frequencies.get(term)]
    return query.keeping(sorted(known, key=lambda term: stats.frequencies[term])[:MAX_TERMS])


def _plainly_ranked(pool: Pool, query: Query) -> list[Ranked]:
    """What SQL finds by itself, ranked among itself; for want of an index, or of any word but stop words."""
    words = [token.word for token in query.found] or [word.removeprefix(STOPPED) for word in query.stop_words]
    if not words:
        return []
    entries = pool.plain(" ".join(dict.fromkeys(words[:MAX_TERMS])))
    ranked = rank(query, entries, _stats_of(entries, query.weights))
    if query.phrases or query.excluded:
        return ranked
    known = {one.entry.id for one in ranked}
    return [*ranked, *(Ranked(0.0, entry) for entry in entries if entry.id not in known)]


def _stats_of(entries: Sequence[Entry], wanted: Mapping[str, float]) -> Stats:
    count = max(1, len(entries))
    return Stats(
        count,
        sum(entry.title_terms for entry in entries) / count,
        sum(entry.body_terms for entry in entries) / count,
        {term: sum(entry.holds(term) for entry in entries) for term in wanted},
    )


def _topic_terms(text: str) -> list[str]:
    """The topics whose usual words are in the text; every entry holds the codes of its own."""
    return [TOPIC_MARK + topic.code for topic in get_reference().suggest_topics(text[:MAX_TOPIC_CHARS])]


def _completed(pool: Pool, query: Query) -> Query:
    """The query with the terms that its last word may become, when it may be unfinished."""
    if not query.found or query.found[-1].end != len(query.text):
        return query
    last = query.found[-1]
    beginning = last.word[:PREFIX_LETTERS]
    possible = [
        term
        for term in pool.engine.terms_like(beginning)
        if term.startswith(last.word) or (len(term) > PREFIX_LETTERS and last.word.startswith(term))
    ]
    counts = pool.engine.frequencies(possible)
    return query.adding(sorted(possible, key=lambda term: -counts[term])[:COMPLETED_TERMS], COMPLETED_WEIGHT)


def telling(engine: Engine, title: str, body: str) -> tuple[Query, Stats]:
    """The words of a title and the most telling ones of a body.

    :raises IndexUnavailable:
    """
    in_title = list(dict.fromkeys(terms(title)))[:MAX_TERMS]
    in_body = Counter(terms(body[:BODY_CHARS_READ]))
    counts = engine.frequencies([term for term in in_body if term not in in_title])
    rarity = engine.stats(in_title).rarity
    best = sorted((term for term in counts if counts[term]), key=lambda term: -in_body[term] * rarity(counts[term]))
    chosen = [*in_title, *best][:MAX_TERMS]
    return of_terms(dict.fromkeys(chosen, 1.0)), engine.stats(chosen)


# --- showing


def _page(ranked: Sequence[Ranked], page: int, per_page: int) -> Results:
    per_page = max(1, min(per_page, PER_PAGE_MAX_COUNT))
    last = max(1, -(-len(ranked) // per_page))
    facets: dict[str, Counter[str]] = {}
    for one in ranked:
        for name, values in one.entry.facets.items():
            facets.setdefault(name, Counter()).update(values)
    return Results(
        total=len(ranked),
        page=max(1, min(page, last)),
        per_page=per_page,
        facets={name: dict(counts.most_common()) for name, counts in facets.items()},
        is_cut=len(ranked) >= POOL,
    )


def _hits(pool: Pool, ranked: Sequence[Ranked], marked: Collection[str]) -> tuple[Hit, ...]:
    """What is shown is read from the database now, not from the index."""
    if not ranked:
        return ()
    documents = {document.id: document for document in pool.corpus.documents([one.entry.id for one in ranked])}
    return tuple(
        Hit(
            id=document.id,
            score=one.score,
            title_html=title_html(document.title, marked),
            excerpt_html=excerpt_html(document.body, marked),
            on=document.on,
            facets=document.facets,
        )
        for one in ranked
        if (document := documents.get(one.entry.id)) is not None
    )
