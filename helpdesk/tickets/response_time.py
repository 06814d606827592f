"""Response time, defined once (``docs/architecture.md`` section 8).

Gross time runs from the real arrival to the moment the first complete answer can be read, in calendar time, and
nothing resets it. Net time is gross less the time spent waiting for the asker. The four tiers add up to gross, to
the second.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from helpdesk.tickets.enums import Status, Tier

_TIERS = {
    Status.TRIAGE: Tier.DELEGATION,
    Status.REGIONAL: Tier.DELEGATION,
    Status.POLE: Tier.POLE,
    Status.STUDY: Tier.POLE,
    Status.WAITING: Tier.WAITING,
    Status.RELAY: Tier.RELAY,
}


def tier_of(status: Status, *, has_delegation: bool) -> Tier | None:
    """Who holds the time in *status*; none once answered or closed. Without a delegation the pole triages."""
    if status is Status.TRIAGE and not has_delegation:
        return Tier.POLE
    return _TIERS.get(status)


@dataclass(frozen=True)
class TierTimes:
    """Seconds held by each tier so far, and who holds since when; *holder* empty: the clock has stopped."""

    delegation_seconds: int = 0
    pole_seconds: int = 0
    waiting_seconds: int = 0
    relay_seconds: int = 0
    holder: Tier | None = None
    since_at: datetime | None = None

    @property
    def gross_seconds(self) -> int:
        return self.delegation_seconds + self.pole_seconds + self.waiting_seconds + self.relay_seconds

    @property
    def net_seconds(self) -> int:
        return self.gross_seconds - self.waiting_seconds

    @property
    def waited(self) -> timedelta:
        """Time spent waiting for the asker: it pushes the due date, never the gross time."""
        return timedelta(seconds=self.waiting_seconds)


def advance(times: TierTimes, *, at: datetime, holder: Tier | None) -> TierTimes:
    """Give the time since the last step to the tier that held it, and pass the clock to *holder*.

    :raises ValueError: if *at* comes before the last step: time never runs backwards.
    """
    spent = {tier: getattr(times, f"{tier}_seconds") for tier in Tier}
    if times.holder is not None and times.since_at is not None:
        elapsed = int((at - times.since_at).total_seconds())
        if elapsed < 0:
            raise ValueError("a step cannot come before the one it follows")
        spent[times.holder] += elapsed
    return TierTimes(
        **{f"{tier}_seconds": seconds for tier, seconds in spent.items()},
        holder=holder,
        since_at=at if holder is not None else None,
    )
