"""What the clock does for the entries."""

from datetime import time, timedelta

import structlog

from helpdesk.jobs.registry import periodic
from helpdesk.kb.operations import keeping, suggesting

log = structlog.get_logger(__name__)


@periodic(at=time(7, 30))
def remind_reviews() -> None:
    """Tell the owners which entries are to be read again, before the day's digest."""
    log.info("reviews_reminded", entries=keeping.remind_owners())


@periodic(every=timedelta(hours=1))
def settle_suggestions() -> None:
    """Mark which questions were sent although an entry had been offered."""
    log.info("suggestions_settled", rows=suggesting.settle())


@periodic(at=time(4, 50))
def purge_suggestions() -> None:
    """Forget the suggestions that no annual report counts any more."""
    log.info("suggestions_purged", rows=suggesting.purge())
