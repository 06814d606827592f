"""What the knowledge base adds to the member's home: the search, what is read most, the topics."""

from typing import Any

from flask import g, render_template
from markupsafe import Markup

from helpdesk.kb import queries
from helpdesk.kb.queries import Census, EntryRow
from helpdesk.kb.views import entry_parts as parts
from helpdesk.kb.views.blueprint import reader
from helpdesk.kb.views.search import topics_of
from helpdesk.panels import fills

TOPICS_SHOWN = 8
OFTEN_SHOWN = 3


@fills("tickets.home_search")
def search_box(**_context: Any) -> Markup:
    """The search in the banner, and the topics of what is read most."""
    topics = dict.fromkeys(row.topic for row in _most_read() if row.topic)
    often = [(code, parts.topic_label(code)) for code in topics][:OFTEN_SHOWN]
    return Markup(render_template("kb/_home_search.html", total=_census().total, often=often))  # noqa: S704 - a template


@fills("tickets.home")
def most_read(**_context: Any) -> Markup:
    """What is read most, once there is something to read."""
    rows = _most_read()
    if not rows:
        return Markup("")
    return Markup(render_template("kb/_home_most_read.html", rows=rows, topic_label=parts.topic_label))  # noqa: S704


@fills("tickets.home_topics")
def topics(**_context: Any) -> Markup:
    """The fullest topics, with how many entries each holds."""
    shown = topics_of(_census(), TOPICS_SHOWN)
    return Markup(render_template("kb/_home_topics.html", topics=shown)) if shown else Markup("")  # noqa: S704


def _most_read() -> list[EntryRow]:
    if "kb_most_read" not in g:
        g.kb_most_read = queries.most_read(reader())
    rows: list[EntryRow] = g.kb_most_read
    return rows


def _census() -> Census:
    if "kb_census" not in g:
        g.kb_census = queries.census(reader())
    census: Census = g.kb_census
    return census
