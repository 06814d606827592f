"""The pages of questions, by reader: member, delegation and pole, one question, team."""

from helpdesk.tickets.views import (  # noqa: F401 (they add their routes to the blueprint)
    actions,
    asking,
    drafts,
    files,
    home,
    member,
    member_actions,
    menu,
    queues,
    team,
    thread,
    type_in,
)
from helpdesk.tickets.views.blueprint import blueprint

__all__ = ["blueprint"]
