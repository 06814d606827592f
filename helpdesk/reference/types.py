"""The reference data of the service, as frozen values: nothing here changes while it runs."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import cached_property
from zoneinfo import ZoneInfo

from helpdesk.reference.phrases import PhraseIndex, normalize, words_of


class ReferenceDataError(ValueError):
    """The reference data cannot be used; the message names file, line and reason, one problem a line."""

    def __init__(self, problems: tuple[str, ...]) -> None:
        super().__init__("Données de référence non valides.\n" + "\n".join(problems))
        self.problems = problems


class Specialty(StrEnum):
    """The half of the legal pole that studies a topic."""

    SOCIAL = "social"
    BUSINESS = "business"

    @property
    def label(self) -> str:
        return {"social": "Droit social", "business": "Droit des affaires"}[self.value]


class HolidayZone(StrEnum):
    """Where the same legal holidays apply; the State publishes one calendar for each."""

    METROPOLE = "metropole"
    ALSACE_MOSELLE = "alsace-moselle"
    GUADELOUPE = "guadeloupe"
    MARTINIQUE = "martinique"
    GUYANE = "guyane"
    REUNION = "reunion"
    MAYOTTE = "mayotte"
    SAINT_BARTHELEMY = "saint-barthelemy"
    SAINT_MARTIN = "saint-martin"
    SAINT_PIERRE_ET_MIQUELON = "saint-pierre-et-miquelon"
    WALLIS_ET_FUTUNA = "wallis-et-futuna"
    POLYNESIE_FRANCAISE = "polynesie-francaise"
    NOUVELLE_CALEDONIE = "nouvelle-caledonie"


class DelayUnit(StrEnum):
    """How a legal period is counted."""

    HOURS = "hours"
    HOURS_WORKED = "hours_worked"
    CALENDAR = "calendar"
    OUVRABLES = "ouvrables"
    OUVRES = "ouvres"
    FRANCS = "francs"
    MONTHS = "months"
    MONTHS_FRANCS = "months_francs"

    @property
    def label(self) -> str:
        return {
            "hours": "heures",
            "hours_worked": "heures, hors dimanches et jours fériés",
            "calendar": "jours calendaires",
            "ouvrables": "jours ouvrables",
            "ouvres": "jours ouvrés",
            "francs": "jours francs",
            "months": "mois",
            "months_francs": "mois francs",
        }[self.value]


class DelayDirection(StrEnum):
    """On which side of the starting event the period runs."""

    AFTER = "after"
    BEFORE = "before"


class DelayLimit(StrEnum):
    """What the end of the period means: the last moment to act, or the first one allowed."""

    LATEST = "latest"
    EARLIEST = "earliest"


class Certainty(StrEnum):
    """How sure a legal figure is; a jurist confirms it in every case."""

    READ = "read"
    KNOWN = "known"
    UNSURE = "unsure"

    @property
    def label(self) -> str:
        return {"read": "texte relu", "known": "texte connu, à relire", "unsure": "à confirmer"}[self.value]


@dataclass(frozen=True, slots=True)
class Delegation:
    """A regional delegation; *mail_stem* is what comes before the @ of its address."""

    code: str
    name: str
    mail_stem: str
    phone: str
    departements: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Departement:
    """A département or overseas collectivity; no *delegation* means the national queue."""

    code: str
    name: str
    delegation: str | None
    timezone: str
    holiday_zone: HolidayZone
    has_droit_local: bool

    @property
    def tz(self) -> ZoneInfo:
        return ZoneInfo(self.timezone)

    @property
    def label(self) -> str:
        return f"{self.code} – {self.name}"


@dataclass(frozen=True, slots=True)
class Typology:
    """A kind of structure; one structure may be of several kinds."""

    code: str
    short_label: str
    label: str
    is_siae: bool
    is_member: bool
    has_member_structures: bool
    note: str


@dataclass(frozen=True, slots=True)
class TopicDomain:
    """First level of the topics."""

    code: str
    label: str
    specialty: Specialty


@dataclass(frozen=True, slots=True)
class Topic:
    """Second level; *code* is « domain/topic ». *orientation* is the text offered when it is out of scope."""

    code: str
    label: str
    specialty: Specialty
    synonyms: tuple[str, ...]
    is_reserved_to_pole: bool
    is_rtes_for_ptce: bool
    is_out_of_scope: bool
    orientation: str
    review_months: int | None = None
    """After how many months an entry on it is read again; none: the setting ``REVIEW_MONTHS``."""

    @property
    def parent(self) -> str:
        return self.code.partition("/")[0]


@dataclass(frozen=True, slots=True)
class UrgencyTrigger:
    """Words that propose a level; see ``data/urgency.toml`` for how phrases are written."""

    code: str
    level: int
    label: str
    phrases: tuple[str, ...]
    unless: tuple[str, ...]
    needs_date: bool
    within_days: int | None


@dataclass(frozen=True, slots=True)
class UrgencyTrap:
    """Words that replace by *level* the level of the *triggers* they cover."""

    level: int
    label: str
    triggers: tuple[str, ...]
    phrases: tuple[str, ...]
    unless: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Spelling:
    """A word recognised in spite of one mistake, or under the spellings of *also*."""

    word: str
    also: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class LegalDeadline:
    """A legal period that a person may choose and confirm for a question; never applied by the machine."""

    code: str
    title: str
    amount: int
    unit: DelayUnit
    direction: DelayDirection
    limit: DelayLimit
    is_extended: bool
    source: str
    certainty: Certainty
    topic: str
    start: str
    text: str


@dataclass(frozen=True, slots=True)
class LawChange:
    """A change of the law; *topics* are codes of topics or of whole domains."""

    in_force_on: date
    text: str
    topics: tuple[str, ...]

    def concerns(self, topic: str) -> bool:
        return topic in self.topics or topic.partition("/")[0] in self.topics


@dataclass(frozen=True, slots=True)
class LexiconEntry:
    """An acronym. *original* keeps the federation's own wording where it was corrected."""

    sigle: str
    meanings: tuple[str, ...]
    variants: tuple[str, ...]
    original: str
    replaced_by: str
    is_added: bool
    is_capitals_only: bool
    is_sure: bool

    @property
    def is_ambiguous(self) -> bool:
        return len(self.meanings) > 1


@dataclass(frozen=True, slots=True)
class CollectiveAgreement:
    """A collective agreement by its four-digit IDCC."""

    idcc: str
    label: str
    is_sure: bool


@dataclass(frozen=True, eq=False)
class Reference:
    """Everything the service knows before its first question. Mappings keep the order of the files."""

    delegations: Mapping[str, Delegation]
    departements: Mapping[str, Departement]
    typologies: Mapping[str, Typology]
    topic_domains: Mapping[str, TopicDomain]
    topics: Mapping[str, Topic]
    urgency_triggers: tuple[UrgencyTrigger, ...]
    urgency_traps: tuple[UrgencyTrap, ...]
    spellings: tuple[Spelling, ...]
    legal_deadlines: Mapping[str, LegalDeadline]
    law_changes: tuple[LawChange, ...]
    lexicon: Mapping[str, LexiconEntry]
    collective_agreements: Mapping[str, CollectiveAgreement]

    def delegation_of(self, departement_code: str) -> Delegation | None:
        """The delegation that covers a département; None is the national queue.

        :raises KeyError: if the département does not exist.
        """
        code = self.departements[departement_code].delegation
        return self.delegations[code] if code else None

    def specialty_of(self, topic: str) -> Specialty:
        """The default specialty of a topic code (``social/contrats``) or of a domain code (``social``).

        :raises KeyError: if there is no such topic.
        """
        return (self.topic_domains if topic in self.topic_domains else self.topics)[topic].specialty

    def topic_groups(self, *, include_out_of_scope: bool = True) -> tuple[tuple[TopicDomain, tuple[Topic, ...]], ...]:
        """Topics by domain, for a grouped select; no empty group."""
        topics: dict[str, list[Topic]] = {}
        for topic in self.topics.values():
            if include_out_of_scope or not topic.is_out_of_scope:
                topics.setdefault(topic.parent, []).append(topic)
        domains = (domain for domain in self.topic_domains.values() if domain.code in topics)
        return tuple((domain, tuple(topics[domain.code])) for domain in domains)

    def law_change_between(self, begun_on: date, until_on: date, topic: str | None) -> str | None:
        """The text of the latest change in force after *begun_on*, on *until_on* at the latest, for *topic*.

        A question without a topic is concerned by every change.
        """
        changes = [
            change
            for change in self.law_changes
            if begun_on < change.in_force_on <= until_on and (topic is None or change.concerns(topic))
        ]
        return max(changes, key=lambda change: change.in_force_on).text if changes else None

    def suggest_topics(self, text: str, limit: int = 3) -> tuple[Topic, ...]:
        """The topics whose words are most present in *text*, best first; out-of-scope ones included.

        A synonym counts once however often it comes back; one of several words counts for as many.
        """
        hits: dict[tuple[str, str], int] = {}
        for hit in self._topic_index.hits(words_of(normalize(text))):
            hits[hit.owner] = max(hits.get(hit.owner, 0), hit.last - hit.first)
        scores: dict[str, int] = {}
        for (code, _synonym), word_count in hits.items():
            scores[code] = scores.get(code, 0) + word_count
        order = list(self.topics)
        best = sorted(scores, key=lambda code: (-scores[code], order.index(code)))
        return tuple(self.topics[code] for code in best[:limit])

    @cached_property
    def _topic_index(self) -> PhraseIndex[tuple[str, str]]:
        return PhraseIndex(
            (synonym, (topic.code, synonym)) for topic in self.topics.values() for synonym in topic.synonyms
        )
