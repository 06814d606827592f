"""What the search finds, as rows of the lists: the index narrows, the database decides once more."""

from collections.abc import Iterable
from dataclasses import dataclass

from helpdesk.accounts.models import Person
from helpdesk.kb.queries.lists import EntryFilters, EntryRow, rows_of
from helpdesk.search.corpora import Filters
from helpdesk.search.queries import find, similar_ids
from helpdesk.search.results import Hit, Results

CORPUS = "articles"


@dataclass(frozen=True)
class Found:
    """An entry that the search found, with its excerpt."""

    row: EntryRow
    hit: Hit


@dataclass(frozen=True)
class Findings:
    """A page of results, and what the search says of the words."""

    results: Results
    entries: list[Found]


def search(person: Person | None, words: str, filters: EntryFilters, page: int = 1) -> Findings:
    """The entries that *person* may read for *words*, best first."""
    results = find(person, CORPUS, words, filters=_filters(filters), page=page)
    hits = {hit.id: hit for hit in results.hits}
    rows = rows_of(person, list(hits))
    return Findings(results, [Found(row, hits[row.id]) for row in rows])


def near(
    person: Person | None,
    title: str,
    body: str,
    *,
    limit: int = 3,
    excluding: Iterable[int] = (),
    with_under_review: bool = False,
) -> list[EntryRow]:
    """The entries that speak of the same thing.

    :param with_under_review: to be completed; for whoever seeks a solution they are none, and left out.
    """
    ids = similar_ids(person, CORPUS, title, body, limit=limit * 2, excluding=frozenset(excluding))
    rows = rows_of(person, ids)
    return [row for row in rows if with_under_review or not row.is_under_review][:limit]


def _filters(filters: EntryFilters) -> Filters:
    return Filters(
        topics=tuple(filter(None, (filters.topic,))),
        typologies=tuple(filter(None, (filters.typology,))),
        kinds=(filters.kind.value,) if filters.kind else (),
    )
