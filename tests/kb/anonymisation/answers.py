"""The sixty answers with planted identities, and how a set of marks scores on them."""

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from helpdesk.kb.anonymisation import KnownKind, KnownRecord, Mark, find_marks

_FOLDER = Path(__file__).with_name("answers")
_PLANTED = re.compile(r"\{\{(?:(?P<known>!)|(?P<kind>\w+):)(?P<value>[^}]+)\}\}")
_ARTICLE = re.compile(r"^(?:l[ae]s? |l[’']|du |des |aux? )", re.IGNORECASE)
FIGURES = ("amount", "headcount")


@dataclass(frozen=True)
class Planted:
    """*kind* is empty for a known record."""

    start: int
    end: int
    kind: str


@dataclass(frozen=True)
class Answer:
    name: str
    text: str
    known: tuple[KnownRecord, ...]
    planted: tuple[Planted, ...]

    def marks(self) -> list[Mark]:
        return find_marks(self.text, self.known)

    def words_of(self, planted: Planted) -> str:
        return self.text[planted.start : planted.end]

    def is_covered(self, planted: Planted, marks: list[Mark]) -> bool:
        """Every letter and digit stands in a mark (a known one, for a known record), but for an article before it."""
        inside = {place for mark in marks if mark.is_known or planted.kind for place in range(mark.start, mark.end)}
        words = self.words_of(planted)
        start = planted.start + len(words) - len(_ARTICLE.sub("", words))
        return all(place in inside for place in range(start, planted.end) if self.text[place].isalnum())

    def false_marks(self, marks: list[Mark]) -> Iterator[Mark]:
        """Marks on nothing that was planted."""
        for mark in marks:
            if not any(mark.start < planted.end and planted.start < mark.end for planted in self.planted):
                yield mark


@cache
def answers(half: str) -> tuple[Answer, ...]:
    entries = tomllib.loads((_FOLDER / f"{half}.toml").read_text())["answers"]
    return tuple(_answer(entry) for entry in entries)


def _answer(entry: dict[str, object]) -> Answer:
    text, planted, end = "", [], 0
    source = str(entry["text"]).strip()
    for match in _PLANTED.finditer(source):
        text += source[end : match.start()]
        planted.append(Planted(len(text), len(text) + len(match["value"]), match["kind"] or ""))
        text += match["value"]
        end = match.end()
    known = tuple(
        KnownRecord(KnownKind(kind), value.strip())
        for kind, value in (str(line).split(":", 1) for line in entry["known"])  # type: ignore[attr-defined]
    )
    return Answer(str(entry["name"]), text + source[end:], known, tuple(planted))
