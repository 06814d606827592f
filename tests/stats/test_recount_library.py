"""What the report says of the knowledge base, counted by hand on a few entries and counters."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from time_machine import TimeMachineFixture

from helpdesk.accounts.models import Person
from helpdesk.db import db
from helpdesk.kb.enums import ArticleKind, Visibility
from helpdesk.kb.models import Article, ReadingCount, Suggestion
from helpdesk.kb.operations import keeping, publishing, writing
from helpdesk.kb.operations.anonymising import start_anonymising, submit
from helpdesk.kb.operations.words import Traits, Words
from helpdesk.search.models import SearchMiss
from helpdesk.search.queries import most_missed
from helpdesk.stats.perms import Selection
from helpdesk.stats.queries.report import annual_report
from helpdesk.stats.recount.library import Entry, Library, library
from helpdesk.stats.tables import Value
from tests.factories import kb
from tests.factories.accounts import PersonFactory
from tests.factories.juri_ptce import at
from tests.support.queries import count_queries

NOW = at("2027-06-30 12:00")
WORDS = Words(title="Peut-on prolonger une immersion ?", in_brief="Oui, une fois.", topics=(kb.TOPIC,))
TABLES = ("faq-fiches", "plus-lues", "recherches", "faq-estimation")


class Pole:
    """Two jurists, and the clock of Paris."""

    def __init__(self, time_machine: TimeMachineFixture) -> None:
        self.time_machine = time_machine
        self.author: Person = PersonFactory(jurist=True)
        self.second: Person = PersonFactory(jurist=True)

    def on(self, moment: str) -> None:
        self.time_machine.move_to(at(moment), tick=False)

    def publishes(self, moment: str, article: Article | None = None, **traits: Any) -> Article:
        """A new entry, or new words of *article*."""
        self.on(moment)
        words = replace(WORDS, change_note="Délai revu.") if article else WORDS
        version = writing.revise(self.author, article) if article else None
        version = version or writing.create_article(self.author, words, Traits(**traits))
        writing.save_version(self.author, version, words)
        start_anonymising(self.author, version)
        submit(self.author, version)
        publishing.approve(self.second, version)
        return version.article


@pytest.fixture
def pole(app: Flask, time_machine: TimeMachineFixture) -> Pole:
    return Pole(time_machine)


def counted(year: int, now: datetime = NOW) -> dict[tuple[str, str, str], Value]:
    """Both counts of what is not nothing, which are the same."""
    ends_on = min(date(year, 12, 31), now.date())
    recounted = library(now).figures(date(year, 1, 1), ends_on)
    tables = annual_report(Selection(), year, now).tables
    told = {(key, *cell): value for key in TABLES for cell, value in tables[key].as_mapping().items()}
    del told["faq-estimation", "year", "closed"]
    assert told == recounted
    return {cell: value for cell, value in recounted.items() if value}


# --- entries


def test_an_entry_of_new_years_night_belongs_to_the_year_of_paris(pole: Pole) -> None:
    pole.publishes("2027-01-01 00:30")
    assert counted(2026) == {}
    assert counted(2027) == {("faq-fiches", "faq", "published"): 1}


def test_new_words_are_a_revision_in_their_own_year_and_count_an_entry_once(pole: Pole) -> None:
    entry = pole.publishes("2026-11-03 09:00", kind=ArticleKind.NOTE)
    pole.publishes("2026-12-31 23:30", entry)
    pole.publishes("2027-02-01 09:00", entry)
    publishing.withdraw(pole.author, entry, reason="Le décret a changé.")
    pole.publishes("2027-03-01 09:00", entry)
    for day in ("2027-04-01 09:00", "2027-05-03 09:00"):
        pole.on(day)
        keeping.confirm(pole.author, entry)
    assert counted(2026) == {("faq-fiches", "note", "published"): 1, ("faq-fiches", "note", "revised"): 1}
    assert counted(2027) == {("faq-fiches", "note", "revised"): 1, ("faq-fiches", "note", "confirmed"): 1}
    assert counted(2027, at("2027-01-31 12:00")) == {}


def test_an_entry_for_the_staff_alone_is_not_counted_whenever_it_became_so(pole: Pole) -> None:
    draft = writing.create_article(pole.author, WORDS)
    publishing.change_visibility(pole.author, draft.article, Visibility.INTERNAL)
    writing.save_version(pole.author, draft, WORDS, Traits(visibility=Visibility.MEMBERS))
    start_anonymising(pole.author, draft)
    submit(pole.author, draft)
    pole.on("2027-02-01 09:00")
    publishing.approve(pole.second, draft)
    hidden = pole.publishes("2027-02-02 09:00")
    publishing.change_visibility(pole.author, hidden, Visibility.INTERNAL)
    pole.publishes("2027-02-03 09:00", visibility=Visibility.INTERNAL)
    assert counted(2027) == {("faq-fiches", "faq", "published"): 1}
    publishing.change_visibility(pole.author, hidden, Visibility.PUBLIC)
    assert counted(2027) == {("faq-fiches", "faq", "published"): 2}


# --- counters, which have no history


def test_readings_are_those_of_the_days_of_the_year_and_of_entries_still_to_be_read(pole: Pole) -> None:
    entry, gone, hidden = (pole.publishes("2026-01-05 09:00") for _ in range(3))
    publishing.withdraw(pole.author, gone, reason="Le décret a changé.")
    publishing.change_visibility(pole.author, hidden, Visibility.INTERNAL)
    days = {date(2026, 12, 31): 40, date(2027, 1, 1): 3, date(2027, 6, 30): 4, date(2027, 7, 1): 50}
    db.session.add_all(
        ReadingCount(article_id=one.id, on=on, count=times)
        for one in (entry, gone, hidden)
        for on, times in days.items()
    )
    db.session.commit()
    assert counted(2027) == {("plus-lues", str(entry.id), "count"): 7}
    assert counted(2026)["plus-lues", str(entry.id), "count"] == 40


def test_the_ten_most_read_are_the_first_entries_among_equals() -> None:
    entries = [Entry(number, ArticleKind.FAQ, True, True, None, (), ()) for number in range(1, 13)]
    found = Library(entries, {(2027, one.id): 5 if one.id == 12 else 4 for one in entries}, {}, {})
    figures = found.figures(date(2027, 1, 1), date(2027, 6, 30))
    assert [row for table, row, _ in figures if table == "plus-lues"] == ["12", *map(str, range(1, 10))]


def missed(corpus: str, on: date, text: str, count: int) -> SearchMiss:
    return SearchMiss(corpus=corpus, searched_on=on, query=text, count=count)


def test_searches_made_five_times_are_told_and_no_others(app: Flask) -> None:
    db.session.add_all(
        [
            missed("articles", date(2027, 1, 1), "cddi", 2),
            missed("articles", date(2027, 6, 30), "cddi", 3),
            missed("articles", date(2027, 3, 3), "pass iae", 4),
            missed("articles", date(2026, 12, 31), "pass iae", 1),
            missed("articles", date(2027, 7, 1), "pass iae", 9),
            missed("articles", date(2027, 3, 3), "", 90),
            missed("tickets", date(2027, 3, 3), "portage", 9),
        ]
    )
    db.session.commit()
    assert counted(2027) == {("recherches", "cddi", "count"): 5}
    assert counted(2026) == {}


def test_the_first_searches_among_equals_are_those_of_the_alphabet(app: Flask) -> None:
    words = [f"pass {letter}" for letter in "zyxwvutsr"] + ["passage", "passb"]
    db.session.add_all(missed("articles", date(2027, 3, 3), text, 5) for text in words)
    db.session.commit()
    assert {text for _, text, _ in counted(2027)} == {*words} - {"passb"}


@pytest.mark.postgresql_only
def test_equal_searches_come_in_the_same_order_whatever_the_language_of_the_server(app: Flask) -> None:
    with count_queries() as statements:
        most_missed("articles", date(2027, 1, 1))
    assert 'COLLATE "C"' in statements[0]


def test_a_question_is_avoided_once_in_the_year_in_which_an_entry_was_first_shown(pole: Pole) -> None:
    first, second = pole.publishes("2025-01-06 09:00"), pole.publishes("2025-01-06 09:00")
    year = at("2026-12-31 23:50")

    def shown(asking: str, entry: Article, at_: datetime, *, solved: bool = False, sent: bool = False) -> Suggestion:
        later = at_ + timedelta(minutes=20)
        values = {"solved_at": later if solved else None, "sent_at": later if sent else None}
        version = kb.in_force(entry)
        return Suggestion(asking=asking, article_id=entry.id, version_id=version.id, shown_at=at_, **values)

    db.session.add_all(
        [
            # Begun before midnight, solved after it by another entry: of the year that it began in.
            shown("over midnight", first, year),
            shown("over midnight", second, year + timedelta(minutes=15), solved=True),
            shown("solved", first, year + timedelta(hours=1), solved=True),
            shown("solved", second, year + timedelta(hours=1), solved=True),
            shown("sent all the same", first, year + timedelta(hours=1), solved=True),
            shown("sent all the same", second, year + timedelta(hours=1), sent=True),
            shown("left", first, year + timedelta(hours=1)),
        ]
    )
    db.session.commit()
    assert counted(2026)["faq-estimation", "year", "avoided"] == 1
    assert counted(2027)["faq-estimation", "year", "avoided"] == 1
