"""Whether a year is still as it was read: the figures that the lead freezes are those of the page, not later ones."""

import json
from hashlib import sha256

from helpdesk.stats.annual import Report
from helpdesk.stats.tables import as_json

AGEING = frozenset({"attente", "sans-reponse"})
"""How long questions have waited grows by itself at midnight; how many wait is told in ``devenir`` all the same."""


def digest_of(report: Report) -> str:
    """The same for the same tables, labels and definitions, whenever they were calculated; 64 hexadecimal digits."""
    tables = {key: as_json(table) for key, table in report.tables.items() if key not in AGEING}
    told = {"tables": tables, "definitions": [list(definition) for definition in report.definitions]}
    return sha256(json.dumps(told, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode()).hexdigest()
