"""Many PTCE on the same few places at the same moment, through the pages, from several processes.

Each asks for a slot, and joins the waiting list where it is taken; then they come back, and cancel, move, take or
leave the place that was freed for them. ``python -m tests.juri_ptce.rush ORDER.json`` is the parent of those processes.
"""

import dataclasses
import json
import os
import random
import sys
import time
import traceback
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import aliased

from helpdesk import clock
from helpdesk.db import db, read_only, transaction
from helpdesk.juri_ptce import links
from helpdesk.juri_ptce.enums import OCCUPYING, TO_COME, AppointmentStatus, WaitingStatus
from helpdesk.juri_ptce.models import Appointment, Attendance, JuriSession, WaitingEntry
from helpdesk.juri_ptce.operations import waiting
from helpdesk.settings import Settings
from helpdesk.tickets.models import Ticket
from tests.factories.accounts import PersonFactory
from tests.factories.juri_ptce import make_ptce, make_ptce_question, make_session
from tests.support.apps import build_app
from tests.support.http import Client, session_cookie
from tests.support.processes import Processes

PLACES = ("35", "75", "974", "971")
"""Where they live: the ends of the afternoon are kept for those overseas."""
PATIENCE_SECONDS = 900
ANSWERS = {200, 303, 409, 410, 422}
"""What a page answers to somebody who is told what came of it; anything else is an error."""
LONGEST_PAUSE_SECONDS = 0.5


@dataclass(frozen=True)
class Outcome:
    """What the database holds after the rush, and what everybody was told."""

    attempts: int
    seconds: float
    answers: Counter[str]
    standing: int
    queued: int
    gave_up: int
    told: int
    lost: int
    shared_places: int
    shared_jurists: int
    idle_places: int
    errors: list[str]

    @property
    def is_whole(self) -> bool:
        wrong = self.lost + self.shared_places + self.shared_jurists + self.idle_places + len(self.errors)
        return wrong == 0 and self.standing + self.queued + self.gave_up + self.told == self.attempts

    def __str__(self) -> str:
        values = dataclasses.asdict(self) | {"answers": dict(sorted(self.answers.items()))}
        return "\n".join(f"{name:>15}: {value}" for name, value in values.items())


# --- the parent


def rush(
    app: Flask, processes: Processes, folder: Path, *, attempts: int, process_count: int, rounds: int, seed: int
) -> Outcome:
    """Let *attempts* PTCE go for one session of four slots from *process_count* processes, all coming back *rounds*
    times at the end, and look at what is left.
    """
    session = _make_session()
    tickets = [_make_attempt(app, number) for number in range(attempts)]
    settings: Settings = app.config["SETTINGS"]
    order = {
        "settings": dataclasses.asdict(settings),
        "session": session.id,
        "slots": [slot.id for slot in session.slots],
        "tickets": tickets,
        "process_count": process_count,
        "rounds": rounds,
        "seed": seed,
    }
    path = folder / "order.json"
    path.write_text(json.dumps(order, default=str))
    db.session.commit()
    started = time.monotonic()
    command = [sys.executable, "-m", "tests.juri_ptce.rush", path]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    program = processes.start(command, env=environment, log=folder / "rush.log")
    assert program.wait(PATIENCE_SECONDS) == 0, (folder / "rush.log").read_text()
    told = {name: steps for part in folder.glob("told-*.json") for name, steps in json.loads(part.read_text()).items()}
    return _looked_at(session.id, told, time.monotonic() - started)


def _make_session() -> JuriSession:
    day = (clock.now() + timedelta(days=30)).date()
    return make_session(day.isoformat(), hosts=(PersonFactory(jurist=True), PersonFactory(jurist=True)))


def _make_attempt(app: Flask, number: int) -> dict[str, Any]:
    departement = PLACES[number % len(PLACES)]
    ticket = make_ptce_question(make_ptce(departement=departement, delegation=None))
    assert ticket.asker is not None
    return {"reference": ticket.reference, "cookie": session_cookie(app, ticket.asker)}


def _looked_at(session_id: int, told: dict[str, list[str]], seconds: float) -> Outcome:
    db.session.expire_all()
    final: Counter[str] = Counter()
    for reference, steps in told.items():
        final[_end_of(reference, steps)] += 1
    with transaction():
        idle = waiting.offer_next(db.session.get_one(JuriSession, session_id))
    steps_of_all = [step for steps in told.values() for step in steps]
    return Outcome(
        attempts=len(told),
        seconds=round(seconds, 1),
        answers=Counter(step for step in steps_of_all if not step.startswith("error")),
        **{name: final[name] for name in ("standing", "queued", "gave_up", "told", "lost")},
        shared_places=_shared_places(),
        shared_jurists=_shared_jurists(),
        idle_places=idle,
        errors=[step for step in steps_of_all if step.startswith("error")],
    )


def _end_of(reference: str, steps: list[str]) -> str:
    """Where a question stands; « lost »: nothing of it is kept, and nothing was said."""
    ticket = db.session.scalars(sa.select(Ticket).where(Ticket.reference == reference)).one()
    appointments = set(db.session.scalars(sa.select(Appointment.status).where(Appointment.ticket_id == ticket.id)))
    entries = set(db.session.scalars(sa.select(WaitingEntry.status).where(WaitingEntry.ticket_id == ticket.id)))
    if appointments & set(TO_COME):
        return "standing"
    if entries & {WaitingStatus.WAITING, WaitingStatus.OFFERED}:
        return "queued"
    if AppointmentStatus.CANCELLED_BY_PTCE in appointments or WaitingStatus.DECLINED in entries:
        return "gave_up"
    return "told" if steps and steps[-1].split()[-1] in ("200", "422") else "lost"


def _shared_places() -> int:
    held = sa.select(sa.func.count()).where(Appointment.status.in_(OCCUPYING))
    twice = held.group_by(Appointment.slot_id, Appointment.seat).having(sa.func.count() > 1)
    return len(db.session.scalars(twice).all())


def _shared_jurists() -> int:
    """Calls that overlap, and times kept or given back against what the appointment says."""
    one, other = aliased(Attendance), aliased(Attendance)
    overlaps = sa.and_(
        one.person_id == other.person_id,
        one.appointment_id < other.appointment_id,
        one.starts_at < other.ends_at,
        one.ends_at > other.starts_at,
    )
    both = sa.select(one.person_id).join(other, overlaps).where(one.is_occupying, other.is_occupying)
    wrong = sa.select(Attendance.person_id).join(Appointment)
    wrong = wrong.where(Attendance.is_occupying != Appointment.status.in_(OCCUPYING))
    return len(db.session.scalars(both).all()) + len(db.session.scalars(wrong).all())


# --- its children


def main(order: dict[str, Any], folder: Path) -> int:
    """Fork the processes, let them go together, and wait for all."""
    values = {**order["settings"], "data_dir": Path(order["settings"]["data_dir"])}
    app = build_app(Settings(**values))
    with app.app_context():
        db.engine.dispose()
    children = []
    for number in range(order["process_count"]):
        pid = os.fork()
        if pid == 0:
            os._exit(_child(app, order, number, folder))
        children.append(pid)
    time.sleep(0.2)
    (folder / "go").touch()
    return max(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) for pid in children)


def _child(app: Flask, order: dict[str, Any], number: int, folder: Path) -> int:
    mine = order["tickets"][number :: order["process_count"]]
    chance = random.Random(f"{order['seed']}-{number}")  # noqa: S311 (a rush that can be repeated)
    while not (folder / "go").exists():
        time.sleep(0.002)
    attempts = {one["reference"]: Attempt(app, order, one, chance) for one in mine}
    for attempt in attempts.values():
        attempt.do(attempt.ask)
        _come_back(app, attempts)
    for _ in range(order["rounds"]):
        time.sleep(chance.uniform(0, LONGEST_PAUSE_SECONDS))
        _come_back(app, attempts)
    told = {reference: attempt.steps for reference, attempt in attempts.items()}
    (folder / f"told-{number}.json").write_text(json.dumps(told))
    return 0


def _come_back(app: Flask, attempts: dict[str, "Attempt"]) -> None:
    """Those who have a call change it or not, those who are offered a place take it or not."""
    for reference, call in _calls(app, list(attempts)).items():
        attempts[reference].do(attempts[reference].change, *call)
    for reference, offer in _offers(app, list(attempts)).items():
        attempts[reference].do(attempts[reference].take, *offer)


def _calls(app: Flask, references: list[str]) -> dict[str, tuple[int, int]]:
    """The calls to come of some questions, each with its version."""
    columns = sa.select(Ticket.reference, Appointment.id, Appointment.version).join(Ticket, Appointment.ticket)
    return _read(app, columns.where(Ticket.reference.in_(references), Appointment.status.in_(TO_COME)))


def _offers(app: Flask, references: list[str]) -> dict[str, tuple[int, int]]:
    """The entries that are offered a place, each with the sequence of its link."""
    columns = sa.select(Ticket.reference, WaitingEntry.id, Appointment.sequence).join(Ticket, WaitingEntry.ticket)
    columns = columns.join(Appointment, WaitingEntry.appointment)
    return _read(app, columns.where(Ticket.reference.in_(references), WaitingEntry.status == WaitingStatus.OFFERED))


def _read(app: Flask, select: sa.Select[Any]) -> dict[str, tuple[int, int]]:
    token = read_only.set(True)
    try:
        with app.app_context():
            return {row[0]: (row[1], row[2]) for row in db.session.execute(select)}
    finally:
        read_only.reset(token)


class Attempt:
    """One PTCE: what it does, and what each page answered."""

    def __init__(self, app: Flask, order: dict[str, Any], one: dict[str, Any], chance: random.Random) -> None:
        self.order, self.chance, self.reference = order, chance, one["reference"]
        self.app, self.client = app, Client(app)
        self.client.set_cookie(*one["cookie"])
        self.steps: list[str] = []

    def ask(self) -> None:
        """Go for a slot; taken, wait for one."""
        if self._choose() != 303:
            self._wait()

    def do(self, act: Callable[..., None], *arguments: int) -> None:
        try:
            act(*arguments)
        except Exception:  # noqa: BLE001 (the outcome tells it)
            self.steps.append(f"error {traceback.format_exc()}")

    def change(self, appointment_id: int, version: int) -> None:
        """Cancel the call, move it, or keep it."""
        path, chance = f"/juri-ptce/rendez-vous/{appointment_id}", self.chance.random()
        if chance < 0.2:
            self._post("cancel", f"{path}/annuler", version=version)
        elif chance < 0.4:
            self._post("move", f"{path}/deplacer", slot=self.chance.choice(self.order["slots"]))

    def take(self, entry_id: int, sequence: int) -> None:
        """Follow one of the links of the mail: mostly, take the place."""
        purpose = links.Purpose.ACCEPT if self.chance.random() < 0.8 else links.Purpose.DECLINE
        with self.app.app_context():
            entry = db.session.get_one(WaitingEntry, entry_id)
            path = links.make(purpose, id=entry_id, sequence=sequence, person_id=entry.person_id)
        self._post(purpose.value, path)

    def _post(self, step: str, path: str, **fields: object) -> int:
        key = f"{self.reference}-{len(self.steps)}-{self.chance.getrandbits(32):x}"
        response = self.client.post(path, data={"submission_key": key, **fields})
        self.steps.append(f"{step} {response.status_code}")
        if response.status_code not in ANSWERS:
            self.steps.append(f"error {response.status_code} {path}: {response.get_data(as_text=True)[:500]}")
        return response.status_code

    def _choose(self) -> int:
        slot = self.chance.choice(self.order["slots"])
        call = {"medium": "phone", "phone": "06 00 00 00 00"}
        return self._post("choose", f"/juri-ptce/questions/{self.reference}/creneau", slot=slot, **call)

    def _wait(self) -> int:
        call = {"medium": "phone", "phone": "06 00 00 00 00"}
        session = self.order["session"]
        return self._post("wait", f"/juri-ptce/questions/{self.reference}/liste-attente", session=session, **call)


if __name__ == "__main__":
    target = Path(sys.argv[1])
    sys.exit(main(json.loads(target.read_text()), target.parent))
