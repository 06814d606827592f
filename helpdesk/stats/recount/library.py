"""What the annual report says of the knowledge base, from the events of each entry and the counters of its readers."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import dropwhile
from typing import Any

import sqlalchemy as sa

from helpdesk.db import read
from helpdesk.kb.enums import ArticleEventKind, ArticleKind, Visibility
from helpdesk.kb.models import Article, ArticleEvent, ReadingCount, Suggestion
from helpdesk.search.models import SearchMiss
from helpdesk.stats.histories import paris_day
from helpdesk.stats.recount.arithmetic import Cell
from helpdesk.stats.tables import Value

FEWEST_SEARCHES = 5
FIRST_COUNT = 10
AT_A_TIME = 200
_CORPUS = "articles"
_TOLD = (
    ArticleEventKind.PUBLISHED,
    ArticleEventKind.CONFIRMED,
    ArticleEventKind.WITHDRAWN,
    ArticleEventKind.VISIBILITY_CHANGED,
)


@dataclass(frozen=True)
class Entry:
    """An entry as its events tell it; days are those of Europe/Paris."""

    id: int
    kind: ArticleKind
    is_for_members: bool
    is_readable: bool
    """Published, and not withdrawn since."""
    published_on: date | None
    revised_on: Sequence[date]
    confirmed_on: Sequence[date]


@dataclass(frozen=True)
class Library:
    """The whole knowledge base, to be counted over any days of a year."""

    entries: Sequence[Entry]
    readings: Mapping[tuple[int, int], int]
    """By year and entry, up to the day it was read."""
    misses: Mapping[tuple[int, str], int]
    """By year and words, up to the same day."""
    avoided: Mapping[int, int]
    """By year: questions begun, said to be solved by an entry, and never sent."""

    def figures(self, starts_on: date, ends_on: date) -> dict[Cell, Value]:
        """The tables of the year of *starts_on*, up to *ends_on*, a day that is not over at the latest."""
        year, found = starts_on.year, dict[Cell, Value]()
        entries = [one for one in self.entries if one.is_for_members]
        for kind in ArticleKind:
            alike = [one for one in entries if one.kind is kind]
            days: Mapping[str, Iterable[Iterable[date]]] = {
                "published": [[one.published_on] for one in alike if one.published_on],
                "revised": [one.revised_on for one in alike],
                "confirmed": [one.confirmed_on for one in alike],
            }
            for column, of_each in days.items():
                count = sum(any(starts_on <= day <= ends_on for day in some) for some in of_each)
                found["faq-fiches", kind.value, column] = count
        readable = {one.id for one in entries if one.is_readable}
        opened = {id_: times for (of, id_), times in self.readings.items() if of == year and id_ in readable}
        found |= {("plus-lues", str(id_), "count"): times for id_, times in _first(opened)}
        often = {text: times for (of, text), times in self.misses.items() if of == year and times >= FEWEST_SEARCHES}
        found |= {("recherches", text, "count"): times for text, times in _first(often)}
        found["faq-estimation", "year", "avoided"] = self.avoided.get(year, 0)
        return found


def _first(counts: Mapping[Any, int]) -> list[tuple[Any, int]]:
    """The ten largest; of the same number, in the order of their keys."""
    return sorted(counts.items(), key=lambda one: (-one[1], one[0]))[:FIRST_COUNT]


def library(now: datetime) -> Library:
    """The knowledge base at *now*."""
    today = paris_day(now)
    rows = read(sa.select(Article.id, Article.kind, Article.visibility).order_by(Article.id))
    return Library(list(_entries(rows)), _readings([row.id for row in rows], today), _misses(today), _avoided())


def _entries(rows: Iterable[Any]) -> Iterable[Entry]:
    told: dict[int, list[Any]] = defaultdict(list)
    event = ArticleEvent
    columns = sa.select(event.article_id, event.kind, event.at, event.data).where(event.kind.in_(_TOLD))
    for row in read(columns.order_by(event.article_id, event.id)):
        told[row.article_id].append(row)
    for row in rows:
        yield _entry(row, told[row.id])


def _entry(row: Any, events: Iterable[Any]) -> Entry:
    """Before its first publication an entry is made what it is without a word in its history."""
    events = list(dropwhile(lambda one: one.kind is not ArticleEventKind.PUBLISHED, events))
    published = [one.at for one in events if one.kind is ArticleEventKind.PUBLISHED]
    moves = [one.kind for one in events if one.kind in (ArticleEventKind.PUBLISHED, ArticleEventKind.WITHDRAWN)]
    audiences = [one.data["after"] for one in events if one.kind is ArticleEventKind.VISIBILITY_CHANGED]
    return Entry(
        id=row.id,
        kind=row.kind,
        is_for_members=Visibility(audiences[-1] if audiences else row.visibility) is not Visibility.INTERNAL,
        is_readable=bool(moves) and moves[-1] is ArticleEventKind.PUBLISHED,
        published_on=paris_day(published[0]) if published else None,
        revised_on=[paris_day(at) for at in published[1:]],
        confirmed_on=[paris_day(one.at) for one in events if one.kind is ArticleEventKind.CONFIRMED],
    )


def _readings(entries: Sequence[int], today: date) -> Mapping[tuple[int, int], int]:
    """Some entries at a time: there is a row for each and each day."""
    found: Counter[tuple[int, int]] = Counter()
    for start in range(0, len(entries), AT_A_TIME):
        some = entries[start : start + AT_A_TIME]
        columns = sa.select(ReadingCount.article_id, ReadingCount.on, ReadingCount.count)
        for entry_id, on, times in read(columns.where(ReadingCount.article_id.between(some[0], some[-1]))):
            if on <= today:
                found[on.year, entry_id] += times
    return found


def _misses(today: date) -> Mapping[tuple[int, str], int]:
    """Without the searches whose words are not kept."""
    found: Counter[tuple[int, str]] = Counter()
    for corpus, on, text, times in read(
        sa.select(SearchMiss.corpus, SearchMiss.searched_on, SearchMiss.query, SearchMiss.count)
    ):
        if corpus == _CORPUS and text and on <= today:
            found[on.year, text] += times
    return found


def _avoided() -> Mapping[int, int]:
    askings: dict[str, list[Any]] = defaultdict(list)
    columns = (Suggestion.asking, Suggestion.shown_at, Suggestion.solved_at, Suggestion.sent_at)
    for row in read(sa.select(*columns)):
        askings[row.asking].append(row)
    found: Counter[int] = Counter()
    for rows in askings.values():
        if any(row.solved_at for row in rows) and not any(row.sent_at for row in rows):
            found[paris_day(min(row.shown_at for row in rows)).year] += 1
    return found
