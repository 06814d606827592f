"""Every macro, rendered on the pages of the styleguide: what holds without a browser, then with one."""

import gzip
import re
import threading
from collections.abc import Callable, Iterator
from html.parser import HTMLParser
from typing import Any

import pytest
from flask import Flask
from werkzeug.serving import WSGIRequestHandler, make_server

from tests.support import axe
from tests.support.styleguide import ERROR_CODES, PAGES, TEMPLATES, build_styleguide

PUBLIC = ("aide", "plan-du-site", "donnees-personnelles", "mentions-legales", "accessibilite")
PATHS = (*PAGES, "formulaire-erreurs", "erreur/409", "erreur/404", *PUBLIC)
HTML_MAX_BYTES = 15 * 1024
VOID = {"input", "meta", "link", "br", "img", "hr"}


class Page(HTMLParser):
    """A page as its elements: (tag, attributes), and its text; a tag closed out of turn is an error."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str]]] = []
        self.stack: list[str] = []
        self.words: list[str] = []
        self.feed(html)
        self.close()
        assert self.stack == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = [name for name, _ in attrs]
        assert len(names) == len(set(names)), f"<{tag}> says an attribute twice: {names}"
        self.elements.append((tag, {name: value or "" for name, value in attrs}))
        if tag not in VOID:
            self.stack.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, {name: value or "" for name, value in attrs}))

    def handle_endtag(self, tag: str) -> None:
        assert self.stack.pop() == tag, f"</{tag}> out of turn"

    def handle_data(self, data: str) -> None:
        if "kbd" not in self.stack:  # the name of a key is no sentence
            self.words.append(data)

    def ids(self) -> list[str]:
        return [attributes["id"] for _, attributes in self.elements if "id" in attributes]

    def of(self, *tags: str) -> list[dict[str, str]]:
        return [attributes for tag, attributes in self.elements if tag in tags]


@pytest.fixture(scope="module")
def guide() -> Flask:
    return build_styleguide()


def fetch(guide: Flask, path: str) -> str:
    response = guide.test_client().get(f"/{path}")
    assert response.status_code == 200, path
    return response.text


every_page = pytest.mark.parametrize("path", PATHS)


@every_page
def test_ids_are_unique_and_every_reference_leads_somewhere(guide: Flask, path: str) -> None:
    page = Page(fetch(guide, path))
    ids = page.ids()
    assert len(ids) == len(set(ids)), [one for one in ids if ids.count(one) > 1]
    for _, attributes in page.elements:
        for name in ("aria-describedby", "aria-labelledby", "for", "data-watch-personal-data"):
            assert set(attributes.get(name, "").split()) <= set(ids), attributes
        if attributes.get("href", "").startswith("#"):
            assert attributes["href"][1:] in ids, attributes


@every_page
def test_a_page_has_one_h1_a_title_a_language_and_landmarks(guide: Flask, path: str) -> None:
    page = Page(fetch(guide, path))
    assert len(page.of("h1")) == 1
    assert [one["id"] for one in page.of("main")] == ["contenu"]
    assert page.of("html") == [{"lang": "fr"}]
    levels = [int(tag[1]) for tag, _ in page.elements if re.fullmatch(r"h[1-6]", tag)]
    assert levels[0] <= 2


@every_page
def test_nothing_is_inline_nor_from_elsewhere(guide: Flask, path: str) -> None:
    page = Page(fetch(guide, path))
    for tag, attributes in page.elements:
        assert not {name for name in attributes if name == "style" or name.startswith("on")}
        if tag in {"script", "link", "img"}:
            assert attributes.get("src", attributes.get("href", "")).startswith(("/static/", "/app.js?v="))


@every_page
def test_every_input_has_a_visible_label_and_a_unique_name(guide: Flask, path: str) -> None:
    page = Page(fetch(guide, path))
    labelled = {attributes["for"] for attributes in page.of("label")}
    for attributes in page.of("input", "textarea", "select"):
        if attributes.get("type") not in {"hidden", "submit"}:
            assert attributes["id"] in labelled, attributes
            assert "required" not in attributes  # the browser's own bubble would hide the summary
            assert "maxlength" not in attributes  # a pasted text is never cut in silence


@every_page
def test_a_page_carries_the_icons_it_uses_and_no_other(guide: Flask, path: str) -> None:
    page = Page(fetch(guide, path))
    used = {attributes["href"][1:] for attributes in page.of("use")}
    assert used == {attributes["id"] for attributes in page.of("symbol")}


@every_page
def test_the_words_are_in_french_typography(guide: Flask, path: str) -> None:
    text = "".join(Page(fetch(guide, path)).words)
    assert not re.search(r" [;!?»]|« |\w'\w|\.\.\.", text)


@every_page
def test_a_page_is_light(guide: Flask, path: str) -> None:
    assert len(gzip.compress(fetch(guide, path).encode())) <= HTML_MAX_BYTES


def test_every_macro_is_on_a_page_of_the_styleguide() -> None:
    shown = "".join(path.read_text() for path in TEMPLATES.glob("*.html"))
    folder = TEMPLATES.parents[1] / "helpdesk" / "templates" / "components"
    sources = [path.read_text() for path in folder.glob("*.html")]
    macros = [name for source in sources for name in re.findall(r"{% macro ([a-z]\w*)\(", source)]
    used_inside = "".join(sources)
    unseen = [
        name
        for name in macros
        if not re.search(rf"\b{name}\(", shown) and len(re.findall(rf"\b{name}\(", used_inside)) < 2
    ]
    assert unseen == []


def test_every_macro_says_what_it_is() -> None:
    folder = TEMPLATES.parents[1] / "helpdesk" / "templates" / "components"
    for path in folder.glob("*.html"):
        source = path.read_text()
        for name in re.findall(r"{% macro ([a-z]\w*)\(", source):
            assert re.search(rf"#}}\n{{% macro {name}\(", source), f"{path.name}: {name}"


def test_an_error_is_tied_to_its_field_and_to_the_summary(guide: Flask) -> None:
    html = fetch(guide, "formulaire-erreurs")
    page = Page(html)
    assert "<title>Erreur" in html
    title = next(one for one in page.of("input") if one.get("id") == "title")
    assert title["aria-invalid"] == "true"
    assert title["aria-required"] == "true"
    assert title["aria-describedby"] == "title-erreur"
    assert {"#title", "#urgency-0", "#references-0"} <= {one.get("href") for one in page.of("a")}
    assert "Un texte gardé &lt;b&gt;" in html
    assert html.index("data-error-summary") < html.index("<h1")


def test_a_title_is_escaped_once(guide: Flask) -> None:
    source = '{% extends "layout/base.html" %}{% block head_title %}{{ words }}{% endblock %}'
    with guide.test_request_context("/aide"):
        html = guide.jinja_env.from_string(source).render(words="<script>a & b ?")
    assert "<title>&lt;script&gt;a &amp; b\u202f? – Appui juridique</title>" in html


def test_a_form_without_error_has_no_summary(guide: Flask) -> None:
    html = fetch(guide, "formulaire")
    assert "data-error-summary" not in html
    assert "<title>Poser" in html


def test_a_password_is_never_given_back(guide: Flask) -> None:
    page = Page(fetch(guide, "formulaire"))
    password = next(one for one in page.of("input") if one.get("type") == "password")
    assert password["autocomplete"] == "current-password"
    assert not password.get("value")


@pytest.mark.parametrize("code", ERROR_CODES)
def test_an_error_page_says_what_to_do_and_gives_the_text_back(guide: Flask, code: int) -> None:
    html = fetch(guide, f"erreur/{code}")
    page = Page(html)
    kept = [one for one in page.of("textarea") if "readonly" in one]
    assert len(kept) == 2
    assert "Un salarié &lt;b&gt;arrêté&lt;/b&gt;\nSuite" in html
    assert "a1b2c3" in html
    assert not page.of("nav")


def test_the_ruler_has_a_stone_a_day_and_shows_the_days_past(guide: Flask) -> None:
    html = fetch(guide, "composants")
    rulers = re.findall(r'class="regle regle--(\w+)"><div[^>]*>(.*?)</div>', html)
    counted = [(tone, stones.count('"fait"'), stones.count("<i>"), stones.count('"plus"')) for tone, stones in rulers]
    assert counted == [("ok", 3, 7, 0), ("veille", 8, 2, 0), ("retard", 10, 0, 2), ("ok", 0, 10, 0)]


# --- in a browser


class _Quiet(WSGIRequestHandler):
    def log(self, *_: Any) -> None:
        pass


@pytest.fixture(scope="module")
def served() -> Iterator[tuple[Flask, str]]:
    guide = build_styleguide()
    server = make_server("127.0.0.1", 0, guide, threaded=True, request_handler=_Quiet)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    yield guide, f"http://127.0.0.1:{server.port}"
    server.shutdown()
    thread.join()
    server.server_close()


RICH = ("composants", "formulaire-erreurs", "poste", "triage", "accueil", "graphiques")


@pytest.fixture
def unfolded(served: tuple[Flask, str], browser: Any) -> Iterator[Callable[[str], Any]]:
    """Open a page with all that is folded on it."""
    context = browser.new_context(viewport={"width": 320, "height": 800}, reduced_motion="reduce")
    page = context.new_page()

    def unfolded(path: str) -> Any:
        page.goto(f"{served[1]}/{path}")
        page.evaluate("document.querySelectorAll('details').forEach((one) => (one.open = true))")
        return page

    yield unfolded
    context.close()


FAULTY = """<!doctype html><html lang="fr"><title>Essai</title><main><h1>Essai</h1><img src="data:,">
<p>Gris sur gris</p><div></div></main><style>div { width: 395px; height: 1px } body { margin: 0; background: #fff }
@media (prefers-color-scheme: dark) { p { color: #222; background: #000 } }</style></html>"""


def test_a_barrier_is_seen_on_each_width_and_in_the_dark(browser: Any) -> None:
    page = browser.new_page()
    page.set_content(FAULTY)
    seen = {(width, what) for width, what, _ in axe.barriers(page)}
    everywhere = {(width, what) for width in (1280, axe.NARROWEST) for what in ("image-alt", "color-contrast")}
    assert seen == everywhere | {(320, "too wide"), (390, "too wide")}
    page.context.close()


@pytest.mark.parametrize("path", RICH)
def test_the_richest_pages_bar_no_one(unfolded: Callable[[str], Any], path: str) -> None:
    assert axe.barriers(unfolded(path)) == []


def test_the_other_pages_bar_no_one(unfolded: Callable[[str], Any]) -> None:
    for path in sorted(set(PATHS) - set(RICH)):
        page = unfolded(path)
        assert axe.violations(page, tag=axe.TAGS) == [], path
        assert page.evaluate("document.documentElement.scrollWidth") <= 320, path


def test_targets_are_large_enough(served: tuple[Flask, str], browser: Any) -> None:
    """44 px in a member's pages, 36 px for what only staff use."""
    context = browser.new_context(viewport={"width": 390, "height": 800})
    page = context.new_page()
    script = """[...document.querySelectorAll('.bouton, .saisie, .choix label, .nav a, .vues a, .bouton-icone')]
        .map((one) => [one.className + ' ' + one.textContent.trim(), one.getBoundingClientRect().height])
        .filter(([name, height]) => height && height < (name.includes('compact') ? 36 : 44))"""
    for path in PAGES:
        page.goto(f"{served[1]}/{path}")
        assert page.evaluate(script) == [], path
    context.close()


def test_a_page_is_readable_in_forced_colours_and_printed(served: tuple[Flask, str], browser: Any) -> None:
    context = browser.new_context(viewport={"width": 1280, "height": 800}, forced_colors="active")
    page = context.new_page()
    page.goto(f"{served[1]}/composants")
    stone = "getComputedStyle(document.querySelector('.regle__pierres {}')).backgroundColor"
    assert page.evaluate(stone.format(".fait")) != page.evaluate(stone.format("i:not([class])"))
    page.emulate_media(media="print", forced_colors="none")
    assert not page.locator(".entete").is_visible()
    assert not page.locator(".pied").is_visible()
    assert page.locator("h1").is_visible()
    context.close()


def test_a_chart_is_printed_with_its_data_and_read_in_forced_colours(served: tuple[Flask, str], browser: Any) -> None:
    context = browser.new_context(viewport={"width": 390, "height": 800})
    page = context.new_page()
    page.goto(f"{served[1]}/graphiques")
    data = page.locator(".donnees td").first
    assert not data.is_visible()
    assert not page.locator(".tableau--barres .barre").first.is_visible()
    page.emulate_media(media="print")
    assert data.is_visible()
    assert not page.locator(".donnees summary").first.is_visible()
    page.emulate_media(media="screen", forced_colors="active")
    bar, ground = (
        page.evaluate(f"getComputedStyle(document.querySelector('{one}')).{what}")
        for one, what in ((".g-tenu", "fill"), (".carte", "backgroundColor"))
    )
    assert {bar, ground} == {"rgb(0, 0, 0)", "rgb(255, 255, 255)"}
    context.close()


def test_a_page_works_without_script(served: tuple[Flask, str], browser: Any) -> None:
    context = browser.new_context(java_script_enabled=False, viewport={"width": 390, "height": 800})
    page = context.new_page()
    page.goto(f"{served[1]}/formulaire")
    assert not page.get_by_role("button", name="Retirer").first.is_visible()
    assert page.get_by_role("button", name="Ajouter une référence").is_visible()
    page.locator(".compte summary").click()
    assert page.get_by_role("button", name="Se déconnecter").is_visible()
    context.close()


def test_a_first_visit_costs_few_requests(served: tuple[Flask, str], browser: Any) -> None:
    context = browser.new_context()
    page = context.new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(f"{served[1]}/formulaire")
    page.wait_for_load_state("networkidle")
    assert len(asked) <= 5, asked
    context.close()
