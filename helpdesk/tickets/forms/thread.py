"""What the staff's page of a question takes in: the writing frame, and one small form for each other act."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from flask_wtf.file import MultipleFileField
from wtforms import BooleanField, FieldList, RadioField, StringField, TextAreaField

from helpdesk.accounts.forms import Form, LineField, SearchLineField
from helpdesk.accounts.models import Person
from helpdesk.attachments.models import Attachment
from helpdesk.errors import BadInput, HelpdeskError
from helpdesk.reference import get_reference
from helpdesk.reference.types import LegalDeadline
from helpdesk.tickets import perms, queries
from helpdesk.tickets.enums import DraftKind, Urgency
from helpdesk.tickets.forms.filters import ListField, topic_choices
from helpdesk.tickets.forms.member import SEND_ANYWAY, CivilDayField
from helpdesk.tickets.models import Ticket
from helpdesk.tickets.operations import AnswerText
from helpdesk.tickets.operations.answering import REFERENCES_MAX_COUNT
from helpdesk.tickets.reading import names_of

REPLY, DETAIL, NOTE, CORRECTION = "reponse", "precision", "note", "rectificatif"
DRAFT_KINDS = {
    REPLY: DraftKind.ANSWER,
    CORRECTION: DraftKind.ANSWER,
    DETAIL: DraftKind.DETAIL_REQUEST,
    NOTE: DraftKind.NOTE,
}
ANSWER_FIELDS = ("in_brief", "explanation", "actions", "word", "reason")
_MODES = (
    (REPLY, "Répondre", perms.can_answer),
    (CORRECTION, "Rectifier la réponse", perms.can_correct),
    (DETAIL, "Demander une précision", perms.can_ask_detail),
    (NOTE, "Note interne", perms.can_note),
)


class AnswerForm(Form):
    """An answer in four fields."""

    in_brief = TextAreaField("En bref")
    explanation = TextAreaField("L’explication")
    actions = TextAreaField("Ce que vous pouvez faire")
    references = FieldList(StringField("Référence"), "Références juridiques", max_entries=REFERENCES_MAX_COUNT)
    is_revalidated = BooleanField("Réponse relue au regard du nouveau droit")
    keeps_personal_data = BooleanField(SEND_ANYWAY)

    def fill(self, fields: Mapping[str, Any]) -> None:
        """Give back a draft, or an answer to start from."""
        for name, text in fields.items():
            if text and isinstance(self._fields.get(name), TextAreaField):
                self[name].data = str(text)
        self.set_references(fields.get("references") or [])

    def set_references(self, lines: Iterable[object]) -> None:
        while self.references.entries:
            self.references.pop_entry()
        for line in list(lines)[:REFERENCES_MAX_COUNT]:
            self.references.append_entry(str(line))

    def add_row(self) -> None:
        """One more line for a reference, for browsers without script."""
        if len(self.references.entries) < REFERENCES_MAX_COUNT:
            self.references.append_entry("")

    def typed(self, names: Iterable[str] = ("in_brief", "explanation", "actions")) -> dict[str, Any]:
        """What was typed, word for word, for the draft of an answer."""
        fields = {name: self[name].data or "" for name in names}
        return fields | {"references": [row.data or "" for row in self.references]}

    def answer_text(self, attachments: Iterable[Attachment] = ()) -> AnswerText:
        """The answer as the operation takes it."""
        return AnswerText(
            in_brief=self.in_brief.data or "",
            explanation=self.explanation.data or "",
            actions=self.actions.data or "",
            references=tuple(row.data or "" for row in self.references),
            is_revalidated=self.is_revalidated.data,
            keeps_personal_data=self.keeps_personal_data.data,
            attachments=tuple(attachments),
        )


class WriteForm(AnswerForm):
    """The writing frame: an answer in four fields, its correction, a request for a detail, or a note."""

    mode = RadioField("Type de message", coerce=str, validate_choice=False)
    word = TextAreaField("Un mot d’accompagnement")
    reason = TextAreaField("Pourquoi la réponse change")
    detail = TextAreaField("La précision à demander")
    note = TextAreaField("Votre note")
    is_for_pole = BooleanField("Pour le pôle seul")
    attachments = MultipleFileField("Documents joints")

    def offer(self, reader: Person, ticket: Ticket, *, mode: str = "") -> None:
        """Offer the kinds of message that the reader may write now, and choose *mode* or the most likely one."""
        self.mode.choices = [(value, label) for value, label, may in _MODES if may(reader, ticket)]
        allowed = [value for value, _label in self.mode.choices]
        if self.mode.data not in allowed:
            first = NOTE if CORRECTION in allowed else next(iter(allowed), None)
            self.mode.data = mode if mode in allowed else first

    def refuse(self, error: HelpdeskError) -> None:
        """Show the refusal at the field that the chosen message uses."""
        if isinstance(error, BadInput) and error.field == "text":
            error.field = {DETAIL: "detail", NOTE: "note"}.get(self.mode.data or "")
        super().refuse(error)

    @property
    def draft_kind(self) -> DraftKind:
        return DRAFT_KINDS.get(self.mode.data or "", DraftKind.NOTE)

    def draft_fields(self) -> dict[str, Any]:
        """What was typed, word for word, for the draft of the chosen kind."""
        if self.draft_kind is DraftKind.ANSWER:
            return self.typed(ANSWER_FIELDS)
        name = "detail" if self.draft_kind is DraftKind.DETAIL_REQUEST else "note"
        return {name: self[name].data or ""}

    def answer_text(self, attachments: Iterable[Attachment] = ()) -> AnswerText:
        return replace(super().answer_text(attachments), word=self.word.data or "")


class ActForm(Form):
    """An act without anything to fill in."""

    @property
    def inputs(self) -> list[Any]:
        """What there is to fill in."""
        return [field for field in self if field.type != "CSRFTokenField"]

    def offer(self, reader: Person, ticket: Ticket) -> None:
        """Fill the lists of the form."""

    def prefill(self, ticket: Ticket) -> None:
        """Give the present values, before anything is typed."""


class NoteForm(ActForm):
    note = TextAreaField("Note pour la suite")


class ReasonForm(ActForm):
    note = TextAreaField("Pourquoi")


class WordsForm(ActForm):
    text = TextAreaField("Votre mot à l’adhérent")


class RelayForm(ActForm):
    word = TextAreaField("Votre mot d’accompagnement")


class CallForm(ActForm):
    text = TextAreaField("Ce qui a été dit")
    is_to_confirm = BooleanField("Une réponse a été donnée : elle est à confirmer par écrit")
    keeps_personal_data = BooleanField(SEND_ANYWAY)

    @property
    def inputs(self) -> list[Any]:
        asked = self.keeps_personal_data
        return [field for field in super().inputs if field is not asked or asked.errors or asked.data]


class DuplicateForm(ActForm):
    original = LineField("Référence de la première question")
    text = TextAreaField("Votre mot à l’adhérent")


class HandOverForm(ActForm):
    to = ListField("Confier à")
    note = TextAreaField("Note pour la suite")

    def offer(self, reader: Person, ticket: Ticket) -> None:
        self.to.choices = {"": "Choisissez une personne"} | _names(colleagues(reader, ticket))


class TopicForm(ActForm):
    topic = ListField("Thème")

    def offer(self, reader: Person, ticket: Ticket) -> None:  # noqa: ARG002 (the signature of every act)
        self.topic.choices = topic_choices(None if ticket.topic else "Choisissez un thème")

    def prefill(self, ticket: Ticket) -> None:
        self.topic.data = ticket.topic


class UrgencyForm(ActForm):
    urgency = ListField("Urgence", choices={str(level.value): level.label for level in Urgency})
    reason = LineField("Motif")

    def prefill(self, ticket: Ticket) -> None:
        self.urgency.data, self.reason.data = str(ticket.urgency), ticket.urgency_reason


class LegalDeadlineForm(ActForm):
    legal_deadline_on = CivilDayField("Date limite légale")
    source = LineField("Texte ou courrier qui la fixe")
    suggested: tuple[LegalDeadline, ...] = ()

    def offer(self, reader: Person, ticket: Ticket) -> None:  # noqa: ARG002 (the signature of every act)
        every = get_reference().legal_deadlines.values()
        self.suggested = tuple(one for one in every if one.topic == ticket.topic)

    def prefill(self, ticket: Ticket) -> None:
        self.legal_deadline_on.data = ticket.legal_deadline_on or ticket.deadline_on
        self.source.data = ticket.legal_deadline_source

    @property
    def day(self) -> date | None:
        day: date | None = self.legal_deadline_on.data
        return day


class ConflictForm(ActForm):
    person = ListField("Personne concernée")
    reason = TextAreaField("Raison, gardée dans le dossier")

    def offer(self, reader: Person, ticket: Ticket) -> None:
        others = [one for one in colleagues(reader, ticket) if one.id != reader.id]
        others = [one for one in others if perms.can_exclude(reader, ticket, one)]
        self.person.choices = {str(reader.id): f"Moi-même ({reader.full_name})"} | _names(others)


class LiftForm(ActForm):
    person = ListField("Personne concernée")

    def offer(self, reader: Person, ticket: Ticket) -> None:  # noqa: ARG002 (the signature of every act's form)
        names = names_of([one.person_id for one in ticket.conflicts])
        self.person.choices = {str(person_id): name for person_id, name in names.items()}


class StructureForm(ActForm):
    name = SearchLineField("Nom ou numéro de la structure")


class CopyForm(ActForm):
    delegation = ListField("Délégation à associer")

    def offer(self, reader: Person, ticket: Ticket) -> None:  # noqa: ARG002 (the signature of every act)
        others = [one for one in get_reference().delegations.values() if one.code not in ticket.delegations]
        self.delegation.choices = {"": "Choisissez une délégation"} | {one.code: one.name for one in others}


class FileForm(ActForm):
    attachment_id = ListField("Pièce à effacer")

    def offer(self, reader: Person, ticket: Ticket) -> None:
        files = queries.readable_files(reader, ticket)
        self.attachment_id.choices = {"": "Choisissez une pièce"} | {str(file.id): file.name for file in files}


def colleagues(reader: Person, ticket: Ticket) -> list[Person]:
    """Who may hold the question at its present desk, the reader included."""
    people = queries.jurists() if reader.is_pole else queries.delegates_of(ticket.delegation)
    return [person for person in people if perms.can_view(person, ticket)]


def _names(people: Iterable[Person]) -> dict[str, str]:
    return {str(person.id): person.full_name for person in people}
