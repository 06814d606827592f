"""What the clock does for the figures."""

import structlog

from helpdesk.jobs.registry import periodic
from helpdesk.stats import mails
from helpdesk.stats.weekly import SENT_AT

log = structlog.get_logger(__name__)


@periodic(at=SENT_AT)
def send_weekly_figures() -> None:
    """Tell the lead and the delegations, on the first working day of the week, what is late and what is due."""
    log.info("weekly_figures_sent", count=mails.send_weekly())
