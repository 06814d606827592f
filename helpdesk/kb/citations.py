"""How an answer cites an entry: one line among its references, in which the address is found again. Pure."""

import re
from collections.abc import Iterable
from datetime import date

from helpdesk.formats import day_text, french_text

LINE_MAX_CHARS = 300
"""What a reference of an answer may hold."""
_ADDRESS = re.compile(r"https?://\S+?/faq/([a-z0-9-]{1,120})(?![\w/-])")


def line(title: str, up_to_date_on: date, url: str) -> str:
    """« Fiche « … », à jour au 3 décembre 2026 : https://… »; a title too long for the line is cut at a word."""
    end = f", à jour au {day_text(up_to_date_on)} : {url}"
    room = LINE_MAX_CHARS - len(french_text(f"Fiche «  »{end}"))
    if len(title) > room:
        title = title[: max(room - 1, 0)].rsplit(" ", 1)[0] + "…"
    return french_text(f"Fiche « {title} »{end}")


def slugs_in(lines: Iterable[str]) -> list[str]:
    """The addresses of entries that the references of an answer cite, each once."""
    return list(dict.fromkeys(slug for one in lines for slug in _ADDRESS.findall(one)))
