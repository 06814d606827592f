"""What a version says: checked, cleaned, and written to its rows. The acts are in ``writing``."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from helpdesk import clock
from helpdesk.db import db
from helpdesk.errors import BadInput
from helpdesk.kb.enums import ArticleKind, Visibility
from helpdesk.kb.legal_references import LegalReference, parse_all
from helpdesk.kb.models import Article, ArticleReference, ArticleTopic, ArticleTypology, ArticleVersion
from helpdesk.kb.operations.history import touch
from helpdesk.reference import get_reference
from helpdesk.tickets import texts
from helpdesk.tickets.operations.history import settings

REFERENCES_MAX_COUNT = 40
TOPICS_MAX_COUNT = 5
CHANGE_NOTE_MAX_CHARS = 200
LINE_MAX_CHARS = 500
LATEST_REVIEW_YEARS = 5


@dataclass(frozen=True, kw_only=True)
class Words:
    """What a version says, as typed; *references* one line each, *actions* one line each."""

    title: str
    in_brief: str = ""
    explanation: str = ""
    example: str = ""
    actions: str = ""
    change_note: str = ""
    references: tuple[str, ...] = ()
    topics: tuple[str, ...] = ()
    """Codes, the main one first."""
    typologies: tuple[str, ...] = ()
    """Codes; none: right for all of them."""
    up_to_date_on: date | None = None
    """None: today."""


@dataclass(frozen=True, kw_only=True)
class Traits:
    """What an entry is; chosen freely until its first publication."""

    kind: ArticleKind = ArticleKind.FAQ
    visibility: Visibility = Visibility.MEMBERS
    review_on: date | None = None


def write(version: ArticleVersion, words: Words) -> None:
    """Put *words* in the rows of a draft.

    :raises BadInput: without a title, for what is too long, or for what the reference data does not hold.
    """
    words = _checked(words)
    for name in ("title", "in_brief", "explanation", "example", "actions", "change_note"):
        setattr(version, name, getattr(words, name))
    version.up_to_date_on = words.up_to_date_on or clock.today()
    set_references(version, _references(version, words.references))
    set_codes(version, words.topics, words.typologies)
    touch(version)
    db.session.flush()


def _checked(words: Words) -> Words:
    limit = settings().text_max_chars
    title = texts.clean_line(words.title, field="title")
    if not title:
        raise BadInput("Écrivez la question, comme la poserait un adhérent.", field="title")
    lines = [texts.clean_line(line, field="references", max_chars=LINE_MAX_CHARS) for line in words.references]
    if words.up_to_date_on is not None and words.up_to_date_on > clock.today():
        raise BadInput("Une fiche ne peut pas être à jour à une date à venir.", field="up_to_date_on")
    return replace(
        words,
        title=title,
        in_brief=texts.clean(words.in_brief, field="in_brief", max_chars=limit),
        explanation=texts.clean(words.explanation, field="explanation", max_chars=limit),
        example=texts.clean(words.example, field="example", max_chars=limit),
        actions=texts.clean(words.actions, field="actions", max_chars=limit),
        change_note=texts.clean_line(words.change_note, field="change_note", max_chars=CHANGE_NOTE_MAX_CHARS),
        references=tuple(filter(None, lines)),
        topics=_known(words.topics, get_reference().topics, "topics"),
        typologies=_known(words.typologies, get_reference().typologies, "typologies"),
    )


def _known(codes: Iterable[str], every: Any, field: str) -> tuple[str, ...]:
    kept = tuple(dict.fromkeys(filter(None, codes)))
    if any(code not in every for code in kept):
        raise BadInput("Choisissez dans la liste.", field=field)
    if field == "topics" and len(kept) > TOPICS_MAX_COUNT:
        raise BadInput(f"Gardez {TOPICS_MAX_COUNT} thèmes au plus.", field=field)
    return kept


def set_traits(article: Article, traits: Traits) -> None:
    """Change what an unpublished entry is.

    :raises BadInput: for a day of review that is past or too far.
    """
    article.kind, article.visibility = traits.kind, traits.visibility
    if traits.review_on != article.review_on:
        article.review_on = review_day(traits.review_on)


def review_day(day: date | None) -> date | None:
    """:raises BadInput: for a day that is past or too far."""
    today = clock.today()
    if day is not None and not today < day <= today.replace(year=today.year + LATEST_REVIEW_YEARS, day=1):
        raise BadInput("Choisissez un jour de relecture à venir, d’ici cinq ans.", field="review_on")
    return day


def _references(version: ArticleVersion, lines: Sequence[str]) -> list[LegalReference]:
    """A line left as it was keeps what was read of it before; any other is read anew."""
    before = {line_of(row): row.cited for row in version.references}
    found: list[LegalReference] = []
    for line in lines:
        found += [before[line]] if line in before else parse_all(line)
    return found


def line_of(row: ArticleReference) -> str:
    """A reference as its line in the form."""
    reference = row.cited
    if not reference.article:
        return reference.label
    identifier = f", {reference.text_id}" if reference.text_id else ""
    label = f" : {reference.label}" if reference.label else ""
    return texts.clean_line(f"{reference.title}{identifier}{label}", field="references", max_chars=10**6)


def set_references(version: ArticleVersion, references: Iterable[LegalReference]) -> None:
    """Replace what a draft cites, each text once.

    :raises BadInput: for too many.
    """
    wanted = list(dict.fromkeys(references))
    if len(wanted) > REFERENCES_MAX_COUNT:
        raise BadInput(f"Gardez {REFERENCES_MAX_COUNT} références au plus.", field="references")
    if wanted == [row.cited for row in version.references]:
        return
    version.references = [
        ArticleReference(
            position=position,
            code=one.code,
            article=one.article,
            label=one.label,
            url=one.url,
            key=one.key[:60],
            text_id=one.text_id[:60],
        )
        for position, one in enumerate(wanted)
    ]


def set_codes(version: ArticleVersion, topics: Sequence[str], typologies: Sequence[str]) -> None:
    """Replace what a draft is about, the main topic first, and whom it is right for."""
    if version.topics != tuple(topics):
        version.topic_rows = [ArticleTopic(code=code, position=position) for position, code in enumerate(topics)]
    if set(version.typologies) != set(typologies):
        version.typology_rows = [ArticleTypology(code=code) for code in typologies]


def said(version: ArticleVersion) -> tuple[Any, ...]:
    """Everything that a version says, to be compared: spaces do not count, the form puts them in order."""
    fields = ("title", "in_brief", "explanation", "example", "actions", "change_note")
    words = tuple(" ".join(getattr(version, name).split()) for name in fields)
    lines = tuple(map(line_of, version.references))
    return (*words, version.up_to_date_on, lines, version.topics, frozenset(version.typologies))
