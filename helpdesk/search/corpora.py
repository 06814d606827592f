"""What can be searched: each feature declares its corpus in its ``search`` module; :func:`load` imports those."""

import importlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import sqlalchemy as sa

from helpdesk.accounts.models import Person
from helpdesk.search.analysis import terms
from helpdesk.search.ranking import Entry, packed

FEATURES: tuple[str, ...] = ("helpdesk.kb.search", "helpdesk.tickets.search")
"""Modules that declare a corpus."""
TOPIC_MARK = "#"
"""Before the code of a topic, kept among the terms of an entry."""


@dataclass(frozen=True)
class Filters:
    """What a person narrows the results to; nothing is no filter. Days are included."""

    topics: tuple[str, ...] = ()
    typologies: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    from_on: date | None = None
    until_on: date | None = None


@dataclass(frozen=True)
class Document:
    """What is indexed and shown of one article or question.

    *stamp* is the version of the row: a hit of another stamp is read again, so that old words never show.
    *body* is plain text. *facets* may hold ``topic``, ``typology`` and ``kind``.
    """

    id: int
    stamp: int
    title: str
    body: str
    on: date
    facets: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True)
class Text:
    """What the entries close to it are kept for, while it is being worked on."""

    id: int
    title: str
    body: str


@dataclass(frozen=True)
class Corpus:
    """How a feature is searched.

    ``documents``: those of the identifiers that are to be in the index now; what is left out is deleted from it.
    ``ids``: identifiers to index, ascending, after the first argument, as many as the second.
    ``visible``: identifier and stamp of what the person may find, with the filters; None is a public visitor.
    ``plain``: the same without an index, for the folded words given: identifier and stamp, as many as the last
    argument, under the rights of the person.
    ``open_texts``: those of its texts that a page shows beside what is close to them; the identifiers narrow.
    ``is_watched``: a change to an entry renews what is close to open texts within minutes, not the next day.
    """

    name: str
    documents: Callable[[Sequence[int]], list[Document]]
    ids: Callable[[int, int], list[int]]
    visible: Callable[[Person | None, Filters], sa.Select[Any]]
    plain: Callable[[Person | None, str, int], sa.Select[Any]]
    open_texts: Callable[[Sequence[int] | None], list[Text]] | None = None
    is_watched: bool = False


CORPORA: dict[str, Corpus] = {}


def declare(corpus: Corpus) -> None:
    CORPORA[corpus.name] = corpus


def load() -> None:
    """Import every module that declares a corpus."""
    for module in FEATURES:
        importlib.import_module(module)


def get(name: str) -> Corpus:
    """:raises KeyError: if no feature has declared it."""
    if name not in CORPORA:
        load()
    return CORPORA[name]


def entry_of(document: Document) -> Entry:
    """What the index keeps of a document: its terms, and its topics as terms of their own."""
    title = terms(document.title)
    body = [*terms(document.body), *(TOPIC_MARK + code for code in document.facets.get("topic", ()))]
    return Entry(
        id=document.id,
        stamp=document.stamp,
        on=document.on,
        title=packed(title),
        body=packed(body),
        title_terms=len(title),
        body_terms=len(body),
        facets={name: tuple(values) for name, values in document.facets.items()},
    )
