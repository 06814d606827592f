"""What is read of questions: one under the reader's rights, lists as small rows, counts, histories.

Visibility lives here: every list starts from :func:`visible_tickets`, every single question comes from
:func:`get_visible_ticket`.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from functools import cache
from typing import Any, Generic, TypeVar

import sqlalchemy as sa
from sqlalchemy.orm import aliased, contains_eager, joinedload, lazyload, raiseload, selectinload

from helpdesk import clock
from helpdesk.accounts.enums import MandateScope, Role
from helpdesk.accounts.models import Mandate, Organisation, OrganisationTypology, Person, StaffRole
from helpdesk.db import UtcDateTime, db
from helpdesk.errors import NotFound
from helpdesk.tickets import perms
from helpdesk.tickets.enums import OPEN_STATUSES, ActorRole, Channel, DraftKind, MessageKind, Status
from helpdesk.tickets.models import (
    Draft,
    Feedback,
    Message,
    Presence,
    ResponseClock,
    Ticket,
    TicketEvent,
)
from helpdesk.tickets.texts import fold

PAGE_SIZE = 25
LAST_PAGE = 400
NATIONAL = "nationale"
"""The filter value of the national queue, which is no delegation."""
SENSITIVE_TITLE = "Dossier sensible"
PRESENCE_SECONDS = 60

NAME_ONLY = (lazyload(Person.mandates), lazyload(Person.roles))
"""For people of whom a page shows the name: their rights are read only if something asks for them."""

_TICKET = sa.bindparam("of_ticket_id", type_=sa.Integer())
_LIMIT = sa.bindparam("row_limit", type_=sa.Integer())
_TODAY = sa.bindparam("today", callable_=clock.today, type_=sa.Date())
"""Asked for at each run: a statement that is kept ready must not keep the day it was written."""

IS_OPEN = Ticket.status.in_(sa.bindparam("open_statuses", OPEN_STATUSES, expanding=True, literal_execute=True))
"""In the very words of the partial index, which parameters would not match."""

T = TypeVar("T")


@dataclass(frozen=True)
class Page(Generic[T]):
    """One page of a list; *has_next* comes from one row read too many, so that no count is paid for."""

    rows: Sequence[T]
    number: int
    has_next: bool


@dataclass(frozen=True)
class TicketRow:
    """A question in a list. A sensitive one is masked here, once for every list."""

    reference: str
    title: str
    excerpt: str
    status: Status
    topic: str | None
    channel: Channel
    organisation_id: int
    organisation: str
    city: str
    typologies: str
    delegation: str | None
    asker_id: int | None
    delegate: str | None
    jurist: str | None
    urgency: int
    is_sensitive: bool
    is_incomplete: bool
    version: int
    received_at: datetime
    status_at: datetime
    due_at: datetime
    legal_deadline_on: date | None
    answered_at: datetime | None
    answer_read_at: datetime | None
    started_at: datetime
    """When the present round began: the arrival, or the last reopening."""
    waiting_seconds: int
    waiting_since_at: datetime | None
    target_days: int

    @property
    def is_open(self) -> bool:
        return self.status.is_open

    def waited(self, now: datetime) -> timedelta:
        """Time spent waiting for the asker so far, the present wait included."""
        running = now - self.waiting_since_at if self.waiting_since_at else timedelta()
        return timedelta(seconds=self.waiting_seconds) + running


class QueueView(StrEnum):
    """The saved views; which ones a person gets depends on their role (:func:`views_of`)."""

    TRIAGE = "a-trier"
    REGIONAL = "je-reponds"
    RELAY = "a-relayer"
    AT_POLE = "au-pole"
    WAITING = "en-attente"
    ANSWERED = "repondues"
    MINE = "ma-file"
    POLE = "pole"
    NATIONAL = "nationale"
    URGENT = "urgentes"
    LATE = "en-retard"

    @property
    def label(self) -> str:
        return _VIEW_LABELS[self]


_VIEW_LABELS = {
    QueueView.TRIAGE: "À trier",
    QueueView.REGIONAL: "Je réponds",
    QueueView.RELAY: "À relayer",
    QueueView.AT_POLE: "Transmises au pôle",
    QueueView.WAITING: "En attente d’un adhérent",
    QueueView.ANSWERED: "Répondues ce mois-ci",
    QueueView.MINE: "Ma file",
    QueueView.POLE: "File du pôle",
    QueueView.NATIONAL: "File nationale",
    QueueView.URGENT: "Urgentes",
    QueueView.LATE: "En retard",
}
DELEGATE_VIEWS = (
    QueueView.TRIAGE,
    QueueView.REGIONAL,
    QueueView.RELAY,
    QueueView.AT_POLE,
    QueueView.WAITING,
    QueueView.ANSWERED,
)
JURIST_VIEWS = (
    QueueView.MINE,
    QueueView.POLE,
    QueueView.NATIONAL,
    QueueView.URGENT,
    QueueView.LATE,
    QueueView.WAITING,
)


@dataclass(frozen=True)
class Filters:
    """The filters of « Toutes les questions »; each empty value filters nothing."""

    words: str = ""
    status: Status | None = None
    topic: str = ""
    delegation: str = ""
    jurist_id: int | None = None
    organisation_id: int | None = None
    channel: Channel | None = None
    is_urgent: bool = False
    since_on: date | None = None
    until_on: date | None = None


def visible_tickets(person: Person) -> sa.Select[Ticket]:
    """Every question *person* may see."""
    return sa.select(Ticket).where(perms.visible_to(person))


def get_visible_ticket(person: Person, reference: str) -> Ticket:
    """One question with what the permission functions need.

    :raises NotFound: when it does not exist, or is not for *person* to see.
    """
    if not reference.isprintable():  # a NUL would be an error of the database
        raise NotFound
    reader = perms.reader_of(person)
    found = db.session.scalars(_one_ticket(reader.sight), {**reader.values(), "asked_reference": reference})
    ticket = found.unique().one_or_none()
    if ticket is None:
        raise NotFound
    return ticket


# Statements are written once for each sight and run with the reader's values: writing one costs more than running it.


@cache
def _one_ticket(sight: perms.Sight) -> sa.Select[Ticket]:
    """One query: the collections are empty or of one row nearly always, so that joining them costs nothing."""
    return (
        sa.select(Ticket)
        .where(perms.visible_by(perms.any_reader(sight)), Ticket.reference == sa.bindparam("asked_reference"))
        .options(
            joinedload(Ticket.organisation).joinedload(Organisation.typology_rows),
            *(
                joinedload(person).options(*NAME_ONLY)
                for person in (Ticket.asker, Ticket.delegate, Ticket.jurist, Ticket.entered_by)
            ),
            joinedload(Ticket.clocks),
            joinedload(Ticket.copies),
            joinedload(Ticket.conflicts),
            joinedload(Ticket.shares),
        )
    )


def readable_messages(person: Person, ticket: Ticket) -> Sequence[Message]:
    """The messages of *ticket* that *person* may read, oldest first, with authors and attachments."""
    role = perms.role_on(person, ticket)
    if role is None:
        return []
    select = _every_message(role)
    return db.session.scalars(select, {"of_ticket_id": ticket.id}).unique().all()


@cache
def messages_for(role: ActorRole) -> sa.Select[Message]:
    """What *role* may read of the question ``of_ticket_id``, with authors and attachments: duplicates are to be
    put together with ``unique()``.
    """
    readable = sa.select(Message).where(Message.ticket_id == _TICKET, perms.visible_messages_to(role))
    return readable.options(joinedload(Message.author).options(*NAME_ONLY), joinedload(Message.attachments))


@cache
def _every_message(role: ActorRole) -> sa.Select[Message]:
    return messages_for(role).order_by(Message.id)


def history(ticket: Ticket) -> Sequence[TicketEvent]:
    """Every event, oldest first, with its actor."""
    return db.session.scalars(_history(), {"of_ticket_id": ticket.id}).all()


@cache
def _history() -> sa.Select[TicketEvent]:
    events = sa.select(TicketEvent).where(TicketEvent.ticket_id == _TICKET).order_by(TicketEvent.id)
    return events.options(joinedload(TicketEvent.actor).options(*NAME_ONLY))


@cache
def _rows() -> sa.Select[Any]:
    delegate, jurist = aliased(Person), aliased(Person)
    typologies = (
        sa.select(sa.func.aggregate_strings(OrganisationTypology.code, ", "))
        .where(OrganisationTypology.organisation_id == Organisation.id)
        .correlate(Organisation)
        .scalar_subquery()
    )
    return (
        sa.select(
            Ticket.reference,
            Ticket.title,
            Ticket.excerpt,
            Ticket.status,
            Ticket.topic,
            Ticket.channel,
            Ticket.organisation_id,
            Organisation.name.label("organisation"),
            Organisation.city,
            typologies.label("typologies"),
            Ticket.delegation,
            Ticket.asker_id,
            (delegate.first_name + " " + delegate.last_name).label("delegate"),
            (jurist.first_name + " " + jurist.last_name).label("jurist"),
            Ticket.urgency,
            Ticket.is_sensitive,
            Ticket.is_incomplete,
            Ticket.version,
            Ticket.received_at,
            Ticket.status_at,
            Ticket.due_at,
            Ticket.legal_deadline_on,
            Ticket.answered_at,
            Ticket.answer_read_at,
            ResponseClock.started_at,
            ResponseClock.waiting_seconds,
            sa.case((Ticket.status == Status.WAITING, ResponseClock.since_at)).label("waiting_since_at"),
            ResponseClock.target_days,
        )
        .select_from(Ticket)
        .join(Organisation, Organisation.id == Ticket.organisation_id)
        .join(
            ResponseClock,
            sa.and_(ResponseClock.ticket_id == Ticket.id, ResponseClock.round == Ticket.round),
        )
        .outerjoin(delegate, delegate.id == Ticket.delegate_id)
        .outerjoin(jurist, jurist.id == Ticket.jurist_id)
    )


def _row(record: sa.Row[Any]) -> TicketRow:
    values = record._asdict()
    values["typologies"] = values["typologies"] or ""
    if values["is_sensitive"]:
        values.update(title=SENSITIVE_TITLE, excerpt="", organisation="", city="", typologies="")
    return TicketRow(**values)


_WINDOW = {"size": sa.bindparam("row_count", type_=sa.Integer()), "skip": sa.bindparam("skipped", type_=sa.Integer())}


def _page(select: sa.Select[Any], values: dict[str, Any], number: int, size: int = PAGE_SIZE) -> Page[TicketRow]:
    """Run *select*, limited by :data:`_WINDOW`, for one page of it."""
    number = min(max(number, 1), LAST_PAGE)
    window = {"row_count": size + 1, "skipped": (number - 1) * size}
    records = db.session.execute(select, {**values, **window}).all()
    return Page([_row(record) for record in records[:size]], number, len(records) > size)


def _windowed(select: sa.Select[Any]) -> sa.Select[Any]:
    return select.limit(_WINDOW["size"]).offset(_WINDOW["skip"])


def views_of(person: Person) -> tuple[QueueView, ...]:
    """The saved views of a person of the staff."""
    return JURIST_VIEWS if person.is_pole else DELEGATE_VIEWS


def _in_views(reader: perms.Reader) -> sa.ColumnElement[bool]:
    """What the saved views are taken from: seen as staff, not as a member of one's own structure elsewhere."""
    if reader.sight.is_pole:
        return perms.visible_by(reader)
    seen_as_delegate = sa.or_(sa.false(), *perms.delegate_conditions(reader))
    return sa.and_(seen_as_delegate, perms.visible_by(reader))


_NOW = sa.bindparam("now", type_=UtcDateTime())
_SINCE = sa.bindparam("month_start", type_=UtcDateTime())


def _view_condition(view: QueueView, reader: perms.Reader) -> sa.ColumnElement[bool]:
    late = sa.and_(IS_OPEN, Ticket.due_at < _NOW, Ticket.status != Status.WAITING)
    waiting = Ticket.status == Status.WAITING
    # A delegation in copy reads, and does not decide.
    in_charge = Ticket.delegation.in_(reader.delegations) if reader.sight.is_delegate else sa.false()
    conditions: dict[QueueView, sa.ColumnElement[bool]] = {
        QueueView.TRIAGE: sa.and_(Ticket.status == Status.TRIAGE, in_charge),
        QueueView.REGIONAL: sa.and_(Ticket.status == Status.REGIONAL, Ticket.delegate_id == reader.id),
        QueueView.RELAY: sa.and_(Ticket.status == Status.RELAY, in_charge),
        QueueView.AT_POLE: Ticket.status.in_([Status.POLE, Status.STUDY]),
        QueueView.WAITING: sa.and_(waiting, Ticket.jurist_id == reader.id) if reader.sight.is_pole else waiting,
        QueueView.ANSWERED: Ticket.answered_at >= _SINCE,
        QueueView.MINE: sa.and_(Ticket.status == Status.STUDY, Ticket.jurist_id == reader.id),
        QueueView.POLE: Ticket.status == Status.POLE,
        QueueView.NATIONAL: sa.and_(Ticket.status == Status.TRIAGE, Ticket.delegation.is_(None)),
        QueueView.URGENT: sa.and_(IS_OPEN, Ticket.urgency >= 2),
        QueueView.LATE: late,
    }
    return conditions[view]


def _view_values(reader: perms.Reader) -> dict[str, Any]:
    now = clock.now()
    return {**reader.values(), "now": now, "month_start": _month_start(now)}


def _month_start(now: datetime) -> datetime:
    return now.astimezone(clock.PARIS).replace(day=1, hour=0, minute=0, second=0, microsecond=0)


def queue(person: Person, view: QueueView, page: int = 1, *, size: int = PAGE_SIZE) -> Page[TicketRow]:
    """The questions of a saved view, the most pressing first; the answered ones, the latest first."""
    reader = perms.reader_of(person)
    return _page(_queue(reader.sight, view), _view_values(reader), page, size)


@cache
def _queue(sight: perms.Sight, view: QueueView) -> sa.Select[Any]:
    reader = perms.any_reader(sight)
    select = _windowed(_rows().where(_in_views(reader), _view_condition(view, reader)))
    if view is QueueView.ANSWERED:
        return select.order_by(Ticket.answered_at.desc(), Ticket.id)
    return select.order_by(Ticket.attention_at, Ticket.id)


def view_counts(person: Person, views: Collection[QueueView] | None = None) -> dict[QueueView, int]:
    """How many questions each saved view (or each of *views*) holds, in two queries whatever their number."""
    wanted = [view for view in views_of(person) if views is None or view in views]
    open_views = tuple(view for view in wanted if view is not QueueView.ANSWERED)
    reader = perms.reader_of(person)
    values = _view_values(reader)
    result = {}
    if open_views:
        counts = db.session.execute(_open_counts(reader.sight, open_views), values).one()
        result = dict(zip(open_views, counts, strict=True))
    if QueueView.ANSWERED in wanted:
        result[QueueView.ANSWERED] = db.session.scalar(_answered_count(reader.sight), values) or 0
    return result


@cache
def _open_counts(sight: perms.Sight, views: tuple[QueueView, ...]) -> sa.Select[Any]:
    reader = perms.any_reader(sight)
    sums: list[Any] = [sa.func.count(sa.case((_view_condition(view, reader), 1))) for view in views]
    return sa.select(*sums).select_from(Ticket).where(_in_views(reader), IS_OPEN)


@cache
def _answered_count(sight: perms.Sight) -> sa.Select[int]:
    reader = perms.any_reader(sight)
    answered = _view_condition(QueueView.ANSWERED, reader)
    return sa.select(sa.func.count()).select_from(Ticket).where(_in_views(reader), answered)


def all_questions(person: Person, filters: Filters, page: int = 1, *, oldest_first: bool = False) -> Page[TicketRow]:
    """« Toutes les questions », latest first unless asked otherwise, under the reader's rights."""
    reader = perms.reader_of(person)
    select = _every_question(reader.sight, oldest_first).where(*_filter_conditions(filters))
    return _page(select, reader.values(), page)


@cache
def _every_question(sight: perms.Sight, oldest_first: bool) -> sa.Select[Any]:
    select = _windowed(_rows().where(perms.visible_by(perms.any_reader(sight))))
    if oldest_first:
        return select.order_by(Ticket.received_at, Ticket.id)
    return select.order_by(Ticket.received_at.desc(), Ticket.id.desc())


def desk_of(person: Person, jurist: Person | None, page: int = 1) -> Page[TicketRow]:
    """What lies on a jurist's desk, those that wait for the asker included, the most pressing first; without
    *jurist*, what nobody of the pole has taken.
    """
    if jurist is None:
        condition = Ticket.status == Status.POLE
    else:
        on_desk = Ticket.status.in_([Status.STUDY, Status.WAITING, Status.RELAY])
        condition = sa.and_(Ticket.jurist_id == jurist.id, on_desk)
    select = _windowed(_rows().where(perms.visible_to(person), condition))
    return _page(select.order_by(Ticket.attention_at, Ticket.id), {}, page)


def _filter_conditions(filters: Filters) -> list[sa.ColumnElement[bool]]:
    conditions = [_has_word(word) for word in fold(filters.words).split()[:6]]
    if filters.status:
        conditions.append(Ticket.status == filters.status)
    if filters.topic:
        family = Ticket.topic.startswith(f"{filters.topic}/", autoescape=True)
        conditions.append(sa.or_(Ticket.topic == filters.topic, family))
    if filters.delegation:
        conditions.append(Ticket.delegation == (None if filters.delegation == NATIONAL else filters.delegation))
    if filters.jurist_id:
        conditions.append(Ticket.jurist_id == filters.jurist_id)
    if filters.organisation_id:
        conditions += [Ticket.organisation_id == filters.organisation_id, Ticket.is_sensitive.is_(False)]
    if filters.channel:
        conditions.append(Ticket.channel == filters.channel)
    if filters.is_urgent:
        conditions.append(Ticket.urgency >= 2)
    if filters.since_on:
        conditions.append(Ticket.received_at >= _paris_midnight(filters.since_on))
    if filters.until_on:
        conditions.append(Ticket.received_at < _paris_midnight(filters.until_on + timedelta(days=1)))
    return conditions


def _has_word(word: str) -> sa.ColumnElement[bool]:
    # A sensitive title is not searched: a hit would tell its words.
    in_title = sa.and_(Ticket.search_title.contains(word, autoescape=True), Ticket.is_sensitive.is_(False))
    return sa.or_(in_title, sa.func.lower(Ticket.reference) == word)


def _paris_midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=clock.PARIS)


class MemberSection(StrEnum):
    """The sections of « Mes questions »."""

    FOR_YOU = "a-vous"
    TO_READ = "a-lire"
    IN_PROGRESS = "en-cours"
    CLOSED = "closes"

    @property
    def label(self) -> str:
        return _SECTION_LABELS[self]


_SECTION_LABELS = {
    MemberSection.FOR_YOU: "À vous : une précision est attendue",
    MemberSection.TO_READ: "Réponses à lire",
    MemberSection.IN_PROGRESS: "En cours",
    MemberSection.CLOSED: "Répondues et closes",
}


def _section_condition(section: MemberSection) -> sa.ColumnElement[bool]:
    unread = sa.and_(Ticket.answered_at.is_not(None), Ticket.answer_read_at.is_(None))
    return {
        MemberSection.FOR_YOU: Ticket.status == Status.WAITING,
        MemberSection.TO_READ: sa.and_(unread, Ticket.status == Status.ANSWERED),
        MemberSection.IN_PROGRESS: Ticket.status.in_([s for s in OPEN_STATUSES if s is not Status.WAITING]),
        MemberSection.CLOSED: sa.or_(
            Ticket.status == Status.CLOSED, sa.and_(Ticket.status == Status.ANSWERED, ~unread)
        ),
    }[section]


def member_questions(
    person: Person, section: MemberSection, page: int = 1, *, words: str = "", size: int = PAGE_SIZE
) -> Page[TicketRow]:
    """One section of « Mes questions »: the questions of the structures the person holds a mandate in."""
    reader = perms.reader_of(person)
    select = _member_questions(reader.sight, section).where(*_filter_conditions(Filters(words=words)))
    return _page(select, reader.values(), page, size)


@cache
def _member_questions(sight: perms.Sight, section: MemberSection) -> sa.Select[Any]:
    select = _rows().where(_member_visible(perms.any_reader(sight)), _section_condition(section))
    return _windowed(select).order_by(Ticket.received_at.desc(), Ticket.id.desc())


def _member_visible(reader: perms.Reader) -> sa.ColumnElement[bool]:
    """A delegate or jurist who also holds a mandate sees here only what the mandate gives."""
    if not reader.sight.is_active:
        return sa.false()
    return sa.and_(sa.or_(sa.false(), *perms.member_conditions(reader)), perms.without_conflict(reader))


def member_counts(person: Person) -> dict[MemberSection, int]:
    """How many questions each section holds, in one query."""
    reader = perms.reader_of(person)
    counts = db.session.execute(_section_counts(reader.sight), reader.values()).one()
    return dict(zip(MemberSection, counts, strict=True))


@cache
def _section_counts(sight: perms.Sight) -> sa.Select[Any]:
    sums: list[Any] = [sa.func.count(sa.case((_section_condition(section), 1))) for section in MemberSection]
    return sa.select(*sums).select_from(Ticket).where(_member_visible(perms.any_reader(sight)))


def recent_of_organisation(person: Person, organisation_id: int, *, limit: int = 5) -> Sequence[TicketRow]:
    """The structure's latest questions that *person* may see; sensitive ones are left out."""
    reader = perms.reader_of(person)
    values = {**reader.values(), "of_organisation_id": organisation_id, "row_limit": limit}
    return [_row(record) for record in db.session.execute(_recent_of_organisation(reader.sight), values)]


@cache
def _recent_of_organisation(sight: perms.Sight) -> sa.Select[Any]:
    select = _rows().where(
        perms.visible_by(perms.any_reader(sight)),
        Ticket.organisation_id == sa.bindparam("of_organisation_id", type_=sa.Integer()),
        Ticket.is_sensitive.is_(False),
    )
    return select.order_by(Ticket.received_at.desc(), Ticket.id.desc()).limit(_LIMIT)


@dataclass(frozen=True)
class Load:
    """The open questions of one jurist (or one delegation): no ranking, only what is on the desk."""

    key: str
    name: str
    open_count: int
    late_count: int
    due_this_week_count: int
    waiting_count: int


def _load_columns(now: datetime) -> list[sa.ColumnElement[int]]:
    active = Ticket.status != Status.WAITING
    week = now + timedelta(days=7)
    return [
        sa.func.count(sa.case((active, 1))),
        sa.func.count(sa.case((sa.and_(active, Ticket.due_at < now), 1))),
        sa.func.count(sa.case((sa.and_(active, Ticket.due_at >= now, Ticket.due_at < week), 1))),
        sa.func.count(sa.case((Ticket.status == Status.WAITING, 1))),
    ]


def load_of_jurists() -> list[Load]:
    """The load of each jurist, of the lead, and of whoever left with questions open, by name; counts only."""
    now = clock.now()
    open_at_pole = sa.and_(
        IS_OPEN,
        Ticket.jurist_id == Person.id,
        sa.or_(
            Ticket.status == Status.STUDY,
            sa.and_(Ticket.status == Status.WAITING, Ticket.returns_to == Status.STUDY),
        ),
    )
    select = (
        sa.select(Person.id, Person.first_name, Person.last_name, *_load_columns(now))
        .outerjoin(Ticket, open_at_pole)
        .where(sa.or_(Ticket.id.is_not(None), _is_of_pole()))
        .group_by(Person.id, Person.first_name, Person.last_name)
        .order_by(Person.last_name, Person.first_name)
    )
    # The outer join yields one all-NULL row for an idle jurist; count() skips it only where the case is NULL.
    return [
        Load(str(row[0]), f"{row[1]} {row[2]}", row[3], row[4], row[5], row[6]) for row in db.session.execute(select)
    ]


def load_of_delegations() -> list[Load]:
    """The load of each delegation, the national queue under the empty key."""
    now = clock.now()
    at_region = sa.or_(
        Ticket.status.in_([Status.TRIAGE, Status.REGIONAL, Status.RELAY]),
        sa.and_(Ticket.status == Status.WAITING, Ticket.returns_to.in_([Status.TRIAGE, Status.REGIONAL])),
    )
    select = sa.select(Ticket.delegation, *_load_columns(now)).where(IS_OPEN, at_region).group_by(Ticket.delegation)
    return [Load(row[0] or "", row[0] or "", row[1], row[2], row[3], row[4]) for row in db.session.execute(select)]


def _active_pole_role() -> sa.ColumnElement[bool]:
    return sa.and_(StaffRole.role.in_([Role.JURIST, Role.LEAD]), _is_in_force(StaffRole))


def _is_in_force(rights: type[Mandate] | type[StaffRole]) -> sa.ColumnElement[bool]:
    return sa.and_(rights.starts_on <= _TODAY, sa.or_(rights.ends_on.is_(None), rights.ends_on >= _TODAY))


def _is_of_pole() -> sa.ColumnElement[bool]:
    return Person.id.in_(sa.select(StaffRole.person_id).where(_active_pole_role()))


def studied_by(person: Person, jurist: Person) -> Sequence[Ticket]:
    """The open questions on a jurist's desk, those that wait for the asker included."""
    open_ones = Ticket.status.in_([Status.STUDY, Status.WAITING, Status.RELAY])
    return db.session.scalars(
        visible_tickets(person).where(Ticket.jurist_id == jurist.id, open_ones).order_by(Ticket.id).limit(500)
    ).all()


def jurists() -> Sequence[Person]:
    """The active people of the pole, by name."""
    return db.session.scalars(_jurists()).all()


@cache
def _jurists() -> sa.Select[Person]:
    select = sa.select(Person).where(_is_of_pole(), Person.is_active).order_by(Person.last_name, Person.first_name)
    return select.options(raiseload(Person.mandates))


def desk_holder(person_id: int) -> Person | None:
    """Whose desk it is: somebody of the pole, or who was and still has open questions there."""
    holds = sa.exists().where(Ticket.jurist_id == Person.id, Ticket.status.in_(OPEN_STATUSES))
    return db.session.scalar(sa.select(Person).where(Person.id == person_id, sa.or_(holds, _is_of_pole())))


def find_jurist(person_id: int) -> Person | None:
    """An active person of the pole, with the rights that the operations read."""
    return db.session.scalar(sa.select(Person).where(Person.id == person_id, _is_of_pole(), Person.is_active))


def delegates_of(delegation: str | None) -> Sequence[Person]:
    """The active delegates of a delegation, by name."""
    return db.session.scalars(_delegates_of(), {"of_delegation": delegation}).all()


@cache
def _delegates_of() -> sa.Select[Person]:
    roles = sa.select(StaffRole.person_id).where(
        StaffRole.role == Role.DELEGATE,
        StaffRole.delegation == sa.bindparam("of_delegation", type_=sa.String()),
        _is_in_force(StaffRole),
    )
    select = sa.select(Person).where(Person.id.in_(roles), Person.is_active)
    return select.order_by(Person.last_name, Person.first_name).options(*NAME_ONLY)


def people_of(organisation_id: int) -> Sequence[Mandate]:
    """The mandates in force in a structure, with their people."""
    return db.session.scalars(_people_of(), {"of_organisation_id": organisation_id}).all()


@cache
def _people_of() -> sa.Select[Mandate]:
    asked = Mandate.organisation_id == sa.bindparam("of_organisation_id", type_=sa.Integer())
    return (
        sa.select(Mandate)
        .join(Mandate.person)
        .where(asked, _is_in_force(Mandate), Person.is_active)
        .options(contains_eager(Mandate.person).options(*NAME_ONLY), lazyload(Mandate.organisation))
        .order_by(Person.last_name, Person.first_name)
        .limit(50)
    )


def title_in(person_id: int | None, organisation_id: int) -> str:
    """What somebody does in a structure, in their own words; empty when unknown."""
    values = {"of_person_id": person_id, "of_organisation_id": organisation_id}
    return db.session.scalars(_title_in(), values).first() or ""


@cache
def _title_in() -> sa.Select[str]:
    return (
        sa.select(Mandate.title)
        .where(
            Mandate.person_id == sa.bindparam("of_person_id", type_=sa.Integer()),
            Mandate.organisation_id == sa.bindparam("of_organisation_id", type_=sa.Integer()),
            Mandate.title != "",
            _is_in_force(Mandate),
        )
        .order_by(Mandate.id)
        .limit(1)
    )


def shareable_people(ticket: Ticket) -> list[Person]:
    """Whom the asker may let see the question: people of the structure, and those who see its whole group."""
    people = [mandate.person for mandate in people_of(ticket.organisation_id)]
    if ticket.organisation.group_id is not None:
        group = people_of(ticket.organisation.group_id)
        people += [mandate.person for mandate in group if mandate.scope is MandateScope.GROUP]
    shared = {share.person_id for share in ticket.shares}
    return [person for person in dict.fromkeys(people) if person.id not in shared | {ticket.asker_id}]


def present_colleagues(person: Person, ticket: Ticket) -> Sequence[Presence]:
    """The others of the staff who have the question open now."""
    since = clock.now() - timedelta(seconds=PRESENCE_SECONDS)
    values = {"of_ticket_id": ticket.id, "of_person_id": person.id, "since": since}
    return db.session.scalars(_present_colleagues(), values).all()


@cache
def _present_colleagues() -> sa.Select[Presence]:
    others = Presence.person_id != sa.bindparam("of_person_id", type_=sa.Integer())
    is_fresh = Presence.seen_at >= sa.bindparam("since", type_=UtcDateTime())
    select = sa.select(Presence).where(Presence.ticket_id == _TICKET, others, is_fresh)
    return select.options(joinedload(Presence.person).options(*NAME_ONLY)).order_by(Presence.person_id)


def drafts_on(ticket: Ticket) -> Sequence[Draft]:
    """The drafts of every colleague on the question, the newest first."""
    return db.session.scalars(_drafts_on(), {"of_ticket_id": ticket.id}).unique().all()


@cache
def _drafts_on() -> sa.Select[Draft]:
    # With the author's roles: whose note it is decides who reads it.
    author = joinedload(Draft.author).options(lazyload(Person.mandates), joinedload(Person.roles))
    select = sa.select(Draft).where(Draft.ticket_id == _TICKET).options(author, joinedload(Draft.attachments))
    return select.order_by(Draft.updated_at.desc())


def own_question_drafts(person: Person, *, limit: int = 5) -> Sequence[Draft]:
    """Questions begun and not sent."""
    return db.session.scalars(
        sa.select(Draft)
        .where(Draft.author_id == person.id, Draft.kind == DraftKind.QUESTION)
        .order_by(Draft.updated_at.desc())
        .limit(limit)
        .options(raiseload(Draft.attachments))
    ).all()


def get_question_draft(person: Person, key: str) -> Draft:
    """A question begun and not sent; only its author opens it.

    :raises NotFound: for any other.
    """
    draft = db.session.scalar(
        sa.select(Draft)
        .where(Draft.key == key, Draft.author_id == person.id, Draft.kind == DraftKind.QUESTION)
        .options(selectinload(Draft.attachments))
    )
    if draft is None:
        raise NotFound
    return draft


def feedback_of(person: Person, ticket: Ticket) -> Feedback | None:
    """What *person* last said of an answer to *ticket*."""
    return db.session.scalar(
        sa.select(Feedback)
        .join(Message, Message.id == Feedback.message_id)
        .where(Message.ticket_id == ticket.id, Feedback.person_id == person.id)
        .order_by(Feedback.given_at.desc())
        .limit(1)
    )


def current_answer(ticket: Ticket) -> Message | None:
    """The answer in force: the last published one, a correction included."""
    return db.session.scalar(
        sa.select(Message)
        .where(
            Message.ticket_id == ticket.id,
            Message.kind.in_([MessageKind.ANSWER, MessageKind.CORRECTION]),
            Message.published_at.is_not(None),
        )
        .order_by(Message.id.desc())
        .limit(1)
    )


def answer_at_relay(ticket: Ticket) -> Message:
    """The answer that waits for the delegate's word.

    :raises NotFound: when there is none.
    """
    message = db.session.scalar(
        sa.select(Message)
        .where(
            Message.ticket_id == ticket.id,
            Message.kind == MessageKind.ANSWER,
            Message.published_at.is_(None),
        )
        .order_by(Message.id.desc())
        .limit(1)
    )
    if message is None:
        raise NotFound
    return message


def identical_questions(person: Person, ticket: Ticket, *, limit: int = 3) -> Sequence[TicketRow]:
    """Questions with the same title from others: offered to the staff for one shared answer."""
    reader = perms.reader_of(person)
    values = {"of_ticket_id": ticket.id, "same_title": ticket.search_title, "row_limit": limit}
    return [_row(row) for row in db.session.execute(_identical(reader.sight), {**reader.values(), **values})]


@cache
def _identical(sight: perms.Sight) -> sa.Select[Any]:
    select = _rows().where(
        perms.visible_by(perms.any_reader(sight)),
        Ticket.search_title == sa.bindparam("same_title", type_=sa.Text()),
        Ticket.id != _TICKET,
        Ticket.is_sensitive.is_(False),
    )
    return select.order_by(Ticket.id.desc()).limit(_LIMIT)


def linked_questions(person: Person, ticket: Ticket, *, limit: int = 5) -> Sequence[tuple[str, TicketRow]]:
    """What *ticket* continues or repeats, and what continues it, as far as *person* may see, each with its link."""
    before = {ticket.follows_id: "La question de départ", ticket.duplicate_of_id: "Même question, déjà posée"}
    before.pop(None, None)
    reader = perms.reader_of(person)
    values = {"of_ticket_id": ticket.id, "before_ids": list(before), "row_limit": limit}
    rows = [_row(row) for row in db.session.execute(_linked(reader.sight), {**reader.values(), **values})]
    known = sa.select(Ticket.reference, Ticket.id).where(Ticket.id.in_(before))
    words = {reference: before[number] for reference, number in db.session.execute(known)} if before and rows else {}
    return [(words.get(row.reference, "La suite de cette question"), row) for row in rows]


@cache
def _linked(sight: perms.Sight) -> sa.Select[Any]:
    before = Ticket.id.in_(sa.bindparam("before_ids", expanding=True))
    linked = sa.or_(before, Ticket.follows_id == _TICKET)
    return _rows().where(perms.visible_by(perms.any_reader(sight)), linked).order_by(Ticket.id).limit(_LIMIT)
