"""The invented questions and answers, read from ``data/*.toml``. Pure."""

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from helpdesk.demo.slots import Wordings

OUTSIDE = frozenset({"PARTENAIRE", "ETAT", "DELEGATION"})
"""Who employs nobody in the network: they ask the questions written for them, and no other."""

FOLDER = Path(__file__).with_name("data")


@dataclass(frozen=True, kw_only=True)
class LegalDate:
    """A legal deadline that comes with a kind of question: *days* after its reception, at least and at most."""

    days: tuple[int, int]
    source: str


@dataclass(frozen=True, kw_only=True)
class Pattern:
    """A kind of question with its answer; the texts are templates (:mod:`helpdesk.demo.slots`).

    *about* tells for each title which of the facts goes with it, from 1; 0: any. *typologies* empty: any
    structure asks it. An *orientation* instead of an answer: it is out of scope.
    """

    key: str
    topic: str
    weight: int
    titles: tuple[str, ...]
    facts: tuple[str, ...]
    about: tuple[int, ...] = ()
    typologies: frozenset[str] = frozenset()
    months: frozenset[int] = frozenset()
    urgency: int = 0
    is_sensitive: bool = False
    brief: str = ""
    explanation: str = ""
    steps: tuple[str, ...] = ()
    references: tuple[str, ...] = ()
    clarification: str = ""
    reply: str = ""
    orientation: str = ""
    legal_date: LegalDate | None = None

    @property
    def domain(self) -> str:
        return self.topic.partition("/")[0]

    @property
    def wordings(self) -> tuple[tuple[str, str], ...]:
        """Every title with facts that go with it."""
        about = self.about or (0,) * len(self.titles)
        return tuple(
            (title, facts)
            for title, told in zip(self.titles, about, strict=True)
            for place, facts in enumerate(self.facts, 1)
            if told in (0, place)
        )

    def fits(self, typologies: frozenset[str], month: int) -> bool:
        """Whether a structure of these kinds would ask it in that month."""
        asks = bool(self.typologies & typologies) or (not self.typologies and not typologies & OUTSIDE)
        return asks and (not self.months or month in self.months)


@dataclass(frozen=True)
class Corpus:
    """Everything the seed draws its texts from; *phrases* by name, the same for every topic."""

    patterns: tuple[Pattern, ...]
    phrases: dict[str, tuple[str, ...]]
    wordings: Wordings


@cache
def get_corpus() -> Corpus:
    """The corpus, read once."""
    patterns = tuple(
        _pattern(row) for path in sorted(FOLDER.glob("questions-*.toml")) for row in _read(path.name)["question"]
    )
    phrases = {name: tuple(lines) for name, lines in _read("phrases.toml").items()}
    words = _read("words.toml")
    trades = tuple((masculine, feminine) for masculine, feminine in words["trades"])
    return Corpus(patterns, phrases, Wordings(trades, tuple(words["employers"])))


def _read(name: str) -> dict[str, Any]:
    with (FOLDER / name).open("rb") as file:
        return tomllib.load(file)


def _pattern(row: dict[str, Any]) -> Pattern:
    deadline = row.pop("deadline", None)
    return Pattern(
        key=row.pop("key"),
        topic=row.pop("topic"),
        weight=row.pop("weight"),
        titles=tuple(row.pop("titles")),
        facts=tuple(row.pop("facts")),
        about=tuple(row.pop("about", ())),
        typologies=frozenset(row.pop("for", ())),
        months=frozenset(row.pop("months", ())),
        is_sensitive=row.pop("sensitive", False),
        steps=tuple(row.pop("steps", ())),
        references=tuple(row.pop("references", ())),
        legal_date=LegalDate(days=tuple(deadline["days"]), source=deadline["source"]) if deadline else None,
        **row,
    )
