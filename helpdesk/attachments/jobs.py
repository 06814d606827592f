"""The nightly care of stored files."""

from datetime import time

import structlog

from helpdesk.attachments.operations import sweep_orphans
from helpdesk.jobs.registry import periodic

log = structlog.get_logger(__name__)


@periodic(at=time(4, 40))
def sweep_attachments() -> None:
    """Erase the files that no message and no draft holds any more."""
    row_count, file_count = sweep_orphans()
    log.info("attachments_swept", rows=row_count, files=file_count)
