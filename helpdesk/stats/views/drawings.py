"""The shapes of the charts, from the tables that hold their data."""

from collections.abc import Sequence

from helpdesk.charts import Curve, Histogram
from helpdesk.stats.breakdown import LONGEST_SHOWN_DAYS
from helpdesk.stats.reading import Target
from helpdesk.stats.tables import Table

CURVES = {"median": "Délai médian", "ninth_decile": "Pour 9 questions sur 10", "mean": "Délai moyen"}
"""By the key of their column, in the order of the legend."""


def histogram_of(table: Table, target: Target) -> Histogram:
    """Of ``repartition``."""
    limit = target.days if target.is_calendar and target.days < LONGEST_SHOWN_DAYS else None
    return Histogram.of([row.values[0] for row in table.rows], limit, is_open_ended=True)


def curve_of(table: Table, target: Target, labels: Sequence[str]) -> Curve:
    """Of ``par-mois``, a label for each of its rows."""
    places = {column.key: place for place, column in enumerate(table.columns)}
    series = {label: [row.values[places[key]] for row in table.rows] for key, label in CURVES.items()}
    return Curve.of(labels, series, target.days if target.is_calendar else None)
