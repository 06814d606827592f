"""A table of figures: what a page shows, a file carries, a frozen year keeps and a check compares. Pure."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from itertools import pairwise
from typing import Any

from helpdesk.reporting import untold


class Kind(StrEnum):
    """What the values of a column are."""

    TEXT = "text"
    COUNT = "count"
    """Of questions, answers or people: a whole number."""
    DAYS = "days"
    """Calendar days, with or without decimals."""
    SHARE = "share"
    """From 0 to 1."""
    DAY = "day"
    """A civil day."""
    MOMENT = "moment"
    """An aware UTC datetime; read and written by the clock of Paris."""


class Untold(StrEnum):
    """Why a cell holds no figure, in the words that stand in its place."""

    FEW = "moins de 5"
    BESIDE = "non communiqué"
    """Not small itself, but the total would give a small one away."""
    TOO_FEW_ANSWERS = "moins de 10 réponses"


Value = str | int | float | date | datetime | Untold | None


@dataclass(frozen=True)
class Column:
    """*key* never changes, as frozen years are compared by it; *label* is what people read."""

    key: str
    label: str
    kind: Kind


@dataclass(frozen=True)
class Row:
    """One value for each column of its table; *label* heads the row."""

    key: str
    label: str
    values: tuple[Value, ...]


@dataclass(frozen=True)
class Table:
    """*head* is the label of the column that heads the rows; *is_split*: the rows add up to a total told elsewhere.

    *parts*: the places of rows that begin another such sum; the histogram has one on each side of the target.
    """

    key: str
    title: str
    head: str
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    note: str = ""
    is_split: bool = True
    parts: tuple[int, ...] = ()

    def cells(self) -> Iterator[tuple[str, str, Value]]:
        """Key of the row, key of the column, value."""
        for row in self.rows:
            for column, value in zip(self.columns, row.values, strict=True):
                yield row.key, column.key, value

    def as_mapping(self) -> Mapping[tuple[str, str], Value]:
        return {(row, column): value for row, column, value in self.cells()}

    def told_outside(self) -> "Table":
        """The table as it may leave the pole: no count under five, none that a difference or a share gives away."""
        columns = list(zip(*(row.values for row in self.rows), strict=True))
        told = [
            self._told(values) if column.kind is Kind.COUNT else values
            for column, values in zip(self.columns, columns, strict=False)
        ]
        if not told:
            return self
        rows = zip(self.rows, zip(*told, strict=True), strict=True)
        return replace(self, rows=tuple(replace(row, values=self._without_shares(values)) for row, values in rows))

    def _told(self, values: tuple[Value, ...]) -> tuple[Value, ...]:
        """The counts of a column, each sum by itself."""
        bounds = [0, *self.parts, len(values)]
        told = (_told(values[first:last], is_split=self.is_split) for first, last in pairwise(bounds))
        return tuple(value for part in told for value in part)

    def _without_shares(self, values: tuple[Value, ...]) -> tuple[Value, ...]:
        """A share or a mean of a count that is not told would tell it: 0.61 is eleven of eighteen."""
        if not any(value in (Untold.FEW, Untold.BESIDE) for value in values):
            return values
        return tuple(
            Untold.BESIDE if column.kind in (Kind.DAYS, Kind.SHARE) and isinstance(value, int | float) else value
            for column, value in zip(self.columns, values, strict=True)
        )


def _told(values: tuple[Value, ...], *, is_split: bool) -> tuple[Value, ...]:
    counts = [value if isinstance(value, int) else 0 for value in values]
    hidden = untold(counts, is_split=is_split)
    return tuple(
        value if index not in hidden else Untold.FEW if index in untold(counts, is_split=False) else Untold.BESIDE
        for index, value in enumerate(values)
    )


def as_json(table: Table) -> dict[str, Any]:
    """*table* as a frozen year keeps it: no value of it is a moment."""
    return {
        "key": table.key,
        "title": table.title,
        "head": table.head,
        "note": table.note,
        "is_split": table.is_split,
        "parts": list(table.parts),
        "columns": [[column.key, column.label, column.kind.value] for column in table.columns],
        "rows": [[row.key, row.label, [_plain(value) for value in row.values]] for row in table.rows],
    }


def _plain(value: Value) -> Any:
    return {"untold": value.name} if isinstance(value, Untold) else value


def from_json(kept: Mapping[str, Any]) -> Table:
    """The table that :func:`as_json` wrote, with the labels of then."""
    return Table(
        key=kept["key"],
        title=kept["title"],
        head=kept["head"],
        note=kept["note"],
        is_split=kept["is_split"],
        parts=tuple(kept["parts"]),
        columns=tuple(Column(key, label, Kind(kind)) for key, label, kind in kept["columns"]),
        rows=tuple(Row(key, label, tuple(_valued(value) for value in values)) for key, label, values in kept["rows"]),
    )


def _valued(value: Any) -> Value:
    return Untold[value["untold"]] if isinstance(value, dict) else value
