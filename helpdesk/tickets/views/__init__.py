"""The pages of questions, by reader: member, delegation and pole, one question, team."""

from helpdesk.tickets.views import files, member, queues, team, thread, type_in  # noqa: F401 (they add routes)
from helpdesk.tickets.views.blueprint import blueprint

__all__ = ["blueprint"]
