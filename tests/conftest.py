"""Fixtures that every test may ask for; how they work is in ``tests/support``."""

import gc
import os

import pytest
from hypothesis import settings

from tests.support import network, run

pytest_plugins = [
    "tests.support.databases",
    "tests.support.apps",
    "tests.support.services",
    "tests.support.browsers",
]

settings.register_profile("default", deadline=None, print_blob=True)
settings.register_profile("ci", settings.get_profile("default"), derandomize=True, database=None)
settings.load_profile("ci" if os.environ.get("CI") else "default")


def pytest_configure(config: pytest.Config) -> None:
    run.open_folder(config)
    network.guard()
    gc.disable()


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The longest tests, in a browser, with programs of their own or marked so, first: none is left alone at the end,
    and one browser serves most of them.
    """
    longest = {"browser", "processes"}

    def is_short(item: pytest.Item) -> bool:
        return longest.isdisjoint(getattr(item, "fixturenames", ())) and item.get_closest_marker("long") is None

    items.sort(key=is_short)


def pytest_collection_finish(session: pytest.Session) -> None:
    """Thousands of tests and all that they import stay to the end: the collector need not look at them again, and
    what a test leaves is small: it need not look at that often.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)
    gc.enable()


def pytest_configure_node(node) -> None:
    node.workerinput["run_folder"] = str(node.config.stash[run.FOLDER])


def pytest_unconfigure(config: pytest.Config) -> None:
    network.release()
    run.close_folder(config)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--backend", choices=["sqlite", "postgresql"], help="database tests on one backend")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run a test that touches the database once on each backend; in a browser SQLite is enough."""
    if "backend" not in metafunc.fixturenames:
        return
    backends = ["sqlite", "postgresql"]
    if "browser" in metafunc.fixturenames or metafunc.definition.get_closest_marker("sqlite_only"):
        backends = ["sqlite"]
    elif metafunc.definition.get_closest_marker("postgresql_only"):
        backends = ["postgresql"]
    if chosen := metafunc.config.getoption("backend"):
        backends = [backend for backend in backends if backend == chosen]
    metafunc.parametrize("backend", backends, indirect=True, scope="function")
