"""The candidates that a person may see, as they are now: the index narrows, the database decides."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

import sqlalchemy as sa

from helpdesk.accounts.models import Person
from helpdesk.db import db
from helpdesk.search.corpora import Corpus, Filters, entry_of
from helpdesk.search.engines import Engine, Lookup
from helpdesk.search.query import Query
from helpdesk.search.ranking import Entry

POOL = 150
"""Candidates that are ranked."""
PHRASE_POOL = 1_000
"""The same where a phrase is looked for: the engines know its words, not their order."""
FEW = 500
"""Who may see no more than this is searched among these alone."""


@dataclass
class Pool:
    """Candidates for one person, one corpus and its filters.

    Nothing is lost among what others may see: when hidden entries have taken places, the search is made again
    among the visible ones.
    """

    person: Person | None
    corpus: Corpus
    engine: Engine
    filters: Filters = field(default_factory=Filters)
    excluding: frozenset[int] = frozenset()
    _within: Mapping[int, int] | None = None
    _is_counted: bool = False

    def candidates(self, query: Query, limit: int | None = None) -> list[Entry]:
        """The best entries for *query*, unranked and with the words they have now.

        :raises IndexUnavailable:
        """
        if query.is_empty:
            return []
        self._count()
        most = limit or (PHRASE_POOL if query.phrases else POOL)
        lookup = Lookup(query.weights, most + len(self.excluding), query.required, query.forbidden, self._within)
        found = self.engine.candidates(lookup)
        stamps = self._stamps(found)
        if self._within is None and len(found) == lookup.limit and len(stamps) < len(found):
            self._within = self._visible()
            found = self.engine.candidates(replace(lookup, within=self._within))
            stamps = self._within
        shown = [entry for entry in found if entry.id in stamps and entry.id not in self.excluding]
        return self._fresh(shown, stamps)[:most]

    def plain(self, words: str, limit: int = POOL) -> list[Entry]:
        """What SQL finds without the index."""
        ids = [row[0] for row in db.session.execute(self.corpus.plain(self.person, words, limit))]
        stamps = self.stamps_of(ids)
        shown = [number for number in ids if number in stamps and number not in self.excluding]
        entries = {document.id: entry_of(document) for document in self.corpus.documents(shown)} if shown else {}
        return [entries[number] for number in shown if number in entries]

    def stamps_of(self, ids: Iterable[int]) -> dict[int, int]:
        """The stamps of those of *ids* that the person may find."""
        visible = self.corpus.visible(self.person, self.filters).subquery()
        number, stamp = visible.columns
        statement = sa.select(number, stamp).where(number.in_(list(ids)))
        return {row[0]: row[1] for row in db.session.execute(statement)}

    def _count(self) -> None:
        """Take all that the person may see when it is little."""
        if not self._is_counted:
            some = self.corpus.visible(self.person, self.filters).limit(FEW + 1).subquery()
            count = db.session.scalar(sa.select(sa.func.count()).select_from(some)) or 0
            self._within = self._visible() if count <= FEW else None
            self._is_counted = True

    def _visible(self) -> dict[int, int]:
        visible = self.corpus.visible(self.person, self.filters)
        return {row[0]: row[1] for row in db.session.execute(visible)}

    def _stamps(self, found: list[Entry]) -> Mapping[int, int]:
        if self._within is not None:
            return self._within
        return self.stamps_of(entry.id for entry in found) if found else {}

    def _fresh(self, entries: list[Entry], stamps: Mapping[int, int]) -> list[Entry]:
        """The same, those that have changed since they were indexed read again."""
        stale = [entry.id for entry in entries if entry.stamp != stamps[entry.id]]
        if not stale:
            return entries
        current = {document.id: entry_of(document) for document in self.corpus.documents(stale)}
        fresh = (entry if entry.stamp == stamps[entry.id] else current.get(entry.id) for entry in entries)
        return [entry for entry in fresh if entry is not None]
