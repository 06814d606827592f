"""What an engine does: keep entries, and give the best candidates for some terms. Ranking is not its business."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from helpdesk.search.ranking import Entry, Stats

MAX_TERMS_LIKE = 20_000


class IndexState(StrEnum):
    READY = "ready"
    MISSING = "missing"
    OUTDATED = "outdated"
    DAMAGED = "damaged"

    @property
    def label(self) -> str:
        return {
            "ready": "à jour",
            "missing": "absent",
            "outdated": "d’une version précédente",
            "damaged": "abîmé",
        }[self.value]


class IndexUnavailable(Exception):
    """The index cannot be read now; a worker makes it anew, and SQL answers meanwhile."""


class IndexBusy(Exception):
    """Another process has been writing for too long."""


@dataclass(frozen=True)
class Lookup:
    """What candidates must be like.

    :param weights: terms, of which a candidate holds one at least.
    :param required: terms that it holds all of.
    :param forbidden: terms of which it holds none.
    :param within: the only identifiers that count; None is all.
    """

    weights: Mapping[str, float]
    limit: int
    required: frozenset[str] = frozenset()
    forbidden: frozenset[str] = frozenset()
    within: Collection[int] | None = None


@dataclass(frozen=True)
class Change:
    """Entries to put in, over what they replace, and identifiers to take out."""

    entries: Sequence[Entry] = ()
    gone: Collection[int] = ()


class Engine(Protocol):
    """The index of one corpus. Reading raises IndexUnavailable; only workers and commands write."""

    def state(self) -> IndexState:
        """Whether the index can be read, without reading it all."""

    def candidates(self, lookup: Lookup) -> list[Entry]:
        """The entries with the best BM25F, best first, in a bounded time."""

    def stats(self, terms: Collection[str]) -> Stats:
        """Counts over all entries, and how many hold each of *terms*."""

    def frequencies(self, terms: Collection[str]) -> dict[str, int]:
        """About how many entries hold each of *terms*, which may be hundreds: for choosing among them."""

    def terms_like(self, prefix: str) -> list[str]:
        """Terms that begin with *prefix*, 20,000 at most."""

    def stamps(self) -> dict[int, int]:
        """The stamp of every entry, by identifier."""

    def update(self, read: Callable[[], Change], *, is_erasure: bool = False) -> None:
        """Make the change that *read* returns, all or nothing; *read* is called under the lock, so that the last
        writer has read last. What was deleted does not stay behind when an entry has gone, or for an erasure.

        :raises IndexUnavailable: when there is no index to change: it is to be rebuilt.
        :raises IndexBusy: when another process keeps the lock.
        """

    def rebuild(self, batches: Iterable[Sequence[Entry]]) -> int:
        """Make the index anew beside the one that is read, then take its place; return the number of entries."""

    def compact(self) -> None:
        """Let go of what has been replaced since the last time."""
