"""What the pages of a PTCE take in: what goes with its question, the slot it chooses, why it cancels."""

from collections.abc import Iterable, Mapping
from typing import Any

from werkzeug.datastructures import MultiDict
from wtforms import BooleanField, HiddenField, RadioField, TextAreaField
from wtforms.validators import Length, ValidationError

from helpdesk.accounts.forms import Form, LineField, PhoneField
from helpdesk.errors import BadInput, HelpdeskError
from helpdesk.formats import long_date_text
from helpdesk.juri_ptce.enums import Medium
from helpdesk.juri_ptce.models import JuriSession, PtceDetails, PtceProfile
from helpdesk.juri_ptce.operations.details import ANY_SESSION, NO, PREFIX, YES, read_fields
from helpdesk.juri_ptce.operations.places import REASON_MAX_CHARS
from helpdesk.tickets.forms.member import CHOOSE, PHONE_MISSING, check_phone, number_or_zero


class DetailsForm(Form):
    """The fieldset that a PTCE's question adds to the check; the operation reads what was typed, word for word."""

    class Meta:
        csrf = False  # It stands inside a form that carries its own.

    carrier = LineField("Structure porteuse et sa forme juridique")
    territory = LineField("Territoire du PTCE")
    involves_authority = RadioField(
        "Une collectivité est-elle en cause ?", choices={NO: "Non", YES: "Oui"}, default=NO, validate_choice=False
    )
    amount = LineField("Montant de l’aide ou du marché")
    wished_session = RadioField("Séance souhaitée", default=ANY_SESSION, validate_choice=False)
    is_network_member = BooleanField("Le PTCE est adhérent de la fédération ou du RTES")
    has_charter = BooleanField("Le PTCE est lauréat de l’appel à manifestation d’intérêt ou signataire de la charte")
    may_be_published = BooleanField("J’accepte un retour anonymisé dans les questions fréquentes")

    def __init__(
        self,
        typed: Mapping[str, str],
        sessions: Iterable[JuriSession] = (),
        kept: JuriSession | None = None,
        **known: Any,
    ) -> None:
        """*kept*: the session that the question wishes for already, which may be over."""
        super().__init__(MultiDict(typed) if typed else None, prefix=PREFIX, **known)
        self.kept_session_id = kept.id if kept else None
        sessions = list(sessions)
        self.cut_offs = {
            str(one.id): f"Question reçue au plus tard le {long_date_text(one.cut_off_at)}" for one in sessions
        }
        offered = {one.id: one for one in (*([kept] if kept else []), *sessions)}.values()
        self.wished_session.choices = {
            ANY_SESSION: "Peu importe",
            **{str(one.id): long_date_text(one.starts_at).capitalize() for one in offered},
        }
        if typed:
            self._check(typed)

    def _check(self, typed: Mapping[str, str]) -> None:
        try:
            read_fields(typed, kept_session_id=self.kept_session_id)
        except BadInput as error:
            self.refuse(error)

    def refuse(self, error: HelpdeskError) -> None:
        """The operation names the inputs as the page does."""
        if isinstance(error, BadInput):
            error = BadInput(error.message, field=(error.field or "").removeprefix(PREFIX))
        super().refuse(error)


def known_values(last: PtceDetails | None, profile: PtceProfile | None) -> dict[str, Any]:
    """What is known of a PTCE already, for the inputs that describe it."""
    known: dict[str, Any] = {"carrier": last.carrier, "territory": last.territory} if last else {}
    if profile is not None:
        known |= {"is_network_member": profile.is_network_member, "has_charter": profile.has_charter}
    return known


class SlotForm(Form):
    """One slot of the list; the page draws the groups and fills the choices.

    Before the other parts of a form: errors are listed in the order in which fields are written.
    """

    slot = RadioField("Choisissez un créneau", coerce=number_or_zero, validate_choice=False)

    def validate_slot(self, field: Any) -> None:
        if not field.data:
            raise ValidationError("Choisissez un créneau dans la liste.")


class CallForm(Form):
    """How the call is held, and where it rings."""

    medium = RadioField(
        "Comment souhaitez-vous échanger ?",
        choices={one.value: one.label for one in Medium},
        default=Medium.PHONE.value,
        validate_choice=False,
    )
    phone = PhoneField("Numéro où nous vous appelons")

    def validate_medium(self, field: Any) -> None:
        if field.data not in field.choices:
            raise ValidationError(CHOOSE)

    def validate_phone(self, field: Any) -> None:
        check_phone(self, field)
        if self.medium.data == Medium.PHONE.value and not field.data:
            raise ValidationError(PHONE_MISSING)

    @property
    def call(self) -> dict[str, Any]:
        """What the operations take."""
        return {"medium": Medium(self.medium.data), "phone": self.phone.data or ""}


class BookingForm(SlotForm, CallForm):
    """A slot, and how the call is held."""


class WaitingForm(BookingForm):
    """How the call would be held; the button of the full session names it."""

    session = HiddenField("Séance", filters=[number_or_zero])

    def validate_slot(self, field: Any) -> None:
        """None is chosen."""


class CancelForm(Form):
    reason = TextAreaField(
        "Un mot pour les juristes",
        [Length(max=REASON_MAX_CHARS, message=f"Ce texte est trop long : {REASON_MAX_CHARS} caractères au plus.")],
    )
