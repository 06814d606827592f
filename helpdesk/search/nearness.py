"""What each text still being worked on is close to: found by the worker, kept in the database, read by the pages.

A page that searched for it would pay more for that than for all the rest. Nobody's rights are looked at here:
the page that shows the entries applies its reader's, so more are kept than are shown.
"""

import hashlib
from collections.abc import Iterable, Sequence

import sqlalchemy as sa
import structlog

from helpdesk import clock
from helpdesk.db import db, insert, transaction
from helpdesk.search import corpora
from helpdesk.search.analysis import VERSION
from helpdesk.search.corpora import Corpus, Text
from helpdesk.search.engines import IndexUnavailable, Lookup, engine_for
from helpdesk.search.models import SearchNear, SearchNearMade
from helpdesk.search.operations import IDS_IN_A_ROW, batches, reading
from helpdesk.search.queries import telling
from helpdesk.search.ranking import rank

log = structlog.get_logger(__name__)

KEPT_COUNT = 60
"""For three that are shown: a delegate sees one question in fourteen."""


def refresh(corpus_name: str, ids: Sequence[int] | None = None, *, limit: int | None = None) -> int:
    """Find again what the open texts of a corpus are close to, where their words or an index have changed, and
    forget what the others were close to. Return how many were found again. For workers, outside any transaction.

    :param ids: of the texts to look at; none is all of them.
    :param limit: how many to find at most; the next call goes on.
    """
    corpus = corpora.get(corpus_name)
    if corpus.open_texts is None:
        return 0
    with reading():
        texts = corpus.open_texts(ids)
        made = _made(corpus_name, ids)
    _forget(corpus_name, {entry_id for entry_id, _ in made} - {text.id for text in texts})
    found = 0
    for near in list(corpora.CORPORA.values()):
        try:
            found += _refresh_near(corpus, near, texts, made, None if limit is None else limit - found)
        except IndexUnavailable:
            log.info("search_near_put_off", corpus=corpus_name, near=near.name)
    return found


def refresh_all(limit: int | None = None) -> int:
    """The same for every corpus."""
    corpora.load()
    return sum(refresh(name, limit=limit) for name in list(corpora.CORPORA))


def _refresh_near(
    corpus: Corpus, near: Corpus, texts: Iterable[Text], made: dict[tuple[int, str], str], limit: int | None
) -> int:
    """:raises IndexUnavailable:"""
    with reading():
        generation = _generation(near)
    wanted = {text.id: (text, _fingerprint(text, generation)) for text in texts}
    changed = [one for one in wanted.values() if made.get((one[0].id, near.name)) != one[1]][:limit]
    for text, fingerprint in changed:
        with reading():
            ids = _nearest(near, text, excluding=text.id if near is corpus else None)
        _keep(corpus.name, text.id, near.name, ids, fingerprint)
    return len(changed)


def _nearest(near: Corpus, text: Text, excluding: int | None) -> list[int]:
    """The entries of the index closest to *text*, best first, whoever may see them."""
    engine = engine_for(near.name)
    query, stats = telling(engine, text.title, text.body)
    if query.is_empty:
        return []
    ranked = rank(query, engine.candidates(Lookup(query.weights, KEPT_COUNT + 1)), stats)
    return [one.entry.id for one in ranked if one.entry.id != excluding][:KEPT_COUNT]


def _generation(near: Corpus) -> str:
    """What changes when the texts close to others are to be found again: what the index holds, or the day.

    :raises IndexUnavailable:
    """
    if not near.is_watched:
        return clock.today().isoformat()
    return _digest(*(f"{entry_id}.{stamp}" for entry_id, stamp in sorted(engine_for(near.name).stamps().items())))


def _fingerprint(text: Text, generation: str) -> str:
    return _digest(str(VERSION), text.title, text.body, generation)


def _digest(*parts: str) -> str:
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:32]


def _made(corpus_name: str, ids: Sequence[int] | None) -> dict[tuple[int, str], str]:
    """By text and corpus, what was found last was found for."""
    made = SearchNearMade
    select = sa.select(made.entry_id, made.near_corpus, made.fingerprint).where(made.corpus == corpus_name)
    if ids is not None:
        select = select.where(made.entry_id.in_(ids))
    return {(entry_id, near): fingerprint for entry_id, near, fingerprint in db.session.execute(select)}


def _keep(corpus_name: str, entry_id: int, near_corpus: str, ids: Sequence[int], fingerprint: str) -> None:
    of_text = {"corpus": corpus_name, "entry_id": entry_id, "near_corpus": near_corpus}
    made = insert(SearchNearMade).values(**of_text, fingerprint=fingerprint)
    with transaction():
        # First: of two workers on the same text, the second waits here.
        db.session.execute(made.on_conflict_do_update(index_elements=list(of_text), set_={"fingerprint": fingerprint}))
        db.session.execute(sa.delete(SearchNear).filter_by(**of_text))
        if ids:
            rows = [{**of_text, "rank": rank, "near_id": near_id} for rank, near_id in enumerate(ids)]
            db.session.execute(sa.insert(SearchNear), rows)


def _forget(corpus_name: str, ids: Iterable[int]) -> None:
    """Of texts that are closed or gone."""
    for some in batches(sorted(ids), IDS_IN_A_ROW):
        with transaction():
            for table in (SearchNear, SearchNearMade):
                db.session.execute(sa.delete(table).where(table.corpus == corpus_name, table.entry_id.in_(some)))
