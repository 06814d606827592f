"""The sessions of Juri-PTCE in the demonstration: a year held, a year to come, who asked for which. Rows."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum
from random import Random
from typing import Any

from helpdesk.accounts.enums import OrganisationKind, Role
from helpdesk.demo.history import Row
from helpdesk.demo.moments import start_of
from helpdesk.demo.network import Network, Structure
from helpdesk.juri_ptce import calendar, models
from helpdesk.juri_ptce.enums import AppointmentStatus, DayProblem, Medium, SessionStatus
from helpdesk.settings import Settings, juri_time

MONTHS_BACK = 12
CANCELLED_REASON = "Les deux juristes de la séance sont malades."
CLOSED_REASON = "Pas de séance en août."
TABLES = (
    models.JuriSession,
    models.SessionHost,
    models.Slot,
    models.Appointment,
    models.Attendance,
    models.Invitation,
    models.CallOffer,
    models.WaitingEntry,
    models.PtceDetails,
    models.PtceProfile,
    models.QuestionPart,
)
NUMBERED = (models.JuriSession, models.Slot, models.Appointment, models.WaitingEntry)


class Turn(StrEnum):
    """What becomes of the question of a PTCE."""

    HELD = "held"
    HELD_ON_VIDEO = "held_on_video"
    MOVED = "moved"
    ABSENT = "absent"
    LATE = "late"
    SERVICE = "service"
    EMERGENCY = "emergency"
    OFFERED = "offered"
    PARTS = "parts"
    CONFIRMED = "confirmed"
    REQUESTED = "requested"
    WAITING = "waiting"


PAST = (
    Turn.HELD,
    Turn.HELD_ON_VIDEO,
    Turn.MOVED,
    Turn.ABSENT,
    Turn.HELD_ON_VIDEO,
    Turn.SERVICE,
    Turn.LATE,
    Turn.HELD,
    Turn.HELD_ON_VIDEO,
    Turn.HELD,
)
"""One PTCE for each session, as the annual report has it; in turn."""
PATTERNS = (
    "subvention-minimis",
    "scic-transformation",
    "bail-conge-mairie",
    "mecenat-contrepartie",
    "domaine-public-occupation",
    "fusion-apport",
    "tva-subvention",
    "reponse-groupement",
    "delegation-pouvoir",
    "marche-reserve",
    "rescrit-lucrativite",
)


@dataclass(frozen=True)
class DemoSlot:
    """A time at which a call may be held."""

    id: int
    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True)
class DemoSession:
    """A session with its slots; *hosts* are people."""

    id: int
    day: date
    status: SessionStatus
    slots: tuple[DemoSlot, ...]
    hosts: tuple[int, ...]


@dataclass(frozen=True)
class DemoCall:
    """A question that will come because of a session: whose, when, and what becomes of it."""

    turn: Turn
    structure: Structure
    pattern: str
    received_at: datetime
    session: DemoSession
    place: int
    """Of its slot in the session."""

    @property
    def slot(self) -> DemoSlot:
        return self.session.slots[self.place]

    @property
    def medium(self) -> Medium:
        is_video = self.turn in (Turn.HELD_ON_VIDEO, Turn.ABSENT, Turn.SERVICE) or self.place == 2
        return Medium.VIDEO if is_video else Medium.PHONE


@dataclass
class Permanence:
    """The rows, table by table, and the plan of the calls; the same draw, the same year."""

    network: Network
    settings: Settings
    rng: Random
    today: date
    rows: dict[str, list[Row]] = field(default_factory=dict)
    sessions: list[DemoSession] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.present = start_of(self.today)
        self.partner_id = next(
            row["person_id"] for row in self.network.rows["staff_role"] if row["role"] is Role.PARTNER_JURIST
        )
        self.ptce = [one for one in self.network.structures if one.kind is OrganisationKind.PTCE]
        self._hold_sessions()
        for number, one in enumerate(self.ptce):
            self._entitle(number, one)

    def add(self, model: Any, **row: Any) -> Row:
        """Add a row; those that are numbered get the next number."""
        rows = self.rows.setdefault(model.__tablename__, [])
        if model in NUMBERED:
            row = {"id": len(rows) + 1, **row}
        rows.append(row)
        return row

    def finish(self) -> dict[str, list[Row]]:
        """Every row, once the messages have their identifiers."""
        for row in self.rows.get(models.Appointment.__tablename__, ()):
            account = row.pop("account")
            row["account_message_id"] = account["id"] if account else None
        return self.rows

    def token(self) -> str:
        """Nobody can guess it on a machine that draws its own; here the same on every machine."""
        return f"{self.rng.getrandbits(128):032x}"

    # --- the calendar

    def _hold_sessions(self) -> None:
        first = date(self.today.year - 1, self.today.month, 1)
        for month in calendar.months_from(first, MONTHS_BACK + self.settings.juri_months_ahead):
            self._hold_session(month)

    def _hold_session(self, month: date) -> None:
        day = calendar.first_tuesday(month.year, month.month)
        problem, status = calendar.problem_of(day), SessionStatus.SCHEDULED
        if problem is not None:
            status = SessionStatus.PROPOSED
            if day < self.today and problem is DayProblem.AUGUST:
                status = SessionStatus.CANCELLED
            elif day < self.today:
                day, status = calendar.proposed_day(day), SessionStatus.SCHEDULED
        hours = calendar.Hours(
            start=juri_time("JURI_SESSION_START", self.settings.juri_session_start),
            end=juri_time("JURI_SESSION_END", self.settings.juri_session_end),
            slot_minutes=self.settings.juri_slot_minutes,
            buffer_minutes=self.settings.juri_buffer_minutes,
        )
        times = calendar.slot_times(day, hours)
        row = self._session_row(month, times, status, problem)
        hosts = self._hosts_on(day) if status is SessionStatus.SCHEDULED else ()
        slots = [
            self.add(models.Slot, session_id=row["id"], starts_at=start, ends_at=end, seats=self.settings.juri_seats)
            for start, end in times
        ]
        for person_id in hosts:
            self.add(models.SessionHost, session_id=row["id"], person_id=person_id, is_absent=False)
        places = tuple(DemoSlot(slot["id"], slot["starts_at"], slot["ends_at"]) for slot in slots)
        self.sessions.append(DemoSession(row["id"], day, status, places, hosts))

    def _session_row(
        self, month: date, times: Sequence[tuple[datetime, datetime]], status: SessionStatus, problem: DayProblem | None
    ) -> Row:
        starts_at, now = times[0][0], self.settings
        created_at = min(starts_at - timedelta(days=360), self.present - timedelta(days=1))
        is_cancelled = status is SessionStatus.CANCELLED
        return self.add(
            models.JuriSession,
            version=1,
            month_on=month,
            starts_at=starts_at,
            ends_at=times[-1][1],
            status=status,
            problem=problem,
            cut_off_at=calendar.cut_off(starts_at, now.juri_cut_off_working_days, now.pole_closing_days),
            place="Au siège, salle des commissions",
            video_link="",
            cancelled_at=starts_at - timedelta(days=60) if is_cancelled else None,
            cancelled_reason=CLOSED_REASON if is_cancelled else "",
            created_at=created_at,
        )

    def _hosts_on(self, day: date) -> tuple[int, ...]:
        """Whoever answers business law at the pole that day, and the partner jurist."""
        pole = [
            one.person_id
            for one in self.network.jurists
            if "business" in one.specialties and one.starts_on <= day <= (one.ends_on or day)
        ]
        return (*pole, self.partner_id)

    def cancel(self, session: DemoSession, at: datetime) -> None:
        """The session falls through a few days before."""
        row = self.rows[models.JuriSession.__tablename__][session.id - 1]
        row.update(status=SessionStatus.CANCELLED, cancelled_at=at, cancelled_reason=CANCELLED_REASON)

    def _entitle(self, number: int, structure: Structure) -> None:
        """Members, signatories, vouched for, and a few that nothing entitles yet."""
        at = self.present - timedelta(days=300 + number)
        is_vouched = number % 5 == 3 and structure.delegation is not None
        delegates = self.network.delegates.get(structure.delegation or "", [])
        self.add(
            models.PtceProfile,
            organisation_id=structure.id,
            is_network_member=number % 5 == 1,
            has_charter=number % 5 in (0, 2),
            vouched_by_id=delegates[0].person_id if is_vouched else None,
            vouched_at=at if is_vouched else None,
        )

    # --- the plan

    def planned(self, limit: int, first: date) -> list[DemoCall]:
        """What will come of the sessions, at most *limit* questions received from *first* on: those to come first."""
        entitled = [one for number, one in enumerate(self.ptce) if number % 5 != 4 and self._has_asker(one)]
        calls = [*self._to_come(entitled), *self._held(entitled)]
        return [call for call in calls if call.received_at >= start_of(first)][:limit]

    def _has_asker(self, structure: Structure) -> bool:
        return bool(structure.askers_on(self.today - timedelta(days=380)))

    def _to_come(self, ptce: Sequence[Structure]) -> list[DemoCall]:
        coming = [one for one in self.sessions if one.day >= self.today and one.status is SessionStatus.SCHEDULED]
        if not coming:
            return []
        turns = (
            Turn.OFFERED,
            Turn.CONFIRMED,
            Turn.REQUESTED,
            Turn.PARTS,
            Turn.WAITING,
            Turn.CONFIRMED,
            Turn.REQUESTED,
            Turn.EMERGENCY,
        )
        places = {1: 0, 2: 1, 5: 2, 6: 3}
        calls = []
        for number, (turn, structure) in enumerate(zip(turns, ptce, strict=False)):
            back = 1 if turn is Turn.EMERGENCY else 7 + number % 4
            calls.append(self._call(turn, structure, number, self._working_day(back), coming[0], places.get(number, 0)))
        return calls

    def _held(self, ptce: Sequence[Structure]) -> list[DemoCall]:
        is_over = [
            one
            for one in self.sessions
            if one.day < self.today - timedelta(days=1) and one.status is SessionStatus.SCHEDULED
        ]
        calls = []
        for number, session in enumerate(is_over):
            structure = ptce[(number * 3 + 1) % len(ptce)]
            received_on = session.day - timedelta(days=13 + number % 3)
            turn, is_first = PAST[number % len(PAST)], structure.delegation == "ocean-indien"
            place = 0 if is_first else number % 3
            calls.append(self._call(turn, structure, number + 3, received_on, session, place))
        return calls

    def _call(
        self, turn: Turn, structure: Structure, number: int, on: date, session: DemoSession, place: int
    ) -> DemoCall:
        received_at = start_of(on) + timedelta(minutes=530 + 37 * (number % 8))
        pattern = PATTERNS[number % len(PATTERNS)]
        if turn is Turn.EMERGENCY:
            pattern = "recours-marche"
        if turn is Turn.PARTS:
            pattern = "subvention-minimis"
        return DemoCall(turn, structure, pattern, received_at, session, place)

    def _working_day(self, back: int) -> date:
        day = self.today
        for _ in range(back):
            day -= timedelta(days=1)
            while day.weekday() >= 5:
                day -= timedelta(days=1)
        return day

    # --- what is written of one question

    def note_details(self, ticket: Row, call: DemoCall | None) -> None:
        """What a PTCE adds to its question."""
        touches_authority = (ticket["topic"] or "").startswith("public/")
        self.add(
            models.PtceDetails,
            ticket_id=ticket["id"],
            carrier=self.rng.choice(("Association", "SCIC SARL", "Association collégiale", "Coopérative d’activité")),
            territory=self.rng.choice(("Trois communautés de communes", "Une agglomération", "Un pays, 40 communes")),
            involves_authority=touches_authority,
            amount=self.rng.choice(("12 000 €", "45 000 € par an", "")) if touches_authority else "",
            wished_session_id=call.session.id if call and call.turn is not Turn.EMERGENCY else None,
            may_be_published=self.rng.random() < 0.6,
        )

    def emergency_slot(self, starts_at: datetime) -> DemoSlot:
        """A time outside the sessions."""
        ends_at = starts_at + timedelta(minutes=30)
        row = self.add(models.Slot, session_id=None, starts_at=starts_at, ends_at=ends_at, seats=1)
        return DemoSlot(row["id"], starts_at, ends_at)

    def book(self, ticket: Row, call: DemoCall, slot: DemoSlot, at: datetime, status: AppointmentStatus) -> Row:
        """A call at its slot with the jurist of the question."""
        is_phone = call.medium is Medium.PHONE
        appointment = self.add(
            models.Appointment,
            version=1,
            ticket_id=ticket["id"],
            organisation_id=ticket["organisation_id"],
            slot_id=slot.id,
            seat=1,
            status=status,
            medium=call.medium,
            phone=ticket["callback_phone"] or "06 39 98 00 14" if is_phone else "",
            video_link="" if is_phone else f"{self.settings.juri_video_url}/{self.token()}",
            uid=f"{self.token()}@{self.settings.mail_domain}",
            sequence=0,
            booked_by_id=ticket["asker_id"],
            created_at=at,
            expires_at=None,
            started_at=None,
            ended_at=None,
            cancelled_at=None,
            cancelled_reason="",
            is_late_cancel=False,
            days_reminded_at=None,
            hours_reminded_at=None,
            preparation="",
            notes="",
            account_due_on=None,
            account=None,
        )
        self.add(
            models.Attendance,
            appointment_id=appointment["id"],
            person_id=ticket["jurist_id"],
            starts_at=slot.starts_at,
            ends_at=slot.ends_at,
            is_occupying=True,
        )
        return appointment

    def invite(self, appointment: Row, person_ids: Sequence[int], at: datetime) -> None:
        """What the calendars were told."""
        for person_id in person_ids:
            self.add(
                models.Invitation,
                uid=appointment["uid"],
                person_id=person_id,
                sequence=appointment["sequence"],
                sent_at=at,
                cancelled_at=None,
            )

    def let_go(self, appointment: Row, status: AppointmentStatus, at: datetime, **fields: Any) -> None:
        """The call is no longer: its place and its jurist's time are free."""
        appointment.update(status=status, **fields)
        if status is not AppointmentStatus.MOVED:
            appointment["cancelled_at"] = at
        for row in self.rows[models.Attendance.__tablename__]:
            if row["appointment_id"] == appointment["id"]:
                row["is_occupying"] = False
