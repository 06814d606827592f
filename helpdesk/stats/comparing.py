"""What a frozen year said, and what the same computation says today. Pure."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from math import isclose

from helpdesk.formats import NBSP, number
from helpdesk.stats.tables import Column, Kind, Row, Table, Value

MOST_DECIMALS = 6
MOST_SHOWN = 60
"""Differences that a page lists: past that, another way of counting is to be looked for, not another question."""
_NOTHING = "–"


@dataclass(frozen=True)
class Difference:
    """A cell that is no longer what it was: *table*, *row*, *column* are the labels of then."""

    table: str
    row: str
    column: str
    kind: Kind
    kept: Value
    today: Value

    @property
    def written(self) -> tuple[str, str]:
        """Both values in words, with as many decimals as it takes to tell them apart."""
        for decimals in range(1, MOST_DECIMALS + 1):
            pair = (_written(self.kept, self.kind, decimals), _written(self.today, self.kind, decimals))
            if pair[0] != pair[1]:
                break
        return pair


def differences(kept: Mapping[str, Table], today: Mapping[str, Table]) -> list[Difference]:
    """Every cell whose value changed, in the order of the report; what is there once only has no value beside."""
    return [one for key in dict.fromkeys([*kept, *today]) for one in _of_table(kept.get(key), today.get(key))]


def as_table(found: list[Difference]) -> Table:
    """To be shown: the first :data:`MOST_SHOWN`."""
    heads = (("row", "Ligne"), ("column", "Colonne"), ("kept", "Figé"), ("today", "Recalculé"))
    rows = (
        Row(str(place), one.table, (one.row, one.column, *one.written)) for place, one in enumerate(found[:MOST_SHOWN])
    )
    columns = tuple(Column(key, label, Kind.TEXT) for key, label in heads)
    return Table("ecarts", "Ce qui a changé depuis", "Tableau", columns, tuple(rows), is_split=False)


def _of_table(kept: Table | None, today: Table | None) -> Iterator[Difference]:
    first = kept or today
    if first is None:
        return
    was, now = (dict(table.as_mapping()) if table else {} for table in (kept, today))
    rows, columns = _labels(kept, today)
    for place in dict.fromkeys([*was, *now]):
        before, after = was.get(place), now.get(place)
        if not _is_same(before, after):
            column = columns[place[1]]
            yield Difference(first.title, rows[place[0]], column.label, column.kind, before, after)


def _labels(kept: Table | None, today: Table | None) -> tuple[dict[str, str], dict[str, Column]]:
    """Of the rows and of the columns; those of then go first."""
    rows: dict[str, str] = {}
    columns: dict[str, Column] = {}
    for table in filter(None, (today, kept)):
        rows |= {row.key: row.label for row in table.rows}
        columns |= {column.key: column for column in table.columns}
    return rows, columns


def _is_same(before: Value, after: Value) -> bool:
    if isinstance(before, int | float) and isinstance(after, int | float):
        return isclose(before, after, rel_tol=1e-9)
    return before == after


def _written(value: Value, kind: Kind, decimals: int) -> str:
    if value is None:
        return _NOTHING
    if not isinstance(value, int | float):
        return str(value)
    if kind is Kind.COUNT:
        return number(value)
    shown = value * 100 if kind is Kind.SHARE else value
    digits = f"{shown:.{decimals}f}".rstrip("0").rstrip(".").replace(".", ",")
    return digits + {Kind.SHARE: f"{NBSP}%", Kind.DAYS: f"{NBSP}j"}.get(kind, "")
