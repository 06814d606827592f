"""The triage of a question in one decision: its topic and urgency, then its next step."""

from dataclasses import dataclass
from enum import StrEnum

from helpdesk.accounts.models import Person
from helpdesk.db import transaction
from helpdesk.errors import BadInput, InvalidTransition, NotFound
from helpdesk.tickets import perms, queries
from helpdesk.tickets.enums import Status
from helpdesk.tickets.models import Ticket
from helpdesk.tickets.operations.closing import mark_duplicate, mark_out_of_scope
from helpdesk.tickets.operations.conversation import ask_detail
from helpdesk.tickets.operations.desk import take_regional, transmit
from helpdesk.tickets.operations.history import check_version, require
from helpdesk.tickets.operations.marking import set_sensitive, set_topic, set_urgency


class NextStep(StrEnum):
    """What becomes of a question, in the order of the keys 1 to 6."""

    ANSWER = "repondre"
    TRANSMIT = "transmettre"
    DETAIL = "preciser"
    TAKE = "garder"
    DUPLICATE = "doublon"
    OUT_OF_SCOPE = "hors-champ"

    @property
    def label(self) -> str:
        return _LABELS[self]

    @property
    def done_label(self) -> str:
        """After the reference: « Q-2026-0421 : transmise au pôle juridique. »"""
        return _DONE_LABELS[self]


_LABELS = {
    NextStep.ANSWER: "Je réponds",
    NextStep.TRANSMIT: "Transmettre au pôle juridique",
    NextStep.DETAIL: "Demander une précision",
    NextStep.TAKE: "Je m’en charge",
    NextStep.DUPLICATE: "Clore comme doublon",
    NextStep.OUT_OF_SCOPE: "Clore : hors de notre champ",
}
_DONE_LABELS = {
    NextStep.ANSWER: "à vous de répondre",
    NextStep.TRANSMIT: "transmise au pôle juridique",
    NextStep.DETAIL: "précision demandée, le compte des jours est arrêté",
    NextStep.TAKE: "vous vous en chargez, retrouvez-la dans « Je réponds »",
    NextStep.DUPLICATE: "close comme doublon, l’adhérent est prévenu",
    NextStep.OUT_OF_SCOPE: "close, l’adhérent reçoit l’orientation",
}


@dataclass(frozen=True, kw_only=True)
class TriageDecision:
    """*text*: the note for the pole, or the words to the asker, as the step wants."""

    next_step: NextStep
    text: str = ""
    original_reference: str = ""
    topic: str | None = None
    urgency: int = 0
    urgency_reason: str = ""
    is_sensitive: bool = False
    keeps_personal_data: bool = False


def triage(actor: Person, ticket: Ticket, decision: TriageDecision, *, seen_version: int) -> None:
    """Decide about a question to be triaged: all of it, or nothing.

    « Je réponds » takes charge of the question; the answer itself is written on its page.

    :raises NotAllowed: for anybody but a delegate of the delegation in charge.
    :raises Conflict: if the question has changed since *seen_version*, or left the triage.
    :raises BadInput: for a missing text, or an answer on a topic reserved to the pole.
    """
    with transaction():
        if ticket.status is not Status.TRIAGE:
            raise InvalidTransition
        check_version(ticket, seen_version)
        require(perms.can_take_regional(actor, ticket))
        _mark(actor, ticket, decision)
        _step(actor, ticket, decision)


def _mark(actor: Person, ticket: Ticket, decision: TriageDecision) -> None:
    if decision.topic and decision.topic != ticket.topic:
        set_topic(actor, ticket, decision.topic)
    is_to_confirm = ticket.urgency > 0 and not ticket.is_urgency_confirmed
    if decision.urgency != ticket.urgency or is_to_confirm:
        set_urgency(actor, ticket, decision.urgency, reason=decision.urgency_reason)
    if decision.is_sensitive != ticket.is_sensitive:
        set_sensitive(actor, ticket, is_sensitive=decision.is_sensitive)


def _step(actor: Person, ticket: Ticket, decision: TriageDecision) -> None:
    match decision.next_step:
        case NextStep.ANSWER:
            _check_answerable(actor, ticket)
            take_regional(actor, ticket)
        case NextStep.TRANSMIT:
            transmit(actor, ticket, note=decision.text)
        case NextStep.DETAIL:
            ask_detail(actor, ticket, text=decision.text, keeps_personal_data=decision.keeps_personal_data)
        case NextStep.TAKE:
            take_regional(actor, ticket)
        case NextStep.DUPLICATE:
            original = _original(actor, decision.original_reference)
            mark_duplicate(actor, ticket, original, text=decision.text)
        case NextStep.OUT_OF_SCOPE:
            mark_out_of_scope(actor, ticket, text=decision.text)


def _check_answerable(actor: Person, ticket: Ticket) -> None:
    if perms.can_answer(actor, ticket):
        return
    if perms.is_reserved_to_pole(ticket):
        raise BadInput("Ce thème est réservé au pôle : transmettez la question.", field="next_step")
    raise BadInput("Votre compte ne permet pas de répondre : transmettez la question au pôle.", field="next_step")


def _original(actor: Person, reference: str) -> Ticket:
    """The first question, named by whoever triages: one they may not see is the same as none."""
    try:
        return queries.get_visible_ticket(actor, reference)
    except NotFound:
        raise BadInput(
            "Cette référence n’existe pas, ou n’est pas de votre délégation. Écrivez-la comme Q-2026-0042.",
            field="original",
        ) from None
