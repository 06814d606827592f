"""What a cell of a file holds: texts made harmless and short enough, moments by the clock of Paris. Pure."""

import re
from collections.abc import Iterable
from datetime import date, datetime
from typing import NamedTuple

from helpdesk.reference.zones import PARIS
from helpdesk.stats.tables import Column, Kind, Row, Value

TEXT_MAX_UNITS = 32_767
"""Of a cell of Excel, which counts what UTF-16 does: an emoji makes two."""
CUT = " […]"

_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
"""Characters that XML cannot hold."""
_LINE_END = re.compile("\r\n?")
_HIDDEN = "\u200b-\u200f\u202a-\u202e\u2060-\u2069\u180e\u2800\ufe00-\ufe0f\ufeff\u00ad"
"""Shown as nothing or as a blank, though no white space."""
_FORMULA = re.compile(rf"[\t\r\n]|[\s{_HIDDEN}\"'`´‘’“”«»]*[=+\-@＝＋－＠﹦﹢﹣﹫]")
"""The beginning of what some spreadsheet or other would compute."""


class Cell(NamedTuple):
    """*value* is a text, a number, a civil day, or a moment as the clocks of Paris show it, without its zone."""

    kind: Kind
    value: str | float | date | datetime


def cells_of(columns: Iterable[Column], row: Row) -> tuple[Cell | None, ...]:
    """The label of *row*, then its values."""
    values = (cell_of(value, column.kind) for column, value in zip(columns, row.values, strict=True))
    return (cell_of(row.label, Kind.TEXT), *values)


def cell_of(value: Value, kind: Kind) -> Cell | None:
    """What *value* becomes in a column of *kind*; nothing for none.

    :raises ValueError: for a naive moment, which would be a guess.
    """
    if value is None:
        return None
    if isinstance(value, str):
        return Cell(Kind.TEXT, clean(value))
    if isinstance(value, datetime):
        return _moment(value, kind)
    if isinstance(value, date):
        return Cell(Kind.DAY, value)
    return Cell(Kind.COUNT if kind in (Kind.TEXT, Kind.DAY, Kind.MOMENT) else kind, value)


def _moment(value: datetime, kind: Kind) -> Cell:
    if value.tzinfo is None:
        raise ValueError("a naive moment cannot be written")
    local = value.astimezone(PARIS).replace(tzinfo=None)
    return Cell(Kind.DAY, local.date()) if kind is Kind.DAY else Cell(Kind.MOMENT, local)


def clean(text: str) -> str:
    """*text* without what XML forbids, its lines ended in one way, cut where Excel would refuse it."""
    plain = _FORBIDDEN.sub("", _LINE_END.sub("\n", text))
    if len(plain) * 2 <= TEXT_MAX_UNITS or _units(plain) <= TEXT_MAX_UNITS:
        return plain
    kept = plain.encode("utf-16-le")[: 2 * (TEXT_MAX_UNITS - len(CUT))]
    return kept.decode("utf-16-le", errors="ignore") + CUT


def _units(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2


def is_like_a_formula(text: str) -> bool:
    """Whether a spreadsheet that reads *text* from a file without types could compute it."""
    return _FORMULA.match(text) is not None
