"""Nobody is told of: every mark is decided, no known name stays, and that is checked again at each step."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from helpdesk import clock
from helpdesk.accounts.models import Person
from helpdesk.db import db, transaction
from helpdesk.errors import BadInput, InvalidTransition
from helpdesk.kb import mails, perms
from helpdesk.kb.anonymisation import KnownRecord, find_marks, replaced
from helpdesk.kb.enums import ArticleEventKind, MarkChoice, Stage, VersionAction
from helpdesk.kb.models import ArticleVersion, MarkDecision
from helpdesk.kb.operations.history import add_editor, check_version, record, step, touch
from helpdesk.kb.operations.marks import MarkRow, assess, missing_in
from helpdesk.kb.operations.words import CHANGE_NOTE_MAX_CHARS, LINE_MAX_CHARS
from helpdesk.kb.queries.known import places_of
from helpdesk.kb.workflow import TOO_LATE, next_stage
from helpdesk.tickets import texts
from helpdesk.tickets.operations.history import require

REPLACEMENT_MAX_CHARS = 200


@dataclass(frozen=True)
class Decision:
    """What a jurist chose for a mark."""

    choice: MarkChoice
    replacement: str = ""


def start_anonymising(actor: Person, version: ArticleVersion, *, seen_version: int | None = None) -> None:
    """Pass a complete draft on to its anonymisation.

    :raises BadInput: while something is missing that readers need.
    """
    with transaction():
        check_version(version, seen_version)
        next_stage(version.stage, VersionAction.ANONYMISE)
        require(perms.can_edit(actor, version))
        missing = missing_in(version)
        if missing:
            raise BadInput(" ".join(missing))
        version.remark = ""
        step(version, VersionAction.ANONYMISE)


def check_publishable(version: ArticleVersion) -> None:
    """:raises BadInput: while anything stands in the way, every place named."""
    if any(ticket.is_sensitive for ticket in perms.sources_of(version.article)):
        raise BadInput("La question d’origine est devenue un dossier sensible : cette fiche ne peut pas être publiée.")
    found = assess(version).obstacles.sentences
    if found:
        raise BadInput(" ".join(found))


def decide(
    actor: Person,
    version: ArticleVersion,
    decisions: Mapping[str, Decision],
    *,
    seen_version: int | None = None,
) -> int:
    """Replace or keep marks, by fingerprint; what is replaced is replaced everywhere in the version at once.

    The decisions are kept and proposed again for later versions. A fingerprint that no longer stands is passed over.

    :returns: how many marks are still to be decided.
    :raises BadInput: to keep a known name, or for a replacement that is empty or names somebody.
    """
    with transaction():
        check_version(version, seen_version)
        if version.stage is not Stage.ANONYMISATION:
            raise InvalidTransition(TOO_LATE)
        require(perms.can_edit(actor, version))
        found, chosen = assess(version), dict[str, str]()
        for row in found.rows:
            decision = decisions.get(row.fingerprint)
            if decision is not None:
                _check(row, decision, found.known)
                _keep(actor, version, row, decision)
                if decision.choice is MarkChoice.REPLACE:
                    chosen[row.key] = _cleaned(decision.replacement)
        if chosen:
            _replace(version, chosen, found.known)
        add_editor(version, actor)
        touch(version)
        db.session.flush()
        return assess(version).left_count


def replace_all(actor: Person, version: ArticleVersion, *, label: str = "", seen_version: int | None = None) -> int:
    """Replace at once every mark not yet decided that has a neutral replacement; *label*: those of one kind.

    :returns: how many marks are still to be decided.
    """
    rows = [row for row in assess(version).rows if not row.is_decided and not row.is_risk and row.suggested]
    chosen = {row.fingerprint: Decision(MarkChoice.REPLACE, row.suggested) for row in rows if label in ("", row.label)}
    return decide(actor, version, chosen, seen_version=seen_version)


def submit(actor: Person, version: ArticleVersion, *, seen_version: int | None = None) -> None:
    """Ask a second jurist to approve; the others of the pole are told.

    :raises BadInput: while a known name stands anywhere, a mark is undecided, or something is missing.
    """
    with transaction():
        check_version(version, seen_version)
        next_stage(version.stage, VersionAction.SUBMIT)
        require(perms.can_edit(actor, version))
        check_publishable(version)
        add_editor(version, actor)
        step(version, VersionAction.SUBMIT)
        kept_count = sum(row.is_decided for row in assess(version).rows)
        record(version.article, ArticleEventKind.ANONYMISED, actor, version=version, kept_count=kept_count)
        record(version.article, ArticleEventKind.SUBMITTED, actor, version=version)
        mails.entry_to_approve(version.article, version)


# --- decisions


def _check(row: MarkRow, decision: Decision, known: Sequence[KnownRecord]) -> None:
    if decision.choice is MarkChoice.KEEP:
        if row.is_known:
            raise BadInput(
                f"« {row.text} » est connu de la question : il ne peut pas être gardé.", field=row.fingerprint
            )
        return
    if row.is_risk:
        raise BadInput("Modifiez le texte, ou gardez-le tel quel.", field=row.fingerprint)
    replacement = _cleaned(decision.replacement)
    if not replacement:
        raise BadInput(f"Écrivez par quoi remplacer « {row.text} ».", field=row.fingerprint)
    if any(mark.is_known for mark in find_marks(replacement, known)):
        raise BadInput(f"« {replacement} » est connu de la question : choisissez un autre mot.", field=row.fingerprint)


def _cleaned(replacement: str) -> str:
    return texts.clean_line(replacement, field="replacement", max_chars=REPLACEMENT_MAX_CHARS)


def _keep(actor: Person, version: ArticleVersion, row: MarkRow, decision: Decision) -> None:
    kept = row.decision
    if kept is None:
        kept = MarkDecision(article_id=version.article_id, fingerprint=row.fingerprint)
        db.session.add(kept)
    kept.choice = decision.choice
    kept.replacement = _cleaned(decision.replacement) if decision.choice is MarkChoice.REPLACE else ""
    kept.decided_by_id, kept.decided_at = actor.id, clock.now()


def _replace(version: ArticleVersion, chosen: Mapping[str, str], known: Sequence[KnownRecord]) -> None:
    for place in places_of(version):
        text = replaced(place.text, chosen, known)
        if text != place.text:
            _set_place(version, place.name, text)


_MAX_CHARS = {"title": texts.TITLE_MAX_CHARS, "change_note": CHANGE_NOTE_MAX_CHARS}
FILE_NAME_MAX_CHARS = 120


def _set_place(version: ArticleVersion, name: str, text: str) -> None:
    """:raises BadInput: when the replacements have made it too long."""
    table, _, rest = name.partition(".")
    if table == "references":
        position, _, column = rest.partition(".")
        row = next(one for one in version.references if one.position == int(position))
        setattr(row, column, texts.clean_line(text, field="references", max_chars=LINE_MAX_CHARS))
    elif table == "attachments":
        file = next(one for one in version.attachments if one.id == int(rest))
        file.name = texts.clean_line(text, field="attachments", max_chars=FILE_NAME_MAX_CHARS)
    else:
        limit = _MAX_CHARS.get(name, len(text))
        setattr(version, name, texts.clean(text, field=name, max_chars=limit))
