"""What the knowledge base adds to the member's home: the search, what is read most, the topics.

All of it is the same for whoever reads the same entries: it is written once for them, until an entry changes or
the day ends.
"""

from collections.abc import Callable
from datetime import date
from typing import Any

from flask import current_app, g, render_template
from markupsafe import Markup

from helpdesk import clock
from helpdesk.kb import perms, queries
from helpdesk.kb.enums import Visibility
from helpdesk.kb.views import entry_parts as parts
from helpdesk.kb.views.blueprint import reader
from helpdesk.kb.views.search import topics_of
from helpdesk.panels import fills

TOPICS_SHOWN = 8
OFTEN_SHOWN = 3
KEPT_COUNT = 64
"""Of all that is kept; one too many, and it begins again."""

State = tuple[tuple[int, int], date]
Key = tuple[str, frozenset[Visibility], State]


@fills("tickets.home_search")
def search_box(**_context: Any) -> Markup:
    """The search in the banner, and the topics of what is read most."""
    return _kept("search", _search_box)


@fills("tickets.home")
def most_read(**_context: Any) -> Markup:
    """What is read most, once there is something to read."""
    return _kept("most_read", _most_read)


@fills("tickets.home_topics")
def topics(**_context: Any) -> Markup:
    """The fullest topics, with how many entries each holds."""
    return _kept("topics", _topics)


def _search_box() -> str:
    topics = dict.fromkeys(row.topic for row in queries.most_read(reader()) if row.topic)
    often = [(code, parts.topic_label(code)) for code in topics][:OFTEN_SHOWN]
    return render_template("kb/_home_search.html", total=queries.census(reader()).total, often=often)


def _most_read() -> str:
    rows = queries.most_read(reader())
    return render_template("kb/_home_most_read.html", rows=rows, topic_label=parts.topic_label) if rows else ""


def _topics() -> str:
    shown = topics_of(queries.census(reader()), TOPICS_SHOWN)
    return render_template("kb/_home_topics.html", topics=shown) if shown else ""


def _kept(name: str, write: Callable[[], str]) -> Markup:
    """What *write* gives for whoever reads the same; it may depend on nothing else of its reader."""
    kept: dict[Key, Markup] = current_app.extensions.setdefault("kb_home", {})
    key = (name, perms.visibilities_of(reader()), _state())
    if key not in kept:
        if len(kept) >= KEPT_COUNT:
            kept.clear()
        kept[key] = Markup(write())  # noqa: S704 - a template of ours
    return kept[key]


def _state() -> State:
    """What changes when the page is to be written again: read before what it stands for."""
    if "kb_state" not in g:
        g.kb_state = (queries.state_of_entries(), clock.today())
    state: State = g.kb_state
    return state
