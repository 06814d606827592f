"""Keeping the indexes true: asked for in the transaction of the change, done by a worker, checked every night."""

import secrets
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta

import sqlalchemy as sa
import structlog

from helpdesk import clock, outbox
from helpdesk.db import db, insert, read_only, transaction
from helpdesk.outbox import OutboxKind
from helpdesk.search import corpora
from helpdesk.search.analysis import clean, tokens
from helpdesk.search.corpora import Corpus, entry_of
from helpdesk.search.engines import Change, IndexState, IndexUnavailable, engine_for
from helpdesk.search.models import SearchMiss
from helpdesk.search.ranking import Entry

log = structlog.get_logger(__name__)

IDS_IN_A_ROW = 200
BATCH_DOCUMENTS = 200
MISS_CHARS = 120
MISSES_A_DAY = 500
"""Different queries kept in a day; more are counted without their words."""


@dataclass(frozen=True)
class RebuildReport:
    """How many entries each corpus holds now."""

    counts: Mapping[str, int]


@dataclass(frozen=True)
class CheckReport:
    """What a check has found in one corpus, and put right."""

    corpus: str
    state: IndexState
    entry_count: int = 0
    missing_count: int = 0
    stale_count: int = 0
    extra_count: int = 0

    @property
    def is_well(self) -> bool:
        return self.state is IndexState.READY and not (self.missing_count or self.stale_count or self.extra_count)


def request_index(corpus: str, ids: Iterable[int], *, is_erasure: bool = False) -> None:
    """Have a worker read these articles or questions again, after the current transaction.

    What is no longer to be found is deleted, from the files too; with *is_erasure* so is the former text of
    what stays.
    """
    for part in batches(sorted(set(ids)), IDS_IN_A_ROW):
        payload = {"corpus": corpus, "ids": part, "is_erasure": is_erasure}
        outbox.enqueue(OutboxKind.INDEX, f"index:{secrets.token_hex(8)}", payload)


def index(corpus_name: str, ids: Sequence[int], *, is_erasure: bool = False) -> None:
    """Bring the index in line with the database for *ids*; may be done twice. For workers, outside any transaction.

    :raises IndexBusy: when another process has been writing for a minute.
    """
    corpus = corpora.get(corpus_name)
    try:
        engine_for(corpus_name).update(lambda: _change(corpus, ids), is_erasure=is_erasure)
    except IndexUnavailable:
        rebuild(corpus_name)


def rebuild(corpus_name: str | None = None) -> RebuildReport:
    """Make one index anew, or all; searches go on meanwhile. For workers and commands.

    :raises IndexBusy: when another process has been writing for a minute.
    """
    counts = {}
    for corpus in _chosen(corpus_name):
        counts[corpus.name] = engine_for(corpus.name).rebuild(_all_entries(corpus))
        log.info("search_index_rebuilt", corpus=corpus.name, entries=counts[corpus.name])
    return RebuildReport(counts)


def mend() -> list[str]:
    """Rebuild what is missing, damaged or of another version; return the names. Quick when nothing is wrong."""
    states = {corpus.name: engine_for(corpus.name).state() for corpus in _chosen(None)}
    broken = [name for name, state in states.items() if state is not IndexState.READY]
    for name in broken:
        log.warning("search_index_not_ready", corpus=name, state=states[name].value)
        rebuild(name)
    return broken


def check(corpus_name: str | None = None) -> list[CheckReport]:
    """Compare every entry with the database, put right what differs, and let go of replaced text."""
    return [_check(corpus) for corpus in _chosen(corpus_name)]


def _check(corpus: Corpus) -> CheckReport:
    engine = engine_for(corpus.name)
    state = engine.state()
    if state is IndexState.READY:
        try:
            indexed = engine.stamps()
        except IndexUnavailable:
            state = engine.state()
    if state is not IndexState.READY:
        return CheckReport(corpus.name, state, entry_count=rebuild(corpus.name).counts[corpus.name])
    current = {entry.id: entry.stamp for batch in _all_entries(corpus) for entry in batch}
    missing = current.keys() - indexed.keys()
    extra = indexed.keys() - current.keys()
    stale = {number for number in current.keys() & indexed.keys() if current[number] != indexed[number]}
    for part in batches(sorted(missing | extra | stale), IDS_IN_A_ROW):
        index(corpus.name, part)
    engine.compact()
    return CheckReport(corpus.name, state, len(current), len(missing), len(stale), len(extra))


def record_miss(corpus_name: str, text: str, *, is_personal: Callable[[str], bool]) -> None:
    """Count a search that found nothing, in the current transaction.

    :param is_personal: whether the words may name somebody; they are then not kept.
    """
    folded = "" if is_personal(text) else _folded(text)
    today = clock.today()
    if folded and _misses_on(corpus_name) >= MISSES_A_DAY:
        folded = ""
    row = insert(SearchMiss).values(corpus=corpus_name, searched_on=today, query=folded, count=1)
    again = {"count": SearchMiss.count + 1}
    db.session.execute(row.on_conflict_do_update(index_elements=["corpus", "searched_on", "query"], set_=again))


def purge_misses(kept_days: int) -> int:
    """Forget the searches of more than *kept_days* days ago; return how many rows."""
    before = clock.today() - timedelta(days=kept_days)
    with transaction():
        rows = db.session.execute(
            sa.delete(SearchMiss).where(SearchMiss.searched_on < before).returning(SearchMiss.query)
        )
        return len(rows.all())


def _folded(text: str) -> str:
    return " ".join(token.word for token in tokens(clean(text[:MISS_CHARS]), with_stop_words=True))[:MISS_CHARS]


def _misses_on(corpus_name: str) -> int:
    statement = sa.select(sa.func.count()).where(
        SearchMiss.corpus == corpus_name, SearchMiss.searched_on == clock.today()
    )
    return db.session.scalar(statement) or 0


def _chosen(corpus_name: str | None) -> list[Corpus]:
    corpora.load()
    return [corpora.get(corpus_name)] if corpus_name else list(corpora.CORPORA.values())


def _change(corpus: Corpus, ids: Sequence[int]) -> Change:
    with reading():
        entries = [entry_of(document) for document in corpus.documents(ids)]
    return Change(entries, set(ids) - {entry.id for entry in entries})


def _all_entries(corpus: Corpus) -> Iterator[list[Entry]]:
    """Every entry as the database has it now, in batches that are each read in a short transaction."""
    last = 0
    while True:
        with reading():
            ids = corpus.ids(last, BATCH_DOCUMENTS)
            entries = [entry_of(document) for document in corpus.documents(ids)]
        if not ids:
            return
        yield entries
        last = ids[-1]


@contextmanager
def reading() -> Iterator[None]:
    """A read of what is committed now, that leaves no transaction and no object behind."""
    db.session.rollback()
    token = read_only.set(True)
    try:
        yield
    finally:
        db.session.rollback()
        read_only.reset(token)


def batches(ids: Sequence[int], size: int) -> Iterator[list[int]]:
    for start in range(0, len(ids), size):
        yield list(ids[start : start + size])
