"""What the staff types in for somebody: during a call, then completed."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from flask import request
from wtforms import BooleanField, RadioField, StringField, TextAreaField, TimeField
from wtforms.validators import DataRequired, Email, Length, Optional, Regexp, ValidationError

from helpdesk import clock
from helpdesk.accounts.forms import (
    EMAIL_MAX_CHARS,
    EmailLineField,
    Form,
    LineField,
    PhoneField,
    SearchLineField,
)
from helpdesk.accounts.models import Mandate, Organisation
from helpdesk.accounts.queries import MemberRow
from helpdesk.errors import BadInput
from helpdesk.reference import get_reference
from helpdesk.reference.zones import PARIS
from helpdesk.tickets.enums import Channel, DeadlineKind, Nature, Urgency
from helpdesk.tickets.forms.filters import DayField, ListField, topic_choices
from helpdesk.tickets.operations import NewQuestion, Reception

CHANNELS = tuple(channel for channel in Channel if channel is not Channel.PORTAL)
NOBODY, NEW_PERSON = "", "nouvelle"
_EMAIL = "Écrivez une adresse de courriel complète, comme prenom.nom@structure.fr."
_PHONE = Regexp(r"^\+?[0-9 .()\u00a0\u202f-]{6,24}$", message="Écrivez le numéro en chiffres, comme 02 00 00 00 00.")
_UNKNOWN_TIME = "Écrivez une heure comme 14:30."
_TITLE_CHARS = 120


class HourField(TimeField):
    """A time of the day in Europe/Paris."""

    data: Any  # a time, or None

    def process_formdata(self, valuelist: list[str]) -> None:
        try:
            super().process_formdata(valuelist)
        except ValueError:
            self.data = None
            raise ValueError(_UNKNOWN_TIME) from None


class TypeInForm(Form):
    """Four fields are enough during a call: structure, topic, urgency, facts."""

    q = SearchLineField("Structure")
    organisation_id = RadioField("Structures trouvées", coerce=str, validate_choice=False)
    title = StringField("La question en une phrase")
    topic = ListField("Thème")
    urgency = ListField(
        "Urgence",
        choices={str(level.value): level.label for level in Urgency},
        default="0",
    )
    facts = TextAreaField("Les faits")
    channel = ListField(
        "Reçue par",
        choices={channel.value: channel.label for channel in CHANNELS},
        default=Channel.PHONE.value,
    )
    received_on = DayField("Reçue le", [DataRequired("Écrivez le jour de la réception.")])
    received_time = HourField("à (heure de Paris)", [DataRequired("Écrivez l’heure de la réception.")])
    nature = ListField(
        "La question concerne",
        choices={nature.value: nature.label for nature in Nature},
        default=Nature.STRUCTURE.value,
    )
    asker = RadioField("Qui pose la question ?", coerce=str, validate_choice=False, default=NOBODY)
    first_name = LineField("Prénom", [Length(max=80, message="80 caractères au plus.")])
    last_name = LineField("Nom", [Length(max=80, message="80 caractères au plus.")])
    email = EmailLineField("Courriel", [Optional(), Length(max=EMAIL_MAX_CHARS, message=_EMAIL), Email(_EMAIL)])
    function = LineField("Fonction dans la structure", [Length(max=120, message="120 caractères au plus.")])
    phone = PhoneField("Téléphone", [Optional(), _PHONE])
    note = TextAreaField("Note interne")
    is_sensitive = BooleanField("Dossier sensible")

    def offer(self, found: Sequence[MemberRow], people: Sequence[Mandate]) -> None:
        """Fill the lists; the reception is now until somebody says otherwise."""
        self.organisation_id.choices = {str(row.id): row.name for row in found}
        self.topic.choices = topic_choices("Je ne sais pas encore")
        self.topic.data = self.topic.data or ""
        self.asker.choices = {
            NOBODY: "La structure, sans personne précise",
            **{str(mandate.person_id): mandate.person.full_name for mandate in people},
            NEW_PERSON: "Une nouvelle personne",
        }
        if request.method != "POST":
            now = clock.now().astimezone(PARIS)
            self.received_on.data, self.received_time.data = now.date(), now.time()

    def validate_asker(self, field: Any) -> None:
        _check(field, set(field.choices or ()))

    @property
    def is_with_new_person(self) -> bool:
        return bool(self.asker.data == NEW_PERSON)

    @property
    def received_at(self) -> datetime:
        local = datetime.combine(self.received_on.data, self.received_time.data, tzinfo=PARIS)
        return local.astimezone(UTC)

    def question(self, organisation: Organisation | None) -> NewQuestion:
        """The question as typed; without a title, the first words of the facts or the topic stand for it."""
        return NewQuestion(
            organisation_id=organisation.id if organisation else 0,
            title=self.title.data or _title_of(self.facts.data or "", self.topic.data or ""),
            facts=self.facts.data or "",
            topic=self.topic.data or None,
            urgency=int(self.urgency.data),
            is_sensitive=self.is_sensitive.data,
        )

    def reception(self, asker_id: int | None, *, is_to_complete: bool) -> Reception:
        return Reception(
            channel=Channel(self.channel.data),
            received_at=self.received_at,
            nature=Nature(self.nature.data),
            asker_id=asker_id,
            note=self.note.data or "",
            is_to_complete=is_to_complete,
        )

    def refuse(self, error: Any) -> None:
        """Show the refusal at the field as this form names it."""
        if isinstance(error, BadInput):
            names = {
                "received_at": "received_on",
                "asker_id": "asker",
                "scope": "asker",
                "organisation_id": "q",
            }
            error.field = names.get(error.field or "", error.field)
        super().refuse(error)


class CompleteForm(Form):
    """What a call left open."""

    title = StringField("La question en une phrase", [DataRequired("Écrivez la question en une phrase.")])
    topic = ListField("Thème")
    facts = TextAreaField("Ce qui manque aux faits")
    deadline_kind = RadioField(
        "Y a-t-il une date à tenir ?",
        choices={kind.value: kind.label for kind in DeadlineKind},
        default=DeadlineKind.NONE.value,
        coerce=str,
        validate_choice=False,
    )
    deadline_on = DayField("Date à ne pas dépasser", [Optional()])
    deadline_reason = StringField("D’où vient cette date ?")

    def offer(self) -> None:
        self.topic.choices = topic_choices("Je ne sais pas encore")
        self.topic.data = self.topic.data or ""

    def validate_deadline_kind(self, field: Any) -> None:
        _check(field, {kind.value for kind in DeadlineKind})

    def question(self, organisation_id: int) -> NewQuestion:
        return NewQuestion(
            organisation_id=organisation_id,
            title=self.title.data or "",
            facts=self.facts.data or "",
            topic=self.topic.data or None,
            deadline_kind=DeadlineKind(self.deadline_kind.data),
            deadline_on=self.deadline_on.data,
            deadline_reason=self.deadline_reason.data or "",
        )


def _title_of(facts: str, topic: str) -> str:
    """A title until somebody writes a better one."""
    sentence = " ".join(facts.split()).partition(". ")[0]
    if len(sentence) > _TITLE_CHARS:
        sentence = sentence[:_TITLE_CHARS].rsplit(" ", 1)[0] + "…"
    if sentence:
        return sentence
    known = get_reference().topics.get(topic)
    return f"À compléter : {known.label}" if known else "À compléter"


def _check(field: Any, values: set[str]) -> None:
    if field.data not in values:
        raise ValidationError("Choisissez une réponse de la liste.")
