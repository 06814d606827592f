"""Two ways of counting, one written from the other's words alone, agree on any questions."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from helpdesk.reporting import Period
from helpdesk.stats.check import is_same, shown
from helpdesk.stats.histories import (
    DAY_SECONDS,
    TIERS,
    Lived,
    Step,
    is_duplicate,
    paris_day,
    recompute,
    status_of,
)
from helpdesk.stats.measures import Delays, Facts, delays_of
from helpdesk.stats.periods import month_starts, year_before
from helpdesk.stats.perms import Selection
from helpdesk.stats.queries.dashboard import Dashboard
from helpdesk.stats.queries.facts import Unanswered
from helpdesk.stats.recount.arithmetic import mean, middle, nine_in_ten, share
from helpdesk.stats.recount.questions import Questions
from helpdesk.tickets.enums import Action, ActorRole, Channel, EventKind, Status, Tier
from tests.factories.stats import Fact

PARIS = ZoneInfo("Europe/Paris")
NOW = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
TYPOLOGIES = {1: ["ACI"], 2: ["AI", "GES"], 3: []}
PERIODS = [
    Period.of_year(2026),
    Period.of_year(2025),
    Period(date(2025, 11, 24), date(2026, 11, 23)),
    Period(date(2024, 2, 29), date(2026, 11, 23)),
    Period(date(2022, 1, 1), date(2026, 11, 23)),
    Period(date(2026, 3, 10), date(2026, 3, 20)),
]


@st.composite
def questions(draw: st.DrawFn) -> Lived:
    received_on = draw(st.dates(date(2022, 1, 1), date(2026, 11, 22)))
    state = draw(st.sampled_from(["delegation", "pole", "pole", "open", "ended"]))
    is_answered = state in ("delegation", "pole")
    days = draw(st.integers(0, 25)) if is_answered else 0
    return Lived(
        id=0,
        received_on=received_on,
        delegation=draw(st.sampled_from(["", "bretagne", "guyane"])),
        topic=draw(st.sampled_from(["", "social/conges", "social/rupture", "fiscal/tva"])),
        channel=draw(st.sampled_from(list(Channel))).value,
        organisation_id=draw(st.integers(1, 4)),
        answered_by=Tier(state) if is_answered else None,
        gross_days=days,
        net_days=draw(st.integers(0, days)),
        seconds=tuple(draw(st.integers(0, 10 * DAY_SECONDS)) if is_answered else 0 for _ in TIERS),
        is_within=is_answered and days <= 10,
        is_on_time=is_answered and draw(st.booleans()),
        is_unanswered=state == "open",
        is_waiting=state == "open" and draw(st.booleans()),
        due_at=datetime.combine(received_on + timedelta(days=10), datetime.max.time(), tzinfo=PARIS),
        urgency=0,
        ending=Action.WITHDRAW.value if state == "ended" else "",
        is_reopened=False,
        is_corrected=False,
        verdict="",
    )


def _fact(one: Lived, period: Period) -> Fact:
    """As the database gives it."""
    starts = [start.date() for start in month_starts(period)]
    spent = dict(zip(TIERS, one.seconds, strict=True))
    return Fact(
        month=sum(start <= one.received_on for start in starts) - 1,
        delegation=one.delegation,
        topic=one.topic,
        channel=one.channel,
        organisation_id=one.organisation_id,
        answered_by=one.answered_by,
        gross_days=one.gross_days,
        net_days=one.net_days,
        gross_seconds=sum(one.seconds),
        delegation_seconds=spent[Tier.DELEGATION],
        waiting_seconds=spent[Tier.WAITING],
        relay_seconds=spent[Tier.RELAY],
        is_within=one.is_within,
        is_on_time=one.is_on_time,
    )


def _delays(found: Sequence[Lived], period: Period) -> Delays:
    inside = [one for one in found if period.starts_on <= one.received_on <= period.ends_on]
    return delays_of(Facts(_fact(one, period) for one in inside))


def _noon(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 12, 0, tzinfo=PARIS)


few = st.lists(questions(), max_size=12)
many = st.lists(questions(), min_size=60, max_size=90)


@given(few | many, st.sampled_from(PERIODS), st.sampled_from(["", "social"]))
@settings(max_examples=60)
def test_the_page_and_the_recount_say_the_same_of_any_questions(found: list[Lived], period: Period, topic: str) -> None:
    selection = Selection(topic=topic)
    chosen = [one for one in found if not topic or one.topic.startswith(f"{topic}/")]
    inside = [one for one in chosen if period.starts_on <= one.received_on <= period.ends_on]
    waiting = sorted(
        Unanswered(_noon(one.received_on), one.due_at, one.is_waiting) for one in inside if one.is_unanswered
    )
    page = Dashboard(
        selection=selection,
        period=period,
        now=NOW,
        facts=Facts(_fact(one, period) for one in inside),
        before=_delays(chosen, year_before(period)),
        unanswered=waiting,
        typologies=TYPOLOGIES,
    )
    recounted = Questions(found, TYPOLOGIES).figures(selection, period.starts_on, period.ends_on, NOW)
    stored = shown(page)
    assert stored.keys() == recounted.keys()
    assert {cell: value for cell, value in stored.items() if not is_same(value, recounted[cell])} == {}


@given(st.lists(questions(), max_size=60))
@settings(max_examples=30)
def test_the_filters_choose_as_their_words_say(found: list[Lived]) -> None:
    held = Questions(found, TYPOLOGIES)
    days = date(2022, 1, 1), date(2026, 12, 31)

    def count(**filters: Any) -> int:
        return len(held.received(Selection(**filters), *days))

    assert count() == len(found)
    assert count(delegations=frozenset({""})) == sum(one.delegation == "" for one in found)
    assert count(delegations=frozenset({"guyane", "bretagne"})) == sum(one.delegation != "" for one in found)
    assert count(delegations=frozenset()) == 0
    assert count(topic="social") == sum(one.topic.startswith("social/") for one in found)
    assert count(topic="social/conges") == sum(one.topic == "social/conges" for one in found)
    assert count(typology="GES") == sum(one.organisation_id == 2 for one in found)
    assert count(channel=Channel.MAIL) == sum(one.channel == "mail" for one in found)
    assert count(answered_by=Tier.POLE) == sum(one.answered_by == "pole" for one in found)


def test_its_own_arithmetic() -> None:
    assert (middle([]), middle([4]), middle([1, 4]), middle([9, 1, 4])) == (None, 4, 2.5, 4)
    assert (nine_in_ten([]), nine_in_ten([3]), nine_in_ten(list(range(20)))) == (None, 3, 17)
    assert (mean(0, 0), mean(129_600, 1), share(1, 0), share(1, 4)) == (None, 1.5, None, 0.25)
    assert paris_day(datetime(2026, 12, 31, 23, 30, tzinfo=UTC)) == date(2027, 1, 1)


# --- histories


def _step(number: int, hour: int, kind: str, before: Status, after: Status, tier: Tier | None, **more: Any) -> Step:
    at = datetime(2026, 6, 1, tzinfo=UTC) + timedelta(hours=hour)
    return Step(number, at, kind, before, after, tier, **more)


TRIAGE, POLE, WAITING, RELAY = Status.TRIAGE, Status.POLE, Status.WAITING, Status.RELAY
ANSWERED, CLOSED = Status.ANSWERED, Status.CLOSED
HISTORY = [
    _step(1, 0, EventKind.RECEIVED, TRIAGE, TRIAGE, Tier.DELEGATION, data={"channel": "mail"}),
    _step(1, 5, Action.TRANSMIT, TRIAGE, POLE, Tier.POLE),
    _step(1, 7, Action.ASK_DETAIL, POLE, WAITING, Tier.WAITING),
    _step(1, 8, EventKind.NOTE_ADDED, WAITING, WAITING, Tier.WAITING),
    _step(1, 40, Action.GIVE_DETAIL, WAITING, POLE, Tier.POLE),
    _step(1, 41, Action.ANSWER_BY_RELAY, POLE, RELAY, Tier.RELAY, actor_role=ActorRole.JURIST),
    _step(1, 60, Action.RELAY, RELAY, ANSWERED, None, actor_role=ActorRole.DELEGATE),
    _step(2, 90, Action.REOPEN, ANSWERED, TRIAGE, Tier.DELEGATION),
    _step(2, 95, Action.ANSWER, TRIAGE, ANSWERED, None, actor_role=ActorRole.DELEGATE),
    _step(2, 99, Action.CORRECT, ANSWERED, ANSWERED, None),
]


def test_each_stretch_goes_to_the_tier_that_its_first_event_names() -> None:
    rounds = recompute(HISTORY)
    first, second = rounds[1], rounds[2]
    assert {tier: seconds // 3600 for tier, seconds in first.seconds.items()} == {
        Tier.DELEGATION: 5,
        Tier.POLE: 3,
        Tier.WAITING: 33,
        Tier.RELAY: 19,
    }
    # What a delegate sends on is the pole's answer; thirty-three hours of waiting are two days.
    assert (first.answered_by, first.gross_days, first.net_days, first.pushing_seconds) == (Tier.POLE, 2, 0, 33 * 3600)
    assert (second.answered_by, second.gross_days, second.seconds[Tier.DELEGATION]) == (Tier.DELEGATION, 1, 5 * 3600)


def test_a_wait_that_lasts_has_pushed_nothing_yet() -> None:
    times = recompute(HISTORY[:4])[1]
    assert (times.answered_at, times.gross_days, times.net_days, times.pushing_seconds) == (None, None, None, 0)
    assert times.seconds[Tier.WAITING] == 3600


def test_the_last_closing_says_whether_it_is_a_duplicate() -> None:
    doubled = [*HISTORY[:2], _step(1, 6, Action.MARK_DUPLICATE, POLE, CLOSED, None)]
    noted = [*doubled, _step(1, 9, EventKind.NOTE_ADDED, CLOSED, CLOSED, None)]
    withdrawn = [*HISTORY[:2], _step(1, 6, Action.WITHDRAW, POLE, CLOSED, None)]
    assert [is_duplicate(steps) for steps in (HISTORY, doubled, noted, withdrawn)] == [False, True, True, False]
    assert status_of(noted) is CLOSED
