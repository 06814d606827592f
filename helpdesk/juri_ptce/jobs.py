"""What the clock does for the sessions and the appointments."""

from datetime import time, timedelta

import structlog

from helpdesk.jobs.registry import periodic
from helpdesk.juri_ptce.operations import hosts, sessions

log = structlog.get_logger(__name__)


@periodic(every=timedelta(days=1))
def make_juri_sessions() -> None:
    """Make the sessions of the coming months that are missing."""
    log.info("juri_sessions_made", sessions=sessions.make_ahead())


@periodic(at=time(5, 25))
def free_departed_hosts() -> None:
    """Take those who no longer hold sessions from the ones to come, and give their calls to others."""
    log.info("hosts_freed", people=hosts.free_departed())
