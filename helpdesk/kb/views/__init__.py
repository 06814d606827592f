"""The pages of the knowledge base."""

from helpdesk.kb import models as models
from helpdesk.kb.views.blueprint import blueprint

__all__ = ["blueprint"]
