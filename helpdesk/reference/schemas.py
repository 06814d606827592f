"""What a line of ``data/*.toml`` may hold. Unknown fields are refused; every message is French."""

import re
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from marshmallow import RAISE, Schema, ValidationError, fields, validate

from helpdesk.reference.phrases import Phrase, fold
from helpdesk.reference.types import (
    Certainty,
    DelayDirection,
    DelayLimit,
    DelayUnit,
    HolidayZone,
    Specialty,
)

_MESSAGES: dict[str, Any] = {
    "required": "champ obligatoire absent",
    "null": "valeur vide",
    "invalid": "valeur d’un autre type que celui attendu",
    "invalid_utf8": "texte illisible",
    "unknown": "valeur inconnue, choix possibles\u00a0: {choices}",
}


def _text(pattern: str | None = None, reason: str = "", **options: Any) -> fields.String:
    checks: list[Any] = [_not_blank]
    if pattern:
        checks.append(validate.Regexp(re.compile(rf"(?:{pattern})\Z"), error=reason))
    options.setdefault("required", "load_default" not in options)
    return fields.String(validate=checks, error_messages=_MESSAGES, **options)


def _not_blank(value: str) -> None:
    if not value.strip():
        raise ValidationError("texte vide")
    if value != value.strip():
        raise ValidationError("espace en début ou en fin de texte")


def _texts(check: Any = _not_blank, *, at_least: int = 0) -> fields.List[str]:
    options: dict[str, Any] = {"required": True} if at_least else {"load_default": list}
    return fields.List(
        fields.String(validate=check, error_messages=_MESSAGES),
        validate=validate.Length(min=at_least, error=f"au moins {at_least} valeur attendue"),
        error_messages=_MESSAGES,
        **options,
    )


def _flag(*, default: bool = False) -> fields.Boolean:
    return fields.Boolean(truthy={True}, falsy={False}, load_default=default, error_messages=_MESSAGES)


def _number(low: int, high: int, **options: Any) -> fields.Integer:
    reason = f"nombre attendu entre {low} et {high}"
    options.setdefault("required", "load_default" not in options)
    return fields.Integer(
        strict=True, validate=validate.Range(low, high, error=reason), error_messages=_MESSAGES, **options
    )


def _choice(enum: Any, **options: Any) -> fields.Enum[Any]:
    options.setdefault("required", "load_default" not in options)
    return fields.Enum(enum, by_value=True, error_messages=_MESSAGES, **options)


def _is_timezone(value: str) -> None:
    try:
        ZoneInfo(value)
    except (KeyError, OSError, ValueError) as error:
        raise ValidationError(f"fuseau horaire « {value} » inconnu") from error


def _is_date(value: object) -> None:
    # TOML has dates of its own; one with a time is a date for Python too.
    if type(value) is not date:
        raise ValidationError("date attendue sous la forme 2026-04-01, sans guillemets")


def _is_phrase(value: str) -> None:
    try:
        Phrase.parse(value)
    except ValueError as error:
        raise ValidationError(str(error)) from error


def _is_folded(value: str) -> None:
    if value != fold(value) or not value.isalpha():
        raise ValidationError("mot attendu en minuscules, sans accent ni marque du pluriel")


_SLUG = ("[a-z0-9]+(?:-[a-z0-9]+)*", "code attendu en minuscules, chiffres et traits d’union")


class RowSchema(Schema):
    """One entry of a file."""

    error_messages = {"unknown": "champ inconnu", "type": "entrée illisible"}  # noqa: RUF012 -- as the base

    class Meta:
        unknown = RAISE


class DelegationSchema(RowSchema):
    code = _text(*_SLUG)
    name = _text()
    mail_stem = _text("[a-z]+", "début d’adresse attendu en minuscules, sans accent")
    phone = _text(r"0\d(?: \d\d){4}", "numéro attendu sous la forme 02 00 00 00 00")


class DepartementSchema(RowSchema):
    code = _text(r"\d\d|2[AB]|9[78]\d", "code de département attendu (01, 2A, 974…)")
    name = _text()
    delegation = _text(*_SLUG, load_default=None)
    timezone = fields.String(load_default="Europe/Paris", validate=_is_timezone, error_messages=_MESSAGES)
    holiday_zone = _choice(HolidayZone, load_default=HolidayZone.METROPOLE)
    has_droit_local = _flag()


class TypologySchema(RowSchema):
    code = _text("[A-Z]+(?:-[A-Z]+)*", "code attendu en capitales sans accent")
    short_label = _text()
    label = _text()
    is_siae = _flag()
    is_member = _flag(default=True)
    has_member_structures = _flag()
    note = _text(load_default="")


class TopicDomainSchema(RowSchema):
    code = _text(*_SLUG)
    label = _text()
    specialty = _choice(Specialty)


class TopicSchema(RowSchema):
    code = _text(f"{_SLUG[0]}/{_SLUG[0]}", "code attendu sous la forme domaine/theme")
    label = _text()
    specialty = _choice(Specialty, load_default=None)
    synonyms = _texts(_is_phrase, at_least=1)
    is_reserved_to_pole = _flag()
    is_rtes_for_ptce = _flag()
    is_out_of_scope = _flag()
    orientation = _text(load_default="")
    review_months = _number(1, 60, load_default=None)


class UrgencyTriggerSchema(RowSchema):
    code = _text(*_SLUG)
    level = _number(1, 3)
    label = _text()
    phrases = _texts(_is_phrase, at_least=1)
    unless = _texts(_is_phrase)
    needs_date = _flag()
    within_days = _number(1, 366, load_default=None)


class UrgencyTrapSchema(RowSchema):
    level = _number(0, 2)
    label = _text()
    triggers = _texts(at_least=1)
    phrases = _texts(_is_phrase, at_least=1)
    unless = _texts(_is_phrase)


class SpellingSchema(RowSchema):
    word = fields.String(required=True, validate=_is_folded, error_messages=_MESSAGES)
    also = _texts(_is_folded)


class LegalDeadlineSchema(RowSchema):
    code = _text(*_SLUG)
    title = _text()
    amount = _number(1, 400)
    unit = _choice(DelayUnit)
    direction = _choice(DelayDirection)
    limit = _choice(DelayLimit)
    is_extended = _flag()
    source = _text()
    certainty = _choice(Certainty)
    topic = _text()
    start = _text()
    text = _text()


class LawChangeSchema(RowSchema):
    in_force_on = fields.Raw(required=True, validate=_is_date, error_messages=_MESSAGES)
    text = _text()
    topics = _texts(at_least=1)


class LexiconEntrySchema(RowSchema):
    sigle = _text()
    meanings = _texts(at_least=1)
    variants = _texts()
    original = _text(load_default="")
    replaced_by = _text(load_default="")
    is_added = _flag()
    is_capitals_only = _flag()
    is_sure = _flag(default=True)


class CollectiveAgreementSchema(RowSchema):
    idcc = _text(r"\d{4}", "IDCC attendu sur quatre chiffres")
    label = _text()
    is_sure = _flag(default=True)
