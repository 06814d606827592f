"""What leaves the pole gives no small number away: not by a share, not by another table, not by a date."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from helpdesk.stats import breakdown
from helpdesk.stats.breakdown import DELAY_COLUMNS, RECEIVED
from helpdesk.stats.measures import Facts
from helpdesk.stats.tables import Column, Kind, Row, Table, Untold
from helpdesk.stats.telling import BEFORE, YEAR, told_together
from tests.factories.stats import Fact, fact

ANSWERED = Column("answered", "Réponses", Kind.COUNT)


def count_table(key: str, column: str, **counts: int) -> Table:
    rows = tuple(Row(name, name, (count,)) for name, count in counts.items())
    return Table(key, key, "Ligne", (Column(column, column, Kind.COUNT),), rows)


def told(*tables: Table) -> dict[str, dict[tuple[str, str], Any]]:
    together = told_together({table.key: table for table in tables})
    return {key: dict(table.as_mapping()) for key, table in together.items()}


@st.composite
def any_facts(draw: st.DrawFn) -> list[Fact]:
    days = draw(st.lists(st.integers(0, 25), min_size=1, max_size=80))
    topics = st.sampled_from(["social/discipline", "fiscal/tva", "association/statuts", ""])
    return [fact(gross_days=day, topic=draw(topics)) for day in days]


@given(any_facts())
def test_a_count_that_is_not_told_has_no_share_nor_mean_beside_it(facts: list[Fact]) -> None:
    table = breakdown.by_topic(Facts(facts)).told_outside()
    assert table.columns == (RECEIVED, *DELAY_COLUMNS)
    for row in table.rows:
        if Untold.FEW in row.values or Untold.BESIDE in row.values:
            assert not any(isinstance(value, int | float) for value in row.values[2:])


def test_the_share_within_tells_two_sums_and_each_keeps_its_small_numbers() -> None:
    days = {2: 4, 5: 20, 8: 30, 12: 3, 14: 6}
    facts = [fact(gross_days=day) for day, count in days.items() for _ in range(count)]
    values = {row.key: row.values[0] for row in breakdown.histogram(Facts(facts)).told_outside().rows}
    hidden = {day for day in days if isinstance(values[str(day)], Untold)}
    assert hidden == {2, 5, 12, 14}  # one more on each side: 54 - 50 would give the four, 9 - 6 the three


def test_what_became_of_the_questions_tells_the_answered_and_hides_the_rest_together() -> None:
    outcomes = count_table("devenir", YEAR, answered=101, otherwise=8, unanswered=3)
    endings = count_table("fins", YEAR, faq=8, out_of_scope=0, withdrawn=0)
    ages = count_table("sans-reponse", "unanswered", **{"0": 3, "31": 0})
    days = (Column("median", "Âge médian", Kind.DAYS), Column("oldest", "La plus ancienne", Kind.DAYS))
    waiting = Table("attente", "Attente", "Année", days, (Row(YEAR, "2026", (12, 12)),), is_split=False)
    cells = told(outcomes, endings, ages, waiting)
    assert cells["devenir"] == {
        ("answered", YEAR): 101,
        ("otherwise", YEAR): Untold.BESIDE,
        ("unanswered", YEAR): Untold.FEW,
    }
    for key in ("fins", "sans-reponse", "attente"):
        assert all(isinstance(value, Untold) for value in cells[key].values())


def test_an_entry_is_not_told_where_the_endings_are_not() -> None:
    outcomes = count_table("devenir", YEAR, answered=50, otherwise=2, unanswered=9)
    endings = count_table("fins", YEAR, faq=2, out_of_scope=0, withdrawn=0)
    estimate = count_table("faq-estimation", "closed", year=2)
    assert isinstance(told(outcomes, endings, estimate)["faq-estimation"]["year", "closed"], Untold)


def test_the_part_of_the_delegations_is_not_told_when_it_counts_a_few_answers() -> None:
    beside = (Column("first_level", "Réponses des délégations", Kind.SHARE),)
    rows = (Row(YEAR, "2026", (4 / 13,)), Row(BEFORE, "2025", (26 / 40,)))
    answers = Table(
        "delais", "Délai", "Année", (ANSWERED,), (Row(YEAR, "2026", (13,)), Row(BEFORE, "2025", (40,))), is_split=False
    )
    cells = told(Table("a-cote", "À côté", "Année", beside, rows, is_split=False), answers)["a-cote"]
    assert cells == {(YEAR, "first_level"): Untold.BESIDE, (BEFORE, "first_level"): 26 / 40}
