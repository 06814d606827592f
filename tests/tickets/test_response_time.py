"""Response time: the four tiers add up to the gross time, to the second."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpdesk.tickets.enums import Status, Tier
from helpdesk.tickets.response_time import TierTimes, advance, tier_of

START = datetime(2026, 3, 27, 17, 0, tzinfo=UTC)


def test_the_national_queue_is_the_poles_time() -> None:
    assert tier_of(Status.TRIAGE, has_delegation=True) is Tier.DELEGATION
    assert tier_of(Status.TRIAGE, has_delegation=False) is Tier.POLE


@pytest.mark.parametrize("status", list(Status))
def test_every_open_status_has_a_holder_and_a_finished_one_has_none(status: Status) -> None:
    assert (tier_of(status, has_delegation=True) is not None) is status.is_open


def test_waiting_counts_in_the_gross_time_and_not_in_the_net_time() -> None:
    times = TierTimes(holder=Tier.POLE, since_at=START)
    times = advance(times, at=START + timedelta(days=2), holder=Tier.WAITING)
    times = advance(times, at=START + timedelta(days=5), holder=Tier.POLE)
    times = advance(times, at=START + timedelta(days=6), holder=None)
    assert times.gross_seconds == 6 * 86_400
    assert times.net_seconds == 3 * 86_400
    assert times.waited == timedelta(days=3)


def test_a_stopped_clock_stays_stopped() -> None:
    times = advance(TierTimes(holder=Tier.POLE, since_at=START), at=START + timedelta(hours=1), holder=None)
    later = advance(times, at=START + timedelta(days=30), holder=None)
    assert later.gross_seconds == 3600
    assert later.holder is None


def test_time_does_not_run_backwards() -> None:
    with pytest.raises(ValueError, match="before"):
        advance(TierTimes(holder=Tier.POLE, since_at=START), at=START - timedelta(seconds=1), holder=None)


steps = st.lists(st.tuples(st.integers(0, 40 * 86_400), st.sampled_from(list(Tier))), min_size=1, max_size=40)


@given(steps, st.integers(0, 40 * 86_400))
def test_the_tiers_of_any_history_add_up_to_the_gross_time(history: list[tuple[int, Tier]], last: int) -> None:
    at = START
    times = TierTimes(holder=Tier.DELEGATION, since_at=START)
    for elapsed, holder in history:
        at += timedelta(seconds=elapsed)
        times = advance(times, at=at, holder=holder)
    at += timedelta(seconds=last)
    times = advance(times, at=at, holder=None)
    assert times.gross_seconds == int((at - START).total_seconds())
    assert times.net_seconds == times.gross_seconds - times.waiting_seconds
