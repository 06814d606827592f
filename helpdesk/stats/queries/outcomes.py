"""What became of the questions of a period, and what was said of their answers."""

from collections.abc import Mapping
from typing import NamedTuple

import sqlalchemy as sa

from helpdesk.db import read
from helpdesk.reporting import Period
from helpdesk.stats.measures import DAY_SECONDS
from helpdesk.stats.perms import Selection
from helpdesk.stats.queries.facts import FIRST_ROUND, GROSS, counted
from helpdesk.tickets.enums import CloseReason, MessageKind, Urgency
from helpdesk.tickets.models import Feedback, Message, ResponseClock, Ticket
from helpdesk.tickets.queries.rows import IS_OPEN


class Outcomes(NamedTuple):
    """What became of the questions of a period; the first five make them all. None is reopened without an answer."""

    answered: int
    faq: int
    out_of_scope: int
    withdrawn: int
    unanswered: int
    urgent: int
    urgent_answered: int
    urgent_within_day: int
    reopened: int
    corrected: int

    @property
    def otherwise(self) -> int:
        return self.faq + self.out_of_scope + self.withdrawn


def outcomes(selection: Selection, period: Period) -> Outcomes:
    is_answered = ResponseClock.answered_at.is_not(None)
    is_urgent = Ticket.urgency >= Urgency.URGENT
    has_correction = sa.exists().where(
        Message.ticket_id == Ticket.id, Message.kind == MessageKind.CORRECTION, Message.published_at.is_not(None)
    )
    conditions: dict[str, sa.ColumnElement[bool]] = {
        "answered": is_answered,
        **{
            reason.value: sa.and_(~is_answered, Ticket.close_reason == reason)
            for reason in (CloseReason.FAQ, CloseReason.OUT_OF_SCOPE, CloseReason.WITHDRAWN)
        },
        "unanswered": sa.and_(~is_answered, IS_OPEN),
        "urgent": is_urgent,
        "urgent_answered": sa.and_(is_urgent, is_answered),
        "urgent_within_day": sa.and_(is_urgent, is_answered, GROSS <= DAY_SECONDS),
        "reopened": Ticket.round > 1,
        "corrected": has_correction,
    }
    counts = [sa.func.count(sa.case((condition, 1))).label(name) for name, condition in conditions.items()]
    select = sa.select(*counts).select_from(Ticket).join(ResponseClock, FIRST_ROUND)
    return Outcomes(**read(select.where(counted(selection, period)))[0]._asdict())


def verdicts(selection: Selection, period: Period) -> Mapping[str, int]:
    """The last word on each question that has one."""
    rank = sa.func.row_number().over(
        partition_by=Message.ticket_id, order_by=(Feedback.given_at.desc(), Feedback.message_id.desc())
    )
    ranked = (
        sa.select(sa.type_coerce(Feedback.verdict, sa.String).label("verdict"), rank.label("rank"))
        .join(Message, Message.id == Feedback.message_id)
        .join(Ticket, Ticket.id == Message.ticket_id)
        .join(ResponseClock, FIRST_ROUND)
        .where(counted(selection, period))
        .subquery()
    )
    select = sa.select(ranked.c.verdict, sa.func.count()).where(ranked.c.rank == 1).group_by(ranked.c.verdict)
    return {row[0]: row[1] for row in read(select)}
