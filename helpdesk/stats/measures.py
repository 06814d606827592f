"""Response times measured over many questions. Pure; what each figure means is in :mod:`helpdesk.stats.wording`.

Means are exact, in calendar days of 86,400 seconds, so that those of the four tiers add up to the gross one. Medians,
deciles, shares and histograms count from date to date, as due dates do.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import compress
from statistics import median
from typing import Any, NamedTuple, TypeVar

from helpdesk.tickets.enums import Tier

DAY_SECONDS = 86_400
FEWEST_ANSWERS = 10
"""Under it a median or a share says more of chance than of the service: none is given."""
TARGET_SHARE = 0.9
"""The aim of the service: nine answers in ten within the target."""
Key = TypeVar("Key", bound=Hashable)
Group = TypeVar("Group", bound=Hashable)


class Columns(NamedTuple):
    """What is counted of the questions received in the period, a column for each thing and a place for each question:
    a pass over columns is cheaper than one over rows. *answered_by* empty: no answer in its first round.

    *month*: the place of its month in the period. Empty *delegation*: the national queue; empty *topic*: none chosen.
    """

    month: Sequence[int]
    delegation: Sequence[str]
    topic: Sequence[str]
    channel: Sequence[str]
    organisation_id: Sequence[int]
    answered_by: Sequence[str | None]
    gross_days: Sequence[int]
    net_days: Sequence[int]
    gross_seconds: Sequence[int]
    delegation_seconds: Sequence[int]
    waiting_seconds: Sequence[int]
    relay_seconds: Sequence[int]
    is_within: Sequence[bool]
    """In no more days than the target in force when it came."""
    is_on_time: Sequence[bool]
    """By the date that the asker was given, which the wait for their words pushes and which is a working day."""


class Facts:
    """The questions of a period; *rows* in the order of the fields of :class:`Columns`."""

    def __init__(self, rows: Iterable[Sequence[Any]]) -> None:
        self.received = Columns._make(tuple(zip(*rows, strict=True)) or ((),) * len(Columns._fields))

    def __len__(self) -> int:
        return len(self.received.month)

    @cached_property
    def answered(self) -> Columns:
        """Of those that have an answer."""
        is_answered = [tier is not None for tier in self.received.answered_by]
        return Columns._make(tuple(compress(column, is_answered)) for column in self.received)

    @property
    def answered_count(self) -> int:
        return len(self.answered.month)


@dataclass(frozen=True)
class Delays:
    """Of some answers, among the questions received. Days are none without any answer; before telling them, ask
    *is_enough*.
    """

    received_count: int
    answered_count: int
    within_count: int
    gross_seconds: int
    """Of all the answers together."""
    median_days: float | None
    ninth_decile_days: int | None
    """By the nearest rank: nine answers in ten took no longer."""

    @property
    def mean_days(self) -> float | None:
        return mean_days(self.gross_seconds, self.answered_count)

    @property
    def within_share(self) -> float | None:
        return self.within_count / self.answered_count if self.answered_count else None

    @property
    def late_count(self) -> int:
        return self.answered_count - self.within_count

    @property
    def is_enough(self) -> bool:
        return self.answered_count >= FEWEST_ANSWERS


@dataclass
class _Tally:
    """What is counted of a group, as far as it is known."""

    received: int = 0
    within: int = 0
    seconds: int = 0
    days: list[int] = field(default_factory=list)
    """Of each answer."""

    def delays(self) -> Delays:
        days = sorted(self.days)
        return Delays(self.received, len(days), self.within, self.seconds, *_middle_and_ninth(days))


def delays_of(facts: Facts) -> Delays:
    """Of all the questions; those without an answer count as received alone."""
    answers = facts.answered
    days = sorted(answers.gross_days)
    return Delays(len(facts), len(days), sum(answers.is_within), sum(answers.gross_seconds), *_middle_and_ninth(days))


def seconds_by_tier(facts: Facts) -> dict[Tier, int]:
    """Where the time of the answered questions went, all together; the four add up to the gross seconds."""
    answers = facts.answered
    spent = {
        Tier.DELEGATION: sum(answers.delegation_seconds),
        Tier.WAITING: sum(answers.waiting_seconds),
        Tier.RELAY: sum(answers.relay_seconds),
    }
    spent[Tier.POLE] = sum(answers.gross_seconds) - sum(spent.values())
    return {tier: spent[tier] for tier in Tier}


def delays_by(facts: Facts, key: Callable[[Columns], Sequence[Key]]) -> dict[Key, Delays]:
    """The delays of each group; *key* tells the group of each question."""
    return delays_by_each(facts, key, lambda name: (name,))


def delays_by_each(
    facts: Facts, key: Callable[[Columns], Sequence[Key]], groups: Callable[[Key], Iterable[Group]]
) -> dict[Group, Delays]:
    """The same; a question is in all the *groups* of its key. The keys are counted first, as they are fewer."""
    answers, received = facts.answered, Counter(key(facts.received))
    days: dict[Key, list[int]] = {name: [] for name in received}
    seconds = dict.fromkeys(received, 0)
    keys = key(answers)
    for name, day, taken in zip(keys, answers.gross_days, answers.gross_seconds, strict=True):
        days[name].append(day)
        seconds[name] += taken
    within = Counter(compress(keys, answers.is_within))
    tallies: dict[Group, _Tally] = defaultdict(_Tally)
    for name, count in received.items():
        for group in groups(name):
            tally = tallies[group]
            tally.received += count
            tally.within += within[name]
            tally.seconds += seconds[name]
            tally.days += days[name]
    return {group: tally.delays() for group, tally in tallies.items()}


def delays_of_counts(received_count: int, counts: Iterable[tuple[int, bool, int, int]]) -> Delays:
    """The same from rows of (gross days, is within, how many answers, their gross seconds)."""
    tally = _Tally(received_count)
    for gross_days, is_within, count, gross_seconds in counts:
        tally.within += count if is_within else 0
        tally.seconds += gross_seconds
        tally.days += [gross_days] * count
    return tally.delays()


def mean_days(seconds: int, count: int) -> float | None:
    """Exact days; none of nothing."""
    return seconds / DAY_SECONDS / count if count else None


def median_of(days: Iterable[int]) -> float | None:
    """The mean of the two in the middle, which are one where their number is odd."""
    ordered = sorted(days)
    return median(ordered) if ordered else None


def _middle_and_ninth(ordered: list[int]) -> tuple[float | None, int | None]:
    if not ordered:
        return None, None
    return median(ordered), ordered[-(-9 * len(ordered) // 10) - 1]
