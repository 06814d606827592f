"""When an entry is to be read again."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpdesk.kb.review import months_of, review_on
from helpdesk.reference import get_reference

CONTRACTS, PAY, INVOICES = "social/contrats", "social/paie-remuneration", "fiscal/facturation-electronique"


@pytest.mark.parametrize(
    ("topics", "months"),
    [((), 12), ((CONTRACTS,), 12), ((PAY,), 6), ((CONTRACTS, PAY), 6), ((INVOICES, PAY), 3), (("gone/topic",), 12)],
)
def test_the_topic_that_changes_fastest_decides(topics: tuple[str, ...], months: int) -> None:
    assert months_of(topics, 12) == months


def test_an_entry_without_such_a_topic_follows_the_setting() -> None:
    assert review_on(date(2026, 3, 31), [CONTRACTS], 12) == date(2027, 3, 31)
    assert review_on(date(2026, 8, 31), [PAY], 12) == date(2027, 2, 28)


@given(st.dates(date(2020, 1, 1), date(2040, 1, 1)), st.sampled_from(sorted(get_reference().topics)))
def test_the_day_is_always_ahead_and_within_the_setting(day: date, topic: str) -> None:
    assert day < review_on(day, [topic], 12) <= review_on(day, [], 12)
