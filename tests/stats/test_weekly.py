"""The mail of the week: on which day, to whom, under which rights, in which words, and once."""

import re
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import pytest
import sqlalchemy as sa
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st
from syrupy.assertion import SnapshotAssertion
from time_machine import TimeMachineFixture

from helpdesk import clock
from helpdesk.accounts.enums import NotifyMode
from helpdesk.accounts.models import DelegationProfile, Person
from helpdesk.db import db
from helpdesk.jobs import drain, registry
from helpdesk.jobs.models import PeriodicRun
from helpdesk.jobs.runs import plan, run_due
from helpdesk.mail.departing import words_of
from helpdesk.mail.enums import MailStatus, Notice
from helpdesk.mail.models import Mail
from helpdesk.outbox import OutboxItem
from helpdesk.reference.holidays import is_working_day, next_working_day
from helpdesk.reference.zones import PARIS
from helpdesk.stats import mails
from helpdesk.stats.perms import can_see_figures
from helpdesk.stats.queries.pressing import SHOWN_MAX_COUNT
from helpdesk.stats.weekly import FRAME_WORDS, TITLE_CHARS, TITLE_WORDS, first_lines, is_due, short_title
from helpdesk.tickets import operations
from helpdesk.tickets.deadlines import week_of
from helpdesk.tickets.enums import Status, Urgency
from helpdesk.tickets.models import ConflictOfInterest, Ticket, TicketCopy
from tests.factories.accounts import OrganisationFactory, PersonFactory, give_mandate
from tests.factories.tickets import ANSWER, make_asker, make_ticket
from tests.support.http import Client
from tests.support.queries import count_queries
from tests.tickets.test_mails import ENGLISH, shown

MONDAY = datetime(2026, 11, 23, 8, 0, tzinfo=PARIS)
LATE = datetime(2026, 11, 10, 10, 0, tzinfo=PARIS)
"""What came then was due on Friday 20 November: three days late on Monday."""
DUE = datetime(2026, 11, 16, 10, 0, tzinfo=PARIS)
"""What came then is due on Thursday 26 November."""
TITLE = "Peut-on suspendre un CDDI pendant une formation ?"


def paris(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=PARIS)


# --- When --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        ("2026-11-23T07:59:59", False),
        ("2026-11-23T08:00:00", True),
        ("2026-11-23T10:00:00", True),
        ("2026-11-24T08:00:00", True),
        ("2026-11-25T23:00:00", True),
        ("2026-11-26T08:00:00", False),
        ("2026-11-28T08:00:00", False),
        ("2026-11-29T08:00:00", False),
        ("2027-03-29T08:00:00", False),  # Easter Monday
        ("2027-03-30T08:00:00", True),
        ("2027-04-01T08:00:00", True),
        ("2027-04-02T08:00:00", False),
        ("2026-10-26T08:00:00", True),  # the day after the clocks went back
        ("2026-10-26T07:30:00", False),
        ("2029-05-01T08:00:00", False),  # a Tuesday that nobody works; Monday was meant
        ("2029-05-02T08:00:00", True),
    ],
)
def test_the_mail_goes_on_the_first_working_day_of_the_week(now: str, expected: bool) -> None:
    assert is_due(paris(now)) is expected


def test_closing_days_put_it_off_and_a_closed_week_has_none() -> None:
    monday = date(2026, 12, 21)
    closed = {monday + timedelta(days=day) for day in range(5)}
    days = [paris(f"{monday + timedelta(days=day)}T08:00:00") for day in range(7)]
    assert [is_due(day, closed) for day in days] == [False] * 7
    assert [is_due(day, closed - {monday + timedelta(days=3)}) for day in days[2:5]] == [False, True, False]


@given(st.dates(date(2024, 1, 1), date(2034, 12, 31)))
def test_every_week_with_a_working_day_has_one_first_day(day: date) -> None:
    monday = day - timedelta(days=day.weekday())
    week = [monday + timedelta(days=ahead) for ahead in range(7)]
    due = [one for one in week if is_due(datetime(one.year, one.month, one.day, 8, tzinfo=PARIS))]
    assert due[0] == next_working_day(monday)
    assert all(is_working_day(one) for one in due)


@pytest.mark.parametrize("now", ["2026-10-25T23:30:00", "2026-10-26T00:00:00", "2027-03-28T12:00:00"])
def test_a_week_of_clock_change_is_a_week_of_paris(now: str) -> None:
    starts_at, ends_at = week_of(paris(now).astimezone(UTC))
    assert starts_at <= paris(now) < ends_at
    assert [(one.weekday(), one.hour) for one in (starts_at, ends_at)] == [(0, 0), (0, 0)]
    assert (ends_at.date() - starts_at.date()).days == 7


# --- The people --------------------------------------------------------------------------------------------


@pytest.fixture(autouse=True)
def monday(time_machine: TimeMachineFixture) -> TimeMachineFixture:
    time_machine.move_to(MONDAY, tick=False)
    return time_machine


class World:
    """The staff, and questions that came at a chosen time."""

    def __init__(self, travel: TimeMachineFixture) -> None:
        self.travel = travel
        self.lead: Person = PersonFactory(lead=True, first_name="Nadia", last_name="Benali", email="nadia@f.example")
        self.jurist: Person = PersonFactory(jurist=True, first_name="Inès", last_name="Carvalho")
        self.anne: Person = PersonFactory(delegate=True, first_name="Anne", last_name="Le Goff", can_answer=True)
        self.both: Person = PersonFactory(delegate=True, first_name="Both", delegations=("bretagne", "occitanie"))
        self.asker = make_asker(OrganisationFactory(name="Les Ateliers du Canal"))

    def ticket(self, came_at: datetime, status: Status = Status.TRIAGE, **values: Any) -> Ticket:
        self.travel.move_to(came_at, tick=False)
        asker = values.pop("asker", self.asker)
        ticket = make_ticket(asker, status=status, delegate=self.anne, jurist=self.jurist, **values)
        self.travel.move_to(MONDAY, tick=False)
        forget_mails()
        return ticket

    def elsewhere(self, came_at: datetime, delegation: str | None, **values: Any) -> Ticket:
        structure = OrganisationFactory(delegation=delegation)
        return self.ticket(came_at, asker=make_asker(structure), **values)


@pytest.fixture
def world(app: Flask, monday: TimeMachineFixture) -> World:
    return World(monday)


def forget_mails() -> None:
    db.session.execute(sa.delete(OutboxItem))
    db.session.execute(sa.delete(Mail))
    db.session.commit()


def written() -> list[Mail]:
    weekly = sa.select(Mail).where(Mail.notice == Notice.WEEKLY_FIGURES).order_by(Mail.id)
    return list(db.session.scalars(weekly.execution_options(populate_existing=True)))


def row_of(person: Person) -> Mail:
    (mail,) = (mail for mail in written() if mail.recipient_person_id == person.id)
    return mail


class Letter(NamedTuple):
    """A mail of the week as it would leave now."""

    notice: Notice
    subject: str
    text: str
    html: str


def to(person: Person) -> Letter:
    mail = row_of(person)
    assert (mail.subject, mail.text, mail.html) == ("", "", "")
    words = words_of(mail)
    assert words is not None
    return Letter(mail.notice, words.subject, words.text, words.html)


def told() -> list[str]:
    return sorted(mail.recipient.first_name for mail in written() if mail.recipient)


def subject(mail: Letter) -> str:
    return mail.subject.replace("\u00a0", " ")


def plain(mail: Letter) -> str:
    """Its text, with the ordinary spaces."""
    return mail.text.replace("\u00a0", " ").replace("\u202f", " ")


# --- To whom, and under whose rights -----------------------------------------------------------------------


def test_the_lead_and_each_delegate_get_one(world: World) -> None:
    PersonFactory(admin=True)
    PersonFactory(partner_jurist=True)
    gone = PersonFactory(delegate=True, first_name="Gone")
    gone.is_active = False
    db.session.commit()

    assert mails.send_weekly() == 3
    assert told() == ["Anne", "Both", "Nadia"]
    assert all(can_see_figures(mail.recipient) for mail in written() if mail.recipient)


def test_without_a_lead_the_jurists_read_it(world: World) -> None:
    world.lead.roles[0].ends_on = clock.today() - timedelta(days=1)
    db.session.commit()
    mails.send_weekly()
    assert told() == ["Anne", "Both", "Inès"]


def test_a_lead_who_is_a_delegate_too_gets_the_leads_alone(world: World) -> None:
    hats = PersonFactory(lead=True, delegate=True, first_name="Hats")
    world.elsewhere(LATE, "occitanie")
    mails.send_weekly()
    assert told() == ["Anne", "Both", "Hats", "Nadia"]
    assert "1 hors délai" in subject(to(hats))


def test_a_delegate_reads_of_their_delegations_alone(world: World) -> None:
    here, there = world.ticket(LATE), world.elsewhere(LATE, "occitanie")
    national, copied = world.elsewhere(LATE, None), world.elsewhere(LATE, "normandie")
    copied.copies.append(TicketCopy(delegation="bretagne"))
    db.session.commit()

    mails.send_weekly()

    everything = {one.reference for one in (here, there, national, copied)}
    expected = {world.anne: {here}, world.both: {here, there}, world.lead: {here, there, national, copied}}
    for person, tickets in expected.items():
        assert set(re.findall(r"Q-\d{4}-\d+", to(person).text)) & everything == {one.reference for one in tickets}
        assert subject(to(person)).startswith(f"Délais de la semaine : {len(tickets)} hors délai,")


def test_what_a_person_may_not_see_is_neither_named_nor_counted(world: World) -> None:
    conflicted, taken, for_pole = world.ticket(LATE), world.ticket(LATE, Status.REGIONAL), world.ticket(LATE)
    for person in (world.anne, world.lead):
        conflicted.conflicts.append(
            ConflictOfInterest(person_id=person.id, declared_by_id=world.jurist.id, declared_at=clock.now())
        )
    taken.is_sensitive = for_pole.is_pole_only = True
    db.session.commit()

    mails.send_weekly()

    seen = {person: set(re.findall(r"Q-\d{4}-\d+", to(person).text)) for person in (world.anne, world.both, world.lead)}
    assert seen == {
        world.anne: {taken.reference},
        world.both: {conflicted.reference},
        world.lead: {taken.reference, for_pole.reference},
    }
    assert "2 hors délai" in subject(to(world.lead))


def test_what_a_delegate_sees_as_a_member_is_not_of_their_delegation(world: World) -> None:
    ticket = world.ticket(LATE)
    give_mandate(world.anne, world.asker.mandates[0].organisation)
    ticket.is_pole_only = True
    db.session.commit()
    mails.send_weekly()
    assert ticket.reference not in to(world.anne).text


# --- What it says ------------------------------------------------------------------------------------------


def _ordinary(world: World) -> None:
    world.ticket(LATE, Status.STUDY, title=TITLE)
    world.ticket(LATE, title="Une visite médicale est-elle due ?", is_sensitive=True)
    world.ticket(DUE, Status.REGIONAL, title="Quel préavis pour un CDDI ?")
    world.ticket(DUE, Status.POLE, title="Voir www.exemple.fr : que faire ?")
    world.ticket(LATE, Status.WAITING, title="Une précision manque ?")
    world.elsewhere(DUE, None, title="Une question d’Alsace ?")


def _full(world: World) -> None:
    db.session.add(DelegationProfile(code="bretagne", is_relayed=True))
    db.session.commit()
    for number in range(SHOWN_MAX_COUNT + 2):
        world.ticket(
            LATE + timedelta(minutes=number), Status.RELAY if not number else Status.TRIAGE, title=f"Cas {number} ?"
        )


def _answered(world: World) -> None:
    for number in range(10):
        asked_at = MONDAY - timedelta(days=60, minutes=number)
        ticket = world.ticket(asked_at, Status.STUDY, title=TITLE)
        world.travel.move_to(asked_at + timedelta(days=20 if number == 9 else 4), tick=False)
        operations.answer(world.jurist, ticket, ANSWER, seen_version=None)
        world.travel.move_to(MONDAY, tick=False)
        forget_mails()


CASES: dict[str, Callable[[World], None]] = {
    "nothing": lambda world: None,
    "ordinary": _ordinary,
    "full": _full,
    "answered": _answered,
}


@pytest.mark.sqlite_only
@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("reader", ["lead", "both", "anne"])
def test_each_mail_reads_as_it_was_approved(world: World, case: str, reader: str, snapshot: SnapshotAssertion) -> None:
    CASES[case](world)
    mails.send_weekly()
    mail = to(getattr(world, reader))

    assert shown(mail) == snapshot
    links = re.findall(r"https?://\S+", mail.text)
    assert links == [url.replace("&amp;", "&") for url in re.findall(r'href="([^"]*)"', mail.html)]
    assert [urlsplit(url).path for url in links] == ["/questions"] * mail.html.count("<ul>") + ["/delais"]
    assert len(mail.text.split()) <= 120
    assert mail.text.count("\n- ") == mail.html.count("<li>")
    assert not ENGLISH.findall(f"{mail.subject} {mail.text}")
    assert not re.search(r"[ \n][;!?:»]|« |['!]", f"{mail.subject}\n{mail.text}".replace(" :\n", ""))
    assert "Délais de la semaine\u00a0: " in mail.subject


@pytest.mark.parametrize("case", CASES)
def test_each_mail_says_the_same_on_both_databases(world: World, case: str) -> None:
    CASES[case](world)
    mails.send_weekly()
    assert {name: subject(to(getattr(world, name))) for name in ("lead", "anne")} == {
        "nothing": dict.fromkeys(("lead", "anne"), "Délais de la semaine : rien en retard, rien à rendre"),
        "ordinary": {
            "lead": "Délais de la semaine : 2 hors délai, 3 à rendre",
            "anne": "Délais de la semaine : 2 hors délai, 2 à rendre",
        },
        "full": dict.fromkeys(("lead", "anne"), "Délais de la semaine : 7 hors délai, rien à rendre"),
        "answered": dict.fromkeys(("lead", "anne"), "Délais de la semaine : rien en retard, rien à rendre"),
    }[case]
    assert ("90\u00a0% des réponses de l’année" in to(world.lead).text) is (case == "answered")


def test_a_sensitive_question_shows_its_reference_alone(world: World) -> None:
    ticket = world.ticket(LATE, title=TITLE, is_sensitive=True)
    mails.send_weekly()
    for person in (world.lead, world.anne):
        mail = to(person)
        assert ticket.reference in mail.text
        assert not re.search("CDDI|formation|Ateliers|Canal", mail.subject + mail.text + mail.html)


def test_in_january_the_share_is_of_twelve_months(world: World, monday: TimeMachineFixture) -> None:
    _answered(world)
    monday.move_to(paris("2027-01-11T08:00:00"), tick=False)
    mails.send_weekly()
    assert "90\u00a0% des réponses des douze derniers mois" in to(world.lead).text
    assert "Pour votre délégation, 90\u00a0% des réponses" in to(world.anne).text


def test_what_was_answered_or_is_due_next_week_is_not_named(world: World) -> None:
    world.ticket(LATE, Status.ANSWERED)
    world.ticket(datetime(2026, 11, 20, 10, 0, tzinfo=PARIS))
    mails.send_weekly()
    assert subject(to(world.lead)) == "Délais de la semaine : rien en retard, rien à rendre"


def test_what_is_due_today_is_said_so(world: World) -> None:
    today = world.ticket(datetime(2026, 11, 13, 10, 0, tzinfo=PARIS))
    world.ticket(datetime(2026, 11, 17, 10, 0, tzinfo=PARIS))
    mails.send_weekly()
    text = to(world.anne).text.replace("\u00a0", " ")
    assert re.search(
        rf"^2 à rendre cette semaine :\n\n- {today.reference} .* \(aujourd’hui, à trier\)$", text, re.MULTILINE
    )
    assert re.search(r"^- Q-.* \(vendredi 27, à trier\)$", text, re.MULTILINE)


def test_a_legal_date_of_the_week_or_passed_presses_and_is_said(world: World) -> None:
    cases = {
        "date légale aujourd’hui": date(2026, 11, 23),
        "date légale passée le vendredi 20 novembre": date(2026, 11, 20),
        "date légale dimanche 29": date(2026, 11, 29),
    }
    came_at = datetime(2026, 11, 19, 10, 0, tzinfo=PARIS)
    for number, day in enumerate(cases.values()):
        ticket = world.ticket(came_at, Status.STUDY, title=f"Quel recours {number} ?")
        operations.set_legal_deadline(world.jurist, ticket, day, source="Code du travail, article L. 1332-4")
    later = world.ticket(came_at, title="Lundi prochain ?")
    operations.set_legal_deadline(world.jurist, later, date(2026, 11, 30), source="Code du travail")
    forget_mails()
    mails.send_weekly()
    text = plain(to(world.anne))
    assert subject(to(world.anne)) == "Délais de la semaine : rien en retard, 3 à rendre"
    lines = [f" Quel recours {number} ? ({said}, Inès Carvalho)" for number, said in enumerate(cases)]
    assert re.findall(r"^- Q-\d{4}-\d+(.*)$", text, re.MULTILINE) == [lines[1], lines[0], lines[2]]


def test_both_dates_are_said_when_both_press(world: World) -> None:
    late, due = world.ticket(LATE, title="En retard ?"), world.ticket(DUE, title="Les deux ?")
    for ticket, day in ((late, date(2026, 11, 24)), (due, date(2026, 11, 27))):
        operations.set_legal_deadline(world.jurist, ticket, day, source="Code du travail")
    forget_mails()
    mails.send_weekly()
    text = plain(to(world.anne))
    assert f"- {late.reference} En retard ? (3 jours de retard, date légale mardi 24, à trier)\n" in text
    assert f"- {due.reference} Les deux ? (jeudi 26, date légale vendredi 27, à trier)\n" in text


def test_urgent_ones_come_first_whenever_they_are_due(world: World) -> None:
    """Due next week, it is first on « Délais » too."""
    late = world.ticket(LATE, Status.STUDY, title="En retard ?")
    next_week = world.ticket(datetime(2026, 11, 20, 10, 0, tzinfo=PARIS), title="Un accident ?")
    both = world.ticket(LATE, title="En retard et urgente ?")
    waiting = world.ticket(LATE, Status.WAITING, title="Une précision manque ?")
    answered = world.ticket(LATE, Status.ANSWERED, title="Déjà répondue ?")
    for ticket, urgency in ((next_week, Urgency.CRITICAL), (both, Urgency.URGENT), (waiting, Urgency.CRITICAL)):
        operations.set_urgency(world.jurist, ticket, urgency)
    forget_mails()

    mails.send_weekly()

    mail = to(world.lead)
    text = plain(mail)
    assert subject(mail) == "Délais de la semaine : 2 urgentes, 2 hors délai, rien à rendre"
    assert (
        "2 urgentes :\n\n"
        f"- {next_week.reference} Un accident ? (lundi 30 novembre, à trier, Bretagne)\n"
        f"- {both.reference} En retard et urgente ? (3 jours de retard, à trier, Bretagne)\n\n"
        "Voir les 2 questions :\n"
        "http://127.0.0.1:8000/questions?statut=en-cours&urgentes=y&tri=anciennes\n\n"
        "2 hors délai :\n\n"
        f"- {late.reference} En retard ? (3 jours de retard, Inès Carvalho)\n\n"
        "Voir les 2 questions :\n"
    ) in text
    assert not {waiting.reference, answered.reference} & set(re.findall(r"Q-\d{4}-\d+", text))


def test_what_is_not_named_is_counted(world: World) -> None:
    for number in range(SHOWN_MAX_COUNT + 2):
        world.ticket(DUE + timedelta(minutes=number))
    mails.send_weekly()
    text = plain(to(world.lead))
    assert text.count("\n- ") <= SHOWN_MAX_COUNT
    assert f"{SHOWN_MAX_COUNT + 2} à rendre cette semaine :\n" in text
    assert f"Voir les {SHOWN_MAX_COUNT + 2} questions :\n" in text


def test_it_stays_short_however_many_press_and_however_long_their_titles(world: World) -> None:
    world.jurist.first_name, world.jurist.last_name = "Marie-Christine", "de La Rochefoucauld-Montbel"
    title = "Peut-on, à la demande du financeur et sans avenant, suspendre un CDDI pendant une formation de {} mois ?"
    for number in range(SHOWN_MAX_COUNT + 2):
        came_at = timedelta(minutes=number)
        for moment, months in ((LATE, number), (DUE, 10 + number)):
            world.ticket(moment + came_at, Status.STUDY, title=title.format(months))
        urgent = world.elsewhere(LATE + came_at, "paca-corse", title=title.format(number))
        operations.set_legal_deadline(world.jurist, urgent, date(2026, 11, 20), source="Code du travail")
        operations.set_urgency(world.jurist, urgent, Urgency.CRITICAL)
    world.both.roles[1].delegation = "paca-corse"
    db.session.commit()
    forget_mails()

    mails.send_weekly()

    for person in (world.lead, world.anne, world.both):
        text = plain(to(person))
        assert len(text.split()) <= 130
        lists = 2 if person is world.anne else 3
        whole_list = r"^(\d+) .* :\n\n(?:- .*\n)+\nVoir les \1 questions :\nhttp://\S+$"
        assert len(re.findall(whole_list, text, re.MULTILINE)) == lists


@given(st.lists(st.lists(st.text("ab ", min_size=1).filter(str.strip), max_size=4), max_size=3), st.integers(0, 40))
def test_the_lines_shown_are_the_first_of_each_list_and_hold_in_the_words_given(
    lists: list[list[str]], most_words: int
) -> None:
    shown = first_lines(lists, most_words)
    assert [one[: len(kept)] for one, kept in zip(lists, shown, strict=True)] == shown
    assert all(kept for one, kept in zip(lists, shown, strict=True) if one)
    beyond_the_first = [line for kept in shown for line in kept[1:]]
    if beyond_the_first:
        words = sum(len(line.split()) for kept in shown for line in kept)
        assert words + FRAME_WORDS * sum(map(bool, lists)) <= most_words


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        ("Quel préavis ?", "Quel préavis ?"),
        ("Document unique pour 24 lieux de mise à disposition", "Document unique pour 24 lieux…"),
        (
            "Transformer l’association en SCIC : que deviennent les conventionnements ?",
            "Transformer l’association en SCIC…",
        ),
        ("AT chez un utilisateur : qui déclare, et quand ?", "AT chez un utilisateur : qui déclare…"),
        ("Voir https://mauvais.example/x : que faire ?", "Voir [lien retiré] : que faire ?"),
        ("anticonstitutionnellement " * 3, "anticonstitutionnellement…"),
        ("a" * 60, "a" * 44 + "…"),
    ],
)
def test_a_title_is_shortened_after_a_word_that_tells_something(title: str, expected: str) -> None:
    assert short_title(title).replace("\u00a0", " ") == expected


@given(st.text())
def test_no_title_whatever_is_longer(title: str) -> None:
    said = short_title(title)
    assert len(said) <= TITLE_CHARS
    assert len(said.split(" ")) <= TITLE_WORDS


def test_each_list_leads_to_all_its_questions(world: World, sign_in: Callable[[Person], Client]) -> None:
    """And to no other, late or due or urgent."""
    late = world.ticket(LATE)
    due, urgent = world.ticket(DUE), world.ticket(datetime(2026, 11, 20, 10, 0, tzinfo=PARIS))
    by_law, next_week, waiting = world.ticket(MONDAY), world.ticket(MONDAY), world.ticket(LATE, Status.WAITING)
    there = world.elsewhere(LATE, "occitanie")
    operations.set_legal_deadline(world.jurist, by_law, date(2026, 11, 29), source="Code du travail")
    operations.set_legal_deadline(world.jurist, next_week, date(2026, 11, 30), source="Code du travail")
    operations.set_urgency(world.jurist, urgent, Urgency.URGENT)
    forget_mails()
    mails.send_weekly()
    by_list: dict[Person, list[set[Ticket]]] = {
        world.anne: [{urgent}, {late}, {due, by_law}],
        world.both: [{urgent}, {late, there}, {due, by_law}],
        world.lead: [{urgent}, {late, there}, {due, by_law}],
    }
    everything = {one.reference for one in (late, due, urgent, by_law, next_week, waiting, there)}
    for person, expected in by_list.items():
        client, links = sign_in(person), re.findall(r"http://127.0.0.1:8000(/questions\S+)", to(person).text)
        found = [set(re.findall(r"Q-\d{4}-\d+", client.get(one).text)) & everything for one in links]
        assert found == [{one.reference for one in tickets} for tickets in expected]


def test_at_the_relay_the_delegate_reads_that_it_waits_for_them(world: World) -> None:
    db.session.add(DelegationProfile(code="bretagne", is_relayed=True))
    db.session.commit()
    world.ticket(LATE, Status.RELAY)
    mails.send_weekly()
    assert "(3 jours de retard, attend votre mot)" in plain(to(world.anne))
    assert "(3 jours de retard, au relais, Anne Le Goff, Bretagne)" in plain(to(world.lead))


def test_a_title_cannot_pass_for_another_line_or_a_link(world: World) -> None:
    world.ticket(LATE, title="<b>x</b>\u2028- Q-2026-9999, https://mauvais.example : y ?")
    mails.send_weekly()
    mail = to(world.lead)
    assert mail.text.count("\n- ") == mail.html.count("<li>") == 1
    assert "mauvais" not in mail.text + mail.html
    assert "<b>" not in mail.html


# --- Before it leaves --------------------------------------------------------------------------------------


def _conflict(world: World, ticket: Ticket) -> None:
    operations.declare_conflict(world.jurist, ticket, world.anne, reason="")


def test_what_a_question_has_become_before_it_leaves_is_what_is_read(world: World) -> None:
    ticket, other = world.ticket(LATE, title=TITLE), world.ticket(LATE, title="Quel préavis ?")
    mails.send_weekly()
    assert "CDDI" in to(world.lead).text
    operations.set_sensitive(world.jurist, ticket, is_sensitive=True)
    for person in (world.lead, world.anne):
        mail = to(person)
        assert "CDDI" not in mail.text + mail.html
        assert f"- {ticket.reference} Dossier sensible (" in mail.text
        assert f"- {other.reference} Quel préavis" in mail.text
    operations.mark_out_of_scope(world.anne, ticket, text="Adressez-vous à l’ADIL.")
    assert ticket.reference not in to(world.lead).text
    assert subject(to(world.lead)) == "Délais de la semaine : 1 hors délai, rien à rendre"


def test_a_conflict_declared_before_it_leaves_hides_the_question_from_one_reader(world: World) -> None:
    ticket = world.ticket(LATE, title=TITLE)
    mails.send_weekly()
    _conflict(world, ticket)
    assert ticket.reference not in to(world.anne).text
    assert "CDDI" in to(world.lead).text


def test_rights_lost_before_it_leaves_are_lost_for_it(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    here, there = world.ticket(LATE, title=TITLE), world.elsewhere(LATE, "occitanie", title=TITLE)
    give_mandate(world.anne, world.asker.mandates[0].organisation)
    mails.send_weekly()
    yesterday = clock.today() - timedelta(days=1)
    for person, delegation in ((world.anne, "bretagne"), (world.both, "occitanie")):
        (role,) = (role for role in person.roles if role.delegation == delegation)
        role.starts_on, role.ends_on = yesterday, yesterday
    db.session.commit()
    letter = to(world.both)
    assert (here.reference in letter.text, there.reference in letter.text) == (True, False)
    registry.load()
    drain()
    # She still signs in, as somebody of a structure: the mail of the delegation is not hers any more.
    assert row_of(world.anne).status is MailStatus.WITHDRAWN
    assert row_of(world.both).status is MailStatus.SENT
    assert capsys.readouterr().out.count(there.reference) == 1  # to the lead


def test_it_does_not_wait_for_the_digest_and_nothing_of_it_is_ever_kept(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    world.ticket(LATE, title=TITLE)
    world.lead.notify_mode = NotifyMode.DIGEST
    db.session.commit()
    registry.load()
    mails.send_weekly()
    assert row_of(world.lead).status is MailStatus.QUEUED
    drain()
    assert row_of(world.lead).status is MailStatus.SENT
    assert to(world.lead).text in capsys.readouterr().out


def test_past_its_week_it_is_not_sent(world: World, monday: TimeMachineFixture) -> None:
    mails.send_weekly()
    monday.move_to(MONDAY + timedelta(days=7), tick=False)
    registry.load()
    drain()
    assert {mail.status for mail in written()} == {MailStatus.FAILED}


# --- Once --------------------------------------------------------------------------------------------------


def test_it_is_written_once_a_week_and_again_the_next(world: World, monday: TimeMachineFixture) -> None:
    for ahead in (0, 1, 2, 3, 4, 5, 6):
        monday.move_to(MONDAY + timedelta(days=ahead), tick=False)
        mails.send_weekly()
    assert told() == ["Anne", "Both", "Nadia"]
    monday.move_to(MONDAY + timedelta(days=7), tick=False)
    assert mails.send_weekly() == 3


def test_a_run_cut_short_leaves_nobody_out_and_writes_to_nobody_twice(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    queue, left = mails.queue_unwritten, [2]

    def killed(*args: Any, **values: Any) -> None:
        queue(*args, **values)
        left[0] -= 1
        if not left[0]:
            raise SystemExit

    monkeypatch.setattr(mails, "queue_unwritten", killed)
    with pytest.raises(SystemExit):
        mails.send_weekly()
    assert len(written()) == 1
    monkeypatch.undo()
    assert mails.send_weekly() == 2
    assert told() == ["Anne", "Both", "Nadia"]
    assert db.session.scalar(sa.select(sa.func.count()).select_from(OutboxItem)) == 3


def test_two_workers_at_once_write_it_once(world: World, app: Flask) -> None:
    db.session.remove()
    gate = threading.Barrier(2)
    counts: list[int] = []

    def work() -> None:
        with app.app_context():
            gate.wait(30)
            counts.append(mails.send_weekly())
            db.session.remove()

    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert sum(counts) == len(written()) == 3


@pytest.fixture
def alone(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Iterator[Flask]:
    """The task of the week alone, as a worker plans and runs it."""
    registry.load()
    monkeypatch.setattr(registry, "TASKS", {"send_weekly_figures": registry.TASKS["send_weekly_figures"]})
    return app


@pytest.mark.parametrize(
    ("stopped_at", "back_at", "is_sent"),
    [
        ("2026-11-22T20:00:00", "2026-11-23T10:00:00", True),
        ("2026-11-21T20:00:00", "2026-11-23T06:00:00", False),
        ("2026-11-22T20:00:00", "2026-11-25T10:00:00", True),
        ("2026-11-22T20:00:00", "2026-11-26T10:00:00", False),
        ("2026-10-24T20:00:00", "2026-10-26T08:00:00", True),
        ("2027-03-27T20:00:00", "2027-03-29T09:00:00", False),
        ("2027-03-27T20:00:00", "2027-03-30T08:00:00", True),
    ],
)
def test_a_worker_that_stood_still_sends_it_when_it_is_back(
    world: World, alone: Flask, monday: TimeMachineFixture, stopped_at: str, back_at: str, is_sent: bool
) -> None:
    settings = alone.config["SETTINGS"]
    monday.move_to(paris(stopped_at), tick=False)
    plan(settings)
    monday.move_to(paris(back_at), tick=False)
    run_due(settings)
    assert bool(written()) is is_sent
    (row,) = db.session.scalars(sa.select(PeriodicRun))
    assert row.next_at.astimezone(PARIS).hour == 8


def test_the_cost_does_not_grow_with_the_questions(world: World) -> None:
    costs = []
    for number in (1, 12):
        for _ in range(number):
            world.ticket(LATE)
        with count_queries() as queries:
            mails.send_weekly()
            mails.weekly_words(world.lead)
        forget_mails()
        costs.append(len(queries))
    assert costs[0] == costs[1], queries
