"""What is read of questions: one under the reader's rights, lists as small rows, counts, histories.

Visibility lives here: every list starts from :func:`visible_tickets` or from the same condition, every single
question comes from :func:`get_visible_ticket`.
"""

from helpdesk.tickets.queries.lists import NATIONAL, Filters, all_questions, desk_of
from helpdesk.tickets.queries.members import MemberSection, member_counts, member_questions
from helpdesk.tickets.queries.one import (
    answer_at_relay,
    current_answer,
    feedback_of,
    get_visible_ticket,
    history,
    identical_questions,
    linked_questions,
    messages_for,
    readable_messages,
    recent_of_organisation,
    visible_tickets,
)
from helpdesk.tickets.queries.rows import LAST_PAGE, NAME_ONLY, PAGE_SIZE, SENSITIVE_TITLE, Page, TicketRow
from helpdesk.tickets.queries.team import (
    Load,
    delegates_of,
    desk_holder,
    find_jurist,
    jurists,
    load_of_delegations,
    load_of_jurists,
    people_of,
    shareable_people,
    studied_by,
    title_in,
)
from helpdesk.tickets.queries.views import (
    DELEGATE_VIEWS,
    JURIST_VIEWS,
    QueueView,
    queue,
    view_counts,
    views_of,
)
from helpdesk.tickets.queries.work import (
    PRESENCE_SECONDS,
    drafts_on,
    get_question_draft,
    own_question_drafts,
    present_colleagues,
)

__all__ = [
    "DELEGATE_VIEWS",
    "JURIST_VIEWS",
    "LAST_PAGE",
    "NAME_ONLY",
    "NATIONAL",
    "PAGE_SIZE",
    "PRESENCE_SECONDS",
    "SENSITIVE_TITLE",
    "Filters",
    "Load",
    "MemberSection",
    "Page",
    "QueueView",
    "TicketRow",
    "all_questions",
    "answer_at_relay",
    "current_answer",
    "delegates_of",
    "desk_holder",
    "desk_of",
    "drafts_on",
    "feedback_of",
    "find_jurist",
    "get_question_draft",
    "get_visible_ticket",
    "history",
    "identical_questions",
    "jurists",
    "linked_questions",
    "load_of_delegations",
    "load_of_jurists",
    "member_counts",
    "member_questions",
    "messages_for",
    "own_question_drafts",
    "people_of",
    "present_colleagues",
    "queue",
    "readable_messages",
    "recent_of_organisation",
    "shareable_people",
    "studied_by",
    "title_in",
    "view_counts",
    "views_of",
    "visible_tickets",
]
