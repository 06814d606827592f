"""What the jurists fill in about a call: notes, absence, account, and the calls they propose."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from wtforms import BooleanField, RadioField, TextAreaField, TimeField
from wtforms.validators import InputRequired, ValidationError

from helpdesk import clock
from helpdesk.accounts.forms import Form, PhoneField
from helpdesk.accounts.models import Person
from helpdesk.formats import long_date_text
from helpdesk.juri_ptce.enums import Medium
from helpdesk.juri_ptce.models import Appointment, JuriSession
from helpdesk.juri_ptce.operations.holding import AfterAbsence
from helpdesk.reference.zones import PARIS
from helpdesk.tickets.forms.filters import ListField
from helpdesk.tickets.forms.member import CHOOSE, check_phone, number_or_zero
from helpdesk.tickets.forms.thread import AnswerForm

TIME_WRONG = "Écrivez l’heure comme 14:30."
MINUTES = (15, 30, 45, 60)
QUARTER = timedelta(minutes=15)
ANY_SESSION = ""


class HourField(TimeField):
    """An hour; what was typed wrong is refused in French."""

    def process_formdata(self, valuelist: list[str]) -> None:
        try:
            super().process_formdata(valuelist)
        except ValueError:
            raise ValueError(TIME_WRONG) from None


class ActForm(Form):
    """An act without anything to fill in."""

    @property
    def inputs(self) -> list[Any]:
        """What there is to fill in."""
        return [field for field in self if field.type != "CSRFTokenField"]

    def offer(self, appointment: Appointment, people: Sequence[Person]) -> None:
        """Fill the lists of the form."""

    def prefill(self, appointment: Appointment) -> None:
        """Give the present values, before anything is typed."""


class PreparationForm(ActForm):
    preparation = TextAreaField("Notes de préparation")

    def prefill(self, appointment: Appointment) -> None:
        self.preparation.data = appointment.preparation


class NotesForm(ActForm):
    notes = TextAreaField("Notes de l’échange")

    def prefill(self, appointment: Appointment) -> None:
        self.notes.data = appointment.notes


class AbsenceForm(ActForm):
    after = RadioField(
        "Que devient la question ?",
        choices={one.value: one.label for one in AfterAbsence},
        default=AfterAbsence.WRITTEN.value,
        validate_choice=False,
    )

    def offer(self, appointment: Appointment, people: Sequence[Person]) -> None:  # noqa: ARG002 (that of every act)
        if appointment.slot.session_id is None:  # an emergency: no slot of a session to propose
            self.after.choices = {AfterAbsence.WRITTEN.value: AfterAbsence.WRITTEN.label}

    def validate_after(self, field: Any) -> None:
        if field.data not in field.choices:
            raise ValidationError(CHOOSE)


class CancelForm(ActForm):
    is_for_ptce = BooleanField("La structure l’a demandé")
    reason = TextAreaField("Pourquoi, en une phrase que la structure lira")


class PersonForm(ActForm):
    person = ListField("Juriste")

    def offer(self, appointment: Appointment, people: Sequence[Person]) -> None:
        there = {one.person_id for one in appointment.attendances}
        others = [one for one in people if one.id not in there]
        self.person.choices = {"": "Choisissez une personne"} | {str(one.id): one.full_name for one in others}


class LeavingForm(ActForm):
    person = ListField("Juriste")

    def offer(self, appointment: Appointment, people: Sequence[Person]) -> None:  # noqa: ARG002 (that of every act)
        self.person.choices = {str(one.person_id): one.person.full_name for one in appointment.attendances}


class AccountForm(AnswerForm):
    """The account has the fields of an answer: it becomes one."""

    is_revalidated = BooleanField("Relu au regard du nouveau droit")


class MediumForm(Form):
    """How the call is held."""

    medium = RadioField(
        "Comment échanger ?",
        choices={one.value: one.label for one in Medium},
        default=Medium.PHONE.value,
        validate_choice=False,
    )

    def validate_medium(self, field: Any) -> None:
        if field.data not in field.choices:
            raise ValidationError(CHOOSE)

    @property
    def chosen_medium(self) -> Medium:
        return Medium(self.medium.data)


class OfferForm(MediumForm):
    session_id = ListField("Séance")
    note = TextAreaField("Un mot pour le PTCE")

    def offer(self, sessions: Iterable[JuriSession]) -> None:
        """Any session that can still be reached, or one of *sessions* even past its cut-off."""
        days = {str(one.id): long_date_text(one.starts_at).capitalize() for one in sessions}
        self.session_id.choices = {ANY_SESSION: "N’importe laquelle, au choix du PTCE"} | days

    @property
    def chosen_session_id(self) -> int | None:
        return number_or_zero(self.session_id.data) or None


class EmergencyForm(MediumForm):
    starts_at = HourField("Heure, à Paris", [InputRequired(TIME_WRONG)])
    minutes = ListField("Durée", choices={str(one): f"{one} minutes" for one in MINUTES}, default="30")
    phone = PhoneField("Numéro à appeler")
    jurist = ListField("Juriste")

    def offer(self, jurists: Iterable[Person]) -> None:
        self.jurist.choices = {"": "La ou le juriste de la question"} | {str(one.id): one.full_name for one in jurists}

    def prefill(self, now: datetime, phone: str) -> None:
        """The next quarter of an hour in Paris."""
        soon = now.astimezone(PARIS).replace(second=0) + QUARTER
        self.starts_at.data = (soon - timedelta(minutes=soon.minute % 15)).time()
        self.phone.data = phone

    def validate_phone(self, field: Any) -> None:
        check_phone(self, field)
        if self.chosen_medium is Medium.PHONE and not field.data:
            raise ValidationError("Indiquez le numéro à appeler, ou choisissez la visioconférence.")

    @property
    def at(self) -> datetime:
        """The moment, today by the clock of Paris."""
        return datetime.combine(clock.today(), self.starts_at.data, PARIS)

    @property
    def jurist_id(self) -> int:
        """0: nobody in particular."""
        return number_or_zero(self.jurist.data)
