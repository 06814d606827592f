"""Invented figures for the charts of the styleguide: those of an ordinary year, then the extreme ones."""

from datetime import date

from helpdesk.charts import Curve, Histogram
from helpdesk.formats import count as count_text
from helpdesk.stats.tables import Column, Kind, Row, Table, Untold, Value

COUNTS = (0, 3, 24, 28, 44, 45, 55, 55, 29, 28, 29, 19, 16, 2, 2, 2, 1, 3, 0)
LIMIT = 10
TARGET = 0.9
MONTHS = ("janv.", "févr.", "mars", "avr.", "mai", "juin", "juil.", "août", "sept.", "oct.", "nov.")
MEDIANS = (6, 6, 6.5, 7, 4, 7, 6, 7, 9, 6, 6)
NINTHS = (10, 10, 10, 11, 11, 12, 12, 12, 12, 9, 10)
_FEW = Untold.TOO_FEW_ANSWERS

HISTOGRAM = Histogram.of(COUNTS, LIMIT, is_open_ended=True)
CURVE = Curve.of(MONTHS, {"Délai médian": MEDIANS, "Pour 9 questions sur 10": NINTHS}, LIMIT)


def _table(key: str, title: str, head: str, columns: list[Column], rows: list[tuple[str, tuple[Value, ...]]]) -> Table:
    return Table(key, title, head, tuple(columns), tuple(Row(label, label, values) for label, values in rows))


DAYS_TABLE = _table(
    "delays",
    "Nombre de réponses par délai",
    "Délai",
    [Column("answers", "Réponses", Kind.COUNT)],
    [(count_text(day, "jour") + " et plus" * (day == 18), (count,)) for day, count in enumerate(COUNTS)],
)
MONTHS_TABLE = _table(
    "months",
    "Délais par mois de réception",
    "Mois",
    [Column("median", "Délai médian", Kind.DAYS), Column("ninth", "9 sur 10", Kind.DAYS)],
    list(zip(MONTHS, zip(MEDIANS, NINTHS, strict=True), strict=True)),
)
CHANNELS_TABLE = _table(
    "channels",
    "Par canal",
    "Canal",
    [Column("answers", "Réponses", Kind.COUNT), Column("last_on", "Dernière", Kind.DAY)],
    [
        ("Formulaire", (312, date(2026, 11, 30))),
        ("Téléphone", (Untold.FEW, None)),
        ("Courriel", (69, date(2026, 10, 1))),
    ],
)
REGIONS_TABLE = _table(
    "regions",
    "Par région",
    "Région",
    [
        Column("answers", "Réponses", Kind.COUNT),
        Column("median", "Médian", Kind.DAYS),
        Column("within", "En 10 jours ou moins", Kind.SHARE),
    ],
    [
        ("Auvergne-Rhône-Alpes", (52, 6, 0.96)),
        ("Bourgogne-Franche-Comté", (21, 6, 0.95)),
        ("Bretagne", (36, 6, 1.0)),
        ("Centre-Val de Loire", (Untold.BESIDE, 7, 0.94)),
        ("Corse", (5, _FEW, _FEW)),
        ("Guadeloupe", (Untold.FEW, _FEW, _FEW)),
        ("Grand Est", (33, 6, 0.82)),
        ("Hauts-de-France", (1044, 9, 0.7)),
        ("Île-de-France", (31, 7, 0.0)),
        ("Normandie", (26, 5.5, 0.896)),
        ("Provence-Alpes-Côte d’Azur", (15, 8, 0.8)),
        ("Mayotte", (0, None, None)),
    ],
)

_MANY = tuple(max(0, 40 - abs(day - 9) * 3) if day < 22 else day % 7 % 3 for day in range(60))
HISTOGRAMS = (
    ("Deux cents au plus haut", Histogram.of((2, 118, 200, 199, 154, 200, 101, 12, 1, 0, 103, 200, 3), LIMIT)),
    ("Zéro partout", Histogram.of((0,) * 19, LIMIT, is_open_ended=True)),
    ("Une seule barre", Histogram.of((7,), LIMIT)),
    ("Soixante barres", Histogram.of(_MANY, LIMIT, is_open_ended=True)),
    ("Des nombres tus", Histogram.of((0, 5, Untold.FEW, 12, 9, Untold.BESIDE, 0, 7, Untold.FEW), 4)),
    ("Aucun objectif", Histogram.of((3, 8, 5, 2), None)),
    ("Un objectif de sept jours", Histogram.of((1, 2, 3, 4, 5, 6, 7, 26, 27, 10, 4, 1), 7, is_open_ended=True)),
    ("Rien", Histogram.of((), LIMIT)),
)
_SIXTY = tuple(f"{MONTHS[place % 11]} {22 + place // 12}" for place in range(60))
CURVES = (
    ("Un seul mois", Curve.of(("nov.",), {"Délai médian": (6,), "9 sur 10": (11,)}, LIMIT)),
    ("Que des absences", Curve.of(MONTHS, {"Délai médian": (_FEW,) * 11, "9 sur 10": (None,) * 11}, LIMIT)),
    (
        "Soixante mois",
        Curve.of(
            _SIXTY,
            {
                "Délai médian": [5 + place % 12 / 4 if place not in {20, 30, 32} else None for place in range(60)],
                "9 sur 10": [11 + place % 7 for place in range(60)],
            },
            LIMIT,
        ),
    ),
    (
        "Trois séries, des absences, des valeurs voisines",
        Curve.of(
            MONTHS,
            {
                "Reçues": (112, 140, 98, 102, 130, None, 120, 87, 101, 120, 118),
                "Répondues": (100, 131, None, 104, 117, None, 120, None, 110, 119, 117),
                "Closes": (60, 51, 40, 34, None, None, 35, 78, 71, 100, 119),
            },
        ),
    ),
)
