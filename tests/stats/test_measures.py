"""Medians, deciles, shares and means hold for any answers; the counts read by the database give the same."""

from collections import Counter
from fractions import Fraction
from operator import attrgetter
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpdesk.stats.histories import DAY_SECONDS
from helpdesk.stats.measures import (
    FEWEST_ANSWERS,
    Delays,
    Facts,
    delays_by,
    delays_by_each,
    delays_of,
    delays_of_counts,
    mean_days,
    median_of,
    seconds_by_tier,
)
from helpdesk.stats.recount.arithmetic import middle, nine_in_ten
from helpdesk.tickets.enums import Tier
from tests.factories.stats import Fact, fact


@st.composite
def facts(draw: st.DrawFn) -> Fact:
    """A question: without an answer the database gives neither days nor an answerer."""
    held = [draw(st.integers(0, 20 * DAY_SECONDS)) for _ in Tier]
    values: dict[str, Any] = {
        "month": draw(st.integers(0, 11)),
        "delegation": draw(st.sampled_from(["", "bretagne", "guyane"])),
        "topic": draw(st.sampled_from(["", "social/conges", "social/rupture", "fiscal/tva"])),
        "organisation_id": draw(st.integers(1, 4)),
        "answered_by": draw(st.sampled_from([None, "delegation", "pole"])),
        "gross_days": draw(st.integers(0, 40)),
        "gross_seconds": sum(held),
        "delegation_seconds": held[0],
        "waiting_seconds": held[1],
        "relay_seconds": held[2],
    }
    if values["answered_by"] is None:
        values |= {"gross_days": None, "net_days": None, "is_within": None, "is_on_time": None}
        return fact()._replace(**values)
    return fact(**values)


many = st.lists(facts(), max_size=60)
days = st.lists(st.integers(0, 60), max_size=80)


@given(days)
def test_half_of_the_answers_took_no_longer_than_the_median(found: list[int]) -> None:
    value = median_of(found)
    assert value == middle(found)
    if value is None:
        assert found == []
        return
    assert sum(one <= value for one in found) * 2 >= len(found)
    assert sum(one >= value for one in found) * 2 >= len(found)
    assert value * 2 == int(value * 2)


@given(st.lists(st.integers(0, 60), min_size=1, max_size=80))
def test_the_ninth_decile_is_the_shortest_time_that_nine_answers_in_ten_kept(found: list[int]) -> None:
    value = delays_of(Facts(fact(gross_days=one) for one in found)).ninth_decile_days
    assert value == nine_in_ten(found)
    assert value in found
    assert sum(one <= value for one in found) * 10 >= len(found) * 9
    shorter = [one for one in found if one < value]
    assert len(shorter) * 10 < len(found) * 9


@pytest.mark.parametrize(
    ("found", "median", "ninth"),
    [
        ([], None, None),
        ([7], 7, 7),
        ([3, 8], 5.5, 8),
        (list(range(1, 11)), 5.5, 9),
        (list(range(1, 12)), 6, 10),
        ([0] * 9 + [30], 0, 0),
        ([0] * 8 + [30] * 2, 0, 30),
        ([0] * 18 + [30] * 2, 0, 0),
    ],
)
def test_medians_and_deciles_that_people_can_check(found: list[int], median: float | None, ninth: int | None) -> None:
    delays = delays_of(Facts(fact(gross_days=one) for one in found))
    assert (delays.median_days, delays.ninth_decile_days) == (median, ninth)


@given(many)
def test_what_is_counted_of_questions_and_of_their_answers(found: list[Fact]) -> None:
    delays = delays_of(Facts(found))
    given_ones = [one for one in found if one.answered_by is not None]
    assert delays.received_count == len(found)
    assert delays.answered_count == len(given_ones) == delays.within_count + delays.late_count
    assert delays.gross_seconds == sum(one.gross_seconds for one in given_ones)
    assert delays.is_enough == (len(given_ones) >= FEWEST_ANSWERS)
    share = delays.within_share
    if share is None:
        assert (given_ones, delays.mean_days) == ([], None)
    else:
        assert share == float(Fraction(sum(one.gross_days <= 10 for one in given_ones), len(given_ones)))


@given(many)
def test_the_four_tiers_add_up_to_the_gross_time_to_the_second(found: list[Fact]) -> None:
    spent = seconds_by_tier(Facts(found))
    assert list(spent) == list(Tier)
    assert sum(spent.values()) == delays_of(Facts(found)).gross_seconds
    assert all(seconds >= 0 for seconds in spent.values())
    count = Facts(found).answered_count
    if count:
        means = [Fraction(seconds, count * DAY_SECONDS) for seconds in spent.values()]
        assert float(sum(means)) == pytest.approx(mean_days(sum(spent.values()), count), rel=1e-14)


@given(many)
def test_groups_add_up_to_the_whole(found: list[Fact]) -> None:
    for key in ("month", "delegation", "topic", "organisation_id"):
        groups = delays_by(Facts(found), attrgetter(key))
        assert _sums(groups.values()) == _sums([delays_of(Facts(found))])
        assert {group: delays.received_count for group, delays in groups.items()} == Counter(
            getattr(one, key) for one in found
        )


def _sums(groups: Any) -> tuple[int, ...]:
    found: list[Delays] = list(groups)
    return (
        sum(one.received_count for one in found),
        sum(one.answered_count for one in found),
        sum(one.within_count for one in found),
        sum(one.gross_seconds for one in found),
    )


@given(many)
def test_a_question_in_two_groups_is_counted_in_both(found: list[Fact]) -> None:
    groups = delays_by_each(Facts(found), attrgetter("topic"), lambda _topic: ("one", "other"))
    assert set(groups.values()) <= {delays_of(Facts(found))}
    assert len(groups) == (2 if found else 0)


@given(many)
def test_rows_counted_by_the_database_give_the_same_delays(found: list[Fact]) -> None:
    rows: dict[tuple[int, bool], tuple[int, int]] = {}
    for one in [one for one in found if one.answered_by is not None]:
        count, seconds = rows.get((one.gross_days, one.is_within), (0, 0))
        rows[one.gross_days, one.is_within] = (count + 1, seconds + one.gross_seconds)
    counts = [(*key, *values) for key, values in rows.items()]
    assert delays_of_counts(len(found), counts) == delays_of(Facts(found))


def test_a_mean_is_exact_in_days_of_86_400_seconds() -> None:
    assert mean_days(3 * DAY_SECONDS + 43_200, 1) == 3.5
    assert mean_days(86_401, 2) == 86_401 / 172_800
    assert mean_days(0, 0) is None
