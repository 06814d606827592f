"""What a delegate decides about a question: its next step, topic, urgency."""

from typing import Any

from flask import request
from wtforms import BooleanField, RadioField, StringField, TextAreaField
from wtforms.validators import ValidationError

from helpdesk.accounts.forms import Form
from helpdesk.accounts.models import Person
from helpdesk.errors import BadInput
from helpdesk.reference import get_reference
from helpdesk.tickets import perms
from helpdesk.tickets.enums import Urgency
from helpdesk.tickets.forms.filters import ListField, topic_choices
from helpdesk.tickets.forms.member import SEND_ANYWAY
from helpdesk.tickets.models import Ticket
from helpdesk.tickets.operations.triage import NextStep, TriageDecision

ORIENTATION = (
    "L’appui juridique répond aux questions des structures adhérentes, et celle-ci n’en relève pas. Selon votre "
    "besoin, vous pouvez vous adresser à l’ADIL de votre département (logement), au point-justice ou à la maison "
    "France services la plus proche (accès au droit, démarches), au conseil de prud’hommes (litige du travail) ou "
    "au Défenseur des droits (discrimination, service public)."
)
_STEP_MISSING = "Choisissez ce que devient la question."
# The fields of the operations, as this form names them, by step.
_FIELD_OF = {
    (NextStep.DETAIL, "text"): "detail",
    (NextStep.DUPLICATE, "text"): "duplicate_text",
    (NextStep.OUT_OF_SCOPE, "text"): "orientation",
}


class TriageForm(Form):
    """One POST: everything a delegate decides about a question. Each step reads its own field alone, so that a
    note for the pole can never reach the asker.
    """

    next_step = RadioField("Que faire de cette question ?", coerce=str, validate_choice=False)
    note = TextAreaField("Note pour la ou le juriste")
    detail = TextAreaField("La précision à demander")
    keeps_personal_data = BooleanField(SEND_ANYWAY)
    original = StringField("Référence de la première question")
    duplicate_text = TextAreaField("Votre mot à l’adhérent")
    orientation = TextAreaField("Orientation pour l’adhérent")
    topic = ListField("Thème")
    urgency = ListField("Urgence", choices={str(level.value): level.label for level in Urgency})
    urgency_reason = StringField("Motif de l’urgence")
    is_sensitive = BooleanField("Dossier sensible")

    def validate_next_step(self, field: Any) -> None:
        if field.data not in {step.value for step in NextStep}:
            raise ValidationError(_STEP_MISSING)

    def offer(self, reader: Person, ticket: Ticket, facts: str) -> None:
        """Fill the lists and, before anything is typed, propose what the question suggests."""
        reference = get_reference()
        self.suggested = reference.suggest_topics(f"{ticket.title}\n{facts}")
        guessed = self.suggested[0].code if self.suggested else ""
        self.can_answer = perms.can_answer(reader, ticket) or _only_topic_is_missing(reader, ticket)
        self.next_step.choices = {step.value: step.label for step in NextStep}
        self.topic.choices = topic_choices(None if ticket.topic or guessed else "Choisissez un thème")
        self.topic.data = self.topic.data or ticket.topic or guessed
        self.urgency.data = self.urgency.data or str(ticket.urgency)
        if request.method == "POST":
            return
        self.urgency_reason.data = ticket.urgency_reason
        self.is_sensitive.data = ticket.is_sensitive
        topic = reference.topics.get(self.topic.data)
        self.orientation.data = (topic.orientation if topic else "") or ORIENTATION
        self.next_step.data = self._proposed_step(is_out_of_scope=topic is not None and topic.is_out_of_scope)

    def _proposed_step(self, *, is_out_of_scope: bool) -> str:
        if is_out_of_scope:
            return NextStep.OUT_OF_SCOPE.value
        return (NextStep.ANSWER if self.can_answer else NextStep.TRANSMIT).value

    def decision(self) -> TriageDecision:
        """What was decided, once validated."""
        step = NextStep(self.next_step.data)
        words = {
            NextStep.TRANSMIT: self.note,
            NextStep.DETAIL: self.detail,
            NextStep.DUPLICATE: self.duplicate_text,
            NextStep.OUT_OF_SCOPE: self.orientation,
        }.get(step)
        return TriageDecision(
            next_step=step,
            text=(words.data or "") if words else "",
            original_reference=(self.original.data or "").strip().upper(),
            topic=self.topic.data or None,
            urgency=int(self.urgency.data),
            urgency_reason=self.urgency_reason.data or "",
            is_sensitive=self.is_sensitive.data,
            keeps_personal_data=self.keeps_personal_data.data,
        )

    def refuse(self, error: Any) -> None:
        """Show the refusal at the field that the chosen step uses."""
        if isinstance(error, BadInput) and self.next_step.data in set(NextStep):
            key = (NextStep(self.next_step.data), error.field or "")
            error.field = _FIELD_OF.get(key, {"reason": "urgency_reason"}.get(error.field or "", error.field))
        super().refuse(error)


def _only_topic_is_missing(reader: Person, ticket: Ticket) -> bool:
    """The topic is chosen with the step: a question without one may still be answered, if the topic allows."""
    return ticket.topic is None and not ticket.is_pole_only and reader.can_answer_first_level


class RelayForm(Form):
    """The delegate's word on the pole's answer: pass it on, or give it back."""

    way = RadioField(
        "Que faire de cette réponse ?",
        choices={"envoyer": "Transmettre la réponse à l’adhérent", "rendre": "Renvoyer la réponse au pôle"},
        default="envoyer",
        validate_choice=False,
    )
    word = TextAreaField("Votre mot d’accompagnement")
    note = TextAreaField("Ce qui ne convient pas")

    def validate_way(self, field: Any) -> None:
        if field.data not in {"envoyer", "rendre"}:
            raise ValidationError("Choisissez ce que devient la réponse.")
