"""From a template to the text and the HTML of a mail.

A notice has one template, in plain text; the HTML is made from it paragraph by paragraph, so that the two
always say the same. The paragraph that ends in an address is the mail's one link.
"""

import re
from dataclasses import dataclass
from typing import Any

from flask import current_app, render_template

from helpdesk.formats import french_text
from helpdesk.mail.enums import CalendarMethod
from helpdesk.settings import Settings

_LINK = re.compile(r"^(?P<label>.+?)[\s\u00a0]*:\s+(?P<url>https?://\S+)$", re.DOTALL)
_BLANK_LINES = re.compile(r"\n\s*\n")


@dataclass(frozen=True)
class Rendered:
    text: str
    html: str


@dataclass(frozen=True)
class CalendarPart:
    """An invitation, or its end: an iCalendar file with the method it states."""

    method: CalendarMethod
    content: str


@dataclass(frozen=True)
class Paragraph:
    """A paragraph, a list, or the link, as the HTML template shows it."""

    lines: tuple[str, ...]
    url: str = ""
    is_list: bool = False


def render(template: str, context: dict[str, Any]) -> Rendered:
    """Render ``mails/<template>.txt``; nothing of the request is used, least of all its host."""
    settings: Settings = current_app.config["SETTINGS"]
    raw = render_template(f"mails/{template}.txt", **context, settings=settings)
    blocks = [block.strip() for block in _BLANK_LINES.split(french_text(raw)) if block.strip()]
    paragraphs = [_paragraph(block) for block in blocks]
    html = render_template("mails/_layout.html", paragraphs=paragraphs, settings=settings)
    return Rendered("\n\n".join(blocks) + "\n", html)


def link(path: str) -> str:
    """The address of a page of ours: always from ``PUBLIC_URL``, never from a request's ``Host``."""
    settings: Settings = current_app.config["SETTINGS"]
    return settings.public_url + path


def _paragraph(block: str) -> Paragraph:
    if found := _LINK.match(block):
        return Paragraph((found["label"],), url=found["url"])
    lines = tuple(line.strip() for line in block.splitlines())
    if all(line.startswith("- ") for line in lines):
        return Paragraph(tuple(line[2:] for line in lines), is_list=True)
    return Paragraph(lines)
