"""What goes into the anonymisation assistant, and what comes out of it."""

from dataclasses import dataclass

from helpdesk.kb.anonymisation.enums import KnownKind, MarkKind, RiskKind


@dataclass(frozen=True, slots=True)
class KnownRecord:
    """What a question's own records know. A person's *value* is « first name surname »; a number is as stored."""

    kind: KnownKind
    value: str


@dataclass(frozen=True, slots=True)
class Mark:
    """A place of a text to decide on; *start* and *end* (excluded) are positions in the text as given.

    *proposal* is a neutral replacement, empty when none can be told. *key* is the same wherever the same words
    stand, however they are typed, so that a decision outlives an edit. Publication is refused while *is_known*.
    """

    start: int
    end: int
    kind: MarkKind
    text: str
    proposal: str
    is_known: bool
    key: str


@dataclass(frozen=True, slots=True)
class Risk:
    """A combination or a word that may single out a structure; *text* is what says it, *advice* what to do."""

    kind: RiskKind
    text: str
    advice: str


@dataclass(frozen=True, slots=True)
class Span:
    """Where something stands, before it becomes a mark. *title* is the folded title of a person, if any."""

    start: int
    end: int
    kind: MarkKind
    is_known: bool = False

    @property
    def length(self) -> int:
        return self.end - self.start
