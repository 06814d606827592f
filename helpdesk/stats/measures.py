"""Response times measured over many questions. Pure; what each figure means is in :mod:`helpdesk.stats.wording`.

Means are exact, in calendar days of 86,400 seconds, so that those of the four tiers add up to the gross one. Medians,
deciles, shares and histograms count from date to date, as due dates do.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass
from statistics import median
from typing import NamedTuple, TypeVar

from helpdesk.tickets.enums import Tier

DAY_SECONDS = 86_400
FEWEST_ANSWERS = 10
"""Under it a median or a share says more of chance than of the service: none is given."""
TARGET_SHARE = 0.9
"""The aim of the service: nine answers in ten within the target."""
Key = TypeVar("Key", bound=Hashable)


class Fact(NamedTuple):
    """What is counted of one question received in the period; *answered_by* empty: no answer in its first round.

    *month*: the place of its month in the period. Empty *delegation*: the national queue; empty *topic*: none chosen.
    """

    month: int
    delegation: str
    topic: str
    channel: str
    organisation_id: int
    answered_by: str | None
    gross_days: int
    net_days: int
    gross_seconds: int
    delegation_seconds: int
    waiting_seconds: int
    relay_seconds: int
    is_within: bool
    """In no more days than the target in force when it came."""
    is_on_time: bool
    """By the date that the asker was given, which the wait for their words pushes and which is a working day."""


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


def delays_of(facts: Iterable[Fact]) -> Delays:
    """Of the questions *facts*; those without an answer count as received alone."""
    received = list(facts)
    answers = answered(received)
    # Lists, not generators: a page measures each answer of a year seven times over.
    days = sorted([fact.gross_days for fact in answers])
    within = sum([fact.is_within for fact in answers])
    seconds = sum([fact.gross_seconds for fact in answers])
    return Delays(len(received), len(days), within, seconds, *_middle_and_ninth(days))


def answered(facts: Iterable[Fact]) -> list[Fact]:
    """Those that have an answer."""
    return [fact for fact in facts if fact.answered_by is not None]


def seconds_by_tier(facts: Iterable[Fact]) -> dict[Tier, int]:
    """Where the time of the answered questions went, all together; the four add up to the gross seconds."""
    answers = answered(facts)
    spent = {
        Tier.DELEGATION: sum(fact.delegation_seconds for fact in answers),
        Tier.WAITING: sum(fact.waiting_seconds for fact in answers),
        Tier.RELAY: sum(fact.relay_seconds for fact in answers),
    }
    spent[Tier.POLE] = sum(fact.gross_seconds for fact in answers) - sum(spent.values())
    return {tier: spent[tier] for tier in Tier}


def delays_by(facts: Iterable[Fact], key: Callable[[Fact], Key]) -> dict[Key, Delays]:
    """The delays of each group."""
    groups: dict[Key, list[Fact]] = defaultdict(list)
    for fact in facts:
        groups[key(fact)].append(fact)
    return {name: delays_of(group) for name, group in groups.items()}


def delays_by_each(facts: Iterable[Fact], keys: Callable[[Fact], Iterable[Key]]) -> dict[Key, Delays]:
    """The same; a question is in all the groups that *keys* gives."""
    groups: dict[Key, list[Fact]] = defaultdict(list)
    for fact in facts:
        for key in keys(fact):
            groups[key].append(fact)
    return {name: delays_of(group) for name, group in groups.items()}


def delays_of_counts(received_count: int, counts: Iterable[tuple[int, bool, int, int]]) -> Delays:
    """The same from rows of (gross days, is within, how many answers, their gross seconds)."""
    within = seconds = 0
    answers: Counter[int] = Counter()
    for gross_days, is_within, count, gross_seconds in counts:
        within += count if is_within else 0
        seconds += gross_seconds
        answers[gross_days] += count
    days = sorted(answers.elements())
    return Delays(received_count, len(days), within, seconds, *_middle_and_ninth(days))


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
