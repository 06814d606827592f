"""The pages of the knowledge base."""

from helpdesk.kb import models as models
from helpdesk.kb.views import composing as composing
from helpdesk.kb.views import feed as feed
from helpdesk.kb.views import home as home
from helpdesk.kb.views import importing as importing
from helpdesk.kb.views import keeping as keeping
from helpdesk.kb.views import reader as reader
from helpdesk.kb.views import search as search
from helpdesk.kb.views import suggesting as suggesting
from helpdesk.kb.views import thread as thread
from helpdesk.kb.views import workshop as workshop
from helpdesk.kb.views import workshop_marks as workshop_marks
from helpdesk.kb.views import workshop_proposing as workshop_proposing
from helpdesk.kb.views import workshop_versions as workshop_versions
from helpdesk.kb.views import workshop_writing as workshop_writing
from helpdesk.kb.views.blueprint import blueprint

__all__ = ["blueprint"]
