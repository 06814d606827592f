"""What the clock does for the sessions and the appointments."""

from datetime import time, timedelta

import structlog

from helpdesk.jobs.registry import periodic
from helpdesk.juri_ptce.operations import booking, hosts, reminding, sessions, waiting

log = structlog.get_logger(__name__)


@periodic(every=timedelta(days=1))
def make_juri_sessions() -> None:
    """Make the sessions of the coming months that are missing."""
    log.info("juri_sessions_made", sessions=sessions.make_ahead())


@periodic(at=time(5, 25))
def free_departed_hosts() -> None:
    """Take those who no longer hold sessions from the ones to come, and give their calls to others."""
    log.info("hosts_freed", people=hosts.free_departed())


@periodic(every=timedelta(minutes=5))
def lapse_juri_offers() -> None:
    """Offer to the next of the waiting list what nobody took in time."""
    log.info("juri_offers_lapsed", offers=waiting.lapse_offers())


@periodic(every=timedelta(minutes=5))
def end_unconfirmed_calls() -> None:
    """Tell the PTCE that nobody confirmed in time what they asked for, and free their question for another slot."""
    log.info("unconfirmed_calls_ended", calls=booking.end_unconfirmed())


@periodic(every=timedelta(minutes=5))
def remind_calls() -> None:
    """Tell the PTCE and the jurists two days and two hours before a call."""
    log.info("calls_reminded", calls=reminding.remind())


@periodic(at=time(8, 0))
def remind_accounts() -> None:
    """Tell the jurists which accounts are late, before the day's digest."""
    log.info("accounts_reminded", calls=reminding.remind_accounts())
