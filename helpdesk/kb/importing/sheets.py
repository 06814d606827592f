"""A past answer or sheet as a file gives it, checked against the reference data. Pure."""

import hashlib
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from datetime import date, datetime

from helpdesk.accounts.text import fold
from helpdesk.kb.enums import ArticleKind, Visibility
from helpdesk.reference import get_reference

TITLE_MAX_CHARS = 200
TEXT_MAX_CHARS = 20_000
_DAYS = ("%Y-%m-%d", "%d/%m/%Y")
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufeff]")


@dataclass(frozen=True, kw_only=True)
class Sheet:
    """The words of one draft to come."""

    title: str
    in_brief: str = ""
    explanation: str = ""
    example: str = ""
    actions: str = ""
    references: tuple[str, ...] = ()
    topics: tuple[str, ...] = ()
    typologies: tuple[str, ...] = ()
    kind: ArticleKind = ArticleKind.FAQ
    visibility: Visibility = Visibility.MEMBERS
    up_to_date_on: date | None = None

    @property
    def fingerprint(self) -> str:
        """Equal for the same sheet read again, from whatever file."""
        return hashlib.sha256(json.dumps(asdict(self), default=str, sort_keys=True).encode()).hexdigest()


@dataclass(frozen=True)
class SheetProblem:
    """What is wrong and where; line 0 is the file as a whole, *place* a column or a section."""

    file: str
    line: int
    place: str
    reason: str

    def __str__(self) -> str:
        where = [self.file, f"ligne {self.line}" if self.line else "", f"« {self.place} »" if self.place else ""]
        return f"{', '.join(filter(None, where))} : {self.reason}"


@dataclass
class SheetFile:
    """What could be read of a file, and what could not."""

    sheets: list[Sheet] = field(default_factory=list)
    problems: list[SheetProblem] = field(default_factory=list)


FIELDS = {
    "titre": "title",
    "question": "title",
    "en_bref": "in_brief",
    "explication": "explanation",
    "l_explication": "explanation",
    "exemple": "example",
    "actions": "actions",
    "ce_que_vous_pouvez_faire": "actions",
    "references": "references",
    "references_juridiques": "references",
    "themes": "topics",
    "theme": "topics",
    "typologies": "typologies",
    "nature": "kind",
    "public": "visibility",
    "a_jour_au": "up_to_date_on",
}
"""What the columns, headings and keys of a file fill, folded."""


def field_named(words: str) -> str | None:
    """The field that a column or a heading fills, if any."""
    return FIELDS.get(fold(words).strip(" :.?!").replace(" ", "_"))


def checked(values: Mapping[str, str | list[str]], file: str, line: int, found: SheetFile) -> None:
    """Add to *found* the sheet that *values* make, or what is wrong with it."""
    problems = [SheetProblem(file, line, place, reason) for place, reason in _problems(values)]
    found.problems += problems
    if not problems:
        found.sheets.append(_sheet(values))


def lines_of(value: str | list[str] | None) -> tuple[str, ...]:
    """Entries of a list, however it was given."""
    if value is None:
        return ()
    parts = value if isinstance(value, list) else value.split("\n")
    return tuple(filter(None, (clean(part).lstrip("-*•– ").strip() for part in parts)))


def clean(text: str) -> str:
    """*text* without control characters."""
    return _CONTROL.sub("", text).strip()


def _text(values: Mapping[str, str | list[str]], name: str) -> str:
    value = values.get(name, "")
    return clean("\n".join(value) if isinstance(value, list) else value)


def _problems(values: Mapping[str, str | list[str]]) -> Iterator[tuple[str, str]]:
    title = _text(values, "title")
    if not title:
        yield "titre", "à remplir : la question, comme la poserait un adhérent."
    if len(title) > TITLE_MAX_CHARS:
        yield "titre", f"{TITLE_MAX_CHARS} caractères au plus."
    for name, label in (("in_brief", "en bref"), ("explanation", "explication"), ("example", "exemple")):
        if len(_text(values, name)) > TEXT_MAX_CHARS:
            yield label, f"{TEXT_MAX_CHARS} caractères au plus."
    yield from _unknown(values)
    if (day := _text(values, "up_to_date_on")) and _day(day) is None:
        yield "a_jour_au", "date attendue comme 2026-06-15 ou 15/06/2026."


def _unknown(values: Mapping[str, str | list[str]]) -> Iterator[tuple[str, str]]:
    """What the reference data does not hold."""
    for name, label, codes in (("topics", "themes", _topics()), ("typologies", "typologies", _typologies())):
        for one in lines_of(values.get(name)):
            if fold(one) not in codes:
                yield label, f"« {one[:60]} » n’est pas dans la liste."
    for name, label, known in (("kind", "nature", _KINDS), ("visibility", "public", _VISIBILITIES)):
        if (value := _text(values, name)) and fold(value) not in known:
            yield label, f"« {value[:60]} » n’est pas dans la liste."


def _sheet(values: Mapping[str, str | list[str]]) -> Sheet:
    topics, typologies = _topics(), _typologies()
    return Sheet(
        title=" ".join(_text(values, "title").split()),
        in_brief=_text(values, "in_brief"),
        explanation=_text(values, "explanation"),
        example=_text(values, "example"),
        actions="\n".join(lines_of(values.get("actions"))),
        references=lines_of(values.get("references")),
        topics=_codes(lines_of(values.get("topics")), topics),
        typologies=_codes(lines_of(values.get("typologies")), typologies),
        kind=_KINDS.get(fold(_text(values, "kind")), ArticleKind.FAQ),
        visibility=_VISIBILITIES.get(fold(_text(values, "visibility")), Visibility.MEMBERS),
        up_to_date_on=_day(_text(values, "up_to_date_on")),
    )


def _codes(words: Iterable[str], codes: Mapping[str, str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(codes[fold(one)] for one in words))


def _topics() -> dict[str, str]:
    topics = get_reference().topics.values()
    return {fold(name): topic.code for topic in topics for name in (topic.label, topic.code)}


def _typologies() -> dict[str, str]:
    known = get_reference().typologies.values()
    return {fold(name): one.code for one in known for name in (one.label, one.short_label, one.code)}


def _day(text: str) -> date | None:
    for form in _DAYS:
        try:
            return datetime.strptime(text, form).date()  # noqa: DTZ007 -- a day, in no zone
        except ValueError:
            continue
    return None


_KINDS = {
    fold(name): kind for kind in ArticleKind if kind is not ArticleKind.REVIEW for name in (kind.label, kind.value)
}
_VISIBILITIES = {fold(name): one for one in Visibility for name in (one.label, one.value)}
