"""The pages of the knowledge base."""

from helpdesk.kb import models as models
from helpdesk.kb.views import feed as feed
from helpdesk.kb.views import home as home
from helpdesk.kb.views import reader as reader
from helpdesk.kb.views import search as search
from helpdesk.kb.views import suggesting as suggesting
from helpdesk.kb.views.blueprint import blueprint

__all__ = ["blueprint"]
