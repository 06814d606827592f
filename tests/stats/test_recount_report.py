"""The annual report is counted again whole, and what is false in it is found."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
import time_machine
from flask import Flask

from helpdesk.accounts.models import Person
from helpdesk.db import db
from helpdesk.juri_ptce.enums import AppointmentStatus, Medium
from helpdesk.juri_ptce.models import JuriSession
from helpdesk.juri_ptce.operations import booking, calls, holding, sessions
from helpdesk.kb.enums import ArticleState
from helpdesk.kb.models import Article, ArticleVersion, ReadingCount, Suggestion
from helpdesk.kb.operations import keeping, publishing, writing
from helpdesk.kb.operations.anonymising import start_anonymising, submit
from helpdesk.kb.operations.words import Words
from helpdesk.reference import get_reference
from helpdesk.search.models import SearchMiss
from helpdesk.stats import check
from helpdesk.stats.annual import Report
from helpdesk.stats.check import Difference
from helpdesk.stats.histories import Lived
from helpdesk.stats.perms import Selection
from helpdesk.stats.queries.report import annual_report
from helpdesk.stats.recount.questions import Questions, typologies
from helpdesk.stats.tables import Column, Kind, Row, Table
from helpdesk.tickets import operations
from helpdesk.tickets.enums import Status, Verdict
from helpdesk.tickets.models import Ticket
from tests.factories import kb
from tests.factories.accounts import OrganisationFactory, PersonFactory
from tests.factories.juri_ptce import at, make_ptce, make_ptce_question
from tests.factories.tickets import ANSWER, make_asker, make_ticket
from tests.support.scenes import Keep

NOW = datetime(2027, 12, 30, 9, 0, tzinfo=UTC)
WHOLE = "Rapport 2027, toutes les questions"
IAE = "Insertion par l’activité économique"


@dataclass
class House:
    """A year in which every table of the report has something to tell."""

    asker: Person
    jurist: Person


def make_house() -> House:
    jurist, second = PersonFactory(jurist=True), PersonFactory(jurist=True)
    asker = make_asker(OrganisationFactory(national=True))
    with time_machine.travel(at("2027-01-12 09:00"), tick=False) as traveller:
        entry = publish(jurist, second)
        kept = publish(jurist, second)
        sessions.make_ahead()
        made = db.session.scalars(sa.select(JuriSession).order_by(JuriSession.starts_at).limit(3)).all()
        sessions.cancel_session(jurist, made[0])
        sessions.move_session(jurist, made[1], date(2027, 3, 9))
        traveller.move_to(at("2027-02-15 09:00"))
        version = writing.revise(jurist, entry)
        writing.save_version(jurist, version, replace(WORDS, change_note="Délai revu."))
        approve(jurist, second, version)
        keeping.confirm(jurist, kept)
        answered = answer(jurist, make_ticket(asker, status=Status.STUDY, jurist=jurist))
        operations.give_feedback(asker, answered, verdict=Verdict.NOT_APPLIED)
        operations.give_feedback(asker, answered, verdict=Verdict.USEFUL)
        solved = make_ticket(asker)
        operations.close_by_faq(asker, solved)
        operations.set_topic(jurist, call(jurist, made[1], traveller), "social/contrats")
        traveller.move_to(at("2027-04-01 09:00"))
        for _ in range(10):
            ticket = make_ptce_question(status=Status.STUDY, jurist=jurist)
            traveller.shift(timedelta(hours=7))
            answer(jurist, ticket)
        make_ticket(asker)
        read(entry, kept)
    return House(asker, jurist)


WORDS = Words(title="Peut-on prolonger une immersion ?", in_brief="Oui, une fois.", topics=(kb.TOPIC,))


def publish(jurist: Person, second: Person) -> Article:
    version = writing.create_article(jurist, WORDS)
    approve(jurist, second, version)
    return version.article


def approve(jurist: Person, second: Person, version: ArticleVersion) -> None:
    start_anonymising(jurist, version)
    submit(jurist, version)
    publishing.approve(second, version)


def answer(jurist: Person, ticket: Ticket) -> Ticket:
    operations.answer(jurist, ticket, ANSWER, seen_version=None)
    return ticket


def call(jurist: Person, session: JuriSession, traveller: Any) -> Ticket:
    """A question of a PTCE, answered after a call held on the day of the session."""
    ticket = make_ptce_question(make_ptce(), status=Status.STUDY, jurist=jurist)
    calls.offer_call(jurist, ticket, medium=Medium.VIDEO)
    appointment = booking.book(jurist, ticket, session.slots[1].id, medium=Medium.VIDEO).appointment
    assert appointment is not None
    traveller.move_to(session.starts_at + timedelta(hours=2))
    holding.hold(jurist, appointment, seen_version=appointment.version)
    return answer(jurist, ticket)


def read(*entries: Article) -> None:
    """Opened, searched for in vain, offered to somebody who sends nothing."""
    on = date(2027, 3, 3)
    db.session.add_all(
        ReadingCount(article_id=entry.id, on=on, count=times) for times, entry in enumerate(entries, start=3)
    )
    db.session.add(SearchMiss(corpus="articles", searched_on=on, query="cddi", count=6))
    version, at_noon = entries[0].versions[0], at("2027-03-03 12:00")
    known = {"article_id": entries[0].id, "version_id": version.id, "shown_at": at_noon}
    db.session.add(Suggestion(asking="a" * 64, **known, solved_at=at_noon + timedelta(minutes=4)))
    db.session.commit()


@pytest.fixture
def house(kept: Keep, app: Flask) -> Iterator[House]:
    found = kept(make_house)
    with time_machine.travel(NOW, tick=False):
        yield found


def report_differences() -> list[Difference]:
    lived: list[Lived] = []
    list(check.stored_differences(lived))
    return list(check.report_differences(Questions(lived, typologies()), NOW))


def test_every_table_of_a_full_year_is_counted_again(house: House) -> None:
    tables = annual_report(Selection(), 2027, NOW).tables
    told = {key: [value for _, _, value in table.cells() if value] for key, table in tables.items()}
    # Other tests urge, reopen and correct.
    assert {key for key, values in told.items() if not values} <= {"urgences", "reprises"}
    assert (told["faq-fiches"], told["faq-estimation"]) == ([2, 1, 1], [1, 1])
    assert (told["plus-lues"], told["recherches"], told["avis"]) == ([4, 3], [6], [1])
    # February is cancelled; that of August waits for a decision that nobody took.
    assert (told["juri"], told["juri-seances"], told["juri-reponses"]) == ([11, 11, 11], [9, 1], [10, 1])
    assert report_differences() == []


FALSE: list[tuple[str, str, dict[str, Any], set[str]]] = [
    (
        "a verdict",
        "feedback",
        {"verdict": Verdict.CHANGED},
        {f"Ce que disent les avis, {verdict.label}, 2027" for verdict in (Verdict.USEFUL, Verdict.CHANGED)},
    ),
    (
        "the day of a version",
        "article_version",
        {"published_at": datetime(2026, 12, 31, tzinfo=UTC)},
        {"Fiches publiées et révisées, Question fréquente, Révisées"},
    ),
    (
        "the day of an entry",
        "article",
        {"first_published_at": datetime(2026, 12, 31, 22, 0, tzinfo=UTC)},
        {
            "Fiches publiées et révisées, Question fréquente, Publiées",
            "Fiches publiées et révisées, Question fréquente, Révisées",
        },
    ),
    (
        "the state of an entry",
        "article",
        {"state": ArticleState.UNPUBLISHED},
        {"Les fiches les plus lues, 1, Lectures", "Les fiches les plus lues, 2, Lectures"},
    ),
    (
        "the status of a session",
        "juri_session",
        {"status": "cancelled", "cancelled_at": datetime(2027, 1, 1, tzinfo=UTC)},
        {"Séances, 2027, Séances tenues", "Séances, 2027, Séances annulées"},
    ),
    (
        "the day of a session",
        "juri_session",
        {"starts_at": datetime(2027, 12, 31, tzinfo=UTC), "ends_at": datetime(2027, 12, 31, 1, tzinfo=UTC)},
        {"Séances, 2027, Séances tenues", "Séances, 2027, Séances annulées"},
    ),
    (
        "the status of a call",
        "juri_appointment",
        {"status": AppointmentStatus.ABSENT},
        {
            "Comment les réponses ont été données, Par écrit, Nombre",
            "Comment les réponses ont été données, En visioconférence, Nombre",
        },
    ),
    (
        "the seconds of an answer",
        "response_clock",
        {"pole_seconds": 5},
        {"Délai de réponse aux PTCE, 2027, Délai brut moyen", "Délai de réponse aux PTCE, 2027, Délai brut médian"},
    ),
    (
        "the topic of a question",
        "ticket",
        {"topic": "iae/exclusivite"},
        {f"Questions des PTCE par thème, {label}, Nombre" for label in ("Salariés et contrats de travail", IAE)},
    ),
    (
        "the day of a question",
        "ticket",
        {"received_at": datetime(2026, 12, 31, tzinfo=UTC)},
        {"PTCE et questions, 2027, Questions reçues"},
    ),
]


@pytest.mark.parametrize(("table", "values", "found"), [one[1:] for one in FALSE], ids=[one[0] for one in FALSE])
@pytest.mark.sqlite_only
def test_a_falsified_value_shows_in_its_table(
    house: House, table: str, values: Mapping[str, Any], found: set[str]
) -> None:
    db.session.execute(sa.update(db.metadata.tables[table]).values(**values))
    db.session.commit()
    db.session.expire_all()
    assert found <= {one.what for one in report_differences() if one.where == WHOLE}


def test_an_opinion_is_told_with_the_year_of_its_question(app: Flask) -> None:
    asker, jurist = make_asker(OrganisationFactory(national=True)), PersonFactory(jurist=True)
    with time_machine.travel(at("2026-12-31 09:00"), tick=False) as traveller:
        ticket = make_ticket(asker, status=Status.STUDY, jurist=jurist)
        traveller.move_to(at("2026-12-31 23:59"))
        answer(jurist, ticket)
        traveller.move_to(at("2027-01-01 00:30"))
        operations.give_feedback(asker, ticket, verdict=Verdict.USEFUL)
        operations.correct(jurist, ticket, ANSWER, reason="Une date.", seen_version=None)
        traveller.shift(timedelta(days=1))
        operations.give_feedback(asker, ticket, verdict=Verdict.CHANGED)
    rows = annual_report(Selection(), 2026, NOW).tables["satisfaction"].rows
    assert {row.key: row.values for row in rows} == {"year": (1, 1)}
    opinions = [annual_report(Selection(), year, NOW).tables["avis"].as_mapping() for year in (2026, 2027)]
    assert [{verdict for (verdict, _), count in of.items() if count} for of in opinions] == [{"changed"}, set()]
    assert report_differences() == []


def test_the_ten_topics_most_asked_for_are_the_same_by_both_counts(app: Flask) -> None:
    asker, codes = make_asker(), sorted(get_reference().topics)[:12]
    with time_machine.travel(at("2027-03-03 09:00"), tick=False):
        for code in (*codes, codes[-1]):
            make_ticket(asker, topic=code)
    rows = annual_report(Selection(), 2027, NOW).tables["sujets"].rows
    assert [row.values[0] for row in rows] == [2] + [1] * 9
    assert rows[0].key == codes[-1]
    assert report_differences() == []


def one_more(report: Report) -> Mapping[str, Table]:
    row = (Row("r", "Ligne", (None,)),)
    return {**report.tables, "neuf": Table("neuf", "Un tableau neuf", "", (Column("c", "C", Kind.COUNT),), row)}


def one_less(report: Report) -> Mapping[str, Table]:
    return {key: table for key, table in report.tables.items() if key != "juri-themes"}


def more_rows(report: Report) -> Mapping[str, Table]:
    avis = report.tables["avis"]
    row = Row("neuf", "Un avis neuf", (None,) * len(avis.columns))
    return {**report.tables, "avis": replace(avis, rows=(*avis.rows, row))}


def fewer_rows(report: Report) -> Mapping[str, Table]:
    rows = report.tables["par-mois"].rows
    return {**report.tables, "par-mois": replace(report.tables["par-mois"], rows=rows[1:])}


def twice_a_row(report: Report) -> Mapping[str, Table]:
    rows = report.tables["avis"].rows
    return {**report.tables, "avis": replace(report.tables["avis"], rows=(*rows, rows[0]))}


def more_columns(report: Report) -> Mapping[str, Table]:
    table = report.tables["delais"]
    rows = tuple(replace(row, values=(*row.values, None)) for row in table.rows)
    columns = (*table.columns, Column("neuf", "Une colonne neuve", Kind.DAYS))
    return {**report.tables, "delais": replace(table, columns=columns, rows=rows)}


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (one_more, "Un tableau neuf : un tableau enregistré, rien recalculé."),
        (one_less, "juri-themes : rien enregistré, un tableau recalculé."),
        (more_rows, "Ce que disent les avis, Un avis neuf, 2027 : rien enregistré, aucune case recalculé."),
        (fewer_rows, "Par mois de réception, 01, Reçues : aucune case enregistré, 0 recalculé."),
        (twice_a_row, "Ce que disent les avis : deux fois la même ligne enregistré, une seule recalculé."),
        (more_columns, "Délai brut, 2027, Une colonne neuve : rien enregistré, aucune case recalculé."),
    ],
)
@pytest.mark.sqlite_only
def test_what_the_recount_does_not_know_is_a_difference(
    app: Flask, monkeypatch: pytest.MonkeyPatch, change: Callable[[Report], Mapping[str, Table]], words: str
) -> None:
    def wrong(*args: Any) -> Report:
        report = annual_report(*args)
        return replace(report, tables=change(report))

    assert report_differences() == []
    monkeypatch.setattr(check, "annual_report", wrong)
    assert f"{WHOLE}, {words}" in [str(one) for one in report_differences()]
