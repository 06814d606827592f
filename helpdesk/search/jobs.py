"""The worker's part in search: it alone writes the indexes."""

from datetime import time, timedelta
from typing import Any

import structlog
from flask import current_app

from helpdesk.jobs.registry import GiveUp, Handler, RetryLater, handle, periodic
from helpdesk.outbox import OutboxKind
from helpdesk.search import corpora, nearness, operations
from helpdesk.search.engines import IndexBusy
from helpdesk.settings import Settings

log = structlog.get_logger(__name__)

NEAR_AT_ONCE = 200
"""With 100,000 questions each takes a tenth of a second."""


def index(payload: dict[str, Any]) -> None:
    """Bring the index in line with the database for the identifiers of one outbox row."""
    try:
        corpora.get(payload["corpus"])
    except KeyError:
        raise GiveUp(f"Aucun corpus ne s’appelle « {payload['corpus']} ».") from None
    try:
        operations.index(payload["corpus"], payload["ids"], is_erasure=payload["is_erasure"])
    except IndexBusy:
        raise RetryLater("L’index est occupé.") from None
    nearness.refresh(payload["corpus"], payload["ids"])


def nothing(*_: Any) -> None:
    """Nothing is noted: the index itself says what it holds."""


handle(OutboxKind.INDEX, Handler(perform=index, done=nothing, given_up=nothing))


@periodic(every=timedelta(minutes=1))
def mend_search() -> None:
    """Rebuild an index that is missing, damaged or of another version; pages use plain SQL meanwhile."""
    operations.mend()


@periodic(every=timedelta(minutes=5))
def refresh_nearness() -> None:
    """Find again what open questions are close to, once entries have come, changed or gone, and once a day."""
    log.info("search_near_refreshed", texts=nearness.refresh_all(limit=NEAR_AT_ONCE))


@periodic(at=time(4, 50))
def check_search() -> None:
    """Compare the indexes with the database: a power cut may have undone what a worker had written."""
    for report in operations.check():
        log.info(
            "search_index_checked",
            corpus=report.corpus,
            state=report.state.value,
            missing=report.missing_count,
            stale=report.stale_count,
            extra=report.extra_count,
        )


@periodic(at=time(4, 55))
def purge_search_misses() -> None:
    """Forget old searches without results."""
    settings: Settings = current_app.config["SETTINGS"]
    log.info("search_misses_purged", rows=operations.purge_misses(settings.search_miss_days))
