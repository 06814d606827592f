"""The pages of the figures and their files; each module declares its own on the blueprint."""

from helpdesk.stats import models as _models  # noqa: F401 (their table belongs to the metadata)
from helpdesk.stats.views import delays as _delays  # noqa: F401
from helpdesk.stats.views import questions as _questions  # noqa: F401
from helpdesk.stats.views import report as _report  # noqa: F401
from helpdesk.stats.views import tables as _tables  # noqa: F401
from helpdesk.stats.views.blueprint import blueprint

__all__ = ["blueprint"]
