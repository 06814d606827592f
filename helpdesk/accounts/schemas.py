"""The lines of the import file, one schema for each kind. Columns have French names, fields ours."""

import difflib
import re
from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from email_validator import EmailNotValidError, validate_email
from marshmallow import RAISE, Schema, ValidationError, fields

from helpdesk.accounts.enums import MandateScope, OrganisationKind
from helpdesk.accounts.text import clean_line, fold
from helpdesk.reference import get_reference

KINDS = {
    "adherent": OrganisationKind.MEMBER,
    "ptce": OrganisationKind.PTCE,
    "partenaire": OrganisationKind.PARTNER,
    "etat": OrganisationKind.STATE,
}
SCOPES = {"soi": MandateScope.OWN, "structure": MandateScope.STRUCTURE, "groupe": MandateScope.GROUP}
NATIONAL_QUEUE = "nationale"
FIRST_YEAR, LAST_YEAR = 1980, 2100
LA_POSTE = "356000000"
_FORMULA = ("=", "+", "-", "@", "\t", "|", "%")
_PHONE = re.compile(r"\+?[0-9 .()\u00a0\u202f-]{6,24}")
_REQUIRED: dict[str, str | list[Any] | dict[Any, Any]] = {
    "required": "cette colonne est obligatoire.",
    "null": "cette colonne est obligatoire.",
}


class Words(fields.Field[str]):
    """Words that people read. What a spreadsheet would run as a formula is refused."""

    def __init__(self, *, max_chars: int, **options: Any) -> None:
        super().__init__(error_messages=_REQUIRED, **options)
        self.max_chars = max_chars

    def _deserialize(self, value: Any, *_rest: Any, **_options: Any) -> str:
        if value.startswith(_FORMULA):
            raise ValidationError(f"« {value[:20]} » commence comme une formule de tableur.")
        try:
            text = clean_line(value)
        except ValueError:
            raise ValidationError("le texte contient des caractères invisibles.") from None
        if len(text) > self.max_chars:
            raise ValidationError(f"{len(text)} caractères, {self.max_chars} au plus.")
        return text


class EmailAddress(Words):
    """An address, in lower case."""

    def _deserialize(self, value: Any, *rest: Any, **options: Any) -> str:
        address = super()._deserialize(value, *rest, **options)
        try:
            return validate_email(address, check_deliverability=False).normalized.lower()
        except EmailNotValidError:
            raise ValidationError(f"« {address[:60]} » n’est pas une adresse de courriel.") from None


class Phone(fields.Field[str]):
    """A phone number as it is dialled."""

    def _deserialize(self, value: Any, *_rest: Any, **_options: Any) -> str:
        if not _PHONE.fullmatch(value):
            raise ValidationError(f"« {value[:30]} » n’est pas un numéro de téléphone.")
        return str(value)


class Choice(fields.Field[Any]):
    """One of a few words, accents and capitals aside."""

    def __init__(self, choices: dict[str, Any], **options: Any) -> None:
        super().__init__(error_messages=_REQUIRED, **options)
        self.choices = choices

    def _deserialize(self, value: Any, *_rest: Any, **_options: Any) -> Any:
        try:
            return self.choices[fold(value)]
        except KeyError:
            raise ValidationError(_unknown(value, self.choices)) from None


class Number(fields.Field[int]):
    """A whole number between two bounds."""

    def __init__(self, lowest: int, highest: int, **options: Any) -> None:
        super().__init__(**options)
        self.lowest, self.highest = lowest, highest

    def _deserialize(self, value: Any, *_rest: Any, **_options: Any) -> int:
        digits = re.sub(r"[\s\u00a0\u202f]", "", value)
        if not re.fullmatch(r"[0-9]{1,9}", digits) or not self.lowest <= int(digits) <= self.highest:
            raise ValidationError(
                f"« {value[:20]} » : un nombre entier est attendu, de {self.lowest} à {self.highest}."
            )
        return int(digits)


class Day(fields.Field[date]):
    """A civil day, « 31/12/2026 » or « 2026-12-31 »."""

    def _deserialize(self, value: Any, *_rest: Any, **_options: Any) -> date:
        for form in ("%d/%m/%Y", "%Y-%m-%d"):
            try:
                day = datetime.strptime(value, form).date()  # noqa: DTZ007 - a civil day has no zone
            except ValueError:
                continue
            if FIRST_YEAR <= day.year <= LAST_YEAR:
                return day
        raise ValidationError(f"« {value[:20]} » n’est pas une date. Écrivez 31/12/2026.")


class Siret(fields.Field[str]):
    """Fourteen digits with their check."""

    def _deserialize(self, value: Any, *_rest: Any, **_options: Any) -> str:
        if re.search(r"\d[.,]?\d*E\+?\d", value, re.IGNORECASE):
            raise ValidationError("le tableur a arrondi ce SIRET. Mettez la colonne au format texte.")
        digits = re.sub(r"[\s\u00a0\u202f.]", "", value)
        if not re.fullmatch(r"[0-9]{14}", digits) or not (_passes_luhn(digits) or digits.startswith(LA_POSTE)):
            raise ValidationError(f"« {value[:20]} » n’est pas un SIRET : 14 chiffres, dont un de contrôle.")
        return digits


class Idcc(fields.Field[str]):
    """The number of a collective agreement, on four digits."""

    def _deserialize(self, value: Any, *_rest: Any, **_options: Any) -> str:
        if not re.fullmatch(r"[0-9]{1,4}", value):
            raise ValidationError(f"« {value[:20]} » n’est pas un IDCC : 4 chiffres au plus.")
        return str(value).zfill(4)


class DepartementCode(fields.Field[str]):
    """« 35 », « 01 » (or « 1 », as spreadsheets write it), « 2A », « 974 »; the name will do."""

    def __init__(self, **options: Any) -> None:
        super().__init__(error_messages=_REQUIRED, **options)

    def _deserialize(self, value: Any, *_rest: Any, **_options: Any) -> str:
        departements = get_reference().departements
        code = str(value).upper().zfill(2)
        if code in departements:
            return code
        by_name = {fold(row.name): row.code for row in departements.values()}
        if fold(value) in by_name:
            return by_name[fold(value)]
        raise ValidationError(_unknown(value, [*departements, *(row.name for row in departements.values())]))


class DelegationCode(fields.Field[str]):
    """The code or the name of a delegation; « nationale » for none, kept as an empty text."""

    def _deserialize(self, value: Any, *_rest: Any, **_options: Any) -> str:
        known = {fold(row.name): code for code, row in get_reference().delegations.items()}
        known |= {fold(code): code for code in get_reference().delegations}
        if fold(value) == NATIONAL_QUEUE:
            return ""
        if fold(value) not in known:
            raise ValidationError(_unknown(value, get_reference().delegations))
        return known[fold(value)]


class TypologyCodes(fields.Field[tuple[str, ...]]):
    """One or several codes: « ACI », « AI + ACI + SAP »."""

    def _deserialize(self, value: Any, *_rest: Any, **_options: Any) -> tuple[str, ...]:
        known = get_reference().typologies
        codes = [code.strip().upper() for code in re.split(r"[+/|,]", value)]
        for code in codes:
            if code not in known:
                raise ValidationError(_unknown(code, known))
        return tuple(sorted(set(codes)))


class Row(Schema):
    """A line of the file."""

    class Meta:
        unknown = RAISE

    error_messages = {"unknown": "cette colonne ne sert pas à ce type de ligne."}  # noqa: RUF012 (marshmallow's)


class StructureRow(Row):
    external_id = Words(data_key="numero", required=True, max_chars=40)
    name = Words(data_key="nom", required=True, max_chars=200)
    kind = Choice(KINDS, data_key="nature")
    typologies = TypologyCodes(data_key="typologies", allow_none=True)
    departement = DepartementCode(data_key="departement", required=True)
    delegation = DelegationCode(data_key="delegation", allow_none=True)
    city = Words(data_key="ville", allow_none=True, max_chars=100)
    phone = Phone(data_key="telephone", allow_none=True)
    siret = Siret(data_key="siret", allow_none=True)
    headcount = Number(0, 100_000, data_key="effectif", allow_none=True)
    insertion_headcount = Number(0, 100_000, data_key="effectif_insertion", allow_none=True)
    idcc = Idcc(data_key="idcc", allow_none=True)
    group = Words(data_key="groupe", allow_none=True, max_chars=40)
    membership_paid_year = Number(FIRST_YEAR, LAST_YEAR, data_key="cotisation", allow_none=True)
    joined_on = Day(data_key="adhesion", allow_none=True)
    left_on = Day(data_key="depart", allow_none=True)


class PersonRow(Row):
    external_id = Words(data_key="numero", required=True, max_chars=40)
    email = EmailAddress(data_key="courriel", required=True, max_chars=254)
    first_name = Words(data_key="prenom", required=True, max_chars=80)
    last_name = Words(data_key="nom", required=True, max_chars=80)
    phone = Phone(data_key="telephone", allow_none=True)
    title = Words(data_key="fonction", allow_none=True, max_chars=120)
    scope = Choice(SCOPES, data_key="acces")


def columns_of(schema: type[Row]) -> frozenset[str]:
    """Return the names of the columns that a kind of line uses."""
    return frozenset(field.data_key or name for name, field in schema().fields.items())


def _unknown(value: str, known: Iterable[str]) -> str:
    """« X » n’existe pas, with the nearest that does."""
    by_fold = {fold(name): name for name in known}
    near = difflib.get_close_matches(fold(value), by_fold, n=1, cutoff=0.5)
    advice = f" Voulez-vous dire « {by_fold[near[0]]} » ?" if near else f" Possible : {', '.join([*known][:20])}."
    return f"« {value[:40]} » n’existe pas.{advice}"


def _passes_luhn(digits: str) -> bool:
    doubled = [int(digit) * (2 - position % 2) for position, digit in enumerate(digits)]
    return sum(number - 9 if number > 9 else number for number in doubled) % 10 == 0
