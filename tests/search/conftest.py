"""A shelf of pages to search: a table of its own, thrown away with the test."""

from collections.abc import Iterator, Sequence
from datetime import date

import pytest
import sqlalchemy as sa
from flask import Flask

from helpdesk.accounts.text import fold
from helpdesk.db import db, transaction
from helpdesk.jobs import drain
from helpdesk.search import corpora, operations
from helpdesk.search.corpora import Corpus, Document, Filters

PAGES = sa.Table(
    "test_page",
    sa.MetaData(),
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("stamp", sa.Integer, nullable=False),
    sa.Column("title", sa.Text, nullable=False),
    sa.Column("body", sa.Text, nullable=False),
    sa.Column("folded", sa.Text, nullable=False),
    sa.Column("on", sa.Date, nullable=False),
    sa.Column("topic", sa.Text, nullable=False),
    sa.Column("reader", sa.Text, nullable=False),
)
NAME = "pages"
ON = date(2026, 11, 1)
EVERYBODY, NOBODY = "*", "-"


class Shelf:
    """Pages of a test: what is put, changed or hidden is committed, and indexed when :meth:`work` is called."""

    def put(self, title: str, body: str = "", *, topic: str = "", on: date = ON, reader: str = EVERYBODY) -> int:
        row = {"title": title, "body": body, "topic": topic, "on": on, "reader": reader}
        with transaction():
            done = db.session.execute(sa.insert(PAGES).values(stamp=1, folded=fold(f"{title} {body}"), **row))
            number: int = done.inserted_primary_key[0]
            operations.request_index(NAME, [number])
        return number

    def change(self, number: int, *, is_erasure: bool = False, **values: object) -> None:
        changed = dict(values)
        if "body" in values or "title" in values:
            changed["folded"] = fold(f"{values.get('title', '')} {values.get('body', '')}")
        with transaction():
            update = sa.update(PAGES).where(PAGES.c.id == number)
            db.session.execute(update.values(stamp=PAGES.c.stamp + 1, **changed))
            operations.request_index(NAME, [number], is_erasure=is_erasure)

    def hide(self, number: int) -> None:
        self.change(number, reader=NOBODY)

    def remove(self, number: int) -> None:
        with transaction():
            db.session.execute(sa.delete(PAGES).where(PAGES.c.id == number))
            operations.request_index(NAME, [number])

    def work(self) -> None:
        db.session.commit()
        drain()


def corpus() -> Corpus:
    def documents(ids: Sequence[int]) -> list[Document]:
        rows = db.session.execute(sa.select(PAGES).where(PAGES.c.id.in_(ids), PAGES.c.reader != NOBODY))
        return [Document(r.id, r.stamp, r.title, r.body, r.on, {"topic": (r.topic,)} if r.topic else {}) for r in rows]

    def ids(after: int, limit: int) -> list[int]:
        statement = sa.select(PAGES.c.id).where(PAGES.c.id > after, PAGES.c.reader != NOBODY)
        return list(db.session.scalars(statement.order_by(PAGES.c.id).limit(limit)))

    def visible(person: object, filters: Filters) -> "sa.Select[tuple[int, int]]":
        readers = {EVERYBODY, str(person)} if person else {EVERYBODY}
        statement = sa.select(PAGES.c.id, PAGES.c.stamp).where(PAGES.c.reader.in_(readers))
        if filters.topics:
            statement = statement.where(PAGES.c.topic.in_(filters.topics))
        if filters.from_on:
            statement = statement.where(PAGES.c.on >= filters.from_on)
        return statement

    def plain(person: object, words: str, limit: int) -> "sa.Select[tuple[int, int]]":
        matches = [PAGES.c.folded.contains(word, autoescape=True) for word in words.split()]
        return visible(person, Filters()).where(sa.and_(*matches)).order_by(PAGES.c.id).limit(limit)

    return Corpus(NAME, documents, ids, visible, plain)


@pytest.fixture
def declared(monkeypatch: pytest.MonkeyPatch) -> Corpus:
    """The corpus of the pages, the only one while the test runs."""
    one = corpus()
    monkeypatch.setattr(corpora, "FEATURES", ())
    monkeypatch.setattr(corpora, "CORPORA", {NAME: one})
    return one


@pytest.fixture
def shelf(app: Flask, declared: Corpus) -> Iterator[Shelf]:
    """An empty shelf with an empty index."""
    db.session.commit()
    with db.engine.begin() as connection:
        PAGES.create(connection, checkfirst=True)
        connection.execute(sa.delete(PAGES))
    operations.rebuild(NAME)
    yield Shelf()
    db.session.rollback()
    with db.engine.begin() as connection:
        PAGES.drop(connection)
