"""What the tables of a report tell outside the pole, read together: no small number by another table, a share, an age.

What one table tells alone is :meth:`helpdesk.stats.tables.Table.told_outside`. Pure.
"""

from collections.abc import Collection, Mapping
from dataclasses import replace

from helpdesk import reporting
from helpdesk.reporting import Share
from helpdesk.stats.tables import Row, Table, Untold, Value
from helpdesk.tickets.enums import CloseReason

YEAR, BEFORE = "year", "before"
"""The year of the report and the one before it: rows of the small tables, columns of counts."""
_OF_NOBODY = frozenset({"faq-fiches", "juri-seances"})
"""Of entries and sessions: a small number of them says nothing of anybody."""
_MERGED = {"juri-reponses": "Autrement", "juri-themes": "Autres thèmes", "juri-regions": "Autres régions"}
"""Where most rows are small: these are told together, under that name."""
_SAID_TWICE = (
    ("fins", YEAR, "devenir", "otherwise", YEAR),
    ("fins", BEFORE, "devenir", "otherwise", BEFORE),
    ("faq-estimation", "closed", "fins", CloseReason.FAQ, YEAR),
    ("sans-reponse", "unanswered", "devenir", "unanswered", YEAR),
    ("attente", "median", "devenir", "unanswered", YEAR),
    ("attente", "oldest", "devenir", "unanswered", YEAR),
)
"""A column of a table that tells again, adds up to or dates a cell (table, row, column): not told there, it is not here
either. In this order, as one may follow from another.
"""
Told = Mapping[str, Table]


def told_together(tables: Mapping[str, Table]) -> Told:
    """*tables*, by key, as they may leave the pole."""
    told = {key: _alone(table) for key, table in tables.items()}
    if "devenir" in told:
        told["devenir"] = _outcomes_told(tables["devenir"])
    for key, column, *where in _SAID_TWICE:
        if key in told:
            told[key] = _hidden_too(told[key], column, _at(told, *where))
    if "a-cote" in told and "delais" in told:
        told["a-cote"] = _first_level_told(told["a-cote"], told["delais"])
    return told


def _alone(table: Table) -> Table:
    if table.key in _OF_NOBODY:
        return table
    if table.key not in _MERGED:
        return table.told_outside()
    others = _MERGED[table.key]
    shares = [Share(row.label, row.values[0]) for row in table.rows if isinstance(row.values[0], int)]
    told = reporting.told_outside(shares, others=others)
    if [share.label for share in told] == [others]:
        return replace(table, rows=(), note="Trop peu pour être détaillé.")
    return replace(table, rows=tuple(Row(share.label, share.label, (_told(share),)) for share in told))


def _at(told: Told, table: str, row: str, column: str) -> Value:
    return told[table].as_mapping().get((row, column)) if table in told else None


def _outcomes_told(table: Table) -> Table:
    """The answered are told with the delays: what is split is the rest of the questions."""
    answered = tuple(row for row in table.rows if row.key == "answered")
    others = replace(table, rows=tuple(row for row in table.rows if row.key != "answered")).told_outside()
    return replace(table, rows=(*replace(table, rows=answered, is_split=False).told_outside().rows, *others.rows))


def _hidden_too(table: Table, column: str, elsewhere: Value) -> Table:
    """*table* without the figures of *column*, where the one that they would give is not told *elsewhere*."""
    if not isinstance(elsewhere, Untold):
        return table
    places = {place for place, one in enumerate(table.columns) if one.key == column}
    rows = (_without(row, places) for row in table.rows)
    return replace(table, rows=tuple(rows))


def _first_level_told(table: Table, delays: Table) -> Table:
    """The part of the delegations in the answers tells how many they gave: not where these, or the others, are few."""
    place = [column.key for column in table.columns].index("first_level")
    answers = delays.as_mapping()
    rows = []
    for row in table.rows:
        is_few = _gives_few(row.values[place], answers.get((row.key, "answered")))
        rows.append(_without(row, {place}) if is_few else row)
    return replace(table, rows=tuple(rows))


def _gives_few(share: Value, count: Value) -> bool:
    """Whether *share* of *count* is a small number, or leaves one."""
    if not isinstance(share, float) or not isinstance(count, int):
        return False
    return reporting.gives_few(share, count)


def _without(row: Row, places: Collection[int]) -> Row:
    return replace(row, values=tuple(Untold.BESIDE if place in places else one for place, one in enumerate(row.values)))


def _told(share: Share) -> Value:
    return Untold.FEW if reporting.is_too_few(share.number) else share.number
