"""A question in two parts: the federation and RTES each write theirs, then both approve the shared answer."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from helpdesk import clock
from helpdesk.accounts.enums import OrganisationKind
from helpdesk.accounts.models import Person
from helpdesk.attachments.models import Attachment
from helpdesk.db import db, transaction
from helpdesk.errors import BadInput, Conflict, InvalidTransition
from helpdesk.juri_ptce import mails, perms
from helpdesk.juri_ptce.enums import PartSide
from helpdesk.juri_ptce.models import QuestionPart
from helpdesk.juri_ptce.queries.parts import parts_of
from helpdesk.tickets import perms as ticket_perms
from helpdesk.tickets import queries as tickets
from helpdesk.tickets import texts
from helpdesk.tickets.enums import ActorRole, DraftKind, EventKind
from helpdesk.tickets.happenings import ANSWERING, MOVED, Facts, when
from helpdesk.tickets.models import Ticket
from helpdesk.tickets.operations import save_draft
from helpdesk.tickets.operations.drafts import own_draft
from helpdesk.tickets.operations.history import record, require, settings

CHANGED = "Ce volet a changé pendant que vous écriviez. Votre texte est gardé."
TWICE = "Le RTES intervient déjà sur cette question. Rechargez la page pour voir les deux volets."
NOT_APPROVED = (
    "Cette question a deux volets, et les deux visas ne sont pas encore donnés. "
    "Attendez-les, ou renoncez à l’intervention du RTES."
)
_ASKS = {
    PartSide.FEDERATION: "Écrivez ce que le pôle doit traiter.",
    PartSide.RTES: "Écrivez ce que vous demandez au RTES : c’est tout ce qu’il lira de la question.",
}


@dataclass(frozen=True, kw_only=True)
class Brief:
    """What one side is asked, by whom it is answered, and which files of the question it reads."""

    question: str
    answerer: Person | None = None
    attachment_ids: Collection[int] = ()


def bring_in(actor: Person, ticket: Ticket, briefs: Mapping[PartSide, Brief]) -> list[QuestionPart]:
    """Bring the partner network in: both parts are made, and its jurists are told.

    :raises NotAllowed: see :func:`perms.can_split`.
    :raises InvalidTransition: when the question has its parts already.
    :raises BadInput: for a part without a question, or whose answerer is not of its side.
    """
    with transaction():
        require(perms.can_split(actor, ticket))
        if parts_of(ticket):
            raise InvalidTransition(TWICE)
        parts = [QuestionPart(ticket=ticket, side=side) for side in PartSide]
        for part in parts:
            _set(actor, part, briefs[part.side])
        try:
            with db.session.begin_nested():
                db.session.add_all(parts)
        except IntegrityError:  # a colleague, at the same moment
            raise InvalidTransition(TWICE) from None
        record(ticket, EventKind.PART_GIVEN, actor)
        mails.part_given(_side(parts, PartSide.RTES))
    return parts


def change_brief(actor: Person, part: QuestionPart, brief: Brief, *, seen_version: int | None) -> None:
    """Say otherwise what a side is asked, who answers it or what it reads; another question or answerer
    withdraws both visas.

    :raises NotAllowed: see :func:`perms.can_split`.
    :raises BadInput: see :func:`bring_in`.
    """
    with transaction():
        parts = _locked(part, seen_version)
        require(perms.can_split(actor, part.ticket))
        before = (part.question, part.answerer_id)
        _set(actor, part, brief)
        if (part.question, part.answerer_id) == before:
            return
        _withdraw_visas(parts)
        if part.side is PartSide.RTES:
            mails.part_given(part)


def give_up(actor: Person, ticket: Ticket) -> None:
    """Do without the partner network: both parts are forgotten, the question is answered as any other.

    :raises NotAllowed: see :func:`perms.can_split`.
    """
    with transaction():
        require(perms.can_split(actor, ticket))
        for part in parts_of(ticket):
            db.session.delete(part)


def write_part(actor: Person, part: QuestionPart, *, text: str, seen_version: int | None) -> None:
    """Keep the text of one's own part; whoever writes first answers it. A change withdraws both visas.

    :raises NotAllowed: see :func:`perms.can_write_part`.
    :raises Conflict: if the part has changed since *seen_version*; the form gives the text back.
    """
    with transaction():
        parts = _locked(part, seen_version)
        require(perms.can_write_part(actor, part))
        text = texts.clean(text, field="text", max_chars=settings().text_max_chars)
        part.answerer_id = actor.id
        if text == part.text:
            return
        if part.text:
            _withdraw_visas(parts)
        part.text = text


def approve(actor: Person, part: QuestionPart, *, seen_version: int | None) -> None:
    """Give one's visa; with the second one, both answerers read both texts, and the federation's finds them in the
    answer form, unless something is written there already.

    :raises NotAllowed: see :func:`perms.can_approve_part`.
    :raises Conflict: if the part has changed since *seen_version*.
    """
    with transaction():
        parts = _locked(part, seen_version)
        if not part.text:
            raise BadInput("Écrivez votre volet avant de l’approuver.", field="text")
        require(perms.can_approve_part(actor, part))
        if part.approved_at is not None:
            return
        part.approved_at = clock.now()
        if perms.are_approved(parts):
            record(part.ticket, EventKind.PARTS_APPROVED, None, role=ActorRole.SYSTEM)
            mails.parts_approved(parts)
            _begin_answer(_side(parts, PartSide.FEDERATION))


def start_answer(actor: Person, ticket: Ticket) -> None:
    """Put both texts, each under its author's name, in the actor's draft of the answer; what it holds stays first.

    :raises NotAllowed: for whoever could not answer the question.
    :raises BadInput: before both visas.
    """
    with transaction():
        parts = parts_of(ticket)
        if not perms.are_approved(parts):
            raise BadInput(NOT_APPROVED)
        require(ticket_perms.can_answer(actor, ticket))
        draft = own_draft(actor, ticket, DraftKind.ANSWER)
        fields = dict(draft.fields) if draft else {}
        both, written = shared_text(parts), str(fields.get("explanation") or "")
        if both not in written:
            fields["explanation"] = f"{written}\n\n{both}".strip()
            save_draft(actor, ticket, DraftKind.ANSWER, fields)


def shared_text(parts: Collection[QuestionPart]) -> str:
    """Both parts with the names of their authors, as the answer begins."""
    ordered = sorted(parts, key=lambda part: list(PartSide).index(part.side))
    return "\n\n".join(f"{_heading(part)}\n\n{part.text}" for part in ordered)


@when(ANSWERING)
def refuse_without_visas(ticket: Ticket, facts: Facts) -> None:  # noqa: ARG001 (the signature of every listener)
    """:raises BadInput: while a part of the question is not approved."""
    parts = parts_of(ticket)
    if parts and not perms.are_approved(parts):
        raise BadInput(NOT_APPROVED)


@when(MOVED)
def forget_of_no_ptce(ticket: Ticket, facts: Facts) -> None:  # noqa: ARG001 (the signature of every listener)
    """The partner network answers PTCE: without one, nobody could give the visas that the answer waits for."""
    if ticket.organisation.kind is not OrganisationKind.PTCE:
        for part in parts_of(ticket):
            db.session.delete(part)


def _locked(part: QuestionPart, seen_version: int | None) -> list[QuestionPart]:
    """Both parts, kept from another writer: a visa and a change of text are never given at the same moment."""
    select = sa.select(QuestionPart).where(QuestionPart.ticket_id == part.ticket_id).order_by(QuestionPart.side)
    parts = list(db.session.scalars(select.with_for_update().execution_options(populate_existing=True)))
    if part not in parts or (seen_version is not None and part.version != seen_version):
        raise Conflict(CHANGED)
    return parts


def _set(actor: Person, part: QuestionPart, brief: Brief) -> None:
    field = f"{part.side.value}_question"
    question = texts.clean(brief.question, field=field, max_chars=settings().text_max_chars)
    if not question:
        raise BadInput(_ASKS[part.side], field=field)
    if brief.answerer is not None and not _may_answer(brief.answerer, part):
        raise BadInput("Choisissez une personne de la liste.", field=f"{part.side.value}_answerer")
    part.question = question
    part.answerer_id = brief.answerer.id if brief.answerer else None
    part.attachments = _files(actor, part.ticket, brief.attachment_ids)


def _may_answer(person: Person, part: QuestionPart) -> bool:
    if part.side is PartSide.RTES:
        return perms.is_partner(person) and not ticket_perms.is_conflicted(person, part.ticket)
    return ticket_perms.role_on(person, part.ticket) is ActorRole.JURIST


def _files(actor: Person, ticket: Ticket, ids: Collection[int]) -> list[Attachment]:
    """:raises NotFound: for a file that the actor may not read."""
    return [tickets.readable_attachment(actor, ticket, attachment_id) for attachment_id in sorted(set(ids))]


def _begin_answer(part: QuestionPart) -> None:
    jurist = part.answerer
    if jurist is None or not ticket_perms.can_answer(jurist, part.ticket):
        return
    draft = own_draft(jurist, part.ticket, DraftKind.ANSWER)
    if draft is None or not draft.fields.get("explanation"):
        start_answer(jurist, part.ticket)


def _withdraw_visas(parts: Collection[QuestionPart]) -> None:
    for part in parts:
        part.approved_at = None


def _side(parts: Collection[QuestionPart], side: PartSide) -> QuestionPart:
    return next(part for part in parts if part.side is side)


def _heading(part: QuestionPart) -> str:
    name = part.answerer.full_name if part.answerer else ""
    return f"{part.side.label}{f', {name}' if name else ''} :"
