"""« Délais » in a browser: its forms without script, and what presses on the first screen."""

from typing import Any

import pytest

from helpdesk import clock
from tests.e2e.conftest import Town
from tests.e2e.test_every_page import visiting


def test_the_lead_lands_on_what_presses(town: Town, browser: Any) -> None:
    with visiting(town, browser, "lead") as page:
        page.set_viewport_size({"width": 1280, "height": 800})
        page.goto(f"{town.server.url}/")
        assert page.url.endswith("/delais")
        first = page.locator(".urgences li").first.bounding_box()
        assert first
        assert first["y"] + first["height"] <= 800


def test_the_filters_and_the_dates_need_no_script_and_keep_each_other(town: Town, browser: Any) -> None:
    with visiting(town, browser, "lead", java_script_enabled=False) as page:
        page.goto(f"{town.server.url}/delais")
        page.get_by_label("Région", exact=True).select_option("bretagne")
        page.get_by_role("button", name="Afficher", exact=True).click()
        assert "region=bretagne" in page.url
        page.get_by_text("Autres filtres, autres dates").click()
        page.get_by_label("Du", exact=True).fill("2026-01-01")
        page.get_by_label("Au", exact=True).fill("2026-06-30")
        page.get_by_label("Thème", exact=True).select_option("social")
        page.get_by_role("button", name="Afficher ces dates").click()
        assert "du=2026-01-01&au=2026-06-30" in page.url
        assert page.get_by_label("Thème", exact=True).input_value() == "social"
        assert page.get_by_label("Région", exact=True).input_value() == "bretagne"
        page.get_by_label("Canal", exact=True).select_option("phone")
        page.get_by_role("button", name="Afficher", exact=True).click()
        assert page.get_by_label("Du", exact=True).input_value() == "2026-01-01"
        assert page.get_by_label("Période", exact=True).input_value() == "dates"
        page.get_by_label("Période", exact=True).select_option("12-mois")
        page.get_by_role("button", name="Afficher", exact=True).click()
        assert page.get_by_label("Période", exact=True).input_value() == "12-mois"
        assert page.get_by_label("Région", exact=True).input_value() == "bretagne"
        page.get_by_label("Du", exact=True).fill("2026-02-01")
        page.get_by_label("Au", exact=True).fill("2026-02-28")
        page.get_by_role("button", name="Afficher", exact=True).click()
        assert page.get_by_label("Période", exact=True).input_value() == "dates"


def test_on_a_telephone_the_sentence_comes_within_the_first_screen(town: Town, browser: Any) -> None:
    with visiting(town, browser, "lead") as page:
        page.set_viewport_size({"width": 390, "height": 844})
        page.goto(f"{town.server.url}/delais")
        sentence = page.locator(".constat__phrase").bounding_box()
        assert sentence
        assert sentence["y"] + sentence["height"] <= 844
        assert not page.get_by_label("Région", exact=True).is_visible()
        page.get_by_text("Région, thème").click()
        assert page.get_by_label("Région", exact=True).is_visible()


def test_every_heading_of_the_page_is_in_order(town: Town, browser: Any) -> None:
    with visiting(town, browser, "delegate") as page:
        page.goto(f"{town.server.url}/delais")
        levels = page.evaluate("[...document.querySelectorAll('main :is(h1, h2, h3, h4)')].map((one) => one.tagName)")
        assert levels[0] == "H1"
        assert set(levels[1:]) == {"H2"}


def test_what_changed_since_a_year_was_frozen_is_not_printed(town: Town, browser: Any) -> None:
    with visiting(town, browser, "lead") as page:
        page.goto(f"{town.server.url}/delais/rapport/{clock.today().year - 1}")
        freezing = page.locator("section:has(#t-figer)")
        assert freezing.is_visible()
        page.emulate_media(media="print")
        assert not freezing.is_visible()
        assert "a-l-ecran" in str(freezing.get_attribute("class"))


@pytest.mark.parametrize("address", ["/delais", f"/delais/rapport/{clock.today().year}/imprimer"])
def test_on_paper_every_table_is_open_and_the_colours_are_those_of_the_day(
    town: Town, browser: Any, address: str
) -> None:
    with visiting(town, browser, "lead") as page:
        page.emulate_media(color_scheme="dark", media="print")
        page.goto(f"{town.server.url}{address}")
        tables = page.locator("main table")
        assert tables.count() > 8
        assert all(one.is_visible() for one in tables.all())
        assert page.evaluate("getComputedStyle(document.body).color") == "rgb(36, 26, 40)"
        assert not any(one.is_visible() for one in page.locator("#t-urgences, main form").all())
        # Within a grid, Chromium loses what is set in columns and does not fit on the page.
        assert page.evaluate("getComputedStyle(document.querySelector('main')).display") == "block"
