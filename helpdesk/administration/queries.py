"""What the state page reads of the service."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from helpdesk import clock, outbox
from helpdesk.jobs.models import last_heartbeat
from helpdesk.mail.queries import failed_count
from helpdesk.search.engines.base import IndexState
from helpdesk.search.queries import index_states

WAITING_ALARM = timedelta(minutes=5)
HEARTBEAT_ALARM = timedelta(minutes=2)


@dataclass(frozen=True)
class ServiceState:
    """How the work in the background goes."""

    now: datetime
    heartbeat_at: datetime | None
    """When a worker was heard of last; empty if none ever was."""
    oldest_due_at: datetime | None
    """Since when the oldest due work has been waiting; empty if nothing is due."""
    failed_mail_count: int
    indexes: dict[str, IndexState]
    """The state of each search index; the worker makes anew one that is not ready."""

    @property
    def is_worker_alive(self) -> bool:
        return self.heartbeat_at is not None and self.now - self.heartbeat_at <= HEARTBEAT_ALARM

    @property
    def is_work_late(self) -> bool:
        return self.oldest_due_at is not None and self.now - self.oldest_due_at > WAITING_ALARM

    @property
    def is_well(self) -> bool:
        works = self.is_worker_alive and not self.is_work_late and not self.failed_mail_count
        return works and all(state is IndexState.READY for state in self.indexes.values())


def service_state() -> ServiceState:
    """Return the present state; for administrators."""
    return ServiceState(
        now=clock.now(),
        heartbeat_at=last_heartbeat(),
        oldest_due_at=outbox.oldest_due(),
        failed_mail_count=failed_count(),
        indexes=index_states(),
    )
