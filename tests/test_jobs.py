"""Behind the pages: what rings, what works, and what runs by the clock."""

import contextvars
import json
import os
import select
import sys
import threading
import time as stopwatch
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import Any, Self

import pytest
import redis
import sqlalchemy as sa
import time_machine
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st
from rq import Queue, SimpleWorker

from helpdesk import bell, clock, outbox
from helpdesk.db import db, read_only, transaction
from helpdesk.jobs import GiveUp, Handler, RetryLater, drain, last_heartbeat, registry, run_worker, runs
from helpdesk.jobs import periodic as declare
from helpdesk.jobs.models import PeriodicRun, WorkerHeartbeat
from helpdesk.jobs.rq_worker import RqProcess, make_worker
from helpdesk.jobs.runs import plan, run_due
from helpdesk.jobs.schedule import Daily, Every, first_run, is_night, next_run
from helpdesk.outbox import OutboxItem, OutboxKind, OutboxStatus
from helpdesk.reference.zones import PARIS
from helpdesk.settings import Settings
from tests.support.processes import Processes
from tests.support.services import RedisServer

START = datetime(2026, 12, 1, 9, tzinfo=UTC)
PATIENCE_SECONDS = 30


class Recorder:
    """A handler that notes what it is given, and fails as told."""

    def __init__(self) -> None:
        self.performed: list[Any] = []
        self.noted: list[Any] = []
        self.errors: list[Exception] = []
        self.during: Callable[[], None] = lambda: None

    def perform(self, payload: dict[str, Any]) -> None:
        assert not db.session().in_transaction(), "work is done outside any transaction"
        self.performed.append(payload["number"])
        self.during()
        if self.errors:
            raise self.errors.pop(0)

    def done(self, payload: dict[str, Any]) -> None:
        self.noted.append(("done", payload["number"]))

    def given_up(self, payload: dict[str, Any], error: str) -> None:
        self.noted.append(("given up", payload["number"], error))


@pytest.fixture
def handler(monkeypatch: pytest.MonkeyPatch) -> Recorder:
    registry.load()
    recorder = Recorder()
    handlers = {OutboxKind.MAIL: Handler(recorder.perform, recorder.done, recorder.given_up)}
    monkeypatch.setattr(registry, "HANDLERS", handlers)
    return recorder


@pytest.fixture
def tasks(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    registry.load()
    none: dict[str, Any] = {}
    monkeypatch.setattr(registry, "TASKS", none)
    return none


@pytest.fixture
def now() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(START, tick=False) as traveller:
        yield traveller


def settings_of(app: Flask) -> Settings:
    settings: Settings = app.config["SETTINGS"]
    return settings


def add(*numbers: int) -> None:
    with transaction():
        for number in numbers:
            outbox.enqueue(OutboxKind.MAIL, f"key:{number}", {"number": number})


def row(number: int) -> OutboxItem:
    statement = sa.select(OutboxItem).where(OutboxItem.dedupe_key == f"key:{number}")
    return db.session.scalars(statement.execution_options(populate_existing=True)).one()


def wait_until(condition: Callable[[], bool]) -> None:
    """Look again and again, without taking SQLite's write lock, and let the database go in between."""
    end = stopwatch.monotonic() + PATIENCE_SECONDS
    while True:
        token = read_only.set(True)
        has_happened = condition()
        db.session.rollback()
        read_only.reset(token)
        if has_happened:
            return
        assert stopwatch.monotonic() < end, "it has not happened"
        stopwatch.sleep(0.02)


# --- Draining ---------------------------------------------------------------------------------------------


def test_everything_due_is_worked_off_in_order(app: Flask, handler: Recorder) -> None:
    add(*range(25))
    assert drain() == 25
    assert handler.performed == list(range(25))
    assert row(24).status is OutboxStatus.DONE
    assert drain() == 0


def test_a_refusal_for_good_is_shown_at_once_and_stops_nobody_else(app: Flask, handler: Recorder) -> None:
    add(1, 2)
    handler.errors = [GiveUp("550 no such user")]
    drain()
    assert handler.noted == [("given up", 1, "550 no such user"), ("done", 2)]
    assert (row(1).status, row(1).last_error) == (OutboxStatus.FAILED, "550 no such user")


def test_a_passing_failure_is_tried_again_later(app: Flask, handler: Recorder, now: time_machine.Traveller) -> None:
    add(1)
    handler.errors = [RetryLater("451 later")]
    drain()
    assert (row(1).status, row(1).last_error) == (OutboxStatus.PENDING, "451 later")
    assert drain() == 0
    now.shift(timedelta(minutes=2))
    assert drain() == 1
    assert handler.noted == [("done", 1)]
    assert row(1).last_error is None


def test_an_unexpected_error_is_logged_and_tried_again(
    app: Flask, handler: Recorder, capsys: pytest.CaptureFixture[str]
) -> None:
    add(1, 2)
    handler.errors = [ZeroDivisionError()]
    drain()
    assert (row(1).status, row(1).last_error) == (OutboxStatus.PENDING, "ZeroDivisionError")
    assert row(2).status is OutboxStatus.DONE
    logged = [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    assert "ZeroDivisionError" in next(line for line in logged if line["event"] == "outbox_unexpected")["exception"]


def test_what_keeps_failing_is_given_up_after_the_days_of_the_setting(
    app: Flask, handler: Recorder, now: time_machine.Traveller
) -> None:
    add(1)
    handler.errors = [RetryLater("451 later")] * 100
    while row(1).status is OutboxStatus.PENDING:
        now.move_to(row(1).not_before)
        drain()
    days = settings_of(app).outbox_give_up_days
    assert timedelta(days=days) - timedelta(hours=5) < clock.now() - START <= timedelta(days=days)
    assert handler.noted == [("given up", 1, "451 later")]


def test_a_worker_whose_lease_ended_while_it_worked_notes_nothing(
    app: Flask, handler: Recorder, now: time_machine.Traveller
) -> None:
    add(1)

    def pause() -> None:
        now.shift(settings_of(app).outbox_lease_seconds)
        handler.during = lambda: None
        assert drain() == 1

    handler.during = pause
    drain()
    assert handler.performed == [1, 1]
    assert handler.noted == [("done", 1)]


def test_a_drain_told_to_stop_gives_the_rest_back(app: Flask, handler: Recorder) -> None:
    add(1, 2, 3)
    stop = threading.Event()
    handler.during = stop.set
    assert drain(stop) == 1
    assert (row(2).lease_token, row(2).attempts) == (None, 0)
    assert drain() == 2


def test_a_drain_ends_after_a_minute_and_gives_the_rest_back(
    app: Flask, handler: Recorder, now: time_machine.Traveller
) -> None:
    add(*range(5))
    handler.during = lambda: now.shift(25)
    assert drain() == 3
    assert (row(3).lease_token, row(3).attempts) == (None, 0)


def test_the_request_that_asked_for_the_work_is_named_in_its_logs(
    app: Flask, handler: Recorder, capsys: pytest.CaptureFixture[str]
) -> None:
    import structlog

    with structlog.contextvars.bound_contextvars(request_id="abc123"):
        add(1)
    handler.errors = [RetryLater("451 later")]
    drain()
    assert '"request_id": "abc123"' in capsys.readouterr().err


# --- The schedule -----------------------------------------------------------------------------------------

MOMENTS = st.integers(0, 5 * 365 * 24 * 3600).map(lambda seconds: START + timedelta(seconds=seconds))
TIMES = st.times().filter(lambda moment: moment.hour != 2).map(lambda moment: moment.replace(microsecond=0))


@given(MOMENTS, TIMES)
def test_a_daily_task_runs_at_its_hour_of_paris_within_25_hours(now: datetime, at: time) -> None:
    following = next_run(Daily(at), now, PARIS)
    assert now < following <= now + timedelta(hours=25)
    assert following.astimezone(PARIS).time() == at


@given(MOMENTS, TIMES)
def test_a_daily_task_runs_once_each_civil_day(now: datetime, at: time) -> None:
    first = next_run(Daily(at), now, PARIS)
    second = next_run(Daily(at), first, PARIS)
    days = [moment.astimezone(PARIS).date() for moment in (first, second)]
    assert days[1] - days[0] == timedelta(days=1)


@pytest.mark.parametrize("at", [time(2), time(2, 30), time(2, 59, 59)])
def test_nothing_can_be_planned_between_two_and_three(at: time) -> None:
    with pytest.raises(ValueError, match="between 2:00 and 3:00"):
        Daily(at)
    with pytest.raises(ValueError, match="between 2:00 and 3:00"):
        declare(at=at)


def test_a_task_has_a_period_or_a_time_and_not_both() -> None:
    with pytest.raises(ValueError, match="either"):
        declare()
    with pytest.raises(ValueError, match="either"):
        declare(every=timedelta(hours=1), at=time(8))


def test_a_new_task_with_a_period_runs_at_once_and_a_daily_one_at_its_hour() -> None:
    assert first_run(Every(timedelta(hours=1)), START, PARIS) == START
    assert first_run(Daily(time(8, 30)), START, PARIS) == datetime(2026, 12, 2, 7, 30, tzinfo=UTC)


def test_the_night_hour_is_that_of_paris() -> None:
    assert is_night(datetime(2026, 7, 1, 0, 30, tzinfo=UTC), PARIS)
    assert not is_night(datetime(2026, 7, 1, 2, 30, tzinfo=UTC), PARIS)


# --- Periodic tasks ---------------------------------------------------------------------------------------


def begin(app: Flask) -> None:
    plan(settings_of(app))


def run(app: Flask) -> list[str]:
    return run_due(settings_of(app))


def test_a_daily_task_runs_once_a_day_however_often_the_worker_starts(
    app: Flask, tasks: dict[str, Any], now: time_machine.Traveller
) -> None:
    ran: list[datetime] = []
    declare(at=time(11), name="daily")(lambda: ran.append(clock.now()))
    for _ in range(24 * 3):
        begin(app)
        run(app)
        run(app)
        now.shift(timedelta(hours=1))
    assert ran == [START + timedelta(hours=1, days=day) for day in range(3)]


def test_a_run_missed_while_no_worker_was_there_is_made_up_for_once(
    app: Flask, tasks: dict[str, Any], now: time_machine.Traveller
) -> None:
    ran: list[int] = []
    declare(at=time(11), name="daily")(lambda: ran.append(1))
    begin(app)
    now.shift(timedelta(days=4))
    begin(app)
    assert run(app) == ["daily"]
    assert run(app) == []


def test_of_two_workers_one_runs_the_task(app: Flask, tasks: dict[str, Any], now: time_machine.Traveller) -> None:
    ran: list[int] = []

    def task() -> None:
        ran.append(1)
        assert run(app) == []

    declare(every=timedelta(hours=1), name="often")(task)
    begin(app)
    assert run(app) == ["often"]
    assert ran == [1]


def test_a_run_cut_short_by_a_kill_is_begun_again_when_its_lease_has_ended(
    app: Flask, tasks: dict[str, Any], now: time_machine.Traveller
) -> None:
    ran: list[int] = []

    def killed() -> None:
        ran.append(1)
        if len(ran) == 1:
            raise SystemExit

    declare(at=time(11), name="daily")(killed)
    begin(app)
    now.shift(timedelta(hours=1))
    with pytest.raises(SystemExit):
        run(app)
    begin(app)
    assert run(app) == []
    now.shift(settings_of(app).outbox_lease_seconds)
    assert run(app) == ["daily"]
    assert run(app) == []


def test_a_task_that_fails_is_tried_again_after_ten_minutes(
    app: Flask, tasks: dict[str, Any], now: time_machine.Traveller
) -> None:
    failures = [ZeroDivisionError()]

    def task() -> None:
        if failures:
            raise failures.pop()

    declare(at=time(11), name="daily")(task)
    begin(app)
    now.shift(timedelta(hours=1))
    run(app)
    saved = db.session.get_one(PeriodicRun, "daily", populate_existing=True)
    assert saved.last_error == "ZeroDivisionError"
    assert run(app) == []
    now.shift(timedelta(minutes=10))
    assert run(app) == ["daily"]
    saved = db.session.get_one(PeriodicRun, "daily", populate_existing=True)
    assert (saved.last_error, saved.done_at) == (None, clock.now())


def test_no_task_runs_between_two_and_three(app: Flask, tasks: dict[str, Any], now: time_machine.Traveller) -> None:
    declare(every=timedelta(minutes=5), name="often")(lambda: None)
    ran: set[int] = set()
    now.move_to(datetime(2026, 10, 24, 20, tzinfo=UTC))  # the night when 2:00 comes twice
    begin(app)
    for _ in range(120):
        if run(app):
            ran.add(clock.now().astimezone(PARIS).hour)
        now.shift(timedelta(minutes=5))
    assert ran == {22, 23, 0, 1, 3, 4, 5, 6}


def test_a_changed_schedule_plans_the_task_anew(app: Flask, tasks: dict[str, Any], now: time_machine.Traveller) -> None:
    declare(at=time(11), name="daily")(lambda: None)
    begin(app)
    tasks.clear()
    declare(at=time(15), name="daily")(lambda: None)
    begin(app)
    now.shift(timedelta(hours=2))
    assert run(app) == []
    now.shift(timedelta(hours=3))
    assert run(app) == ["daily"]


def test_a_time_of_the_settings_between_two_and_three_stops_the_worker(app: Flask, tasks: dict[str, Any]) -> None:
    declare(at=lambda settings: time(2, 15), name="daily")(lambda: None)
    with pytest.raises(ValueError, match="between 2:00 and 3:00"):
        begin(app)


def test_every_task_of_the_service_can_be_planned(app: Flask) -> None:
    registry.load()
    begin(app)
    names = set(db.session.scalars(sa.select(PeriodicRun.name)))
    assert {"send_digests", "purge_outbox", "purge_mails"} <= names


def test_two_tasks_of_two_modules_cannot_share_a_name(tasks: dict[str, Any]) -> None:
    declare(every=timedelta(hours=1), name="same")(lambda: None)

    def other() -> None: ...

    other.__module__ = "elsewhere"
    with pytest.raises(ValueError, match="same"):
        declare(every=timedelta(hours=1), name="same")(other)


# --- The worker and its bell ------------------------------------------------------------------------------


class Running:
    """A worker in a thread, with a context of its own as in its own process."""

    def __init__(self, app: Flask) -> None:
        self.stop = threading.Event()
        self.thread = threading.Thread(
            target=lambda: contextvars.Context().run(run_worker, app, self.stop), name="worker"
        )

    def __enter__(self) -> Self:
        self.thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop.set()
        self.thread.join(PATIENCE_SECONDS)
        assert not self.thread.is_alive()


def test_a_ring_wakes_the_worker_long_before_it_would_look_by_itself(
    make_app: Callable[..., Flask], handler: Recorder
) -> None:
    app = make_app(worker_poll_seconds=3600.0)
    with Running(app):
        wait_until(lambda: last_heartbeat() is not None)
        with app.app_context():
            add(1)
        wait_until(lambda: handler.noted == [("done", 1)])


def test_a_worker_without_a_bell_looks_by_itself(
    make_app: Callable[..., Flask], handler: Recorder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bell, "ring", lambda: None)
    app = make_app(worker_poll_seconds=0.05)
    with Running(app):
        wait_until(lambda: last_heartbeat() is not None)
        with app.app_context():
            add(1)
        wait_until(lambda: handler.noted == [("done", 1)])


def test_a_worker_says_that_it_is_alive(app: Flask, handler: Recorder) -> None:
    assert last_heartbeat() is None
    with Running(app):
        wait_until(lambda: last_heartbeat() is not None)
    assert db.session.scalars(sa.select(WorkerHeartbeat.name)).one().endswith(f":{os.getpid()}")


def test_a_worker_outlives_a_turn_that_fails(
    make_app: Callable[..., Flask], handler: Recorder, monkeypatch: pytest.MonkeyPatch
) -> None:
    failures = [sa.exc.OperationalError("SELECT", {}, Exception("the database restarts"))]

    def fail_once(settings: Settings) -> list[str]:
        if failures:
            raise failures.pop()
        return []

    monkeypatch.setattr(runs, "run_due", fail_once)
    add(1)
    with Running(make_app(worker_poll_seconds=0.05)):
        wait_until(lambda: handler.noted == [("done", 1)])


@pytest.mark.sqlite_only
def test_the_command_works_until_it_is_told_to_stop(app: Flask, processes: Processes, tmp_path: Path) -> None:
    settings = settings_of(app)
    environment = {**os.environ, "DATABASE_URL": settings.database_url, "DATA_DIR": str(tmp_path)}
    log = tmp_path / "log"
    worker = processes.start([sys.executable, "-m", "helpdesk", "worker"], env=environment, log=log)
    wait_until(lambda: last_heartbeat() is not None)
    worker.terminate()
    assert worker.wait(PATIENCE_SECONDS) == 0, log.read_text()


def test_ringing_without_a_worker_is_no_error(app: Flask) -> None:
    bell.ring()


def test_the_pipe_is_rung_thousands_of_times_without_blocking(tmp_path: Path) -> None:
    pipe = bell.PipeBell(tmp_path / "data" / "bell")
    with pipe.listening() as descriptor:
        assert descriptor is not None
        for _ in range(100_000):
            pipe.ring()
        bell.wait(descriptor, 60, threading.Event())
        assert select.select([descriptor], [], [], 0) == ([], [], [])


def test_a_worker_polls_where_a_pipe_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with bell.PipeBell(tmp_path / "file" / "bell").listening() as descriptor:
        assert descriptor is None
        bell.wait(descriptor, 0.01, threading.Event())


# --- Redis ------------------------------------------------------------------------------------------------


@pytest.fixture
def redis_app(make_app: Callable[..., Flask], redis_url: str) -> Flask:
    return make_app(redis_url=redis_url, worker_poll_seconds=600.0)


def test_with_redis_the_commit_enqueues_one_job_however_many_rows(redis_app: Flask, redis_url: str) -> None:
    with redis_app.app_context():
        add(1, 2)
        add(3)
    with redis.Redis.from_url(redis_url) as connection:
        queue = Queue(bell.QUEUE_NAME, connection=connection, serializer="json")
        (job,) = queue.jobs
    assert (job.func_name, job.args, job.result_ttl) == (bell.DRAIN_JOB, [], 0)
    assert job.timeout == bell.JOB_TIMEOUT_SECONDS < settings_of(redis_app).outbox_lease_seconds


def test_an_rq_worker_works_the_outbox_off(redis_app: Flask, redis_url: str, handler: Recorder) -> None:
    with redis_app.app_context():
        add(1, 2, 3)
        worker = make_worker(redis_url, SimpleWorker)
        worker.work(burst=True, logging_level="ERROR")
        assert handler.noted == [("done", 1), ("done", 2), ("done", 3)]
        worker.connection.close()


def test_the_rq_worker_is_set_against_the_traps_of_rq_3(redis_url: str) -> None:
    worker = make_worker(redis_url)
    assert [queue.name for queue in worker.queues] == [bell.QUEUE_NAME]
    assert worker.serializer.__name__ == "JSONSerializer"
    assert (worker.worker_ttl, worker.maintenance_interval) == (60, 60)
    worker.connection.close()


def test_redis_away_delays_no_request_and_loses_nothing(
    make_app: Callable[..., Flask], handler: Recorder, capsys: pytest.CaptureFixture[str]
) -> None:
    app = make_app(redis_url="redis://127.0.0.1:1/0")
    with app.app_context():
        add(1)
        assert "bell_not_rung" in capsys.readouterr().err
        assert drain() == 1


def test_redis_flushed_loses_nothing(redis_app: Flask, redis_url: str, handler: Recorder) -> None:
    with redis_app.app_context():
        add(1)
        with redis.Redis.from_url(redis_url) as connection:
            connection.flushdb()
        assert drain() == 1


def test_the_rq_process_is_started_again_after_redis_was_away(
    make_app: Callable[..., Flask], redis_server: RedisServer
) -> None:
    app = make_app(redis_url=redis_server.url)
    with RqProcess(settings_of(app)) as beside:
        beside.keep_alive()
        with redis.Redis.from_url(redis_server.url) as connection:
            wait_until(lambda: connection.scard("rq:workers") == 1)
        first = beside.process.pid
        beside.process.kill()
        beside.process.join()
        beside.keep_alive()
        assert beside.process.pid != first
        assert beside.process.is_alive()
