"""What the page of an entry shows, prepared: its words as markup, whom it is right for, what it cites."""

import re
from dataclasses import dataclass
from datetime import date

from markupsafe import Markup

from helpdesk import clock
from helpdesk.accounts.models import Person
from helpdesk.kb.enums import ArticleKind, ArticleState
from helpdesk.kb.models import Article, ArticleReference, ArticleVersion
from helpdesk.kb.queries import EntryRow
from helpdesk.markdown import render
from helpdesk.reference import get_reference

_MARKER = re.compile(r"^\s*(?:\d{1,2}[.)]|[-*•–])\s+")
_WEB = ("https://", "http://")


@dataclass(frozen=True)
class Source:
    """A cited text; *url* empty: no official address is known."""

    title: str
    label: str
    url: str


@dataclass(frozen=True)
class Scope:
    """Whom an entry is right for, in words; both empty: for everybody.

    *not_for_reader*: the reader's own kinds of structure, when it is right for none of them.
    """

    right_for: str = ""
    wrong_for: str = ""
    not_for_reader: str = ""


@dataclass(frozen=True)
class Entry:
    """An entry ready to be read."""

    article: Article
    version: ArticleVersion
    in_brief: Markup
    explanation: Markup
    example: Markup
    actions: Markup
    sources: list[Source]
    scope: Scope
    topics: list[tuple[str, str]]
    """Code and label, the main one first."""

    @property
    def is_under_review(self) -> bool:
        return self.article.state is ArticleState.UNDER_REVIEW

    @property
    def is_overdue(self) -> bool:
        """Its review is due, and nobody has read it again yet."""
        review_on: date | None = self.article.review_on
        return review_on is not None and review_on < clock.today()

    @property
    def short_title(self) -> str:
        """The title as far as its colon."""
        return re.split(r"\s:", self.version.title, maxsplit=1)[0]

    @property
    def is_dated(self) -> bool:
        """A kind whose day of publication matters."""
        return self.article.kind in (ArticleKind.NEWS, ArticleKind.REVIEW)


def entry_of(person: Person | None, article: Article, version: ArticleVersion) -> Entry:
    """*article* as *person* reads it."""
    return Entry(
        article=article,
        version=version,
        in_brief=render(version.in_brief),
        explanation=render(version.explanation),
        example=render(version.example),
        actions=render(numbered(version.actions)),
        sources=[_source(one) for one in version.references],
        scope=scope_of(person, version.typologies),
        topics=[(code, label) for code in version.topics if (label := topic_label(code))],
    )


def numbered(lines: str) -> str:
    """« Ce que vous pouvez faire », one step a line, as a numbered list, however the lines were begun."""
    steps = [_MARKER.sub("", line).strip() for line in lines.splitlines()]
    steps = [step for step in steps if step]
    return "\n".join(f"{number}. {step}" for number, step in enumerate(steps, 1)) if len(steps) > 1 else "".join(steps)


def scope_of(person: Person | None, typologies: tuple[str, ...]) -> Scope:
    """Whom an entry with these *typologies* is right for. Structures of insertion are told apart by name."""
    if not typologies:
        return Scope()
    known = get_reference().typologies
    siae = [code for code, one in known.items() if one.is_siae]
    wrong = [code for code in siae if code not in typologies] if set(typologies) & set(siae) else []
    own = _own_typologies(person)
    return Scope(_names(typologies), _names(wrong), "" if not own or own & set(typologies) else _names(sorted(own)))


def short_scope(row: EntryRow) -> str:
    """« AI, ACI » for a list; empty for an entry that is right for everybody."""
    return _names(row.typologies)


def topic_label(code: str | None) -> str:
    """A topic or a domain in words; empty for what the reference data no longer holds."""
    reference = get_reference()
    found = reference.topics.get(code or "") or reference.topic_domains.get(code or "")
    return found.label if found else ""


def _own_typologies(person: Person | None) -> set[str]:
    """Those of the structures of a member; the staff reads for others."""
    if person is None or person.is_staff:
        return set()
    return {code for mandate in person.active_mandates for code in mandate.organisation.typologies}


def _names(codes: "tuple[str, ...] | list[str]") -> str:
    known = get_reference().typologies
    return ", ".join(known[code].short_label if code in known else code for code in codes)


def _source(one: ArticleReference) -> Source:
    url = one.url if one.url.startswith(_WEB) else ""
    return Source(one.cited.title, one.label if one.article else "", url)
