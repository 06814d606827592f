"""Two readings of a year: what differs, and how it is written."""

from collections.abc import Mapping
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpdesk.stats.annual import Report
from helpdesk.stats.comparing import MOST_SHOWN, as_table, differences
from helpdesk.stats.tables import Column, Kind, Row, Table, Untold, Value, as_json, from_json


def table(key: str = "annee", kind: Kind = Kind.COUNT, label: str = "", **rows: Value) -> Mapping[str, Table]:
    lines = tuple(Row(name, f"{label}{name}", (value,)) for name, value in rows.items())
    return {key: Table(key, f"{label}{key}", "", (Column("value", f"{label}valeur", kind),), lines)}


def test_a_difference_has_the_labels_of_then() -> None:
    (one,) = differences(table(label="ancien ", a=3, b=4), table(label="nouveau ", a=3, b=5))
    assert (one.table, one.row, one.column) == ("ancien annee", "ancien b", "ancien valeur")
    assert one.written == ("4", "5")


def test_what_was_there_once_only_is_a_difference() -> None:
    found = differences({**table(a=3), **table("vieux", x=1)}, {**table(a=3, b=2), **table("neuf", y=7)})
    assert [(one.table, one.row, one.written) for one in found] == [
        ("annee", "b", ("–", "2")), ("vieux", "x", ("1", "–")), ("neuf", "y", ("–", "7")),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "kept", "today", "expected"),
    [
        (Kind.SHARE, 0.881, 0.884, ("88,1\u00a0%", "88,4\u00a0%")),
        (Kind.SHARE, 0.88, 0.8801, ("88\u00a0%", "88,01\u00a0%")),
        (Kind.DAYS, 6.91, 6.94, ("6,91\u00a0j", "6,94\u00a0j")),
        (Kind.DAYS, 6, 6.5, ("6\u00a0j", "6,5\u00a0j")),
        (Kind.DAYS, Untold.TOO_FEW_ANSWERS, 6.5, ("moins de 10 réponses", "6,5\u00a0j")),
        (Kind.COUNT, 1200, None, ("1\u202f200", "–")),
        (Kind.TEXT, "oui", "non", ("oui", "non")),
    ],
)
def test_two_values_are_written_so_that_they_are_told_apart(
    kind: Kind, kept: Value, today: Value, expected: tuple[str, str]
) -> None:
    (one,) = differences(table(kind=kind, a=kept), table(kind=kind, a=today))
    assert one.written == expected


def test_a_page_lists_a_bounded_number_of_differences() -> None:
    many = {f"r{place}": place for place in range(MOST_SHOWN + 50)}
    found = differences(table(), table(**many))
    assert len(found) == MOST_SHOWN + 50
    assert len(as_table(found).rows) == MOST_SHOWN


values = st.one_of(st.none(), st.integers(0, 10**6), st.floats(0, 10**4), st.sampled_from(list(Untold)), st.text())


@given(st.dictionaries(st.text(max_size=5), values, max_size=6))
def test_a_table_kept_and_read_again_differs_in_nothing(rows: dict[str, Value]) -> None:
    lines = tuple(Row(name, name, (value,)) for name, value in rows.items())
    one = Table("annee", "annee", "", (Column("value", "valeur", Kind.TEXT),), lines)
    assert from_json(as_json(one)) == one
    assert differences({"annee": one}, {"annee": from_json(as_json(one))}) == []


def test_a_frozen_year_is_whole() -> None:
    assert Report(2026, date(2026, 12, 31), {}, ()).is_whole_year
