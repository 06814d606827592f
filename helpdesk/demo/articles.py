"""The invented entries of the knowledge base, read from ``data/articles-*.toml``. Pure."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any

from marshmallow import ValidationError, fields, post_load, validate

from helpdesk.kb.enums import ArticleKind, Visibility
from helpdesk.kb.legal_references import LegalReference
from helpdesk.reference.schemas import RowSchema

FOLDER = Path(__file__).with_name("data")
TITLE_MAX_CHARS = 120
BRIEF_MAX_CHARS = 400


class Fate(StrEnum):
    """Where the seed leaves an entry."""

    DRAFT = "draft"
    PUBLISHED = "published"
    UNDER_REVIEW = "under_review"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, kw_only=True)
class DemoArticle:
    """An entry as a jurist would have written it.

    *topics*: codes, the main one first. *typologies*: codes; none: right for all of them. *wordings*: other ways
    in which members type the question, mistakes included. *reason*: why it was withdrawn. *replaces*: the slug of
    the withdrawn entry whose place it takes. *entries*: the slugs that an issue of the review lists.
    """

    slug: str
    kind: ArticleKind
    visibility: Visibility
    state: Fate
    title: str
    in_brief: str
    explanation: str
    example: str
    actions: tuple[str, ...]
    references: tuple[LegalReference, ...]
    topics: tuple[str, ...]
    typologies: tuple[str, ...]
    up_to_date_on: date
    wordings: tuple[str, ...]
    reason: str
    replaces: str
    entries: tuple[str, ...]


class ArticleDataError(ValueError):
    """A data file cannot be used; the message names the file, the entry and the field."""


@cache
def get_articles() -> tuple[DemoArticle, ...]:
    """Every entry, read once, in the order of the files.

    :raises ArticleDataError: for an entry that does not follow the schema.
    """
    return tuple(article for path in sorted(FOLDER.glob("articles-*.toml")) for article in load_articles(path))


def load_articles(path: Path) -> tuple[DemoArticle, ...]:
    """The entries of one file.

    :raises ArticleDataError: for an entry that does not follow the schema.
    """
    rows = tomllib.loads(path.read_text(encoding="utf-8")).get("articles", [])
    return tuple(_load(row, f"{path.name}, {row.get('slug') or f'entry {rank}'}") for rank, row in enumerate(rows, 1))


def _load(row: dict[str, Any], place: str) -> DemoArticle:
    try:
        article: DemoArticle = ArticleSchema().load(row)
    except ValidationError as error:
        raise ArticleDataError(f"{place}: {error.messages}") from error
    return article


def _text(max_chars: int | None = None, *, is_optional: bool = False) -> fields.String:
    check = validate.Length(min=0 if is_optional else 1, max=max_chars)
    if is_optional:
        return fields.String(load_default="", validate=check)
    return fields.String(required=True, validate=check)


def _texts(low: int, high: int) -> fields.List[str]:
    return fields.List(
        fields.String(validate=validate.Length(min=1)), required=True, validate=validate.Length(low, high)
    )


def _is_date(value: object) -> None:
    # TOML has dates of its own; one with a time is a date for Python too.
    if type(value) is not date:
        raise ValidationError("A date is expected, without quotes.")


class ReferenceSchema(RowSchema):
    code = _text(is_optional=True)
    article = _text(is_optional=True)
    label = _text(is_optional=True)
    url = fields.Url(load_default="", schemes={"https"})
    text = _text(is_optional=True)

    @post_load
    def _make(self, data: Mapping[str, Any], **_options: Any) -> LegalReference:
        if bool(data["code"]) != bool(data["article"]) or not (data["article"] or data["label"]):
            raise ValidationError("A code with its article, or a label, is expected.")
        words = {name: value for name, value in data.items() if name != "text"}
        return LegalReference(**words, text_id=data["text"])


class ArticleSchema(RowSchema):
    """One entry of a file; whether its codes exist is checked by the tests."""

    slug = fields.String(required=True, validate=validate.Regexp(r"[a-z0-9]+(?:-[a-z0-9]+)*\Z"))
    kind = fields.Enum(ArticleKind, by_value=True, required=True)
    visibility = fields.Enum(Visibility, by_value=True, required=True)
    state = fields.Enum(Fate, by_value=True, required=True)
    title = _text(TITLE_MAX_CHARS)
    in_brief = _text(BRIEF_MAX_CHARS)
    explanation = _text()
    example = _text(is_optional=True)
    actions = _texts(2, 6)
    references: fields.List[Any] = fields.List(
        fields.Nested(ReferenceSchema), required=True, validate=validate.Length(min=1)
    )
    topics = _texts(1, 5)
    typologies = _texts(0, 20)
    up_to_date_on = fields.Raw(required=True, validate=_is_date)
    wordings = _texts(2, 4)
    reason = _text(is_optional=True)
    replaces = _text(is_optional=True)
    entries = fields.List(fields.String(), load_default=list)

    @post_load
    def _make(self, data: Mapping[str, Any], **_options: Any) -> DemoArticle:
        if bool(data["reason"]) != (data["state"] is Fate.WITHDRAWN):
            raise ValidationError("A withdrawn entry has a reason, and no other has one.", "reason")
        if bool(data["entries"]) != (data["kind"] is ArticleKind.REVIEW):
            raise ValidationError("An issue of the review lists its entries, and nothing else does.", "entries")
        frozen: dict[str, Any] = {
            name: tuple(value) if isinstance(value, list) else value for name, value in data.items()
        }
        frozen["explanation"] = data["explanation"].strip()
        return DemoArticle(**frozen)
