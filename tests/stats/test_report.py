"""The annual report: what it counts, what it compares, what it says, what it never tells."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from time_machine import TimeMachineFixture

from helpdesk import clock
from helpdesk.accounts.models import Person
from helpdesk.db import db
from helpdesk.kb.enums import Stage, Visibility
from helpdesk.kb.models import ReadingCount
from helpdesk.search.models import SearchMiss
from helpdesk.stats.annual import Report
from helpdesk.stats.perms import Selection
from helpdesk.stats.queries.report import annual_report, report_years
from helpdesk.stats.tables import Column, Kind, Row, Table, Untold, Value
from helpdesk.stats.telling import BEFORE, YEAR, told_together
from helpdesk.tickets import operations
from helpdesk.tickets.enums import Status, Verdict
from helpdesk.tickets.models import Ticket
from tests.factories import kb
from tests.factories.accounts import PersonFactory
from tests.factories.juri_ptce import make_ptce, make_ptce_question
from tests.factories.tickets import ANSWER, make_asker, make_ticket
from tests.support.queries import count_queries

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
WHOLE = Selection()


@pytest.fixture(autouse=True)
def _day(app: Flask, time_machine: TimeMachineFixture) -> None:
    time_machine.move_to(NOW, tick=False)


class Town:
    """Somebody who asks, a delegate and a jurist who answer, on the days they are told."""

    def __init__(self, time_machine: TimeMachineFixture) -> None:
        self.time_machine = time_machine
        self.asker: Person = make_asker()
        self.delegate: Person = PersonFactory(delegate=True, can_answer=True)
        self.jurist: Person = PersonFactory(jurist=True)

    def asked(self, on: str, **values: Any) -> Ticket:
        return self.at(on, lambda: make_ticket(self.asker, **values))

    def answered(self, on: str, days: float = 3, **values: Any) -> Ticket:
        ticket = self.asked(on, **values)
        self.at(on, lambda: operations.answer(self.delegate, ticket, ANSWER, seen_version=None), days)
        return ticket

    def at(self, on: str, act: Callable[[], Any], days: float = 0) -> Any:
        """Do it so many days after ten o’clock of that day."""
        self.time_machine.move_to(datetime.fromisoformat(f"{on}T09:00:00+00:00") + timedelta(days=days), tick=False)
        try:
            return act()
        finally:
            self.time_machine.move_to(NOW, tick=False)


@pytest.fixture
def town(time_machine: TimeMachineFixture) -> Town:
    return Town(time_machine)


def of(year: int, selection: Selection = WHOLE) -> Report:
    return annual_report(selection, year, clock.now())


def row(report: Report, key: str, name: str = YEAR) -> dict[str, Value]:
    """A line of an untouched table, by column."""
    table = report.tables[key]
    found = next(one for one in table.rows if one.key == name)
    return dict(zip((column.key for column in table.columns), found.values, strict=True))


def words(report: Report, key: str) -> str:
    """What a part says, with plain spaces."""
    sentences = next((section.sentences for section in report.sections if section.key == key), [])
    return " ".join(sentences).replace("\u00a0", " ").replace("\u202f", " ")


# --- what is counted


def test_a_year_counts_what_came_in_it_and_what_became_of_it(town: Town) -> None:
    for day in range(6, 16):
        town.answered(f"2026-01-{day:02d}", days=5)
    town.answered("2026-02-02", days=12)
    for end in ("withdraw", "faq", "scope", "double"):
        ticket = town.asked("2026-03-03")
        if end == "withdraw":
            town.at("2026-03-04", lambda one=ticket: operations.withdraw(town.asker, one))
        elif end == "faq":
            town.at("2026-03-04", lambda one=ticket: operations.close_by_faq(town.asker, one))
        elif end == "scope":
            town.at("2026-03-04", lambda one=ticket: operations.mark_out_of_scope(town.delegate, one, text="L’ADIL."))
        else:
            first = town.asked("2026-11-17")
            operations.mark_duplicate(town.delegate, ticket, first, text="La même.")
    report = of(2026)
    assert row(report, "annee") == {"received": 15, "structures": 1}
    assert {one.key: one.values for one in report.tables["devenir"].rows} == {
        "answered": (11,), "otherwise": (3,), "unanswered": (1,),
    }  # fmt: skip
    assert {one.key: one.values[0] for one in report.tables["fins"].rows} == {
        "faq": 1, "out_of_scope": 1, "withdrawn": 1,
    }  # fmt: skip
    delays = row(report, "delais")
    assert (delays["received"], delays["answered"], delays["median"], delays["ninth_decile"]) == (15, 11, 5, 5)
    assert delays["mean"] == pytest.approx((10 * 5 + 12) / 11)
    assert delays["within"] == pytest.approx(10 / 11)
    assert row(report, "attente") == {"median": None, "oldest": 3}
    assert [one.values[0] for one in report.tables["par-mois"].rows] == [10, 1, 3, 0, 0, 0, 0, 0, 0, 0, 1]


def test_the_outcomes_make_all_the_questions(town: Town) -> None:
    for status in (Status.TRIAGE, Status.POLE, Status.WAITING, Status.ANSWERED, Status.CLOSED):
        town.at("2026-10-05", lambda one=status: make_ticket(town.asker, status=one))
    reopened = town.answered("2026-10-06")
    town.at("2026-10-12", lambda: operations.add_message(town.asker, reopened, text="Et en Guyane ?"))
    report = of(2026)
    assert reopened.round == 2
    assert sum(one.values[0] for one in report.tables["devenir"].rows) == row(report, "annee")["received"] == 6


def test_an_urgent_question_is_answered_in_a_day_by_the_clock(town: Town) -> None:
    exact, too_late = town.asked("2026-05-04"), town.asked("2026-05-05")
    for ticket, days in ((exact, 1.0), (too_late, 1 + 1 / 86_400)):
        operations.set_urgency(town.delegate, ticket, 2, reason="Accident.")
        on = f"{ticket.received_at:%Y-%m-%d}"
        town.at(on, lambda one=ticket: operations.answer(town.delegate, one, ANSWER, seen_version=None), days)
    waiting = town.asked("2026-05-06")
    operations.set_urgency(town.delegate, waiting, 3, reason="Accident.")
    town.answered("2026-05-07", days=0.1)
    assert row(of(2026), "urgences") == {"received": 3, "answered": 2, "within_day": 1}


def test_reopened_corrected_and_rated_questions_are_counted_once(town: Town) -> None:
    ticket = town.answered("2026-06-01")
    town.at("2026-06-08", lambda: operations.add_message(town.asker, ticket, text="Et en Guyane ?"))
    town.at("2026-06-09", lambda: operations.answer(town.delegate, ticket, ANSWER, seen_version=None))
    for day in ("2026-06-10", "2026-06-11"):
        fix = replace(ANSWER, in_brief=f"Non, depuis le {day}.")
        town.at(day, lambda text=fix: operations.correct(
            town.jurist, ticket, text, reason="Le décret.", seen_version=None))  # fmt: skip
    town.answered("2026-06-02")
    for verdict in (Verdict.CHANGED, Verdict.USEFUL):
        operations.give_feedback(town.asker, ticket, verdict=verdict)
    report = of(2026)
    assert row(report, "reprises") == {"reopened": 1, "corrected": 1}
    assert row(report, "satisfaction") == {"answered": 2, "rated": 1}
    assert [one.values for one in report.tables["avis"].rows] == [(1,), (0,), (0,)]


def test_the_knowledge_base_counts_each_entry_that_members_may_read_once(town: Town) -> None:
    town.asked("2026-01-05")
    entry = town.at("2026-02-02", lambda: kb.published(title="Le PASS IAE"))
    for day in ("2026-03-03", "2026-04-03"):
        town.at(day, lambda: kb.add_version(entry, stage=Stage.SUPERSEDED))
    town.at("2026-02-02", lambda: kb.published(visibility=Visibility.INTERNAL))
    town.at("2025-02-02", kb.published)
    read = ((date(2026, 1, 1), 3), (date(2026, 12, 31), 4), (date(2025, 12, 31), 9))
    db.session.add_all(ReadingCount(article_id=entry.id, on=on, count=times) for on, times in read)
    searched = (("pass", 2026, 4), ("pass", 2025, 9), ("cddi", 2026, 6), ("", 2026, 50))
    db.session.add_all(
        SearchMiss(corpus="articles", searched_on=date(year, 5, 5), query=text, count=times)
        for text, year, times in searched
    )
    db.session.commit()
    report = of(2026)
    assert row(report, "faq-fiches", "faq") == {"published": 1, "revised": 1, "confirmed": 0}
    assert [(one.label, one.values) for one in report.tables["recherches"].rows] == [("cddi", (6,))]
    assert [(one.label, one.values) for one in report.tables["plus-lues"].rows] == [("Le PASS IAE", (3,))]


def test_the_lines_of_juri_ptce_are_those_of_its_own_page(town: Town) -> None:
    town.at("2026-03-03", lambda: make_ptce_question(asker=make_asker(make_ptce())))
    report = of(2026)
    assert row(report, "juri") == {"organisations": 1, "received": 1, "answered": 0}
    assert report.cell("juri", YEAR, "received") is Untold.FEW
    assert report.told["juri-regions"].rows == ()


# --- which year


def test_the_years_go_from_the_first_question_to_today(town: Town) -> None:
    assert list(report_years(clock.today())) == [2026]
    town.asked("2024-12-31")
    assert list(report_years(clock.today())) == [2024, 2025, 2026]


def test_a_question_of_new_years_eve_belongs_to_the_year_of_paris(town: Town) -> None:
    town.time_machine.move_to("2025-12-31T23:30:00+00:00", tick=False)
    make_ticket(town.asker)
    town.time_machine.move_to(NOW, tick=False)
    assert list(report_years(clock.today())) == [2026]
    assert row(of(2026), "annee")["received"] == 1


def test_a_year_to_come_has_no_report(app: Flask) -> None:
    with pytest.raises(ValueError, match="2027"):
        of(2027)


def test_the_present_year_is_compared_with_the_same_days_of_the_one_before(town: Town) -> None:
    for on in ("2025-01-06", "2025-11-20", "2025-11-21", "2025-12-30", "2026-02-02"):
        town.asked(on)
    report = of(2026)
    assert (report.until_on, report.is_whole_year) == (date(2026, 11, 20), False)
    assert row(report, "annee", BEFORE)["received"] == 2
    assert row(report, "par-canal", "portal")[BEFORE] == 2
    assert [one.label for one in report.tables["annee"].rows] == ["2026", "2025, mêmes jours"]


def test_a_year_that_is_over_is_compared_with_the_whole_one_before(town: Town) -> None:
    for on in ("2024-01-08", "2024-12-30", "2025-06-06"):
        town.asked(on)
    report = of(2025)
    assert report.is_whole_year
    assert row(report, "annee", BEFORE)["received"] == 2
    assert [one.values[:2] for one in report.tables["par-mois"].rows][::11] == [(0, 1), (0, 1)]


def test_nothing_is_compared_with_a_year_that_began_late(town: Town) -> None:
    for on in ("2025-02-03", "2026-02-02"):
        town.asked(on)
    assert [one.key for one in of(2026).tables["annee"].rows] == [YEAR]
    assert "before" not in [column.key for column in of(2026).tables["par-theme"].columns]


# --- whose questions


def test_a_delegation_has_its_own_questions_and_nothing_national(town: Town) -> None:
    town.answered("2026-03-02")
    other = Selection(frozenset({"normandie"}))
    report = of(2026, other)
    assert row(report, "annee") == {"received": 0, "structures": 0}
    assert words(report, "annee") == "Aucune sollicitation n’est arrivée en 2026, jusqu’au 20 novembre 2026."
    assert {"par-delegation", "faq-fiches", "plus-lues", "recherches", "juri"} & set(report.tables) == set()
    assert [column.key for column in report.tables["faq-estimation"].columns] == ["closed"]
    assert row(of(2026, Selection(frozenset({"bretagne"}))), "annee")["received"] == 1


def test_the_number_of_queries_does_not_depend_on_the_number_of_questions(town: Town) -> None:
    counts = []
    for asked in (1, 6):
        for _ in range(asked):
            town.answered("2026-03-02")
            town.answered("2025-01-06")
        with count_queries() as statements:
            of(2026)
        counts.append(len(statements))
    assert counts[0] == counts[1] <= 26


# --- what it says, and never tells


def table(key: str, columns: dict[str, Kind], rows: dict[str, tuple[Value, ...]], **values: Any) -> Table:
    heads = tuple(Column(name, name, kind) for name, kind in columns.items())
    return Table(key, key, "", heads, tuple(Row(name, name, cells) for name, cells in rows.items()), **values)


COUNTS = {"received": Kind.COUNT, "before": Kind.COUNT}


def told(*tables: Table) -> Report:
    return Report(2025, date(2025, 12, 31), {one.key: one for one in tables}, ())


def annee(received: int, before: int | None = None) -> Table:
    rows: dict[str, tuple[Value, ...]] = {YEAR: (received, 30)}
    if before is not None:
        rows[BEFORE] = (before, 30)
    return table("annee", {"received": Kind.COUNT, "structures": Kind.COUNT}, rows, is_split=False)


@pytest.mark.parametrize(
    ("received", "before", "expected"),
    [
        (112, 100, "C’est 12 % de plus qu’en 2024 : le service en avait alors reçu 100."),
        (88, 100, "C’est 12 % de moins qu’en 2024 : le service en avait alors reçu 100."),
        (100, 100, "C’est autant qu’en 2024 : le service en avait alors reçu 100."),
        (1001, 1000, "C’est presque autant qu’en 2024 : le service en avait alors reçu 1 000."),
        (200, 100, "C’est le double de 2024 : le service en avait alors reçu 100."),
        (244, 100, "C’est plus du double de 2024 : le service en avait alors reçu 100."),
        (120, 49, "En 2024, le service en avait reçu 49."),
        (120, 0, "En 2024, le service n’avait rien reçu."),
    ],
)
def test_a_change_is_said_in_words(received: int, before: int, expected: str) -> None:
    assert words(told(annee(received, before)), "annee").endswith(f"structures différentes. {expected}")


def test_a_change_of_a_year_that_is_not_over_is_said_of_the_same_days() -> None:
    report = Report(2025, date(2025, 6, 30), {"annee": annee(120, 100)}, ())
    assert "C’est 20 % de plus qu’aux mêmes jours de 2024 : le service" in words(report, "annee")
    report = Report(2025, date(2025, 6, 30), {"annee": annee(250, 100)}, ())
    assert "C’est plus du double des mêmes jours de 2024 : le service" in words(report, "annee")
    report = Report(2025, date(2025, 6, 30), {"annee": annee(120, 20)}, ())
    assert words(report, "annee").endswith(". En 2024, aux mêmes jours, le service en avait reçu 20.")


def test_the_themes_are_said_in_words_with_their_change_where_there_were_enough() -> None:
    rows: dict[str, tuple[Value, ...]] = {
        "social": (60, 50), "-": (40, 40), "fiscal": (30, 25), "iae": (20, 20), "public": (10, 0),
    }  # fmt: skip
    report = told(annee(200, 150), table("par-theme", COUNTS, rows))
    assert words(report, "themes") == (
        "Les trois thèmes les plus demandés sont « social » (60 questions, 30 % ; 20 % de plus qu’en 2024), « fiscal » "
        "(30 questions, 15 %) et « iae » (20 questions, 10 %)."
    )


FEW, BESIDE = Untold.FEW, Untold.BESIDE


def kept(report: Report, cells: dict[tuple[str, str, str], Value]) -> Report:
    """*report* where these cells are told thus, as they would be in a wider table."""
    tables = {
        key: replace(one, rows=tuple(
            replace(each, values=tuple(
                cells.get((key, each.key, column.key), value)
                for column, value in zip(one.columns, each.values, strict=True)
            )) for each in one.rows
        )) for key, one in report.tables.items()
    }  # fmt: skip
    report.__dict__["told"] = tables
    return report


@pytest.mark.parametrize(
    ("answered", "waiting", "expected"),
    [
        (40, 7, "40 questions ont leur réponse ; 7 autres attendent encore."),
        (40, FEW, "40 questions ont leur réponse ; moins de 5 autres attendent encore."),
        (40, BESIDE, "40 questions ont leur réponse."),
        (40, 0, "40 questions ont leur réponse ; aucune n’attend plus."),
        (FEW, 7, "Moins de 5 questions ont leur réponse ; 7 autres attendent encore."),
        (FEW, FEW, "Moins de 5 questions ont leur réponse ; moins de 5 autres attendent encore."),
        (FEW, BESIDE, "Moins de 5 questions ont leur réponse."),
        (BESIDE, 7, "7 questions attendent encore une réponse."),
        (BESIDE, FEW, "Moins de 5 questions attendent encore une réponse."),
        (BESIDE, 0, ""),
        (BESIDE, BESIDE, ""),
        (0, 12, "12 questions attendent encore une réponse."),
        (0, FEW, "Moins de 5 questions attendent encore une réponse."),
    ],
)
def test_what_became_of_the_questions_is_said_without_what_is_not_told(
    answered: Value, waiting: Value, expected: str
) -> None:
    ends = table("devenir", {YEAR: Kind.COUNT}, {"answered": (9,), "unanswered": (9,)})
    report = kept(
        told(annee(60), ends), {("devenir", "answered", YEAR): answered, ("devenir", "unanswered", YEAR): waiting}
    )
    assert (
        words(report, "annee") == f"60 sollicitations reçues en 2025, de 30 structures différentes. {expected}".strip()
    )
    delays = words(replace_part(report, "delais"), "delais")
    assert "non communiqué" not in delays
    if waiting is BESIDE:
        assert "Des questions de l’année attendent encore une réponse ; leur délai" in delays


def replace_part(report: Report, key: str) -> Report:
    """*report* with an empty table, so that the part that holds *key* is there."""
    one = table(key, {"answered": Kind.COUNT}, {})
    report.__dict__["told"] = {**report.told, key: one}
    report.__dict__.pop("sections", None)
    return report


@pytest.mark.parametrize(
    ("urgent", "quick", "expected"),
    [
        (12, 7, "12 questions étaient urgentes ; 7 ont eu leur réponse complète en 24 heures ou moins, soit 58 %."),
        (8, 6, "8 questions étaient urgentes ; 6 ont eu leur réponse complète en 24 heures ou moins."),
        (12, 0, "12 questions étaient urgentes ; aucune n’a eu de réponse complète en 24 heures ou moins."),
        (12, FEW, "12 questions étaient urgentes ; moins de 5 ont eu leur réponse complète en 24 heures ou moins."),
        (FEW, 0, "Moins de 5 questions étaient urgentes ; aucune n’a eu de réponse complète en 24 heures ou moins."),
        (FEW, FEW, "Moins de 5 questions étaient urgentes."),
        (0, 0, ""),
    ],
)
def test_urgent_questions_are_said_in_good_french(urgent: Value, quick: Value, expected: str) -> None:
    one = table("urgences", {"received": Kind.COUNT, "within_day": Kind.COUNT}, {YEAR: (9, 9)}, is_split=False)
    cells = {("urgences", YEAR, "received"): urgent, ("urgences", YEAR, "within_day"): quick}
    assert words(kept(told(one), cells), "qualite") == expected


@pytest.mark.parametrize(
    ("reopened", "corrected", "expected"),
    [
        (6, 5, "6 questions ont été rouvertes ; 5 réponses ont été corrigées."),
        (FEW, 0, "Moins de 5 questions ont été rouvertes ; aucune réponse n’a été corrigée."),
        (0, FEW, "Aucune question n’a été rouverte ; moins de 5 réponses ont été corrigées."),
        (0, 0, "Aucune question n’a été rouverte ; aucune réponse n’a été corrigée."),
    ],
)
def test_what_came_again_is_said_in_good_french(reopened: Value, corrected: Value, expected: str) -> None:
    one = table("reprises", {"reopened": Kind.COUNT, "corrected": Kind.COUNT}, {YEAR: (9, 9)}, is_split=False)
    cells = {("reprises", YEAR, "reopened"): reopened, ("reprises", YEAR, "corrected"): corrected}
    assert words(kept(told(one), cells), "qualite") == expected


BECAUSE, AVOIDED = "parce qu’une fiche y répondait", "20 évitées avant l’envoi"
SOONER = "avant l’envoi (estimation)"
HELPED = "moins de 5 PTCE ont été accompagnés"


@pytest.mark.parametrize(
    ("closed", "avoided", "expected"),
    [
        (6, 20, f"Résolues par la FAQ (estimation) : 26 questions, dont 6 closes {BECAUSE} et {AVOIDED}."),
        (FEW, 20, f"Moins de 5 questions ont été closes {BECAUSE} ; 20 questions ont été évitées {SOONER}."),
        (BESIDE, 20, f"20 questions ont été évitées {SOONER}."),
        (BESIDE, FEW, f"Moins de 5 questions ont été évitées {SOONER}."),
        (BESIDE, 0, ""),
        (FEW, None, f"Moins de 5 questions ont été closes {BECAUSE}."),
        (6, 0, f"6 questions ont été closes {BECAUSE}."),
        (0, None, f"Aucune question n’a été close {BECAUSE}."),
        (BESIDE, None, ""),
    ],
)  # fmt: skip
def test_what_the_entries_resolved_is_said_without_what_is_not_told(
    closed: Value, avoided: Value, expected: str
) -> None:
    columns = {"closed": Kind.COUNT, "avoided": Kind.COUNT}
    one = table("faq-estimation", columns, {YEAR: (9, 9)}, is_split=False)
    cells = {("faq-estimation", YEAR, "closed"): closed, ("faq-estimation", YEAR, "avoided"): avoided}
    assert words(kept(told(one), cells), "faq") == expected


@pytest.mark.parametrize(
    ("work", "expected"),
    [
        ((12, 3, 1), "12 fiches publiées, 3 révisées, 1 relue et confirmée."),
        ((1, 0, 0), "1 fiche publiée."),
        ((0, 2, 0), "2 fiches révisées."),
        ((0, 0, 0), "Aucune fiche n’a été publiée, révisée ni relue."),
    ],
)
def test_the_work_on_entries_leaves_out_what_was_not_done(work: tuple[int, ...], expected: str) -> None:
    kinds = dict.fromkeys(("published", "revised", "confirmed"), Kind.COUNT)
    assert words(told(table("faq-fiches", kinds, {"faq": work})), "faq") == expected


@pytest.mark.parametrize(
    ("held", "helped", "asked", "expected"),
    [
        (2, 6, 9, "2 séances ont été tenues ; 6 PTCE ont été accompagnés ; 9 questions sont arrivées."),
        (1, FEW, FEW, f"1 séance a été tenue ; {HELPED} ; moins de 5 questions sont arrivées."),
        (0, FEW, 0, f"Aucune séance n’a été tenue ; {HELPED} ; aucune question n’est arrivée."),
        (0, 0, 0, "Aucune séance n’a été tenue, aucune question de PTCE n’est arrivée."),
    ],
)  # fmt: skip
def test_the_permanence_is_said_in_good_french(held: int, helped: Value, asked: Value, expected: str) -> None:
    report = told(
        table("juri", {"organisations": Kind.COUNT, "received": Kind.COUNT}, {YEAR: (9, 9)}, is_split=False),
        table("juri-seances", {"held": Kind.COUNT}, {YEAR: (held,)}, is_split=False),
    )
    cells = {("juri", YEAR, "organisations"): helped, ("juri", YEAR, "received"): asked}
    assert words(kept(report, cells), "juri-ptce") == expected


def test_too_few_answers_give_no_delay() -> None:
    few = Untold.TOO_FEW_ANSWERS
    kinds = {
        "received": Kind.COUNT, "answered": Kind.COUNT, "mean": Kind.DAYS, "median": Kind.DAYS,
        "ninth_decile": Kind.DAYS, "within": Kind.SHARE,
    }  # fmt: skip
    report = told(table("delais", kinds, {YEAR: (12, 9, few, few, few, few)}, is_split=False))
    assert words(report, "delais") == "Moins de 10 réponses : ni moyenne, ni médiane, ni pourcentage."
    report = told(table("delais", kinds, {YEAR: (12, 10, 4.25, 4, 7, 0.9)}, is_split=False))
    assert words(report, "delais") == (
        "90 % des réponses sont parties dans l’objectif ; le service en vise 90 %. Le délai moyen est de 4,2 jours ; "
        "la moitié des réponses a demandé 4 jours ou moins, neuf sur dix 7 jours ou moins."
    )
    report = told(table("delais", kinds, {YEAR: (30, 29, 4.25, 4, 11, 26 / 29)}, is_split=False))
    assert words(report, "delais").startswith(
        "89 % des réponses sont parties dans l’objectif ; le service en vise 90 %."
    )


def told_outside(one: Table) -> Table:
    return told_together({one.key: one})[one.key]


def test_small_numbers_are_not_told_but_those_of_entries_and_sessions_are() -> None:
    one = {"count": Kind.COUNT}
    assert told_outside(table("reprises", one, {YEAR: (3,)}, is_split=False)).rows[0].values == (Untold.FEW,)
    assert told_outside(table("faq-fiches", one, {"note": (2,)})).rows[0].values == (2,)


def test_a_few_answers_are_not_told_among_the_outcomes() -> None:
    ends = table("devenir", {YEAR: Kind.COUNT}, {"answered": (3,), "otherwise": (8,), "unanswered": (40,)})
    assert told(ends).cell("devenir", "answered", YEAR) is Untold.FEW
    assert words(told(annee(51), ends), "annee").endswith(
        "Moins de 5 questions ont leur réponse ; 40 autres attendent encore."
    )


def test_small_regions_are_told_together_or_not_at_all() -> None:
    one = {"count": Kind.COUNT}
    merged = told_outside(table("juri-regions", one, {"Bretagne": (9,), "Guyane": (2,), "Normandie": (3,)}))
    assert [(each.label, each.values) for each in merged.rows] == [("Bretagne", (9,)), ("Autres régions", (5,))]
    nothing = told_outside(table("juri-regions", one, {"Bretagne": (3,), "Guyane": (2,)}))
    assert (nothing.rows, nothing.note) == ((), "Trop peu pour être détaillé.")


def test_what_one_table_does_not_tell_no_other_does() -> None:
    ends = table("fins", {YEAR: Kind.COUNT}, {"faq": (6,), "out_of_scope": (30,), "withdrawn": (2,)})
    closed = table("faq-estimation", {"closed": Kind.COUNT, "avoided": Kind.COUNT}, {YEAR: (6, 20)}, is_split=False)
    report = told(ends, closed)
    assert [report.cell("fins", key, YEAR) for key in ("faq", "withdrawn")] == [Untold.BESIDE, Untold.FEW]
    assert report.cell("faq-estimation", YEAR, "closed") is Untold.BESIDE
    assert report.cell("faq-estimation", YEAR, "avoided") == 20


def test_no_count_under_five_is_in_the_book_that_leaves(town: Town) -> None:
    for day in range(6, 13):
        town.answered(f"2026-01-{day:02d}")
    town.at("2026-01-20", lambda: make_ticket(make_asker(), topic=None, status=Status.CLOSED))
    of_nobody = {"faq-fiches", "juri-seances"}
    for one in of(2026).book:
        for column, values in zip(one.columns, zip(*(line.values for line in one.rows), strict=True), strict=False):
            if column.kind is Kind.COUNT and one.key not in of_nobody:
                assert not [value for value in values if isinstance(value, int) and 0 < value < 5], one.key


def test_a_table_that_no_part_knows_any_more_is_still_shown() -> None:
    report = told(annee(10), table("vieux", {"count": Kind.COUNT}, {"a": (7,)}))
    assert [(section.key, [one.key for one in section.tables]) for section in report.sections] == [
        ("annee", ["annee"]), ("autres", ["vieux"]),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("useful", "rated", "expected"),
    [(999, 1000, "Plus de 99 % de ces avis"), (1000, 1000, "100 % de ces avis"), (900, 1000, "90 % de ces avis")],
)
def test_a_hundred_per_cent_is_said_of_all_of_them_alone(useful: int, rated: int, expected: str) -> None:
    counts = {"answered": Kind.COUNT, "rated": Kind.COUNT}
    report = told(
        table("satisfaction", counts, {YEAR: (2000, rated)}, is_split=False),
        table("avis", {YEAR: Kind.COUNT}, {"useful": (useful,), "changed": (rated - useful,)}, is_split=False),
    )
    assert expected in words(report, "qualite")
