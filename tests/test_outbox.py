"""Work still to do: taken by lease, done once, put off, given up for all to see, never lost."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa
import time_machine
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st

from helpdesk import bell, clock, outbox
from helpdesk.db import db, transaction
from helpdesk.outbox import OutboxItem, OutboxKind, OutboxStatus
from tests.support.http import in_context

LEASE_SECONDS = 60
START = datetime(2026, 12, 1, 9, tzinfo=UTC)


@pytest.fixture
def now() -> time_machine.Traveller:
    with time_machine.travel(START, tick=False) as traveller:
        yield traveller


@pytest.fixture
def rings(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    heard: list[int] = []
    monkeypatch.setattr(bell, "ring", lambda: heard.append(1))
    return heard


def add(count: int = 1, **values: datetime) -> None:
    with transaction():
        for number in range(count):
            outbox.enqueue(OutboxKind.MAIL, f"key:{number}", {"mail_id": number}, **values)


def add_and_fail() -> None:
    with transaction():
        outbox.enqueue(OutboxKind.MAIL, "key:0", {"mail_id": 1})
        raise RuntimeError


def row(key: str = "key:0") -> OutboxItem:
    return db.session.scalars(
        sa.select(OutboxItem).where(OutboxItem.dedupe_key == key).execution_options(populate_existing=True)
    ).one()


def claim_one() -> outbox.Claim:
    (item,) = outbox.claim(LEASE_SECONDS, limit=1)
    return item


def test_work_is_written_with_the_change_and_vanishes_with_it(app: Flask, rings: list[int]) -> None:
    with pytest.raises(RuntimeError):
        add_and_fail()

    assert outbox.claim(LEASE_SECONDS) == []
    assert rings == []


def test_the_bell_rings_once_after_the_commit(app: Flask, rings: list[int]) -> None:
    with transaction():
        outbox.enqueue(OutboxKind.MAIL, "key:0", {})
        outbox.enqueue(OutboxKind.MAIL, "key:1", {})
        assert rings == []

    assert rings == [1]


def test_the_same_work_cannot_be_asked_for_twice(app: Flask) -> None:
    add()
    with pytest.raises(sa.exc.IntegrityError):
        add()


def test_rows_are_claimed_oldest_first_and_only_when_due(app: Flask, now: time_machine.Traveller) -> None:
    add(2, not_before=START + timedelta(minutes=5))
    with transaction():
        outbox.enqueue(OutboxKind.MAIL, "old", {}, not_before=START - timedelta(minutes=5))
    assert [item.id for item in outbox.claim(LEASE_SECONDS)] == [row("old").id]

    now.shift(timedelta(minutes=5))
    claims = outbox.claim(LEASE_SECONDS)
    assert [item.payload for item in claims] == [{}, {"mail_id": 0}, {"mail_id": 1}]
    assert [item.attempts for item in claims] == [2, 1, 1]


def test_a_claimed_row_is_not_claimed_again_before_its_lease_ends(app: Flask, now: time_machine.Traveller) -> None:
    add()
    first = claim_one()
    now.shift(LEASE_SECONDS - 1)
    assert outbox.claim(LEASE_SECONDS) == []

    now.shift(1)
    second = claim_one()
    assert (second.id, second.attempts) == (first.id, 2)


def test_a_renewed_lease_begins_anew(app: Flask, now: time_machine.Traveller) -> None:
    add()
    item = claim_one()
    now.shift(LEASE_SECONDS - 1)
    assert outbox.renew(item, LEASE_SECONDS)
    now.shift(LEASE_SECONDS - 1)
    assert outbox.claim(LEASE_SECONDS) == []


def test_a_worker_paused_past_its_lease_changes_nothing_any_more(app: Flask, now: time_machine.Traveller) -> None:
    add()
    paused = claim_one()
    now.shift(LEASE_SECONDS)
    other = claim_one()

    with transaction():
        assert not outbox.renew(paused, LEASE_SECONDS)
        assert not outbox.finish(paused)
        assert not outbox.give_up(paused, "too late")
        outbox.put_off(paused, "too late", 5)
    outbox.release([paused])
    assert row().lease_token == other.token
    assert row().status is OutboxStatus.PENDING

    with transaction():
        assert outbox.finish(other)
    assert row().status is OutboxStatus.DONE


def test_finished_work_is_never_claimed_again(app: Flask, now: time_machine.Traveller) -> None:
    add()
    with transaction():
        outbox.finish(claim_one())
    now.shift(timedelta(days=1))
    assert outbox.claim(LEASE_SECONDS) == []
    assert row().done_at == START


def test_failed_work_comes_back_with_growing_delays_until_it_is_given_up(
    app: Flask, now: time_machine.Traveller
) -> None:
    add()
    waits = []
    while True:
        item = claim_one()
        with transaction():
            if not outbox.put_off(item, "451 later", 5):
                outbox.give_up(item, "451 later")
                break
        waits.append(row().not_before - clock.now())
        now.move_to(row().not_before)

    nominal = [timedelta(minutes=min(2**step, 240)) for step in range(len(waits))]
    assert all(abs(wait - middle) <= middle * 0.21 for wait, middle in zip(waits, nominal, strict=True))
    assert START + timedelta(days=4, hours=18) < clock.now() <= START + timedelta(days=5)
    assert row().status is OutboxStatus.FAILED
    assert row().last_error == "451 later"
    assert outbox.failed_count() == 1


def test_a_resend_begins_a_new_series_of_attempts(app: Flask, now: time_machine.Traveller) -> None:
    add()
    with transaction():
        outbox.give_up(claim_one(), "550 no")
    now.shift(timedelta(days=30))
    with transaction():
        assert outbox.resend("key:0")
        assert not outbox.resend("key:0")

    item = claim_one()
    assert item.attempts == 1
    with transaction():
        assert outbox.put_off(item, "451 later", 5)


def test_cancelled_work_is_not_done(app: Flask) -> None:
    add()
    with transaction():
        assert outbox.cancel("key:0")
        assert not outbox.cancel("key:0")
    assert outbox.claim(LEASE_SECONDS) == []


def test_a_worker_that_stops_gives_back_what_it_had_not_begun(app: Flask) -> None:
    add(3)
    claims = outbox.claim(LEASE_SECONDS)
    outbox.release(claims[1:])
    again = outbox.claim(LEASE_SECONDS)
    assert [item.payload["mail_id"] for item in again] == [1, 2]
    assert [item.attempts for item in again] == [1, 1]


def test_the_age_of_the_oldest_due_row_is_known(app: Flask, now: time_machine.Traveller) -> None:
    assert outbox.oldest_due() is None
    add()
    now.shift(timedelta(minutes=7))
    assert outbox.oldest_due() == START
    with transaction():
        outbox.finish(claim_one())
    assert outbox.oldest_due() is None


def test_the_purge_takes_old_finished_rows_and_never_a_failed_or_pending_one(
    app: Flask, now: time_machine.Traveller
) -> None:
    add(4)
    done, failed, *_ = outbox.claim(LEASE_SECONDS, limit=2)
    with transaction():
        outbox.finish(done)
        outbox.give_up(failed, "550 no")
    now.shift(timedelta(days=90))
    assert outbox.purge() == 0
    now.shift(1)
    assert outbox.purge() == 1
    assert len(db.session.scalars(sa.select(OutboxItem)).all()) == 3


def test_workers_that_claim_at_once_never_get_the_same_row(app: Flask) -> None:
    add(60)

    def work() -> list[int]:
        taken: list[int] = []
        while claims := outbox.claim(LEASE_SECONDS, limit=4):
            taken += [item.id for item in claims]
        return taken

    with ThreadPoolExecutor(4) as pool:
        taken = [pool.submit(in_context, app, work) for _ in range(4)]
        counted = Counter(identifier for future in taken for identifier in future.result())
    assert len(counted) == 60
    assert set(counted.values()) == {1}


def test_the_partial_index_serves_the_claim(app: Flask) -> None:
    add()
    plan = sa.text(
        "EXPLAIN QUERY PLAN SELECT id FROM outbox WHERE status = 'pending' AND not_before <= '2030-01-01' "
        "ORDER BY not_before, id LIMIT 10"
    )
    if db.engine.dialect.name != "sqlite":
        db.session.execute(sa.text("SET LOCAL enable_seqscan = off"))
        plan = sa.text(plan.text.replace("EXPLAIN QUERY PLAN", "EXPLAIN"))
    assert "ix_outbox_pending" in str(db.session.execute(plan).all())


@given(st.integers(1, 10_000), st.floats(0, 1))
def test_a_delay_lies_between_48_seconds_and_4_hours_48(attempts: int, chance: float) -> None:
    assert timedelta(seconds=48) <= outbox.retry_delay(attempts, chance) <= timedelta(hours=4, minutes=48)


@given(st.integers(1, 12))
def test_delays_never_shrink(attempts: int) -> None:
    assert outbox.retry_delay(attempts, 0.5) <= outbox.retry_delay(attempts + 1, 0.5)
