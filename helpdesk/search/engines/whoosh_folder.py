"""The index of one corpus as whoosh files in a local folder: the default, for one machine.

Whoosh keeps the files: segments, postings, deletions, commits that are all or nothing. The query loop is our own:
whoosh's takes ten times longer over the same postings, and adds up one BM25 for each field.

The folder that counts is the one that a symbolic link names; a rebuild makes another and moves the link. A folder
is never taken from outside: whoosh unpickles what it reads.
"""

import contextlib
import fcntl
import json
import secrets
import shutil
import threading
import time
from array import array
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from itertools import chain, islice
from pathlib import Path
from typing import Any

import structlog
from whoosh import columns, fields, index
from whoosh.codec.whoosh3 import W3LeafMatcher
from whoosh.filedb.filestore import FileStorage
from whoosh.reading import TermNotFound

from helpdesk.search import analysis
from helpdesk.search.engines.base import MAX_TERMS_LIKE, Change, IndexBusy, IndexState, IndexUnavailable, Lookup
from helpdesk.search.ranking import Entry, Stats, body_norm, packed_count, saturated, title_norm

log = structlog.get_logger(__name__)

VERSION = f"{analysis.VERSION}.1"
"""Of the analysis and of the schema: a folder of another version is made anew."""
VERSION_FILE, DAMAGE_MARK = "appui-version", "appui-damaged"
LOCK_SECONDS = 60.0
LOCK_STEP_SECONDS = 0.05
QUERY_SECONDS = 1.0
OPEN_TRIES = 3
MEMORY_MB = 256
KEPT_POSTINGS = 300_000
"""In memory, in each process: some 30 MB at most."""

TITLE, BODY = "title", "body"

SCHEMA = fields.Schema(
    id=fields.ID(unique=True),
    title=fields.KEYWORD,
    body=fields.KEYWORD,
    number=fields.COLUMN(columns.NumericColumn("q")),
    title_terms=fields.COLUMN(columns.NumericColumn("i")),
    body_terms=fields.COLUMN(columns.NumericColumn("i")),
    # Not a stored field: those are compressed, which costs more than reading two hundred of them.
    entry=fields.COLUMN(columns.VarBytesColumn()),
)

Postings = list[tuple[int, float]]


@dataclass(frozen=True)
class _Lengths:
    """The columns of a segment, which never change: identifier and lengths of each of its documents."""

    ids: "array[int]"
    title: "array[int]"
    body: "array[int]"


@dataclass(frozen=True)
class _Leaf:
    """A segment as it is now; *deleted* are the numbers of documents that no longer count."""

    reader: Any
    entries: Any
    lengths: _Lengths
    deleted: frozenset[int]

    @property
    def live(self) -> Iterator[int]:
        return (number for number in range(len(self.lengths.ids)) if number not in self.deleted)


@dataclass(frozen=True)
class _Term:
    """A term as it is in the index: in how many documents, and what it counts in each, by segment."""

    frequency: int
    counted: tuple[Postings, ...]


class _View:
    """The index as one commit left it, with the postings that were read last."""

    def __init__(self, target: str, folder: Any, reader: Any, leaves: list[_Leaf]) -> None:
        self.target, self.folder, self.reader, self.leaves = target, folder, reader, leaves
        self.generation: int = reader.generation()
        self.count = sum(len(leaf.lengths.ids) - len(leaf.deleted) for leaf in leaves)
        titles = sum(leaf.lengths.title[number] for leaf in leaves for number in leaf.live)
        bodies = sum(leaf.lengths.body[number] for leaf in leaves for number in leaf.live)
        self.title_mean = titles / self.count if self.count else 0.0
        self.body_mean = bodies / self.count if self.count else 0.0
        self.norms = [
            (
                [title_norm(length, self.title_mean) for length in leaf.lengths.title],
                [body_norm(length, self.body_mean) for length in leaf.lengths.body],
            )
            for leaf in leaves
        ]
        self._terms: dict[str, _Term] = {}
        self._kept_postings = 0

    def term(self, term: str) -> _Term:
        if term not in self._terms:
            counted = tuple(
                _counted(_postings(leaf, TITLE, term), _postings(leaf, BODY, term), norms)
                for leaf, norms in zip(self.leaves, self.norms, strict=True)
            )
            known = _Term(sum(map(len, counted)), counted)
            if self._kept_postings > KEPT_POSTINGS:
                self._terms, self._kept_postings = {}, 0
            self._terms[term] = known
            self._kept_postings += known.frequency
        return self._terms[term]

    def stats(self, frequencies: dict[str, int]) -> Stats:
        return Stats(self.count, self.title_mean, self.body_mean, frequencies)

    def entry_at(self, leaf: int, number: int) -> Entry:
        return _entry(self.leaves[leaf].entries[number])


class WhooshEngine:
    def __init__(self, root: Path, corpus: str) -> None:
        self.root, self.corpus = root, corpus
        self.link = root / corpus
        self._view: _View | None = None
        self._lengths: dict[str, _Lengths] = {}
        # Whoosh seeks in files that it shares between readers: one query at a time in a process.
        self._lock = threading.Lock()

    # --- reading

    def state(self) -> IndexState:
        try:
            folder = self.root / self.link.readlink()
        except OSError:
            return IndexState.MISSING
        if (folder / DAMAGE_MARK).exists():
            return IndexState.DAMAGED
        with contextlib.suppress(OSError):
            if (folder / VERSION_FILE).read_text() != VERSION:
                return IndexState.OUTDATED
        try:
            with self._reading():
                return IndexState.READY
        except IndexUnavailable:
            return IndexState.DAMAGED

    def candidates(self, lookup: Lookup) -> list[Entry]:
        with self._reading() as view:
            return [view.entry_at(leaf, number) for _, _, leaf, number in _best(view, lookup)]

    def stats(self, terms: Collection[str]) -> Stats:
        with self._reading() as view:
            return view.stats({term: view.term(term).frequency for term in terms})

    def frequencies(self, terms: Collection[str]) -> dict[str, int]:
        with self._reading() as view:
            count = view.reader.doc_frequency
            return {term: max(count(TITLE, term), count(BODY, term)) for term in terms}

    def terms_like(self, prefix: str) -> list[str]:
        with self._reading() as view:
            found = chain(*(view.reader.expand_prefix(field, prefix) for field in (TITLE, BODY)))
            return [raw.decode() for raw in islice(dict.fromkeys(found), MAX_TERMS_LIKE)]

    def stamps(self) -> dict[int, int]:
        with self._reading() as view:
            entries = (view.entry_at(at, number) for at, leaf in enumerate(view.leaves) for number in leaf.live)
            return {entry.id: entry.stamp for entry in entries}

    @contextmanager
    def _reading(self) -> Iterator[_View]:
        """The view of the last commit. What whoosh raises on a damaged file can be anything: the index is then
        marked, for a worker to make it anew.

        :raises IndexUnavailable:
        """
        with self._lock:
            try:
                yield self._current_view()
            except IndexUnavailable:
                raise
            except Exception as error:
                self._mark_damage(error)
                raise IndexUnavailable(f"{self.corpus}: {type(error).__name__}") from error

    def _current_view(self) -> _View:
        for left in reversed(range(OPEN_TRIES)):
            target = self._target()
            try:
                return self._opened(target)
            except (FileNotFoundError, index.EmptyIndexError):
                # A commit or a rebuild has deleted what was about to be opened; the next try sees what it made.
                if not left:
                    raise
        raise AssertionError("unreachable")

    def _target(self) -> str:
        try:
            target = str(self.link.readlink())
        except OSError as error:
            raise IndexUnavailable(f"{self.corpus}: no index") from error
        if self._view is None or self._view.target != target:
            version = self.root / target / VERSION_FILE
            if not version.exists() or version.read_text() != VERSION:
                raise IndexUnavailable(f"{self.corpus}: an index of another version")
        return target

    def _opened(self, target: str) -> _View:
        view = self._view
        if view is not None and view.target == target:
            folder = view.folder
            if view.generation == folder.latest_generation():
                return view
        else:
            folder = index.FileIndex(FileStorage(str(self.root / target)))
        # Never whoosh's own refresh: it shares segment readers between generations.
        reader = folder.reader()
        leaves = [self._leaf(leaf) for leaf, _ in reader.leaf_readers()] if reader.doc_count_all() else []
        kept = {id(leaf.lengths) for leaf in leaves}
        self._lengths = {name: one for name, one in self._lengths.items() if id(one) in kept}
        if view is not None:
            view.reader.close()
        self._view = _View(target, folder, reader, leaves)
        return self._view

    def _leaf(self, reader: Any) -> _Leaf:
        name = reader.segment().segment_id()
        if name not in self._lengths:
            load = (
                list(reader.column_reader(field, translate=False)) for field in ("number", "title_terms", "body_terms")
            )
            ids, title, body = load
            self._lengths[name] = _Lengths(array("q", ids), array("l", title), array("l", body))
        lengths = self._lengths[name]
        live = set(reader.all_doc_ids()) if reader.has_deletions() else None
        deleted = frozenset() if live is None else frozenset(range(len(lengths.ids))) - live
        entries = reader.column_reader("entry", translate=False)
        return _Leaf(reader, entries, lengths, frozenset(deleted))

    def _mark_damage(self, error: Exception) -> None:
        log.error("search_index_damaged", corpus=self.corpus, exc_info=error)
        self._view = None
        with contextlib.suppress(OSError):
            (self.root / self.link.readlink() / DAMAGE_MARK).touch()

    # --- writing

    def update(self, read: Callable[[], Change], *, is_erasure: bool = False) -> None:
        with self._writing() as folder:
            change = read()
            _write(folder, change, is_compacted=is_erasure or bool(change.gone))

    def compact(self) -> None:
        with self._writing() as folder:
            _write(folder, Change(), is_compacted=True)

    def rebuild(self, batches: Iterable[Sequence[Entry]]) -> int:
        with self._locked():
            folder = self.root / f"{self.corpus}.{secrets.token_hex(4)}"
            folder.mkdir(mode=0o700)
            count = _fill(folder, batches)
            (folder / VERSION_FILE).write_text(VERSION)
            new_link = self.root / f"{self.corpus}.link"
            new_link.unlink(missing_ok=True)
            new_link.symlink_to(folder.name)
            new_link.replace(self.link)
            self._remove_others(folder)
        return count

    @contextmanager
    def _writing(self) -> Iterator[Path]:
        with self._locked():
            if self.state() is not IndexState.READY:
                raise IndexUnavailable(f"{self.corpus}: nothing to write to")
            yield self.root / self.link.readlink()

    @contextmanager
    def _locked(self) -> Iterator[None]:
        """One writer at a time, whatever the process; the lock goes with the process that held it."""
        self.root.mkdir(mode=0o700, parents=True, exist_ok=True)
        with (self.root / f"{self.corpus}.lock").open("a") as file:
            end = time.monotonic() + LOCK_SECONDS
            while not _try_lock(file.fileno()):
                if time.monotonic() > end:
                    raise IndexBusy(self.corpus)
                time.sleep(LOCK_STEP_SECONDS)
            yield

    def _remove_others(self, kept: Path) -> None:
        """Delete the former index, and what a killed rebuild has left. Who reads it keeps it open to the end."""
        for folder in self.root.glob(f"{self.corpus}.*"):
            if folder.is_dir() and not folder.is_symlink() and folder != kept:
                shutil.rmtree(folder, ignore_errors=True)


def _try_lock(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _write(folder: Path, change: Change, *, is_compacted: bool) -> None:
    writer = index.open_dir(str(folder)).writer(timeout=LOCK_SECONDS, limitmb=MEMORY_MB)
    try:
        for number in change.gone:
            writer.delete_by_term("id", str(number))
        for entry in change.entries:
            writer.update_document(**_document(entry))
        writer.commit(optimize=is_compacted)
    except BaseException:
        writer.cancel()
        raise


def _fill(folder: Path, batches: Iterable[Sequence[Entry]]) -> int:
    count = 0
    writer = index.create_in(str(folder), SCHEMA).writer(limitmb=MEMORY_MB)
    try:
        for batch in batches:
            for entry in batch:
                writer.add_document(**_document(entry))
            count += len(batch)
        writer.commit()
    except BaseException:
        writer.cancel()
        raise
    return count


def _document(entry: Entry) -> dict[str, Any]:
    title, body = entry.title.split(), entry.body.split()
    facets = json.dumps({name: list(values) for name, values in entry.facets.items()})
    return {
        "id": str(entry.id),
        "number": entry.id,
        "title_terms": entry.title_terms,
        "body_terms": entry.body_terms,
        "entry": "\n".join(
            (str(entry.id), str(entry.stamp), str(entry.on.toordinal()), facets, entry.title, entry.body)
        ).encode(),
        # Whoosh takes no empty field.
        **({TITLE: title} if title else {}),
        **({BODY: body} if body else {}),
    }


def _entry(stored: bytes) -> Entry:
    number, stamp, ordinal, facets, title, body = stored.decode().split("\n")
    return Entry(
        id=int(number),
        stamp=int(stamp),
        on=date.fromordinal(int(ordinal)),
        title=title,
        body=body,
        title_terms=packed_count(title),
        body_terms=packed_count(body),
        facets=_facets(facets),
    )


@lru_cache(maxsize=4_096)
def _facets(text: str) -> Mapping[str, tuple[str, ...]]:
    """Few are different; none is ever changed."""
    return {name: tuple(values) for name, values in json.loads(text).items()}


# --- the query


def _best(view: _View, lookup: Lookup) -> list[tuple[float, int, int, int]]:
    """Score, identifier, segment and number of the best documents, best first."""
    scores = _scores(view, lookup.weights)
    if lookup.within is not None or lookup.required or lookup.forbidden:
        is_in = _filter(view, lookup)
        scores = [{n: score for n, score in some.items() if is_in(at, n)} for at, some in enumerate(scores)]
    every = sorted((score for some in scores for score in some.values()), reverse=True)
    least = every[lookup.limit - 1] if len(every) > lookup.limit else 0.0
    found = [
        (-score, view.leaves[at].lengths.ids[number], at, number)
        for at, some in enumerate(scores)
        for number, score in some.items()
        if score >= least
    ]
    return sorted(found)[: lookup.limit]


def _scores(view: _View, weights: Any) -> list[dict[int, float]]:
    """The BM25F of every document that holds a term, by segment; the rarest terms first, until time is over."""
    end = time.monotonic() + QUERY_SECONDS
    scores: list[dict[int, float]] = [{} for _ in view.leaves]
    for term in sorted(weights, key=lambda term: view.term(term).frequency):
        if time.monotonic() > end:
            log.warning("search_cut_short", corpus=view.target)
            break
        known = view.term(term)
        weight = weights[term] * view.stats({}).rarity(known.frequency)
        for some, counted in zip(scores, known.counted, strict=True):
            for number, count in counted:
                some[number] = some.get(number, 0.0) + weight * count
    return scores


def _counted(title: Postings, body: Postings, norms: tuple[list[float], list[float]]) -> Postings:
    """What a term counts in each document: its weighted frequencies in both fields added, then saturated once."""
    title_norms, body_norms = norms
    frequencies = {number: count * title_norms[number] for number, count in title}
    for number, count in body:
        frequencies[number] = frequencies.get(number, 0.0) + count * body_norms[number]
    return [(number, saturated(frequency)) for number, frequency in frequencies.items()]


def _filter(view: _View, lookup: Lookup) -> Callable[[int, int], bool]:
    """Whether a document may be a candidate, by segment and number."""
    places = range(len(view.leaves))
    required = [[_numbers(view, at, term) for term in lookup.required] for at in places]
    forbidden = [[_numbers(view, at, term) for term in lookup.forbidden] for at in places]
    within = None if lookup.within is None else frozenset(lookup.within)

    def is_in(at: int, number: int) -> bool:
        if within is not None and view.leaves[at].lengths.ids[number] not in within:
            return False
        return all(number in some for some in required[at]) and not any(number in some for some in forbidden[at])

    return is_in


def _numbers(view: _View, at: int, term: str) -> set[int]:
    return {number for number, _ in view.term(term).counted[at]}


def _postings(leaf: _Leaf, field: str, term: str) -> Postings:
    """The documents that hold *term* in *field*, with the number of times.

    Read block by block: whoosh keeps the numbers and counts of a block in two arrays, and asking for them one
    by one takes ten times longer.
    """
    try:
        matcher = leaf.reader.postings(field, term)
    except TermNotFound:
        return []
    matcher = getattr(matcher, "child", matcher)  # without whoosh's filter of the deleted: ours is below
    found: Postings = []
    if isinstance(matcher, W3LeafMatcher):
        while matcher.is_active():
            matcher.id(), matcher.weight()  # reads the block
            found += zip(matcher._ids, matcher._weights, strict=True)  # noqa: SLF001
            matcher._next_block()  # noqa: SLF001
    else:
        while matcher.is_active():
            found.append((matcher.id(), matcher.weight()))
            matcher.next()
    if leaf.deleted:
        return [one for one in found if one[0] not in leaf.deleted]
    return found
