"""What the clock does by itself, a few times an hour."""

from datetime import timedelta

import structlog

from helpdesk.jobs.registry import periodic
from helpdesk.tickets.operations import clockwork
from helpdesk.tickets.operations.drafts import purge_presence

log = structlog.get_logger(__name__)


@periodic(every=timedelta(minutes=10))
def turn_tickets_clockwork() -> None:
    """Pass on, relay, warn, tell, remind and close what is due."""
    log.info("clockwork", **clockwork.run_all())


@periodic(every=timedelta(hours=1))
def forget_presence() -> None:
    """Forget who had which question open."""
    purge_presence()
