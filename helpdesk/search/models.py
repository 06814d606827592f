"""What search keeps in the database: the shared engine's index, what is close to what, what was searched in vain.

The index tables are used by the PostgreSQL engine alone, and may be emptied at any time: ``flask search rebuild``
makes them anew from the articles and questions.
"""

from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from helpdesk.db import Base

CORPUS_CHARS = 20
# Compared byte by byte: the beginning of a word is then a range of the index, whatever the server's language.
BYTES_TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


class SearchIndex(Base):
    """One row for each corpus that has been indexed; its totals follow every change."""

    __tablename__ = "search_index"

    corpus: Mapped[str] = mapped_column(sa.String(CORPUS_CHARS), primary_key=True)
    analysis_version: Mapped[int]
    built_at: Mapped[datetime]
    entry_count: Mapped[int]
    title_terms: Mapped[int]
    """The number of terms of all titles together."""
    body_terms: Mapped[int]


class SearchEntry(Base):
    """The terms of an article or a question, in order."""

    __tablename__ = "search_entry"
    __table_args__ = (
        # Read without the texts: the lengths of thousands of entries for each query.
        sa.Index("ix_search_entry_lengths", "corpus", "entry_id", "title_terms", "body_terms"),
    )

    corpus: Mapped[str] = mapped_column(sa.String(CORPUS_CHARS), primary_key=True)
    entry_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    stamp: Mapped[int] = mapped_column(sa.BigInteger)
    on: Mapped[date]
    title: Mapped[str]
    body: Mapped[str]
    facets: Mapped[dict[str, Any]] = mapped_column(sa.JSON)
    title_terms: Mapped[int]
    body_terms: Mapped[int]


class SearchPosting(Base):
    """How often a term is in an entry. The counts are in the key: its index alone then answers a query."""

    __tablename__ = "search_posting"
    __table_args__ = (sa.Index("ix_search_posting_entry", "corpus", "entry_id"),)

    corpus: Mapped[str] = mapped_column(sa.String(CORPUS_CHARS), primary_key=True)
    term: Mapped[str] = mapped_column(BYTES_TEXT, primary_key=True)
    entry_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    title_count: Mapped[int] = mapped_column(sa.SmallInteger, primary_key=True, autoincrement=False)
    body_count: Mapped[int] = mapped_column(sa.SmallInteger, primary_key=True, autoincrement=False)


class SearchMiss(Base):
    """A query that found nothing, counted by day; without its words where they may name somebody."""

    __tablename__ = "search_miss"

    corpus: Mapped[str] = mapped_column(sa.String(CORPUS_CHARS), primary_key=True)
    searched_on: Mapped[date] = mapped_column(primary_key=True)
    query: Mapped[str] = mapped_column(sa.String(120), primary_key=True)
    """Small letters without accents; empty where the words are not kept."""
    count: Mapped[int]


class SearchNear(Base):
    """An entry that a text still being worked on is close to, whoever may see it."""

    __tablename__ = "search_near"

    corpus: Mapped[str] = mapped_column(sa.String(CORPUS_CHARS), primary_key=True)
    entry_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    near_corpus: Mapped[str] = mapped_column(sa.String(CORPUS_CHARS), primary_key=True)
    rank: Mapped[int] = mapped_column(sa.SmallInteger, primary_key=True, autoincrement=False)
    near_id: Mapped[int]


class SearchNearMade(Base):
    """That those were looked for, even in vain, and for which words and which index."""

    __tablename__ = "search_near_made"

    corpus: Mapped[str] = mapped_column(sa.String(CORPUS_CHARS), primary_key=True)
    entry_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    near_corpus: Mapped[str] = mapped_column(sa.String(CORPUS_CHARS), primary_key=True)
    fingerprint: Mapped[str] = mapped_column(sa.String(32))
