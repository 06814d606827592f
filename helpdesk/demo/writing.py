"""The questions of the demonstration, one after the other, as rows."""

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from itertools import accumulate
from random import Random

from helpdesk.accounts.enums import OrganisationKind
from helpdesk.attachments import storage
from helpdesk.demo import documents
from helpdesk.demo.asking import Asking, Case, channel_of, typing_delay
from helpdesk.demo.calls import CallLife
from helpdesk.demo.corpus import Pattern, get_corpus
from helpdesk.demo.history import Actor, History, Row
from helpdesk.demo.lives import Life
from helpdesk.demo.moments import arrivals, start_of
from helpdesk.demo.network import Network, Structure
from helpdesk.demo.permanence import DemoCall, Permanence
from helpdesk.demo.rows import Rows
from helpdesk.demo.staged import STAGED, Staged
from helpdesk.reference.holidays import is_working_day
from helpdesk.reference.zones import PARIS
from helpdesk.settings import Settings
from helpdesk.tickets.enums import ActorRole, Channel, DraftKind, EventKind, Status

BATCH_TICKETS = 4000
_SHARES = {"member": 95.9, "ptce": 0.6, "partner": 1.6, "region": 1.9}
_DUPLICATE_SHARE, _FOLLOW_UP_SHARE, _REPEAT_DAYS = 0.017, 0.008, 12
_ATTEMPTS = 800
_DRAFTS = 7


@dataclass(frozen=True)
class Planned:
    """A question that will come."""

    received_at: datetime
    created_at: datetime
    structure: Structure
    pattern: Pattern
    channel: Channel
    staged: Staged | None = None
    call: DemoCall | None = None


@dataclass(frozen=True)
class Told:
    """A question already told, that another may repeat or follow."""

    id: int
    structure: Structure
    pattern: Pattern
    asker: Actor
    title: str
    received_at: datetime
    answered_at: datetime | None


class Writer:
    """Tells the questions in the order of their typing in, which is that of their numbers."""

    def __init__(self, network: Network, settings: Settings, seed: int, today: date) -> None:
        self.network = network
        self.settings = settings
        self.seed = seed
        self.today = today
        self.present = start_of(today)
        self.asking = Asking(network, get_corpus())
        self.permanence = Permanence(network, settings, Random(seed + 3), today)
        self.numbers: dict[int, int] = {}
        self.documents: dict[str, bytes] = {}
        self._pools = {name: _Pool(structures) for name, structures in _sorted_out(network).items()}
        self._recent: deque[Told] = deque(maxlen=60)
        self._older: deque[Told] = deque(maxlen=600)
        self._rows = Rows()
        self._studied: list[tuple[History, Pattern]] = []

    def batches(self, count: int, first: date) -> Iterator[Rows]:
        """Rows of some thousands of questions at a time."""
        for number, planned in enumerate(self._plan(count, first), 1):
            self._tell(number, planned)
            if number % BATCH_TICKETS == 0:
                yield self._handed_over()
        self._rows.tables["draft"] = self._drafts()
        yield self._handed_over()

    def _handed_over(self) -> Rows:
        done = self._rows
        self._rows = Rows(
            next_message_id=done.next_message_id,
            next_event_id=done.next_event_id,
            next_attachment_id=done.next_attachment_id,
        )
        return done

    # --- what will come

    def _plan(self, count: int, first: date) -> list[Planned]:
        rng = Random(self.seed + 1)
        staged = [*self._staged(count // 3), *self._called(count // 4, first)]
        free = arrivals(rng, count - len(staged), first, self.today - timedelta(days=1))
        planned = [self._planned(rng, received_at) for received_at in free]
        return sorted([*planned, *staged], key=lambda one: one.created_at)

    def _planned(self, rng: Random, received_at: datetime) -> Planned:
        pool = self._pools[rng.choices(list(_SHARES), list(_SHARES.values()))[0]]
        structure = pool.draw(rng)
        pattern = self.asking.pattern_for(rng, structure, received_at.astimezone(PARIS).month)
        channel = channel_of(rng, structure, pattern.urgency)
        created_at = received_at + typing_delay(rng, channel)
        if created_at >= self.present:
            created_at, channel = received_at, Channel.PORTAL
        return Planned(received_at, created_at, structure, pattern, channel)

    def _staged(self, limit: int) -> list[Planned]:
        """The questions of the mock-ups, a few days before the present."""
        by_key = {one.key: one for one in self.network.structures if one.key}
        patterns = {one.key: one for one in self.asking.corpus.patterns}
        found: list[Planned] = []
        for one in STAGED:
            if one.structure in by_key and len(found) < limit:
                received_at = start_of(self._day_before(one)) + timedelta(minutes=one.minute)
                found.append(
                    Planned(received_at, received_at, by_key[one.structure], patterns[one.pattern], Channel.PORTAL, one)
                )
        return found

    def _called(self, limit: int, first: date) -> list[Planned]:
        """The questions of PTCE that lead to a call."""
        patterns = {one.key: one for one in self.asking.corpus.patterns}
        return [
            Planned(
                one.received_at, one.received_at, one.structure, patterns[one.pattern], Channel.PORTAL, None, call=one
            )
            for one in self.permanence.planned(limit, first)
        ]

    def _day_before(self, one: Staged) -> date:
        day = self.today
        for _ in range(one.working_days_ago):
            day -= timedelta(days=1)
            while not is_working_day(day):
                day -= timedelta(days=1)
        return day

    # --- one question

    def _tell(self, number: int, planned: Planned) -> None:
        reference = self._reference(planned.created_at)
        history, case = self._lived(number, reference, planned)
        if case.asker and case.arrival.facts and case.arrival.channel in (Channel.PORTAL, Channel.MAIL):
            self._join_documents(number, history, case)
        if case.asker and case.structure.kind is OrganisationKind.PTCE:
            self.permanence.note_details(history.ticket, planned.call)
        if history.status is Status.STUDY:
            self._studied = [*self._studied[-40:], (history, case.pattern)]
        if case.asker and not case.pattern.orientation and case.structure.kind is OrganisationKind.MEMBER:
            self._remember(history, case)
        self._rows.add(history)

    def _lived(self, number: int, reference: str, planned: Planned) -> tuple[History, Case]:
        """The life that fate gives; for a staged question the first that ends where it should."""
        attempts = _ATTEMPTS if planned.staged else 1
        for attempt in range(attempts):
            rng = Random(self.seed * 1_000_003 + number * 1_009 + attempt)
            is_planned = planned.staged or planned.call
            original = None if is_planned else self._repeated(rng, planned)
            follows = None if is_planned or original else self._followed(rng, planned)
            case = self._case(rng, reference, planned, original, follows)
            history = History(number, case.arrival, self.settings, self.present)
            if follows:
                history.record(EventKind.LINKED, follows.asker, follows_id=follows.id)
            life = self._life(case, history, planned, original)
            life.is_unread = bool(planned.staged and planned.staged.is_unread)
            life.live()
            if planned.staged is None or planned.staged.accepts(history):
                break
        return history, case

    def _life(self, case: Case, history: History, planned: Planned, original: Told | None) -> Life:
        if planned.call is not None:
            return CallLife(case, history, self.asking, self.permanence, planned.call)
        return Life(case, history, self.asking, original.id if original else None)

    def _case(self, rng: Random, reference: str, planned: Planned, original: Told | None, follows: Told | None) -> Case:
        told = original or follows
        case = self.asking.case(
            rng,
            reference,
            told.structure if told else planned.structure,
            told.pattern if told else planned.pattern,
            planned.received_at,
            planned.created_at,
            Channel.PORTAL if told else planned.channel,
            asker=told.asker if told else _first_asker(planned),
        )
        if follows is None:
            return case
        facts = case.phrase(self.asking.corpus, "follow_ups")
        arrival = replace(
            case.arrival,
            title=follows.title,
            facts=facts,
            follows_id=follows.id,
            urgency=0,
            topic=follows.pattern.topic,
        )
        return replace(case, arrival=arrival)

    def _repeated(self, rng: Random, planned: Planned) -> Told | None:
        if rng.random() > _DUPLICATE_SHARE or planned.channel is not Channel.PORTAL:
            return None
        since = planned.received_at - timedelta(days=_REPEAT_DAYS)
        recent = [one for one in self._recent if since < one.received_at < planned.received_at]
        return rng.choice(recent) if recent else None

    def _followed(self, rng: Random, planned: Planned) -> Told | None:
        if rng.random() > _FOLLOW_UP_SHARE or planned.channel is not Channel.PORTAL:
            return None
        day = planned.received_at.astimezone(PARIS).date()
        before = planned.received_at - timedelta(days=self.settings.reopen_days + 1)
        older = [
            one
            for one in self._older
            if one.answered_at
            and one.answered_at < before
            and one.asker.person_id in {member.person_id for member in one.structure.askers_on(day)}
        ]
        return rng.choice(older) if older else None

    def _remember(self, history: History, case: Case) -> None:
        assert case.asker is not None  # noqa: S101 (told to mypy; the caller has looked)
        told = Told(
            history.id,
            case.structure,
            case.pattern,
            case.asker,
            case.arrival.title,
            case.arrival.received_at,
            history.ticket["answered_at"],
        )
        self._recent.append(told)
        if told.answered_at:
            self._older.append(told)

    def _join_documents(self, number: int, history: History, case: Case) -> None:
        for name in documents.drawn(Random(self.seed * 7_919 + number), case.pattern.domain):
            content = documents.content(name)
            self.documents[name] = content
            history.documents.append(
                {
                    "sha256": storage.digest(content),
                    "name": name,
                    "media_type": documents.MEDIA_TYPE,
                    "size_bytes": len(content),
                    "uploaded_by_id": history.messages[0]["author_id"],
                    "created_at": case.arrival.received_at,
                    "purged_at": None,
                }
            )

    def _reference(self, created_at: datetime) -> str:
        year = created_at.astimezone(PARIS).year
        self.numbers[year] = self.numbers.get(year, 0) + 1
        return f"Q-{year}-{self.numbers[year]:04d}"

    def _drafts(self) -> list[Row]:
        """Answers that the jurists have begun."""
        rng = Random(self.seed + 2)
        rows = []
        for history, pattern in self._studied[-_DRAFTS:]:
            written_at = self.present - timedelta(hours=rng.uniform(7, 14))
            begun_at = max(history.now, written_at - timedelta(hours=2))
            rows.append(
                {
                    "key": f"{rng.getrandbits(128):032x}",
                    "ticket_id": history.id,
                    "author_id": history.ticket["jurist_id"],
                    "kind": DraftKind.ANSWER,
                    "fields": {
                        "in_brief": pattern.brief,
                        "explanation": "",
                        "actions": "",
                        "references": list(pattern.references[:1]),
                        "word": "",
                    },
                    "created_at": begun_at.replace(microsecond=0),
                    "updated_at": max(begun_at, written_at).replace(microsecond=0),
                }
            )
        return rows


def _first_asker(planned: Planned) -> Actor | None:
    """Of a staged question, the person of the mock-up; of another, fate decides."""
    if planned.staged is None and planned.call is None:
        return None
    people = planned.structure.askers_on(planned.received_at.astimezone(PARIS).date())
    return Actor(max(people, key=lambda one: one.weight).person_id, ActorRole.MEMBER)


class _Pool:
    """Structures of one kind, drawn by appetite."""

    def __init__(self, structures: list[Structure]) -> None:
        self.structures = structures
        self.sums = list(accumulate(one.appetite for one in structures))

    def draw(self, rng: Random) -> Structure:
        return rng.choices(self.structures, cum_weights=self.sums)[0]


def _sorted_out(network: Network) -> dict[str, list[Structure]]:
    pools: dict[str, list[Structure]] = {name: [] for name in _SHARES}
    for one in network.structures:
        if one.main:
            pools["member"].append(one)
        elif one.kind is OrganisationKind.PTCE:
            pools["ptce"].append(one)
        else:
            pools["region" if "DELEGATION" in one.typologies else "partner"].append(one)
    return pools
