"""What the pages of accounts take in. Every message is ours, in French, and says what to do."""

from collections.abc import Callable
from typing import Any

from flask_wtf import FlaskForm
from wtforms import (
    BooleanField,
    DateField,
    EmailField,
    HiddenField,
    PasswordField,
    RadioField,
    SearchField,
    SelectField,
    StringField,
    TelField,
)
from wtforms.validators import DataRequired, Email, Length, Optional, Regexp, ValidationError

from helpdesk.accounts.enums import MandateScope, MembershipState, NotifyMode, Role
from helpdesk.accounts.text import clean_line
from helpdesk.errors import BadInput, Conflict, HelpdeskError, TooManyAttempts
from helpdesk.widgets import Rendering

EMAIL_MAX_CHARS = 254
_EMAIL = "Écrivez une adresse de courriel complète, comme prenom.nom@structure.fr."
_PHONE = Regexp(r"^\+?[0-9 .()\u00a0\u202f-]{6,24}$", message="Écrivez le numéro en chiffres, comme 02 00 00 00 00.")
_CHOICE = "Choisissez une réponse dans la liste."


class LineMixin:
    """A line of text: spaces put in order, invisible characters refused."""

    def process_formdata(self, valuelist: list[str]) -> None:
        text = valuelist[0] if valuelist else ""
        self.data = "".join(filter(str.isprintable, text))  # what is given back if the text is refused
        try:
            self.data = clean_line(text)
        except ValueError:
            message = "Ce texte contient des caractères invisibles. Effacez-le et retapez-le."
            raise ValueError(message) from None


class LineField(LineMixin, StringField):
    pass


class EmailLineField(LineMixin, EmailField):
    def process_formdata(self, valuelist: list[str]) -> None:
        super().process_formdata(valuelist)
        self.data = self.data.lower()


class PhoneField(LineMixin, TelField):
    pass


class SearchLineField(LineMixin, SearchField):
    pass


class Form(FlaskForm):
    """A form that one operation answers; its refusal becomes the message of a field."""

    class Meta(Rendering):
        pass

    def submit(self, operation: Callable[[], object]) -> int:
        """Run *operation* if the form was sent and is right; 303: done, otherwise the status to show it with."""
        if not self.validate_on_submit():
            return 422 if self.errors else 200
        try:
            operation()
        except (BadInput, Conflict, TooManyAttempts) as error:
            self.refuse(error)
            return error.status
        return 303

    def refuse(self, error: HelpdeskError) -> None:
        """Show *error* at its field, or above the form when it has none here."""
        field = self._fields.get(error.field or "") if isinstance(error, BadInput) else None
        if field is None:
            self.form_errors.append(error.message)
        else:
            field.errors = [*field.errors, error.message]


class FilterForm(FlaskForm):
    """A form of a GET: the address holds what was asked, nothing changes, no token is needed."""

    class Meta(Rendering):
        csrf = False


def email_field(label: str) -> EmailLineField:
    return EmailLineField(
        label,
        [DataRequired(_EMAIL), Length(max=EMAIL_MAX_CHARS, message=_EMAIL), Email(_EMAIL)],
    )


class SignInForm(Form):
    email = email_field("Votre courriel")
    suite = HiddenField()


class PasswordSignInForm(SignInForm):
    password = PasswordField(
        "Votre mot de passe",
        [
            DataRequired("Écrivez votre mot de passe."),
            Length(max=200, message="Un mot de passe a 200 caractères au plus."),
        ],
    )


class UseLinkForm(Form):
    suite = HiddenField()


class PreferencesForm(Form):
    notify_mode = RadioField(
        "Vos courriels",
        [DataRequired(_CHOICE)],
        choices={mode.value: mode.label for mode in NotifyMode},
        coerce=str,
        validate_choice=False,
    )
    has_shortcuts = BooleanField("Raccourcis du clavier")

    def validate_notify_mode(self, field: Any) -> None:
        _check_choice(field, NotifyMode)


class NewPasswordForm(Form):
    current_password = PasswordField("Mot de passe actuel")
    new_password = PasswordField("Nouveau mot de passe", [DataRequired("Écrivez le nouveau mot de passe.")])


class ContactForm(Form):
    """Somebody new in a structure."""

    email = email_field("Courriel")
    first_name = LineField(
        "Prénom", [DataRequired("Écrivez le prénom."), Length(max=80, message="80 caractères au plus.")]
    )
    last_name = LineField("Nom", [DataRequired("Écrivez le nom."), Length(max=80, message="80 caractères au plus.")])
    title = LineField(
        "Fonction dans la structure",
        [
            DataRequired("Écrivez la fonction, par exemple « directrice »."),
            Length(max=120, message="120 caractères au plus."),
        ],
    )
    phone = PhoneField("Téléphone", [Optional(), _PHONE])
    scope = RadioField(
        "Ce que cette personne voit",
        choices={scope.value: scope.label for scope in MandateScope},
        default=MandateScope.STRUCTURE.value,
        validate_choice=False,
    )

    def validate_scope(self, field: Any) -> None:
        _check_choice(field, MandateScope)


class DayField(DateField):
    """A day; its own refusal would be in English."""

    def process_formdata(self, valuelist: list[str]) -> None:
        try:
            super().process_formdata(valuelist)
        except ValueError:
            raise ValueError("Écrivez une date qui existe, sous la forme 2026-12-31.") from None


class EmailForm(Form):
    email = email_field("Nouveau courriel")


class EndForm(Form):
    """The end of a mandate or role; without a day, at once."""

    last_day_on = DayField("Dernier jour", [Optional()])


class DelegationForm(Form):
    """What a delegation sets for itself."""

    is_relayed = BooleanField("Relayer les réponses du pôle")
    phone = PhoneField("Téléphone de la délégation", [Optional(), _PHONE])
    opening_hours = LineField("Horaires", [Length(max=200, message="200 caractères au plus.")])


class MembersForm(FilterForm):
    """Filters of the list of structures; the choices come from the reference data."""

    q = SearchLineField("Nom ou ville", [Length(max=100, message="100 caractères au plus.")])
    typologie = SelectField("Typologie", validate_choice=False)
    cotisation = SelectField(
        "Cotisation",
        choices={"": "Toutes", **{state.value: state.label for state in MembershipState}},
        validate_choice=False,
    )
    delegation = SelectField("Délégation", validate_choice=False)


class PeopleForm(FilterForm):
    """Filters of the administrators' list of people."""

    q = SearchLineField("Nom ou courriel", [Length(max=100, message="100 caractères au plus.")])
    role = SelectField("Rôle", choices={"": "Tous", **{role.value: role.label for role in Role}}, validate_choice=False)


def _check_choice(field: Any, values: Any) -> None:
    if field.data not in {value.value for value in values}:
        raise ValidationError(_CHOICE)
