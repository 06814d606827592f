"""« Délais » at one moment: every figure of the page, from a number of queries that depends on nothing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from helpdesk.reference.zones import PARIS
from helpdesk.reporting import Period
from helpdesk.stats import breakdown, periods
from helpdesk.stats.measures import Delays, Facts, delays_of, mean_days, median_of, seconds_by_tier
from helpdesk.stats.perms import Selection
from helpdesk.stats.queries import facts as queries
from helpdesk.stats.queries.facts import Unanswered
from helpdesk.stats.tables import Table
from helpdesk.tickets.enums import Tier


@dataclass(frozen=True)
class Dashboard:
    """The figures of *selection* over *period*, and those of the same days one year sooner."""

    selection: Selection
    period: Period
    now: datetime
    facts: Facts
    before: Delays
    unanswered: Sequence[Unanswered]
    typologies: Mapping[int, Sequence[str]]

    @cached_property
    def overall(self) -> Delays:
        return delays_of(self.facts)

    @property
    def net_mean_days(self) -> float | None:
        seconds = seconds_by_tier(self.facts)
        return mean_days(sum(seconds.values()) - seconds[Tier.WAITING], self.facts.answered_count)

    @property
    def net_median_days(self) -> float | None:
        return median_of(self.facts.answered.net_days)

    @property
    def on_time_share(self) -> float | None:
        """Of the answers, by the date that the asker was given."""
        count = self.facts.answered_count
        return sum(self.facts.answered.is_on_time) / count if count else None

    @property
    def first_level_share(self) -> float | None:
        """Of the answers, those that a delegation gave."""
        count = self.facts.answered_count
        return self.facts.answered.answered_by.count(Tier.DELEGATION) / count if count else None

    @cached_property
    def ages_days(self) -> Sequence[int]:
        """Of the questions still without an answer, from date to date, the oldest first."""
        today = self.now.astimezone(PARIS).date()
        return [(today - one.received_at.astimezone(PARIS).date()).days for one in self.unanswered]

    @property
    def unanswered_late_count(self) -> int:
        return sum(one.due_at < self.now and not one.is_waiting for one in self.unanswered)

    @property
    def ended_otherwise_count(self) -> int:
        """Closed without an answer: an entry of the FAQ was enough, out of scope, withdrawn."""
        return len(self.facts) - self.facts.answered_count - len(self.unanswered)

    @cached_property
    def tables(self) -> Mapping[str, Table]:
        """By key, in the order of the page."""
        tables = (
            breakdown.histogram(self.facts),
            breakdown.by_step(self.facts, self.period),
            breakdown.by_delegation(self.facts),
            breakdown.by_topic(self.facts, self.selection.topic),
            breakdown.by_typology(self.facts, self.typologies),
            breakdown.by_channel(self.facts),
            breakdown.by_tier(self.facts),
            breakdown.time_held(self.facts),
            breakdown.by_age(self.ages_days),
        )
        return {table.key: table for table in tables}


def dashboard(selection: Selection, period: Period, now: datetime) -> Dashboard:
    """Read it; whether the reader may have *selection* counted is for the caller to know."""
    return Dashboard(
        selection=selection,
        period=period,
        now=now,
        facts=queries.facts(selection, period),
        before=queries.delays_in(selection, periods.year_before(period)),
        unanswered=queries.unanswered(selection, period),
        typologies=queries.typologies(),
    )
