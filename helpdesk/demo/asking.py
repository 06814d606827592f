"""A question as somebody writes it: who, what, when, by which channel."""

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from random import Random

from helpdesk.accounts.enums import OrganisationKind
from helpdesk.demo.corpus import Corpus, Pattern
from helpdesk.demo.history import Actor, Arrival
from helpdesk.demo.network import Delegate, Jurist, Network, Structure
from helpdesk.demo.slots import Filler, day_words
from helpdesk.reference import get_reference
from helpdesk.reference.zones import PARIS
from helpdesk.tickets import urgency
from helpdesk.tickets.enums import ActorRole, Channel, ContactPreference, DeadlineKind, Nature

_CHANNELS = {
    Channel.PORTAL: 62,
    Channel.MAIL: 15,
    Channel.PHONE: 15,
    Channel.WHATSAPP: 4,
    Channel.MEETING: 3,
    Channel.WEBINAR: 1,
}
_PHRASES = {
    Channel.PHONE: "phone_facts",
    Channel.WHATSAPP: "whatsapp_facts",
    Channel.MAIL: "mail_facts",
    Channel.MEETING: "meeting_facts",
    Channel.WEBINAR: "webinar_facts",
}
_FAVOURITES = {"PTCE": ("fiscal", "associations", "affaires", "public")}
"""Domains that a kind of structure asks about most."""
_TWO_REGIONS = "Notre siège est ici, mais la question touche surtout notre antenne, dans la région voisine."


@dataclass(frozen=True)
class Case:
    """A question with the people around it; *filler* holds the values of its texts."""

    rng: Random
    pattern: Pattern
    structure: Structure
    filler: Filler
    arrival: Arrival
    asker: Actor | None
    delegate: Delegate | None
    jurist: Jurist
    legal_on: date | None
    is_two_regions: bool
    unsaid: str
    """The facts that a typing in during a call left out, to be completed."""

    @property
    def day(self) -> date:
        return self.filler.day

    def phrase(self, corpus: Corpus, name: str) -> str:
        """One of the phrases of that name, filled."""
        return self.filler.fill(self.rng.choice(corpus.phrases[name]))


class Asking:
    """Draws questions; patterns by what each structure may ask are worked out once."""

    def __init__(self, network: Network, corpus: Corpus) -> None:
        self.network = network
        self.corpus = corpus
        self._fitting: dict[tuple[frozenset[str], int], tuple[list[Pattern], list[float]]] = {}
        self._used: dict[str, int] = {}
        self._told: set[str] = set()
        self._proposals: dict[str, urgency.UrgencyProposal] = {}

    def pattern_for(self, rng: Random, structure: Structure, month: int) -> Pattern:
        """A question that this structure would ask in that month."""
        key = (structure.typologies, month)
        if key not in self._fitting:
            fitting = [one for one in self.corpus.patterns if one.fits(structure.typologies, month)]
            self._fitting[key] = (fitting, [_likeliness(one, structure) for one in fitting])
        patterns, weights = self._fitting[key]
        return rng.choices(patterns, weights)[0]

    def case(
        self,
        rng: Random,
        reference: str,
        structure: Structure,
        pattern: Pattern,
        received_at: datetime,
        created_at: datetime,
        channel: Channel,
        *,
        asker: Actor | None = None,
    ) -> Case:
        """A question of *structure*; the wordings of a pattern take turns, so that none comes back too often."""
        day = received_at.astimezone(PARIS).date()
        filler = Filler(rng, day, self.corpus.wordings)
        delegate = self._delegate(rng, structure)
        jurist = self.jurist_for(rng, pattern.topic, day)
        asker = asker or self._asker(rng, structure, channel, day)
        entered_by = self._typist(rng, structure, channel, delegate, jurist)
        if asker is None and entered_by is None:
            entered_by = Actor(jurist.person_id, ActorRole.JURIST)
        legal_on = self._legal_day(rng, pattern, day)
        arrival = Arrival(
            reference=reference,
            title="",
            facts="",
            topic=pattern.topic if entered_by or rng.random() < 0.68 else None,
            organisation_id=structure.id,
            delegation=structure.delegation,
            asker=asker,
            entered_by=entered_by,
            received_at=received_at,
            created_at=created_at,
            channel=channel,
            nature=_nature(structure),
            urgency=pattern.urgency,
            urgency_reason=rng.choice(self.corpus.phrases["urgency_reasons"]) if pattern.urgency else "",
            is_sensitive=pattern.is_sensitive and rng.random() < 0.7,
        )
        arrival = _with_preference(arrival, rng, self.corpus)
        arrival = _with_deadline(arrival, rng, self.corpus, filler, legal_on)
        is_two_regions = structure.kind is OrganisationKind.MEMBER and rng.random() < 0.015
        arrival = self._with_texts(arrival, rng, pattern, filler, channel, is_two_regions=is_two_regions)
        unsaid = ""
        if structure.members and channel is Channel.PHONE and entered_by and rng.random() < 0.2:
            arrival, unsaid = replace(arrival, facts=""), arrival.facts
        return Case(rng, pattern, structure, filler, arrival, asker, delegate, jurist, legal_on, is_two_regions, unsaid)

    def jurist_for(self, rng: Random, topic: str, day: date) -> Jurist:
        """One of the jurists of the topic's specialty on that day."""
        specialty = get_reference().specialty_of(topic).value
        present = [one for one in self.network.jurists if one.starts_on <= day <= (one.ends_on or day)]
        fitting = [one for one in present if specialty in one.specialties] or present
        return rng.choices(fitting, [one.weight for one in fitting])[0]

    def _with_texts(
        self, arrival: Arrival, rng: Random, pattern: Pattern, filler: Filler, channel: Channel, *, is_two_regions: bool
    ) -> Arrival:
        title, facts = self._next_wording(rng, pattern)
        phrases = self.corpus.phrases
        lines, filled = [title, facts], [filler.fill(title), filler.fill(facts)]
        is_known = filled[1] in self._told
        self._told.add(filled[1])
        if _nature(self._structure(arrival)) is Nature.STRUCTURE and not pattern.orientation:
            if is_known or rng.random() < 0.4:
                lines.append(rng.choice(phrases["context"]))
            if is_known or rng.random() < 0.45:
                lines.append(rng.choice(phrases["done"]))
            if is_two_regions:
                lines.append(_TWO_REGIONS)
            if arrival.deadline_kind is DeadlineKind.INTERNAL:
                lines.append(rng.choice(phrases["internal"]))
        filled += [filler.fill(line) for line in lines[2:]]
        opening = rng.choice(phrases[_PHRASES.get(channel, "greetings")])
        is_polite = channel in (Channel.PORTAL, Channel.MAIL) and rng.random() < 0.5
        closing = rng.choice(phrases["thanks"]) if is_polite else ""
        paragraphs = [opening, filled[1], " ".join(filled[2:]), closing]
        text = "\n\n".join(paragraph for paragraph in paragraphs if paragraph)
        arrival = self._with_urgency(arrival, lines, filled, filler.day)
        return replace(arrival, title=_capital(filled[0]), facts=text)

    def _next_wording(self, rng: Random, pattern: Pattern) -> tuple[str, str]:
        """The wordings of a pattern take turns."""
        turn = self._used.get(pattern.key, rng.randrange(7))
        self._used[pattern.key] = turn + 1
        return pattern.wordings[turn % len(pattern.wordings)]

    def _with_urgency(self, arrival: Arrival, lines: list[str], filled: list[str], day: date) -> Arrival:
        """What the application would propose; each template is read once, as reading is slow."""
        for template, text in zip(lines, filled, strict=True):
            if template not in self._proposals:
                self._proposals[template] = urgency.propose(text, deadline_on=None, today=day)
        proposals = [self._proposals[line] for line in lines]
        if arrival.deadline_on is not None and arrival.deadline_on <= day + timedelta(days=urgency.SOON_DAYS):
            proposals.append(urgency.propose("", deadline_on=arrival.deadline_on, today=day))
        level = max(proposal.level for proposal in proposals)
        if level <= arrival.urgency:
            return arrival
        proposals.sort(key=lambda proposal: -proposal.level)
        reasons = dict.fromkeys(reason for proposal in proposals for reason in proposal.reasons)
        return replace(arrival, urgency=int(level), urgency_reason=" ; ".join(reasons)[:300])

    def _structure(self, arrival: Arrival) -> Structure:
        return self.network.structures[arrival.organisation_id - 1]

    def _delegate(self, rng: Random, structure: Structure) -> Delegate | None:
        if structure.delegation is None:
            return None
        return rng.choice(self.network.delegates[structure.delegation])

    def _asker(self, rng: Random, structure: Structure, channel: Channel, day: date) -> Actor | None:
        people = structure.askers_on(day)
        if not people or (channel in (Channel.PHONE, Channel.MEETING, Channel.WEBINAR) and rng.random() < 0.15):
            return None
        chosen = rng.choices(people, [one.weight for one in people])[0]
        return Actor(chosen.person_id, ActorRole.MEMBER)

    def _typist(
        self,
        rng: Random,
        structure: Structure,
        channel: Channel,
        delegate: Delegate | None,
        jurist: Jurist,
    ) -> Actor | None:
        """Who typed in what did not come by the portal: the delegate mostly."""
        if channel is Channel.PORTAL:
            return None
        if delegate and ("DELEGATION" in structure.typologies or rng.random() < 0.82):
            return Actor(delegate.person_id, ActorRole.DELEGATE)
        return Actor(jurist.person_id, ActorRole.JURIST)

    def _legal_day(self, rng: Random, pattern: Pattern, day: date) -> date | None:
        if pattern.legal_date is None:
            return None
        low, high = pattern.legal_date.days
        return day + timedelta(days=rng.randrange(low, high + 1))


def channel_of(rng: Random, structure: Structure, level: int) -> Channel:
    """How a question of that structure arrives; urgent ones often by phone."""
    if "DELEGATION" in structure.typologies:
        return rng.choice((Channel.MEETING, Channel.MAIL))
    if level >= 2 and rng.random() < 0.3:
        return Channel.PHONE
    return rng.choices(list(_CHANNELS), list(_CHANNELS.values()))[0]


def typing_delay(rng: Random, channel: Channel) -> timedelta:
    """From the real arrival to its typing in."""
    if channel is Channel.PORTAL:
        return timedelta()
    if channel is Channel.PHONE:
        return timedelta(minutes=rng.randrange(2, 40), seconds=rng.randrange(60))
    return timedelta(minutes=rng.randrange(15, 30 * 60), seconds=rng.randrange(60))


def _likeliness(pattern: Pattern, structure: Structure) -> float:
    weight = float(pattern.weight)
    if pattern.typologies:
        weight *= 1.4
    for kind, domains in _FAVOURITES.items():
        if kind in structure.typologies:
            weight *= 8 if pattern.domain in domains else 0.3
    return weight


def _nature(structure: Structure) -> Nature:
    if "DELEGATION" in structure.typologies:
        return Nature.REGION
    if structure.kind in (OrganisationKind.PARTNER, OrganisationKind.STATE):
        return Nature.PARTNER
    return Nature.STRUCTURE


def _with_preference(arrival: Arrival, rng: Random, corpus: Corpus) -> Arrival:
    chance = rng.random()
    preference = ContactPreference.WRITTEN
    if arrival.urgency >= 3 or chance < 0.14:
        preference = ContactPreference.PHONE
    elif chance < 0.19:
        preference = ContactPreference.VIDEO
    if preference is ContactPreference.WRITTEN or arrival.asker is None:
        return arrival
    return replace(
        arrival,
        preference=preference,
        callback_phone=f"06 39 98 {rng.randrange(100):02d} {rng.randrange(100):02d}",
        callback_slots=rng.choice(corpus.phrases["callback_slots"]),
    )


def _with_deadline(arrival: Arrival, rng: Random, corpus: Corpus, filler: Filler, legal_on: date | None) -> Arrival:
    if legal_on is not None and rng.random() < 0.6:
        reason = rng.choice(corpus.phrases["legal_reasons"])
        return replace(arrival, deadline_kind=DeadlineKind.LEGAL, deadline_on=legal_on, deadline_reason=reason)
    if rng.random() < 0.14:
        day = filler.day + timedelta(days=rng.randrange(6, 30))
        filler.set("ca", day_words(day, filler.day, is_near=False))
        reason = rng.choice(corpus.phrases["deadline_reasons"])
        return replace(arrival, deadline_kind=DeadlineKind.INTERNAL, deadline_on=day, deadline_reason=reason)
    return arrival


def _capital(title: str) -> str:
    return title[0].upper() + title[1:]
