"""What a member's pages take in. Every message is ours, in French, and says what to do."""

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import date, timedelta
from typing import Any

from flask import current_app
from flask_wtf.file import MultipleFileField
from werkzeug.datastructures import MultiDict
from wtforms import BooleanField, DateField, HiddenField, RadioField, SelectField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, InputRequired, Length, ValidationError

from helpdesk import clock, settings_of
from helpdesk.accounts.forms import Form, LineField, PhoneField
from helpdesk.accounts.models import Organisation
from helpdesk.errors import BadInput
from helpdesk.reference import get_reference
from helpdesk.reference.types import Topic
from helpdesk.tickets import texts
from helpdesk.tickets.enums import ContactPreference, DeadlineKind, Urgency, Verdict
from helpdesk.tickets.operations import NewQuestion

CHOOSE = "Choisissez une réponse dans la liste."
TITLE_MISSING = "Écrivez votre question en une phrase."
FACTS_MISSING = "Racontez ce qui s’est passé, même en quelques mots."
DATE_MISSING = "Indiquez la date à ne pas dépasser, ou choisissez « Non »."
DATE_WRONG = "Écrivez une date qui existe, sous la forme 2026-12-31."
DATE_PAST = "Cette date est passée ou trop lointaine. Vérifiez le jour et l’année."
PHONE_WRONG = "Écrivez le numéro en chiffres, comme 02 00 00 00 00."
PHONE_MISSING = "Indiquez le numéro où vous joindre, ou choisissez une réponse par écrit."
LATEST_DEADLINE = timedelta(days=3 * 366)
SEND_ANYWAY = "J’envoie quand même, c’est nécessaire"
UNKNOWN_TOPIC = "Je ne sais pas"
NOT_KEPT = {"csrf_token", "submission_key", "version", "attachments", "retirer", "keeps_personal_data"}

_SLUG = re.compile("[a-z0-9-]{1,120}")
_PHONE = re.compile(r"\+?[0-9 .()\u00a0\u202f-]{6,24}")


class CivilDayField(DateField):
    """A day; left empty, no day. What was typed wrong is given back."""

    def process_formdata(self, valuelist: list[str]) -> None:
        self.data = None
        if not valuelist or not valuelist[0].strip():
            return
        try:
            self.data = date.fromisoformat(valuelist[0].strip())
        except ValueError:
            raise ValueError(DATE_WRONG) from None


def number_or_zero(value: Any) -> int:
    """The number of a choice; a forged one becomes 0, which is nobody's."""
    text = str(value)
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0


def check_phone(_form: Any, field: Any) -> None:
    """:raises ValidationError: for what is no number; left empty is fine."""
    if field.data and not _PHONE.fullmatch(field.data):
        raise ValidationError(PHONE_WRONG)


def _cleaned(clean: Callable[..., str], field: Any, max_chars: int) -> str:
    try:
        return clean(field.data, field=field.name, max_chars=max_chars)
    except BadInput as error:
        raise ValidationError(error.message) from None


def _too_long(count: int) -> Length:
    return Length(max=count, message=f"Ce texte est trop long : {count} caractères au plus.")


class AskForm(Form):
    """The first step. Filled from the request or from a draft: both hold what was typed, word for word."""

    class Meta:
        csrf = False  # The application checks the token of every POST; a draft carries none.

    organisation_id = RadioField("Pour quelle structure ?", coerce=number_or_zero, validate_choice=False)
    title = StringField("Votre question, en une phrase", [DataRequired(TITLE_MISSING)])
    facts = TextAreaField("Que s’est-il passé ?", [DataRequired(FACTS_MISSING)])
    has_deadline = RadioField(
        "Y a-t-il une date à ne pas dépasser ?",
        [InputRequired(CHOOSE)],
        choices={"non": "Non", "oui": "Oui"},
        default="non",
        validate_choice=False,
    )
    deadline_on = CivilDayField("Quelle date ?")
    deadline_kind = RadioField(
        "D’où vient cette date ?",
        choices={kind.value: kind.label for kind in (DeadlineKind.LEGAL, DeadlineKind.INTERNAL)},
        default=DeadlineKind.LEGAL.value,
        validate_choice=False,
    )
    deadline_reason = LineField("Pourquoi cette date ?", [_too_long(texts.TITLE_MAX_CHARS)])
    topic = SelectField("Thème", validate_choice=False)
    is_urgent = BooleanField("C’est urgent", false_values=(False, "false", "", "0"))
    urgency_reason = LineField("Pourquoi est-ce urgent ?", [_too_long(300)])
    preference = RadioField(
        "Comment préférez-vous la réponse ?",
        choices={value.value: value.label for value in ContactPreference},
        default=ContactPreference.WRITTEN.value,
        validate_choice=False,
    )
    callback_phone = PhoneField("Numéro où vous joindre")
    callback_slots = LineField("Quand vous appeler ?", [_too_long(texts.TITLE_MAX_CHARS)])
    is_sensitive = BooleanField("Dossier sensible", false_values=(False, "false", "", "0"))
    attachments = MultipleFileField("Documents utiles")
    fiche = HiddenField("Fiche lue avant de poser la question")

    def __init__(self, fields: Mapping[str, str], organisations: Iterable[Organisation] = ()) -> None:
        super().__init__(MultiDict(fields) if fields else None)
        choices = {one.id: one.name for one in organisations}
        self.organisation_id.choices = choices
        if len(choices) == 1:
            self.organisation_id.data = next(iter(choices))
        self.topic.choices = topic_choices(f"{self.title.data or ''} {self.facts.data or ''}")
        self.topic.data = self.topic.data or ""

    @property
    def text(self) -> str:
        """What detection reads: the question and the facts."""
        return f"{self.title.data or ''}\n{self.facts.data or ''}"

    @property
    def after_reading(self) -> str:
        """The address of the entry that led to the form; empty for none, or for what cannot be one."""
        slug = self.fiche.data or ""
        return slug if _SLUG.fullmatch(slug) else ""

    @property
    def deadline(self) -> date | None:
        """The date, when there is one."""
        return self.deadline_on.data if self.has_deadline.data == "oui" else None

    @property
    def has_details(self) -> bool:
        """Whether the folded part of the form holds something, or an error."""
        fields = (
            self.topic,
            self.is_urgent,
            self.urgency_reason,
            self.callback_phone,
            self.callback_slots,
            self.is_sensitive,
        )
        is_called = self.preference.data != ContactPreference.WRITTEN.value
        return is_called or any(field.data or field.errors for field in fields) or bool(self.preference.errors)

    def question(self, *, topic: str | None = None, phone: str = "", keeps_personal_data: bool = False) -> NewQuestion:
        """What the operation takes; *topic* and *phone* come from the second step."""
        return NewQuestion(
            organisation_id=self.organisation_id.data or 0,
            title=self.title.data or "",
            facts=self.facts.data or "",
            topic=topic or self.topic.data or None,
            deadline_kind=DeadlineKind(self.deadline_kind.data) if self.deadline else DeadlineKind.NONE,
            deadline_on=self.deadline,
            deadline_reason=self.deadline_reason.data or "",
            urgency=Urgency.URGENT if self.is_urgent.data else Urgency.NORMAL,
            urgency_reason=self.urgency_reason.data or "",
            preference=ContactPreference(self.preference.data),
            callback_phone=phone or self.callback_phone.data or "",
            callback_slots=self.callback_slots.data or "",
            is_sensitive=self.is_sensitive.data,
            keeps_personal_data=keeps_personal_data,
            after_reading=self.after_reading,
        )

    def validate_organisation_id(self, field: Any) -> None:
        if field.data not in field.choices:
            raise ValidationError("Choisissez la structure concernée.")

    def validate_title(self, field: Any) -> None:
        if len(_cleaned(texts.clean_line, field, texts.TITLE_MAX_CHARS)) < 3:
            raise ValidationError(TITLE_MISSING)

    def validate_facts(self, field: Any) -> None:
        if not _cleaned(texts.clean, field, settings_of(current_app).text_max_chars):
            raise ValidationError(FACTS_MISSING)

    def validate_has_deadline(self, field: Any) -> None:
        _check_choice(field)

    def validate_deadline_on(self, field: Any) -> None:
        if self.has_deadline.data != "oui":
            field.errors = []
        elif field.process_errors:
            return
        elif field.data is None:
            raise ValidationError(DATE_MISSING)
        elif not clock.today() <= field.data <= clock.today() + LATEST_DEADLINE:
            raise ValidationError(DATE_PAST)

    def validate_deadline_kind(self, field: Any) -> None:
        _check_choice(field)

    def validate_preference(self, field: Any) -> None:
        _check_choice(field)

    def validate_topic(self, field: Any) -> None:
        if field.data and field.data not in get_reference().topics:
            raise ValidationError("Choisissez un thème de la liste.")

    def validate_callback_phone(self, field: Any) -> None:
        check_phone(self, field)
        if self.preference.data == ContactPreference.PHONE.value and not field.data:
            raise ValidationError(PHONE_MISSING)


class CheckForm(Form):
    """The second step: a topic when none was chosen, a word on personal data, a number in an emergency."""

    topic = RadioField("De quoi s’agit-il ?", validate_choice=False)
    callback_phone = PhoneField("Numéro où vous joindre tout de suite", [check_phone])
    keeps_personal_data = BooleanField(SEND_ANYWAY)

    def __init__(self, suggestions: Mapping[str, str], **values: Any) -> None:
        super().__init__(**values)
        self.topic.choices = {**suggestions, "": UNKNOWN_TOPIC}

    def validate_topic(self, field: Any) -> None:
        if field.data and field.data not in get_reference().topics:
            raise ValidationError(CHOOSE)


class MessageForm(Form):
    """Complete, give a detail, follow up."""

    text = TextAreaField("Votre message")
    keeps_personal_data = BooleanField(SEND_ANYWAY)
    attachments = MultipleFileField("Documents utiles")


class FeedbackForm(Form):
    """What the asker says of the answer."""

    verdict = RadioField(
        "Votre avis",
        [InputRequired("Choisissez l’une des trois réponses.")],
        choices={verdict.value: verdict.label for verdict in Verdict},
        validate_choice=False,
    )
    comment = TextAreaField("Un mot pour les juristes", [_too_long(2000)])

    def validate_verdict(self, field: Any) -> None:
        _check_choice(field)


class ShareForm(Form):
    """With whom of the structure."""

    person = SelectField("Avec qui ?", coerce=number_or_zero, validate_choice=False)


def draft_fields(form: MultiDict[str, str]) -> dict[str, str]:
    """What a draft keeps of a form sent: as typed, empty inputs left out."""
    names = {name for name in AskForm.__dict__ if not name.startswith("_")} - NOT_KEPT
    return {name: form[name] for name in sorted(names) if form.get(name)}


def topic_choices(text: str) -> list[SelectChoice]:
    """The topics by domain, those that *text* suggests first."""
    suggested = suggested_topics(text)
    choices = [SelectChoice("", UNKNOWN_TOPIC)]
    choices += [SelectChoice(topic.code, topic.label, optgroup="D’après votre texte") for topic in suggested]
    for domain, topics in get_reference().topic_groups(include_out_of_scope=False):
        others = [topic for topic in topics if topic not in suggested]
        choices += [SelectChoice(topic.code, topic.label, optgroup=domain.label) for topic in others]
    return choices


def suggested_topics(text: str) -> list[Topic]:
    """The topics whose words are in *text*, those of other services left out."""
    return [topic for topic in get_reference().suggest_topics(text) if not topic.is_out_of_scope]


def out_of_scope_topic(text: str) -> Topic | None:
    """The topic of another service that *text* speaks of before all others, if any."""
    best = get_reference().suggest_topics(text, limit=1)
    return best[0] if best and best[0].is_out_of_scope else None


def _check_choice(field: Any) -> None:
    if field.data not in field.choices:
        raise ValidationError(CHOOSE)
