"""Work done behind the pages: the outbox and the periodic tasks."""

from helpdesk.jobs.draining import drain
from helpdesk.jobs.models import last_heartbeat
from helpdesk.jobs.registry import GiveUp, Handler, RetryLater, handle, periodic
from helpdesk.jobs.worker import run_worker

__all__ = [
    "GiveUp",
    "Handler",
    "RetryLater",
    "drain",
    "drain_job",
    "handle",
    "last_heartbeat",
    "periodic",
    "run_worker",
]


def drain_job() -> None:
    """What rq runs when the bell is rung."""
    drain()
