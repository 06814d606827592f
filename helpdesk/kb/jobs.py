"""What the clock does for the entries."""

from datetime import time

import structlog

from helpdesk.jobs.registry import periodic
from helpdesk.kb.operations import keeping

log = structlog.get_logger(__name__)


@periodic(at=time(7, 30))
def remind_reviews() -> None:
    """Tell the owners which entries are to be read again, before the day's digest."""
    log.info("reviews_reminded", entries=keeping.remind_owners())
