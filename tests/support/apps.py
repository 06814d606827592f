"""The real application on each test's database, its clients, and a live server on the loopback."""

import shutil
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import CodeType
from typing import Any, TypeVar, cast

import pytest
from flask import Flask
from jinja2.bccache import Bucket, BytecodeCache
from werkzeug.routing import Rule
from werkzeug.serving import WSGIRequestHandler, make_server

from helpdesk import clock, create_app
from helpdesk.db import db
from helpdesk.settings import Settings
from helpdesk.site import Site
from tests.support import http, scenes
from tests.support.databases import Database
from tests.support.migrations import upgrade

T = TypeVar("T")

REQUEST_SECONDS = 30
SECRET = "tests-only-" + "0" * 32


@dataclass(frozen=True)
class Kept:
    """What a scene has written, under *name* in the database and in the folder *data*; *told* describes its rows."""

    name: str
    told: Any
    data: Path


@dataclass(frozen=True)
class Prepared:
    """One worker's application of one backend; its database is migrated once and reset before each test."""

    app: Flask
    database: Database
    data_dir: Path
    kept: dict[tuple[object, ...], Kept] = field(default_factory=dict)

    def reset(self) -> None:
        with self.app.app_context():
            self.database.reset(db.engine)
        self._forget_files()
        self.data_dir.mkdir()

    def _forget_files(self) -> None:
        self.app.extensions.pop("kb_home", None)
        shutil.rmtree(self.data_dir)

    def once(self, make: Callable[[], T]) -> T:
        """Return what *make* returns. It fills the database and the data folder of a test that has written nothing
        yet; from the second test on, what it wrote the first time is put back instead.

        Kept by the name of *make* and the day, in the worker: it must write the same each time.
        """
        key = make.__module__, make.__qualname__, clock.today()
        kept = self.kept.get(key) or self._keep(key, make)
        db.session.remove()
        self.database.restore(db.engine, kept.name)
        self._forget_files()
        # A link stays a link: the search finds its index by one.
        shutil.copytree(kept.data, self.data_dir, symlinks=True)
        return cast(T, scenes.read(kept.told))

    def _keep(self, key: tuple[object, ...], make: Callable[[], object]) -> Kept:
        told = scenes.described(make())
        db.session.remove()
        number = len(self.kept)
        kept = self.kept[key] = Kept(f"kept_{number}", told, self.data_dir.with_name(f"{self.data_dir.name}-{number}"))
        self.database.save(db.engine, kept.name)
        shutil.copytree(self.data_dir, kept.data, symlinks=True)
        return kept


def settings_for(database_url: str, data_dir: Path, **changes: Any) -> Settings:
    """The settings of the tests: nothing read from the environment."""
    return replace(Settings(database_url=database_url, data_dir=data_dir, secret_key=SECRET), **changes)


class CompiledTemplates(BytecodeCache):
    """What one application has compiled serves the next: ``checksum`` is that of the template's text."""

    def __init__(self) -> None:
        self._codes: dict[tuple[str, str], CodeType] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        bucket.code = self._codes.get((bucket.key, bucket.checksum))

    def dump_bytecode(self, bucket: Bucket) -> None:
        assert bucket.code is not None
        self._codes[bucket.key, bucket.checksum] = bucket.code


_compiled_templates = CompiledTemplates()


class LateRule(Site.url_rule_class):
    """A route that compiles what builds its addresses when one is first asked for: nine tenths of the making of an
    application, and most tests of an application of their own ask for a few.
    """

    def _compile_builder(self, append_unknown: bool = True) -> Callable[..., tuple[str, str]]:
        compile_builder = super()._compile_builder
        made: list[Callable[..., tuple[str, str]]] = []

        def build(rule: Rule, **values: Any) -> tuple[str, str]:
            if not made:
                made.append(compile_builder(append_unknown))
            return made[0](rule, **values)

        return build


def build_app(settings: Settings) -> Flask:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Site, "url_rule_class", LateRule)
        app = create_app(settings)
    app.jinja_env.bytecode_cache = _compiled_templates
    app.testing = True
    app.test_client_class = http.Client
    # A test posts without a form’s token; test_consistency.py and the browser tests keep the protection on.
    app.config["WTF_CSRF_ENABLED"] = False
    return app


@pytest.fixture(scope="session")
def prepared_apps(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Callable[[str], Prepared]]:
    """The application of each backend, made at its first use."""
    made: dict[str, Prepared] = {}

    def prepared(backend: str) -> Prepared:
        if backend not in made:
            database: Database = request.getfixturevalue(f"{backend}_database")
            data_dir = tmp_path_factory.mktemp(f"data-{backend}")
            app = build_app(settings_for(database.url, data_dir))
            with app.app_context():
                upgrade()
                database.keep_pristine(db.engine)
            made[backend] = Prepared(app, database, data_dir)
        return made[backend]

    yield prepared
    for one in made.values():
        with one.app.app_context():
            db.engine.dispose()


@pytest.fixture
def backend(request: pytest.FixtureRequest) -> str:
    """The database under the test, ``sqlite`` or ``postgresql``: the test runs once on each."""
    name: str = request.param
    return name


@pytest.fixture
def app(backend: str, prepared_apps: Callable[[str], Prepared]) -> Iterator[Flask]:
    """The application on a fresh database, with an application context open for the test’s own work.

    What a test writes with ``transaction()`` is committed. A client's requests run apart from this context,
    in their own session, as in production.
    """
    prepared = prepared_apps(backend)
    prepared.reset()
    config = dict(prepared.app.config)
    with prepared.app.app_context():
        yield prepared.app
        db.session.remove()
    prepared.app.config.clear()
    prepared.app.config.update(config)


@pytest.fixture
def kept(backend: str, app: Flask, prepared_apps: Callable[[str], Prepared]) -> scenes.Keep:
    """Make a scene once, and put it back in the next tests: ``kept(Scene)``."""
    return prepared_apps(backend).once


@pytest.fixture
def make_app(app: Flask, tmp_path: Path) -> Iterator[Callable[..., Flask]]:
    """Build another application on the same database: ``make_app(relay_working_days=2)``."""
    made: list[Flask] = []

    def make(**changes: Any) -> Flask:
        settings: Settings = app.config["SETTINGS"]
        other = build_app(replace(settings, **changes))
        _share_statements(app, other)
        made.append(other)
        return other

    yield make
    for other in made:
        with other.app_context():
            db.engine.dispose()


def _share_statements(app: Flask, other: Flask) -> None:
    """Both ask the same database: a statement that one has compiled need not be compiled by the other."""
    with app.app_context():
        known = db.engine
    with other.app_context():
        db.engine.dialect, db.engine._compiled_cache = known.dialect, known._compiled_cache


@pytest.fixture
def client(app: Flask) -> http.Client:
    """A visitor who has not signed in."""
    return http.new_client(app)


@pytest.fixture
def sign_in(app: Flask) -> Callable[..., http.Client]:
    """Return a client signed in as a person: ``sign_in(jurist).get("/…")``."""
    return lambda person: http.signed_in_client(app, person)


class _QuietHandler(WSGIRequestHandler):
    def log(self, type: str, message: str, *args: Any) -> None:  # noqa: A002 (werkzeug's own name)
        pass


class Gate:
    """Lets requests through until it is closed, and waits for those inside: a page that is still open goes on
    asking, and the next test has the same database.
    """

    def __init__(self, app: Flask) -> None:
        self._app = app
        self._inside: list[str] = []
        self._is_open = True
        self._changed = threading.Condition()

    def __call__(self, environ: Any, start_response: Any) -> Iterator[bytes]:
        request = f"{environ['REQUEST_METHOD']} {environ['PATH_INFO']}"
        with self._changed:
            is_let_through = self._is_open
            if is_let_through:
                self._inside.append(request)
        if not is_let_through:
            start_response("503 Service Unavailable", [("Content-Length", "0")])
            return
        # The last byte ends a request here, not close(): the server calls that after it has read the connection
        # empty, which may be when the browser closes it.
        try:
            with closing(self._app(environ, start_response)) as body:
                yield from body
        finally:
            with self._changed:
                self._inside.remove(request)
                self._changed.notify_all()

    def close(self) -> None:
        with self._changed:
            self._is_open = False
            has_ended = self._changed.wait_for(lambda: not self._inside, REQUEST_SECONDS)
            assert has_ended, f"never ends: {self._inside}"


@dataclass(frozen=True)
class LiveServer:
    """The application on the loopback: ``url`` has no slash at its end."""

    app: Flask
    url: str

    def cookie_for(self, person: Any) -> dict[str, Any]:
        """Return the cookie that signs *person* in, as Playwright's ``context.add_cookies`` takes it."""
        cookie = http.session_cookie(self.app, person)
        return {"name": cookie.name, "value": cookie.value, "url": self.url}


@pytest.fixture
def live_server(make_app: Callable[..., Flask]) -> Iterator[LiveServer]:
    """Serve the application from threads; what the test has written must be committed to be seen."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
        served = make_app(public_url=f"http://127.0.0.1:{port}")
        served.config.update(PROPAGATE_UNEXPECTED=False, WTF_CSRF_ENABLED=True)
        db.session.commit()
        gate = Gate(served)
        server = make_server(
            "127.0.0.1", port, gate, threaded=True, fd=listening.fileno(), request_handler=_QuietHandler
        )
        server.daemon_threads = True
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        yield LiveServer(served, f"http://127.0.0.1:{port}")
        # What the test has read since its last commit holds SQLite's lock, and the last requests wait for it.
        db.session.rollback()
        gate.close()
        server.shutdown()
        thread.join()
        server.server_close()
