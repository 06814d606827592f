"""What the anonymisation assistant shows of a version: every mark once, and what keeps it from its readers."""

import hashlib
import hmac
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import sqlalchemy as sa

from helpdesk.accounts.queries import typology_counts_by_delegation
from helpdesk.db import db
from helpdesk.kb import perms
from helpdesk.kb.anonymisation import KnownRecord, Mark, small_number_risk
from helpdesk.kb.enums import ArticleKind, MarkChoice
from helpdesk.kb.models import ArticleVersion, MarkDecision
from helpdesk.kb.queries.known import Place, StaleName, known_records, marks_in, named_among, places_of, stale_names
from helpdesk.tickets import texts
from helpdesk.tickets.operations.history import settings

EXTRACTS_SHOWN = 3
AROUND_CHARS = 60


@dataclass(frozen=True)
class Extract:
    """A place where a mark stands, with the words around it."""

    label: str
    before: str
    text: str
    after: str


@dataclass
class MarkRow:
    """A mark to decide on, once for all its places. *fingerprint* names it in forms: no word of it goes there."""

    fingerprint: str
    key: str
    label: str
    text: str
    proposal: str
    is_known: bool
    is_risk: bool = False
    advice: str = ""
    count: int = 0
    extracts: list[Extract] = field(default_factory=list)
    decision: MarkDecision | None = None

    @property
    def is_decided(self) -> bool:
        """Kept on purpose; what is to be replaced still stands here, so that it is not done."""
        return not self.is_known and self.decision is not None and self.decision.choice is MarkChoice.KEEP

    @property
    def suggested(self) -> str:
        """The replacement chosen for the same words before, else the neutral one."""
        return (self.decision.replacement if self.decision else "") or self.proposal


@dataclass(frozen=True)
class Obstacles:
    """What stands between a version and its publication, in words."""

    names: tuple[str, ...]
    """Texts in which a known name stands."""
    undecided_count: int
    stale: tuple[StaleName, ...]
    """Earlier versions to be erased first."""
    missing: tuple[str, ...]

    @property
    def sentences(self) -> tuple[str, ...]:
        lines = [f"Un nom connu de la question est encore dans « {label} » : remplacez-le." for label in self.names]
        if self.undecided_count:
            lines.append("Il reste des passages à décider.")
        lines += [
            f"La version {one.version.number}, encore lisible, contient un nom connu ({', '.join(one.labels)}) : "
            "effacez son texte."
            for one in self.stale
        ]
        return (*lines, *self.missing)


@dataclass(frozen=True)
class Assessment:
    """What the assistant finds in a version, looked up once."""

    known: tuple[KnownRecord, ...]
    marked: list[tuple[Place, list[Mark]]]
    rows: list[MarkRow]
    """Known names first, then the marks to decide, then those decided."""
    obstacles: Obstacles

    @property
    def left_count(self) -> int:
        """How many marks are still to be decided."""
        return sum(not row.is_decided for row in self.rows)


def assess(version: ArticleVersion) -> Assessment:
    """Look a version through, as of now: names, people and files may have changed since the last time."""
    known = known_records(version.article)
    marked = marks_in(version, known)
    rows = _rows(version, marked)
    found = Obstacles(
        names=named_among(marked),
        undecided_count=sum(not row.is_decided for row in rows if not row.is_known),
        stale=tuple(stale_names(version.article, known)),
        missing=missing_in(version),
    )
    return Assessment(known, marked, rows, found)


def _rows(version: ArticleVersion, marked: list[tuple[Place, list[Mark]]]) -> list[MarkRow]:
    """Every mark of a version, once for all its places."""
    rows: dict[str, MarkRow] = {}
    for place, marks in marked:
        for mark in marks:
            _add(rows, version, place, mark)
    for row in _risks(version):
        rows.setdefault(row.fingerprint, row)
    _with_decisions(version, rows)
    return sorted(rows.values(), key=lambda row: (not row.is_known, row.is_decided))


def missing_in(version: ArticleVersion) -> tuple[str, ...]:
    """What a version lacks to be published, in sentences that say what to do."""
    lines = []
    if not version.in_brief and version.article.kind is not ArticleKind.REVIEW:
        lines.append("Écrivez « En bref » : deux ou trois phrases qui répondent d’abord.")
    if not version.topics and version.article.kind is not ArticleKind.REVIEW:
        lines.append("Choisissez au moins un thème.")
    if version.article.published_at is not None and not version.change_note:
        lines.append("Dites en une phrase ce qui a changé : les lecteurs la verront.")
    return tuple(lines)


# --- rows


def _add(rows: dict[str, MarkRow], version: ArticleVersion, place: Place, mark: Mark) -> None:
    fingerprint = fingerprint_of(version, mark.key)
    row = rows.get(fingerprint)
    if row is None:
        row = MarkRow(fingerprint, mark.key, mark.kind.label, mark.text, mark.proposal, mark.is_known)
        rows[fingerprint] = row
    row.is_known = row.is_known or mark.is_known
    row.count += 1
    if len(row.extracts) < EXTRACTS_SHOWN:
        before, after = place.text[: mark.start], place.text[mark.end :]
        row.extracts.append(Extract(place.label, _tail(before), mark.text, _head(after)))


def _tail(text: str) -> str:
    """The last words of *text*, on one line."""
    line = " ".join(text[-2 * AROUND_CHARS :].split()) + (" " if text[-1:].isspace() else "")
    return line if len(line) <= AROUND_CHARS else "… " + line[-AROUND_CHARS:].partition(" ")[2]


def _head(text: str) -> str:
    """The first words of *text*, on one line."""
    line = (" " if text[:1].isspace() else "") + " ".join(text[: 2 * AROUND_CHARS].split())
    return line if len(line) <= AROUND_CHARS else line[:AROUND_CHARS].rpartition(" ")[0] + " …"


def _risks(version: ArticleVersion) -> Iterable[MarkRow]:
    regions = [ticket.delegation for ticket in perms.sources_of(version.article) if ticket.delegation]
    text = "\n".join(place.text for place in places_of(version))
    region = regions[0] if regions else None
    for risk in small_number_risk(version.typologies, region, typology_counts_by_delegation(), text):
        key = f"risk:{risk.kind}:{texts.fold(risk.text)}"
        fingerprint = fingerprint_of(version, key)
        yield MarkRow(fingerprint, key, risk.kind.label, risk.text, "", False, is_risk=True, advice=risk.advice)


def _with_decisions(version: ArticleVersion, rows: Mapping[str, MarkRow]) -> None:
    select = sa.select(MarkDecision).where(
        MarkDecision.article_id == version.article_id, MarkDecision.fingerprint.in_(list(rows))
    )
    for decision in db.session.scalars(select):
        rows[decision.fingerprint].decision = decision


def fingerprint_of(version: ArticleVersion, key: str) -> str:
    """A keyed hash of a mark's key, for this entry: whoever reads the table of decisions cannot try names."""
    message = f"mark:{version.article_id}:{key}".encode()
    return hmac.new(settings().secret_key.encode(), message, hashlib.sha256).hexdigest()
