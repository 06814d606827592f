"""How a question shows in the lists of the staff: words, ruler, deadline."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from flask import url_for

from helpdesk import clock, formats
from helpdesk.reference import get_reference
from helpdesk.tickets.deadlines import day_number, days_left
from helpdesk.tickets.enums import Status, Urgency
from helpdesk.tickets.queries import Page, QueueView, TicketRow


@dataclass(frozen=True)
class ListRow:
    """A row with what its template needs to write it; *url* leads where a click does."""

    row: TicketRow
    url: str
    is_current: bool
    meta: tuple[str | tuple[str, str], ...]
    received: str
    day: int | None
    """Reached on the ruler; empty once answered or closed."""
    tone: str
    days_left: int
    urgency: Urgency

    @property
    def is_waiting(self) -> bool:
        return self.row.status is Status.WAITING

    @property
    def is_to_take(self) -> bool:
        """Nobody of the pole has it, and a jurist may take it: :func:`perms.can_take` decides again."""
        if self.row.status in (Status.TRIAGE, Status.REGIONAL):
            return self.row.urgency >= Urgency.URGENT or self.row.delegation is None
        return self.row.status is Status.POLE


def list_rows(
    page: Page[TicketRow], *, opened: str = "", view: QueueView | None = None, with_region: bool = False
) -> Sequence[ListRow]:
    """The rows of a page; with *view*, a click opens the question in the panel beside that view;
    *with_region* names the delegation, for those who read them all.
    """
    now = clock.now()
    return [_list_row(row, now, opened, view, with_region) for row in page.rows]


def _list_row(row: TicketRow, now: datetime, opened: str, view: QueueView | None, with_region: bool) -> ListRow:
    left = days_left(row.due_at, now)
    return ListRow(
        row=row,
        url=_panel_url(row, view) if view else url_for("tickets.thread", reference=row.reference),
        is_current=row.reference == opened,
        meta=(*_meta(row), _region(row)) if with_region else _meta(row),
        received="Reçue " + formats.relative_time_text(row.received_at, now=now),
        day=day_number(row.started_at, now, row.waited(now)) if row.is_open else None,
        tone=formats.deadline_tone(left, row.status is Status.WAITING) or "ok",
        days_left=left,
        urgency=Urgency(row.urgency),
    )


def _panel_url(row: TicketRow, view: QueueView) -> str:
    shown = None if view is QueueView.TRIAGE else view.value
    return url_for("tickets.triage", vue=shown, question=row.reference, _anchor="panneau")


def _meta(row: TicketRow) -> tuple[str | tuple[str, str], ...]:
    place = ", ".join(filter(None, (row.organisation, row.typologies, row.city)))
    return tuple(filter(None, (("batiment", place) if place else "", topic_label(row.topic))))


def _region(row: TicketRow) -> str:
    known = get_reference().delegations.get(row.delegation or "")
    return known.name if known else "File nationale"


def topic_label(code: str | None) -> str:
    """The topic in words; empty for none, or for one that the reference data no longer holds."""
    topic = get_reference().topics.get(code or "")
    return topic.label if topic else ""
