"""The pages of Juri-PTCE; each module declares its own on the blueprint."""

from helpdesk.juri_ptce import models as _models  # noqa: F401 (their tables belong to the metadata)
from helpdesk.juri_ptce.operations import keeping as _keeping  # noqa: F401 (it listens)
from helpdesk.juri_ptce.operations import listening as _listening  # noqa: F401 (it listens)
from helpdesk.juri_ptce.views import account as _account  # noqa: F401
from helpdesk.juri_ptce.views import booking as _booking  # noqa: F401
from helpdesk.juri_ptce.views import choosing as _choosing  # noqa: F401
from helpdesk.juri_ptce.views import details as _details  # noqa: F401
from helpdesk.juri_ptce.views import feed as _feed  # noqa: F401
from helpdesk.juri_ptce.views import figures as _figures  # noqa: F401
from helpdesk.juri_ptce.views import links as _links  # noqa: F401
from helpdesk.juri_ptce.views import offering as _offering  # noqa: F401
from helpdesk.juri_ptce.views import panels_member as _panels_member  # noqa: F401
from helpdesk.juri_ptce.views import panels_staff as _panels_staff  # noqa: F401
from helpdesk.juri_ptce.views import parts as _parts  # noqa: F401
from helpdesk.juri_ptce.views import permanence as _permanence  # noqa: F401
from helpdesk.juri_ptce.views import sessions as _sessions  # noqa: F401 (its pages)
from helpdesk.juri_ptce.views import sheet as _sheet  # noqa: F401
from helpdesk.juri_ptce.views.blueprint import blueprint

__all__ = ["blueprint"]
