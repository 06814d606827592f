"""The workers' own periodic work."""

from datetime import time, timedelta

import sqlalchemy as sa
import structlog

from helpdesk import clock, outbox
from helpdesk.db import db, transaction
from helpdesk.jobs.models import WorkerHeartbeat
from helpdesk.jobs.registry import periodic

log = structlog.get_logger(__name__)

FORGET_WORKER_AFTER = timedelta(days=1)


@periodic(at=time(4, 10))
def purge_outbox() -> None:
    """Delete what was done more than 90 days ago, and the heartbeats of workers long gone."""
    with transaction():
        db.session.execute(
            sa.delete(WorkerHeartbeat).where(WorkerHeartbeat.seen_at < clock.now() - FORGET_WORKER_AFTER)
        )
    log.info("outbox_purged", rows=outbox.purge())
