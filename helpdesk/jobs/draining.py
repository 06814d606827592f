"""Working off the outbox: the same code for the worker's own loop and for rq."""

import threading
from datetime import timedelta

import structlog
from flask import current_app

from helpdesk import clock, outbox
from helpdesk.db import db, transaction
from helpdesk.jobs import registry
from helpdesk.jobs.registry import GiveUp, Handler, RetryLater
from helpdesk.outbox import Claim
from helpdesk.settings import Settings

log = structlog.get_logger(__name__)

SLICE = timedelta(seconds=60)
"""One call works no longer than this and one row more: under rq's job time-out, itself under the lease."""


def drain(stop: threading.Event | None = None) -> int:
    """Work off what is due, for a minute at most, and return the number of rows tried.

    Needs an application context, and no open transaction. Rows not begun when *stop* is set are given back.
    """
    registry.load()
    settings: Settings = current_app.config["SETTINGS"]
    until = clock.now() + SLICE
    tried = 0
    while claims := outbox.claim(settings.outbox_lease_seconds):
        for index, item in enumerate(claims):
            if clock.now() >= until or (stop is not None and stop.is_set()):
                outbox.release(claims[index:])
                return tried
            with structlog.contextvars.bound_contextvars(request_id=item.request_id, outbox_id=item.id):
                _work(item, settings)
            tried += 1
    return tried


def _work(item: Claim, settings: Settings) -> None:
    if not outbox.renew(item, settings.outbox_lease_seconds):
        log.warning("outbox_lease_lost", when="before")
        return
    handler = registry.HANDLERS[item.kind]
    # A turn may last a minute: each row is judged by the database as it is now.
    db.session.expire_all()
    try:
        handler.perform(item.payload)
    except GiveUp as error:
        _give_up(item, handler, str(error))
    except RetryLater as error:
        _put_off(item, handler, str(error), settings)
    except Exception as error:
        log.exception("outbox_unexpected", kind=item.kind)
        db.session.rollback()
        _put_off(item, handler, type(error).__name__, settings)
    else:
        _finish(item, handler)


def _finish(item: Claim, handler: Handler) -> None:
    with transaction():
        if outbox.finish(item):
            handler.done(item.payload)
        else:
            log.warning("outbox_lease_lost", when="after")


def _put_off(item: Claim, handler: Handler, error: str, settings: Settings) -> None:
    log.info("outbox_put_off", kind=item.kind, attempts=item.attempts)
    with transaction():
        kept = outbox.put_off(item, error, settings.outbox_give_up_days)
    if not kept:
        _give_up(item, handler, error)


def _give_up(item: Claim, handler: Handler, error: str) -> None:
    log.error("outbox_given_up", kind=item.kind, attempts=item.attempts)
    with transaction():
        if outbox.give_up(item, error):
            handler.given_up(item.payload, error)
