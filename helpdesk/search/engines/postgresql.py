"""The index of one corpus as two tables of PostgreSQL, for several machines.

Postings rather than ``tsvector``: PostgreSQL's own rank knows neither the rarity of a word nor the length of a
text, and among thousands of entries loses the good ones before our ranking sees them. One statement over the
postings gives exactly the candidates that the other engine gives.

Reads use the session of the request; writes have a connection of their own, so that a rebuild that reads the
articles through the session is one transaction all the same.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import sqlalchemy as sa
import structlog
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.exc import DBAPIError, OperationalError

from helpdesk import clock
from helpdesk.db import db
from helpdesk.search import analysis
from helpdesk.search.engines.base import MAX_TERMS_LIKE, Change, IndexBusy, IndexState, IndexUnavailable, Lookup
from helpdesk.search.models import SearchEntry, SearchIndex, SearchPosting
from helpdesk.search.ranking import BODY_LENGTH_SHARE, LEAST_MEAN, SATURATION, TITLE_WEIGHT, Entry, Stats

log = structlog.get_logger(__name__)

LOCK_SPACE = 2_026_043
"""Beside that of the migrations."""
LOCK_TIMEOUT = "60s"
QUERY_TIMEOUT = "2s"
LAST_LETTER = chr(0x10FFFF)
MOST_COUNTED = 32_767

_CANDIDATES = f"""
    WITH wanted AS (
        SELECT * FROM unnest(CAST(:terms AS text[]), CAST(:weights AS float8[])) AS w(term, weight)
    ), found AS (
        SELECT p.entry_id,
               w.weight * ln(:entry_count / (count(*) OVER (PARTITION BY p.term) + 1) + 1) AS weight,
               CASE WHEN e.title_terms = 0 THEN 0
                    ELSE CAST(p.title_count AS float8) * {TITLE_WEIGHT} / (e.title_terms / :title_mean + {LEAST_MEAN})
               END + p.body_count / (CAST(e.body_terms AS float8) / :body_mean * {BODY_LENGTH_SHARE}
                                     + {1 - BODY_LENGTH_SHARE}) AS frequency
          FROM wanted w
          JOIN search_posting p ON p.corpus = :corpus AND p.term = w.term COLLATE "C"
          JOIN search_entry e ON e.corpus = :corpus AND e.entry_id = p.entry_id
    )
    SELECT entry_id
      FROM found
     WHERE true {{conditions}}
     GROUP BY entry_id
     ORDER BY sum(weight * frequency * {SATURATION + 1} / (frequency + {SATURATION})) DESC, entry_id
     LIMIT :limit
"""  # noqa: S608 (the constants of the ranking)
_WITHIN = " AND entry_id = ANY(CAST(:within AS integer[]))"
_REQUIRED = """
       AND entry_id IN (SELECT p.entry_id FROM search_posting p
                         WHERE p.corpus = :corpus AND p.term = ANY(CAST(:required AS text[]))
                         GROUP BY p.entry_id HAVING count(*) = :required_count)"""
_FORBIDDEN = """
       AND entry_id NOT IN (SELECT p.entry_id FROM search_posting p
                             WHERE p.corpus = :corpus AND p.term = ANY(CAST(:forbidden AS text[])))"""

_ADD_POSTINGS = sa.text("""
    INSERT INTO search_posting (corpus, term, entry_id, title_count, body_count)
    SELECT :corpus, p.term, p.entry_id, p.title_count, p.body_count
      FROM unnest(CAST(:terms AS text[]), CAST(:ids AS integer[]),
                  CAST(:titles AS smallint[]), CAST(:bodies AS smallint[]))
           AS p(term, entry_id, title_count, body_count)
""")

_TOTALS = sa.text("""
    UPDATE search_index
       SET entry_count = t.entries, title_terms = t.titles, body_terms = t.bodies
      FROM (SELECT count(*) AS entries, coalesce(sum(title_terms), 0) AS titles,
                   coalesce(sum(body_terms), 0) AS bodies
              FROM search_entry WHERE corpus = :corpus) AS t
     WHERE corpus = :corpus
""")


class PostgreSQLEngine:
    def __init__(self, corpus: str) -> None:
        self.corpus = corpus

    # --- reading

    def state(self) -> IndexState:
        with self._reading():
            row = self._row()
        if row is None:
            return IndexState.MISSING
        return IndexState.READY if row.analysis_version == analysis.VERSION else IndexState.OUTDATED

    def candidates(self, lookup: Lookup) -> list[Entry]:
        with self._reading():
            totals = self._totals()
            ids = db.session.scalars(*self._statement(lookup, totals)).all()
            statement = sa.select(*_COLUMNS).where(self._is_ours(SearchEntry), SearchEntry.entry_id.in_(ids))
            rows = {row.entry_id: row for row in db.session.execute(statement)}
        return [_entry(rows[entry_id]) for entry_id in ids if entry_id in rows]

    def stats(self, terms: Collection[str]) -> Stats:
        with self._reading():
            totals = self._totals()
            statement = (
                sa.select(SearchPosting.term, sa.func.count())
                .where(self._is_ours(SearchPosting), SearchPosting.term.in_(terms))
                .group_by(SearchPosting.term)
            )
            found = _pairs(statement)
        frequencies = {term: found.get(term, 0) for term in terms}
        return Stats(totals.entry_count, totals.title_mean, totals.body_mean, frequencies)

    def frequencies(self, terms: Collection[str]) -> dict[str, int]:
        return dict(self.stats(terms).frequencies)

    def terms_like(self, prefix: str) -> list[str]:
        term, end = SearchPosting.term, prefix + LAST_LETTER
        statement = sa.select(term).distinct().where(self._is_ours(SearchPosting), term >= prefix, term < end)
        with self._reading():
            self._totals()
            return list(db.session.scalars(statement.limit(MAX_TERMS_LIKE)))

    def stamps(self) -> dict[int, int]:
        with self._reading():
            statement = sa.select(SearchEntry.entry_id, SearchEntry.stamp).where(self._is_ours(SearchEntry))
            return _pairs(statement)

    def _statement(self, lookup: Lookup, totals: Stats) -> tuple[sa.TextClause, dict[str, Any]]:
        conditions = ""
        values: dict[str, Any] = {
            "corpus": self.corpus,
            "terms": list(lookup.weights),
            "weights": list(lookup.weights.values()),
            "entry_count": float(totals.entry_count),
            "title_mean": max(totals.title_mean, LEAST_MEAN),
            "body_mean": max(totals.body_mean, LEAST_MEAN),
            "limit": lookup.limit,
        }
        if lookup.within is not None:
            conditions += _WITHIN
            values["within"] = list(lookup.within)
        if lookup.required:
            conditions += _REQUIRED
            values |= {"required": list(lookup.required), "required_count": len(lookup.required)}
        if lookup.forbidden:
            conditions += _FORBIDDEN
            values["forbidden"] = list(lookup.forbidden)
        return sa.text(_CANDIDATES.format(conditions=conditions)), values

    @contextmanager
    def _reading(self) -> Iterator[None]:
        """In a savepoint: a query that takes too long ends, and the page goes on without the index.

        :raises IndexUnavailable:
        """
        connection = db.session.connection()
        before = connection.scalar(sa.text("SHOW statement_timeout"))
        try:
            with connection.begin_nested():
                _set_timeout(connection, QUERY_TIMEOUT)
                yield
                _set_timeout(connection, before)
        except DBAPIError as error:
            log.warning("search_index_unavailable", corpus=self.corpus, exc_info=True)
            raise IndexUnavailable(self.corpus) from error

    def _row(self) -> Any:
        statement = sa.select(SearchIndex.__table__).where(SearchIndex.corpus == self.corpus)
        return db.session.execute(statement).one_or_none()

    def _totals(self) -> Stats:
        row = self._row()
        if row is None or row.analysis_version != analysis.VERSION:
            raise IndexUnavailable(f"{self.corpus}: no index, or one of another version")
        count = row.entry_count
        return Stats(count, row.title_terms / count if count else 0.0, row.body_terms / count if count else 0.0)

    def _is_ours(self, table: type[SearchEntry] | type[SearchPosting]) -> sa.ColumnElement[bool]:
        return table.corpus == self.corpus

    # --- writing

    def update(self, read: Callable[[], Change], *, is_erasure: bool = False) -> None:
        with self._writing() as connection:
            row = connection.execute(
                sa.select(SearchIndex.analysis_version).where(SearchIndex.corpus == self.corpus)
            ).scalar()
            if row != analysis.VERSION:
                raise IndexUnavailable(f"{self.corpus}: nothing to write to")
            change = read()
            self._delete(connection, [*change.gone, *(entry.id for entry in change.entries)])
            self._insert(connection, change.entries)
            connection.execute(_TOTALS, {"corpus": self.corpus})
        if change.gone or is_erasure:
            self.compact()

    def rebuild(self, batches: Iterable[Sequence[Entry]]) -> int:
        count = 0
        with self._writing() as connection:
            for table in (SearchPosting, SearchEntry):
                connection.execute(sa.delete(table).where(self._is_ours(table)))
            for batch in batches:
                self._insert(connection, batch)
                count += len(batch)
            values = {"analysis_version": analysis.VERSION, "built_at": clock.now()}
            totals = {"entry_count": 0, "title_terms": 0, "body_terms": 0}
            row = upsert(SearchIndex).values(corpus=self.corpus, **values, **totals)
            connection.execute(row.on_conflict_do_update(index_elements=["corpus"], set_=values))
            connection.execute(_TOTALS, {"corpus": self.corpus})
        self.compact()
        return count

    def compact(self) -> None:
        """Give the space of what was deleted back, so that it is written over; it also keeps the index fast."""
        with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            for table in (SearchPosting.__tablename__, SearchEntry.__tablename__):
                connection.exec_driver_sql(f"VACUUM (ANALYZE) {table}")

    @contextmanager
    def _writing(self) -> Iterator[sa.Connection]:
        """One writer of the corpus at a time, on whatever machine.

        :raises IndexBusy:
        """
        with db.engine.begin() as connection:
            try:
                connection.exec_driver_sql(f"SET LOCAL lock_timeout = '{LOCK_TIMEOUT}'")
                lock = sa.text("SELECT pg_advisory_xact_lock(:space, hashtext(:corpus))")
                connection.execute(lock, {"space": LOCK_SPACE, "corpus": self.corpus})
            except OperationalError as error:
                raise IndexBusy(self.corpus) from error
            yield connection

    def _delete(self, connection: sa.Connection, ids: Collection[int]) -> None:
        for table in (SearchPosting, SearchEntry):
            connection.execute(sa.delete(table).where(self._is_ours(table), table.entry_id.in_(ids)))

    def _insert(self, connection: sa.Connection, entries: Sequence[Entry]) -> None:
        if not entries:
            return
        connection.execute(sa.insert(SearchEntry), [_row_of(self.corpus, entry) for entry in entries])
        terms, ids, titles, bodies = zip(*(posting for entry in entries for posting in _postings(entry)), strict=True)
        lists = {"terms": list(terms), "ids": list(ids), "titles": list(titles), "bodies": list(bodies)}
        connection.execute(_ADD_POSTINGS, {"corpus": self.corpus, **lists})


_COLUMNS = (
    SearchEntry.entry_id,
    SearchEntry.stamp,
    SearchEntry.on,
    SearchEntry.title,
    SearchEntry.body,
    SearchEntry.title_terms,
    SearchEntry.body_terms,
    SearchEntry.facets,
)


def _pairs(statement: sa.Select[*tuple[Any, ...]]) -> dict[Any, int]:
    return dict(tuple(row) for row in db.session.execute(statement))


def _entry(row: Any) -> Entry:
    facets = {name: tuple(values) for name, values in row.facets.items()}
    return Entry(row.entry_id, row.stamp, row.on, row.title, row.body, row.title_terms, row.body_terms, facets)


def _row_of(corpus: str, entry: Entry) -> dict[str, Any]:
    return {
        "corpus": corpus,
        "entry_id": entry.id,
        "stamp": entry.stamp,
        "on": entry.on,
        "title": entry.title,
        "body": entry.body,
        "facets": {name: list(values) for name, values in entry.facets.items()},
        "title_terms": entry.title_terms,
        "body_terms": entry.body_terms,
    }


def _postings(entry: Entry) -> Iterator[tuple[str, int, int, int]]:
    """Term, identifier, and the number of times in title and body."""
    from collections import Counter

    title, body = Counter(entry.title.split()), Counter(entry.body.split())
    for term in {**title, **body}:
        yield term, entry.id, min(title[term], MOST_COUNTED), min(body[term], MOST_COUNTED)


def _set_timeout(connection: sa.Connection, timeout: Any) -> None:
    connection.execute(sa.text("SELECT set_config('statement_timeout', :timeout, true)"), {"timeout": timeout})
