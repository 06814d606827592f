"""What a worker can do: one handler for each kind of outbox row, and the periodic tasks.

Features declare both in their ``jobs`` module; :func:`load` imports those.
"""

import importlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import time, timedelta
from typing import Any

from helpdesk.jobs.schedule import Daily, Every, Schedule
from helpdesk.outbox import OutboxKind
from helpdesk.settings import Settings

FEATURES = (
    "helpdesk.jobs.housekeeping",
    "helpdesk.mail.jobs",
    "helpdesk.tickets.jobs",
    "helpdesk.attachments.jobs",
    "helpdesk.search.jobs",
    "helpdesk.kb.jobs",
    "helpdesk.juri_ptce.jobs",
    "helpdesk.stats.jobs",
)
"""Modules that declare handlers and periodic tasks."""

Task = Callable[[], None]
TimeOfDay = time | Callable[[Settings], time]


class RetryLater(Exception):
    """The work could not be done now; it is tried again with growing delays."""


class GiveUp(Exception):
    """The work can never be done; it is shown as failed at once."""


@dataclass(frozen=True)
class Handler:
    """How rows of one kind are worked off.

    ``perform`` runs outside any transaction and may be slow; raises :class:`RetryLater` or :class:`GiveUp`.
    ``done`` and ``given_up`` run in the transaction that marks the row, so that both are true or neither.
    """

    perform: Callable[[dict[str, Any]], None]
    done: Callable[[dict[str, Any]], None]
    given_up: Callable[[dict[str, Any], str], None]


@dataclass(frozen=True)
class PeriodicTask:
    name: str
    run: Task
    every: timedelta | None
    at: TimeOfDay | None

    def schedule(self, settings: Settings) -> Schedule:
        if self.every is not None:
            return Every(self.every)
        at = self.at(settings) if callable(self.at) else self.at
        if at is None:
            raise ValueError(f"{self.name} has neither a period nor a time of the day")
        return Daily(at)


HANDLERS: dict[OutboxKind, Handler] = {}
TASKS: dict[str, PeriodicTask] = {}


def handle(kind: OutboxKind, handler: Handler) -> None:
    """Declare how rows of *kind* are worked off."""
    HANDLERS[kind] = handler


def periodic(
    *, every: timedelta | None = None, at: TimeOfDay | None = None, name: str | None = None
) -> Callable[[Task], Task]:
    """Declare a task that a worker runs *every* so often, or once a day *at* a time in Paris.

    One worker runs it at a time, in an application context and outside any transaction. A run cut short by a
    kill is begun again when its lease has ended: a task looks at the data, and may be called once more.

    :raises ValueError: for a time between 2:00 and 3:00, none or both of *every* and *at*, or a name taken.
    """
    if (every is None) == (at is None):
        raise ValueError("a periodic task has either a period or a time of the day")
    if isinstance(at, time):
        Daily(at)

    def declare(task: Task) -> Task:
        task_name = name or task.__name__
        known = TASKS.get(task_name)
        if known is not None and known.run.__module__ != task.__module__:
            raise ValueError(f"two periodic tasks are named {task_name}")
        TASKS[task_name] = PeriodicTask(task_name, task, every, at)
        return task

    return declare


def load() -> None:
    """Import every module that declares work."""
    for module in FEATURES:
        importlib.import_module(module)
