"""Every page of every role: for everybody, on any screen, without script, light, and from here alone."""

import gzip
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from tests.e2e.conftest import Town
from tests.support import axe

ROLES = ("visitor", "member", "delegate", "jurist", "lead", "admin")
KIB = 1024
HTML_MAX_BYTES = 15 * KIB
REQUESTS_MAX_COUNT = 5


@contextmanager
def visiting(town: Town, browser: Any, role: str, **options: Any) -> Iterator[Any]:
    """A page of the browser, signed in as *role*."""
    context = browser.new_context(viewport={"width": 1280, "height": 900}, locale="fr-FR", **options)
    context.set_default_timeout(20_000)
    if role in town.people:
        context.add_cookies([town.server.cookie_for(town.people[role])])
    yield context.new_page()
    context.close()


@pytest.mark.parametrize("role", ROLES)
def test_axe_finds_nothing_and_nothing_overflows(town: Town, browser: Any, role: str) -> None:
    wrong = []
    with visiting(town, browser, role, reduced_motion="reduce") as page:
        for path in town.pages(role):
            page.goto(town.server.url + path)
            page.evaluate("document.querySelectorAll('main details').forEach((one) => (one.open = true))")
            wrong += [(path, *barrier) for barrier in axe.barriers(page)]
    assert wrong == []


@pytest.mark.parametrize("role", ROLES)
def test_a_page_is_light_comes_from_here_alone_and_breaks_no_rule(town: Town, browser: Any, role: str) -> None:
    wrong: list[tuple[str, object]] = []
    with visiting(town, browser, role) as page:
        asked: list[str] = []
        said: list[str] = []
        page.on("request", lambda request: asked.append(request.url))
        page.on("console", lambda message: said.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: said.append(str(error)))
        for path in town.pages(role):
            asked.clear()
            said.clear()
            answer = page.goto(town.server.url + path)
            weight = len(gzip.compress(answer.body(), 6))
            posts = [url for url in asked if url.endswith(("/presence", "/brouillon", "/suggestions"))]
            wrong += [(path, weight)] if weight > HTML_MAX_BYTES else []
            wrong += [(path, asked)] if len(asked) - len(posts) > REQUESTS_MAX_COUNT else []
            wrong += [(path, url) for url in asked if not url.startswith((town.server.url, "data:"))]
            wrong += [(path, text) for text in said if f"{answer.status}" not in text]
    assert wrong == []


@pytest.mark.parametrize("role", ROLES)
def test_no_page_needs_a_script(town: Town, browser: Any, role: str) -> None:
    """Without script the same headings, forms and buttons are there, except what only a script offers."""
    shapes = []
    for has_script in (True, False):
        with visiting(town, browser, role, java_script_enabled=has_script) as page:
            shapes.append([_shape(page, town.server.url + path) for path in town.pages(role)])
    assert shapes[0] == shapes[1]


def _shape(page: Any, url: str) -> tuple[int, int, int]:
    page.goto(url, wait_until="load")
    html = page.locator("main").inner_html()
    return html.count("<h1"), html.count("<form"), html.count('type="submit"')
