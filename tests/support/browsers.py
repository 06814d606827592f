"""A real Chromium for the tests that need one; they are skipped, and counted, where there is none."""

import os
import shutil
import sys
from collections.abc import Iterator
from typing import Any

import pytest

NO_BROWSER = "pas de Chromium"
INSTALL = "sudo apt install chromium"
NAMES = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def browser_program() -> str | None:
    """Find Chromium: ``TEST_BROWSER``, or an installed one."""
    named = os.environ.get("TEST_BROWSER")
    return named or next((path for name in NAMES if (path := shutil.which(name))), None)


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """Playwright's browser, one for the worker. A test that asks for it runs on SQLite only."""
    program = browser_program()
    if program is None:
        pytest.skip(NO_BROWSER)
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=program, args=ARGUMENTS)
        yield chromium
        chromium.close()


@pytest.fixture
def page(browser: Any) -> Iterator[Any]:
    """A page in a fresh context, in French; reaching an outside host fails the test."""
    context = browser.new_context(locale="fr-FR", timezone_id="Europe/Paris", reduced_motion="reduce")
    outside: list[str] = []
    context.on("request", lambda request: _note_outside(request.url, outside))
    context.set_default_timeout(10_000)
    yield context.new_page()
    context.close()
    assert outside == []


def _note_outside(url: str, outside: list[str]) -> None:
    if not url.startswith(("http://127.0.0.1:", "data:", "blob:", "about:")):
        outside.append(url)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--no-skip", action="store_true", help="fail when a test is skipped")


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    if not session.config.getoption("no_skip") or hasattr(session.config, "workerinput"):
        return
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if reporter is not None and reporter.stats.get("skipped") and exitstatus == pytest.ExitCode.OK:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_unconfigure(config: pytest.Config) -> None:
    """Say last of all what was skipped for want of a browser, and the command that brings one."""
    reporter = config.pluginmanager.get_plugin("terminalreporter")
    if reporter is None or hasattr(config, "workerinput"):
        return
    count = sum(NO_BROWSER in str(report.longrepr) for report in reporter.stats.get("skipped", []))
    if count:
        sys.stdout.write(f"{count} tests de navigateur sautés, faute de Chromium. Pour l’installer : {INSTALL}\n")
