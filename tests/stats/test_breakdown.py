"""The tables of « Délais »: their rows, their order, what they do not tell, and that they add up."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpdesk.reporting import FEWEST_TOLD, Period
from helpdesk.stats import breakdown
from helpdesk.stats.measures import Facts, delays_of
from helpdesk.stats.tables import Column, Kind, Row, Table, Untold, as_json, from_json
from helpdesk.tickets.enums import Channel, Tier
from tests.factories.stats import Fact, fact

YEAR = Period.of_year(2026)


def facts(count: int = 1, **values: Any) -> list[Fact]:
    """So many answers, as the factory makes them."""
    return [fact(**values)] * count


def unanswered(count: int = 1, **values: Any) -> list[Fact]:
    return facts(count, answered_by=None, **values)


def columns_of(table: Table, column: str) -> dict[str, Any]:
    return {row: value for (row, name), value in table.as_mapping().items() if name == column}


@st.composite
def any_fact(draw: st.DrawFn) -> Fact:
    return facts(
        month=draw(st.integers(0, 11)),
        delegation=draw(st.sampled_from(["", "bretagne", "guyane", "inconnue"])),
        topic=draw(st.sampled_from(["", "social/discipline", "fiscal/tva", "fiscal"])),
        channel=draw(st.sampled_from(list(Channel))).value,
        organisation_id=draw(st.integers(1, 3)),
        answered_by=draw(st.sampled_from([None, "delegation", "pole"])),
        gross_days=draw(st.integers(0, 30)),
    )[0]


many = st.lists(any_fact(), max_size=70)


@given(many)
def test_the_rows_of_each_table_add_up_to_the_questions_and_to_the_answers(found: list[Fact]) -> None:
    tables = [
        breakdown.by_step(Facts(found), YEAR),
        breakdown.by_delegation(Facts(found)),
        breakdown.by_topic(Facts(found)),
        breakdown.by_channel(Facts(found)),
        breakdown.by_typology(Facts(found), {1: ("ACI",), 2: ("AI",)}),
    ]
    for table in tables:
        assert sum(columns_of(table, "received").values()) == len(found)
        assert sum(columns_of(table, "answered").values()) == Facts(found).answered_count
        assert len({row.key for row in table.rows}) == len(table.rows)
    for table in (breakdown.by_tier(Facts(found)), breakdown.histogram(Facts(found))):
        assert sum(columns_of(table, "answered").values()) == Facts(found).answered_count


@given(many)
def test_the_most_asked_comes_first(found: list[Fact]) -> None:
    for table in (
        breakdown.by_topic(Facts(found)),
        breakdown.by_channel(Facts(found)),
        breakdown.by_typology(Facts(found), {}),
    ):
        received = list(columns_of(table, "received").values())
        assert received == sorted(received, reverse=True)


@given(many)
def test_under_ten_answers_no_median_decile_mean_nor_share_is_told(found: list[Fact]) -> None:
    for table in (
        breakdown.by_delegation(Facts(found)),
        breakdown.by_step(Facts(found), YEAR),
        breakdown.by_tier(Facts(found)),
    ):
        cells = table.as_mapping()
        for row in table.rows:
            values = [cells[row.key, name] for name in ("mean", "median", "ninth_decile", "within")]
            count = cells[row.key, "answered"]
            assert isinstance(count, int)
            if count >= 10:
                assert all(isinstance(value, int | float) for value in values)
            else:
                assert set(values) == {Untold.TOO_FEW_ANSWERS if count else None}


@given(many)
def test_the_mean_of_each_holder_adds_up_to_the_gross_mean(found: list[Fact]) -> None:
    cells = breakdown.time_held(Facts(found)).as_mapping()
    delays = delays_of(Facts(found))
    if not delays.is_enough:
        assert set(cells.values()) == {Untold.TOO_FEW_ANSWERS if delays.answered_count else None}
        return
    means = {row: value for (row, name), value in cells.items() if name == "mean" and isinstance(value, float)}
    assert means["gross"] == delays.mean_days
    assert sum(means[tier.value] for tier in Tier) == pytest.approx(means["gross"], abs=1e-9)
    assert means["gross"] - means["waiting"] == pytest.approx(means["net"], abs=1e-9)


def test_delegations_follow_their_names_and_the_national_queue_ends_them() -> None:
    found = facts(delegation="") + facts(delegation="ocean-indien") + facts(delegation="auvergne-rhone-alpes")
    labels = [row.label for row in breakdown.by_delegation(Facts(found)).rows]
    assert labels == ["Auvergne-Rhône-Alpes", "Océan Indien", "Sans délégation (file nationale)"]


def test_topics_are_told_by_domain_and_inside_a_domain_by_topic() -> None:
    found = facts(3, topic="social/discipline") + facts(2, topic="social/formation-pmsmp") + facts(topic="")
    assert columns_of(breakdown.by_topic(Facts(found)), "received") == {"social": 5, "-": 1}
    inside = [fact for fact in found if fact.topic]
    assert columns_of(breakdown.by_topic(Facts(inside), "social"), "received") == {
        "social/discipline": 3,
        "social/formation-pmsmp": 2,
    }
    assert breakdown.by_topic(Facts(found)).rows[1].label == "Thème à préciser"


def test_a_structure_of_two_typologies_is_counted_in_both_and_one_of_none_by_itself() -> None:
    found = facts(2, organisation_id=1) + facts(organisation_id=2) + facts(organisation_id=3)
    table = breakdown.by_typology(Facts(found), {1: ("ACI", "EI"), 2: ("ACI",)})
    assert columns_of(table, "received") == {"ACI": 3, "EI": 2, "-": 1}
    assert "comptée dans chacune" in table.note


def test_the_histogram_holds_every_day_and_ends_with_the_longest() -> None:
    found = facts(2, gross_days=0) + facts(gross_days=10) + facts(gross_days=18) + facts(gross_days=45) + unanswered(3)
    table = breakdown.histogram(Facts(found))
    assert [row.label for row in table.rows][:3] == ["0 jour", "1 jour", "2 jours"]
    assert table.rows[-1].label == "18 jours et plus"
    assert {row: count for row, count in columns_of(table, "answered").items() if count} == {"0": 2, "10": 1, "18": 2}


@given(st.lists(st.integers(0, 400)))
def test_each_age_stands_in_one_row(ages: list[int]) -> None:
    table = breakdown.by_age(ages)
    assert sum(columns_of(table, "unanswered").values()) == len(ages)
    assert [row.label for row in table.rows] == [
        "0 à 5 jours",
        "6 à 10 jours",
        "11 à 20 jours",
        "21 à 30 jours",
        "31 jours et plus",
    ]


@pytest.mark.parametrize(("age", "row"), [(0, "0"), (5, "0"), (6, "6"), (10, "6"), (11, "11"), (30, "21"), (31, "31")])
def test_the_bounds_of_the_ages(age: int, row: str) -> None:
    assert [key for key, count in columns_of(breakdown.by_age([age]), "unanswered").items() if count] == [row]


def test_months_without_any_question_stay_in_the_curve() -> None:
    found = [fact for month in range(6) for fact in facts(10, month=month)]
    table = breakdown.by_step(Facts(found), YEAR)
    assert [row.key for row in table.rows] == [f"2026-{month:02d}" for month in range(1, 13)]
    assert table.rows[11].values == (0, 0, None, None, None, None)


def test_months_with_too_few_answers_are_told_by_quarter() -> None:
    found = facts(9, month=0) + facts(9, month=1) + unanswered(4, month=11)
    table = breakdown.by_step(Facts(found), YEAR)
    assert columns_of(table, "received") == {"2026-T1": 18, "2026-T2": 0, "2026-T3": 0, "2026-T4": 4}


def test_the_curve_starts_with_the_first_month_that_has_a_question() -> None:
    found = unanswered(1, month=9) + facts(10, month=10) + facts(12, month=11)
    received = columns_of(breakdown.by_step(Facts(found), YEAR), "received")
    assert received == {"2026-10": 1, "2026-11": 10, "2026-12": 12}
    assert len(breakdown.by_step(Facts([]), YEAR).rows) == 4


# --- what may leave the pole


@given(st.lists(st.tuples(st.integers(0, 30), st.integers(0, 30)), min_size=1, max_size=9), st.booleans())
def test_no_count_under_five_leaves_and_none_is_given_away(rows: list[tuple[int, int]], is_split: bool) -> None:
    columns = (Column("received", "Reçues", Kind.COUNT), Column("answered", "Réponses", Kind.COUNT))
    lines = tuple(Row(str(place), str(place), values) for place, values in enumerate(rows))
    table = Table("t", "T", "H", columns, lines, is_split=is_split)
    told = table.told_outside()
    for column in ("received", "answered"):
        before, after = columns_of(table, column), columns_of(told, column)
        assert all(isinstance(value, Untold) or value == 0 or value >= FEWEST_TOLD for value in after.values())
        assert all(after[row] in (value, Untold.FEW, Untold.BESIDE) for row, value in before.items())
        assert all((0 < before[row] < FEWEST_TOLD) == (value is Untold.FEW) for row, value in after.items())
        kept = sum(value for value in after.values() if isinstance(value, int))
        hidden = sum(before.values()) - kept
        if is_split and hidden:
            assert hidden >= FEWEST_TOLD or kept == 0


def test_days_and_shares_stay_as_they_are_outside() -> None:
    found = facts(12, delegation="bretagne") + facts(3, delegation="guyane") + facts(20, delegation="normandie")
    told = breakdown.by_delegation(Facts(found)).told_outside().as_mapping()
    assert told["guyane", "received"] is Untold.FEW
    assert told["bretagne", "received"] is Untold.BESIDE
    assert told["normandie", "received"] == 20
    assert (told["normandie", "median"], told["guyane", "median"]) == (4, Untold.TOO_FEW_ANSWERS)


@given(many)
def test_a_table_is_kept_and_read_again_as_it_was(found: list[Fact]) -> None:
    for table in (
        breakdown.by_delegation(Facts(found)),
        breakdown.histogram(Facts(found)),
        breakdown.time_held(Facts(found)),
    ):
        assert from_json(as_json(table)) == table
        assert from_json(as_json(table.told_outside())) == table.told_outside()
