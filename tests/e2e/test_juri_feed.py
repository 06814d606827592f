"""The page where a jurist makes the address of their calendar, in a browser."""

from typing import Any

from tests.factories.accounts import PersonFactory
from tests.support import axe
from tests.support.apps import LiveServer


def test_a_jurist_makes_reads_changes_and_deletes_the_address_without_script(
    live_server: LiveServer, browser: Any
) -> None:
    context = browser.new_context(locale="fr-FR", java_script_enabled=False)
    context.add_cookies([live_server.cookie_for(PersonFactory(jurist=True))])
    page = context.new_page()
    page.goto(f"{live_server.url}/juri-ptce/seances")
    page.get_by_role("link", name="Suivre les séances dans mon agenda").click()
    page.get_by_role("button", name="Créer mon adresse").click()
    address = page.get_by_role("link", name=".ics").get_attribute("href")
    assert address.startswith(f"{live_server.url}/juri-ptce/calendrier/")
    assert context.request.get(address).status == 200
    page.reload()
    assert page.get_by_role("link", name=".ics").count() == 0
    page.get_by_role("button", name="Supprimer mon adresse").click()
    assert context.request.get(address).status == 404
    context.close()


def test_nobody_is_barred_from_the_page(live_server: LiveServer, browser: Any) -> None:
    context = browser.new_context(locale="fr-FR", reduced_motion="reduce")
    context.add_cookies([live_server.cookie_for(PersonFactory(jurist=True))])
    page = context.new_page()
    page.goto(f"{live_server.url}/juri-ptce/calendrier")
    assert axe.barriers(page) == []
    page.get_by_role("button", name="Créer mon adresse").click()
    assert axe.barriers(page) == []
    page.reload()
    assert axe.barriers(page) == []
    context.close()
