import re

import pytest
from flask import Flask

from helpdesk.settings import Settings
from tests.support.styleguide import build_styleguide

ADDRESSES = ("/aide", "/plan-du-site", "/donnees-personnelles", "/mentions-legales", "/accessibilite")


@pytest.fixture(scope="module")
def guide() -> Flask:
    return build_styleguide()


def footer(html: str) -> list[tuple[str, str]]:
    part = html[html.index('<footer class="pied">') :]
    return re.findall(r'<li><a href="([^"]+)">([^<]+)</a>', part)


@pytest.mark.parametrize("address", ADDRESSES)
def test_the_footer_is_the_same_everywhere_and_help_comes_first(guide: Flask, address: str) -> None:
    links = footer(guide.test_client().get(address).text)
    assert tuple(url for url, _ in links) == ADDRESSES
    assert links[0][1] == "Aide et contact"


def test_help_names_the_settings_in_force(guide: Flask) -> None:
    settings: Settings = guide.config["SETTINGS"]
    html = guide.test_client().get("/aide").text
    assert settings.service_email in html
    assert f"tel:{settings.service_phone.replace(' ', '')}" in html
    assert f"En {settings.response_target_days}\u00a0jours au plus" in html


def test_the_site_map_lists_the_menu(guide: Flask) -> None:
    html = guide.test_client().get("/plan-du-site").text
    main = html[html.index("<main") : html.index("</main>")]
    assert "Toutes les questions" in main
    assert "Aide et contact" in main


def test_accessibility_is_declared_as_the_law_says_before_an_audit(guide: Flask) -> None:
    html = guide.test_client().get("/accessibilite").text
    assert "Accessibilité\u00a0: non conforme" in html


def test_the_pages_are_for_everybody(guide: Flask) -> None:
    guards = {name: view._guard for name, view in guide.view_functions.items() if name.startswith("pages.")}
    assert set(guards.values()) == {"public"}
    assert len(guards) == len(ADDRESSES)


def test_a_visitor_sees_no_menu_nor_account() -> None:
    guide = build_styleguide()
    guide.template_context_processors[None] = []
    html = guide.test_client().get("/aide").text
    assert "<nav" not in html
    assert "compte__menu" not in html
    assert "Se connecter" in guide.test_client().get("/plan-du-site").text
