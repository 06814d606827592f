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


Shape = tuple[int, int, int]


@pytest.mark.parametrize("role", ROLES)
def test_every_page_of_a_role(town: Town, browser: Any, role: str) -> None:
    """Axe finds nothing and nothing overflows; a page is light, comes from here alone and breaks no rule; without
    script the same headings, forms and buttons are there, except what only a script offers.
    """
    paths = town.pages(role)
    with visiting(town, browser, role, reduced_motion="reduce") as page:
        wrong, shapes = _looked_at(page, town.server.url, paths)
    with visiting(town, browser, role, java_script_enabled=False) as page:
        for path, shape in zip(paths, shapes, strict=True):
            page.goto(town.server.url + path, wait_until="load")
            bare = shape_of(page)
            wrong += [(path, "without script", (shape, bare))] if bare != shape else []
    assert wrong == []


def _looked_at(page: Any, url: str, paths: list[str]) -> tuple[list[tuple[object, ...]], list[Shape]]:
    """What is wrong with each page as it is opened, then what axe finds on it; and the shapes of all."""
    wrong: list[tuple[object, ...]] = []
    shapes: list[Shape] = []
    asked: list[str] = []
    said: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: said.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: said.append(str(error)))
    for path in paths:
        asked.clear()
        said.clear()
        answer = page.goto(url + path, wait_until="load")
        weight = len(gzip.compress(answer.body(), 6))
        shapes.append(shape_of(page))
        posts = [one for one in asked if one.endswith(("/presence", "/brouillon", "/suggestions"))]
        wrong += [(path, "weight", weight)] if weight > HTML_MAX_BYTES else []
        wrong += [(path, "requests", list(asked))] if len(asked) - len(posts) > REQUESTS_MAX_COUNT else []
        wrong += [(path, "outside", one) for one in asked if not one.startswith((url, "data:"))]
        wrong += [(path, "said", text) for text in said if f"{answer.status}" not in text]
        page.evaluate("document.querySelectorAll('main details').forEach((one) => (one.open = true))")
        wrong += [(path, *barrier) for barrier in axe.barriers(page)]
    return wrong, shapes


def shape_of(page: Any) -> Shape:
    """How many headings, forms and buttons that send the open page has."""
    html = page.locator("main").inner_html()
    return html.count("<h1"), html.count("<form"), html.count('type="submit"')
