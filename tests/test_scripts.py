"""The comfort that the script adds, in a real browser, on the pages of the styleguide. Its clock is ours."""

import re
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import Page, expect
from werkzeug.serving import WSGIRequestHandler, make_server

from tests.support.styleguide import build_styleguide

FACTS = "Que s’est-il passé"
STATUS = "[data-draft-status]"


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


@pytest.fixture
def posted(served: tuple[Flask, str]) -> list[dict[str, str]]:
    guide = served[0]
    guide.config["ANSWER"] = 204
    guide.config["POSTED"].clear()
    kept: list[dict[str, str]] = guide.config["POSTED"]
    return kept


@pytest.fixture
def url(served: tuple[Flask, str], posted: list[dict[str, str]]) -> str:
    return served[1]


@pytest.fixture
def guide(served: tuple[Flask, str]) -> Flask:
    return served[0]


def open_page(page: Page, address: str) -> None:
    page.clock.install(time="2026-12-08T09:42:00+00:00")
    page.goto(address)
    page.wait_for_load_state()


# --- brouillon.js


def test_a_draft_is_saved_once_typing_stops(page: Page, url: str, posted: list[dict[str, str]]) -> None:
    open_page(page, f"{url}/formulaire")
    page.clock.pause_at("2026-12-08T09:42:45+00:00")  # however long the machine takes from key to key
    page.get_by_label(FACTS).press_sequentially("Un salarié")
    page.clock.run_for(1400)
    assert posted == []
    with page.expect_response(lambda response: response.request.method == "POST"):
        page.clock.run_for(200)
    expect(page.locator(STATUS)).to_have_text(re.compile(r"Brouillon enregistré à 10\sh\s42"))
    assert [one["facts"] for one in posted] == ["Un salarié"]
    assert posted[0]["csrf_token"]
    page.clock.run_for(60_000)
    assert len(posted) == 1


def test_a_draft_that_the_network_lost_is_found_again(page: Page, url: str, guide: Flask) -> None:
    open_page(page, f"{url}/formulaire")
    page.context.set_offline(True)
    page.get_by_label(FACTS).fill("Texte tapé sans réseau")
    page.clock.run_for(1600)
    expect(page.locator(STATUS)).to_have_text("La connexion est coupée. Votre texte est gardé sur cet appareil.")
    guide.config["ANSWER"] = 500  # Before the network is back: the script then sends at once.
    page.context.set_offline(False)
    page.reload()
    expect(page.locator(STATUS)).to_have_text("Texte retrouvé sur cet appareil.")
    expect(page.get_by_label(FACTS)).to_have_value("Texte tapé sans réseau")


def test_the_copy_on_the_device_goes_once_the_server_has_the_text(
    page: Page, url: str, posted: list[dict[str, str]]
) -> None:
    open_page(page, f"{url}/formulaire")
    page.context.set_offline(True)
    page.get_by_label(FACTS).fill("Texte")
    page.clock.run_for(1600)
    expect(page.locator(STATUS)).to_have_text(re.compile("connexion est coupée"))
    assert page.evaluate("localStorage.length") == 1
    page.context.set_offline(False)
    page.clock.run_for(20_100)
    expect(page.locator(STATUS)).to_have_text(re.compile("Brouillon enregistré"))
    assert page.evaluate("localStorage.length") == 0
    assert [one["facts"] for one in posted] == ["Texte"]


@pytest.mark.parametrize(
    ("answer", "words"),
    [(419, "Votre session a expiré."), (409, "Une réponse est arrivée"), (500, "Brouillon non enregistré")],
)
def test_a_refused_draft_says_why_and_is_kept(page: Page, url: str, guide: Flask, answer: int, words: str) -> None:
    guide.config["ANSWER"] = answer
    open_page(page, f"{url}/formulaire")
    page.get_by_label(FACTS).fill("Texte")
    page.clock.run_for(1600)
    expect(page.locator(STATUS)).to_have_text(re.compile(words))
    kept = page.evaluate("Object.values(localStorage).join()")
    assert "Texte" in kept
    assert "csrf_token" not in kept


def test_sending_the_form_leaves_nothing_on_the_device(page: Page, url: str, guide: Flask) -> None:
    guide.config["ANSWER"] = 500
    open_page(page, f"{url}/formulaire")
    page.get_by_label(FACTS).fill("Texte")
    page.clock.run_for(1600)
    expect(page.locator(STATUS)).to_have_text(re.compile("non enregistré"))
    page.get_by_role("button", name="Continuer et relire").click()
    page.wait_for_load_state()
    assert page.evaluate("localStorage.length") == 0


# --- presence.js


def test_colleagues_on_the_same_question_are_named_every_twenty_seconds(
    page: Page, url: str, posted: list[dict[str, str]]
) -> None:
    open_page(page, f"{url}/poste")
    expect(page.locator(".presence")).to_contain_text(
        "Marc Lefèvre écrit aussi une réponse. Parlez-en avant d’envoyer. Inès <b> a aussi ouvert cette question."
    )
    assert posted[0]["is_writing"] == ""
    page.get_by_label("En bref").press_sequentially("Oui")
    with page.expect_response("**/presence"):
        page.clock.run_for(20_100)
    assert [one["is_writing"] for one in posted if "is_writing" in one][-1] == "1"


# --- raccourcis.js


def test_keys_move_in_the_queue_and_choose(page: Page, url: str) -> None:
    page.goto(f"{url}/triage")
    page.keyboard.press("2")
    expect(page.get_by_label("Transmettre au pôle juridique")).to_be_checked()
    page.keyboard.press("j")
    page.wait_for_url("**/q/2")


def test_r_goes_to_the_answer_and_n_to_the_note(page: Page, url: str) -> None:
    page.goto(f"{url}/poste")
    page.keyboard.press("n")
    expect(page.get_by_label("Note interne", exact=True)).to_be_checked()
    expect(page.get_by_label("En bref")).to_be_focused()
    expect(page.get_by_label("En bref")).to_have_value("")


def test_keys_are_letters_inside_a_field(page: Page, url: str) -> None:
    page.goto(f"{url}/poste")
    page.get_by_label("En bref").press_sequentially("nrj?/")
    expect(page.get_by_label("En bref")).to_have_value("nrj?/")
    expect(page.get_by_label("Répondre", exact=True)).to_be_checked()
    expect(page.locator("dialog")).to_have_count(0)


def test_keys_can_be_turned_off(page: Page, url: str) -> None:
    page.goto(f"{url}/triage")
    page.evaluate("document.body.dataset.shortcuts = 'off'")
    page.keyboard.press("2")
    page.keyboard.press("?")
    expect(page.get_by_label("Transmettre au pôle juridique")).not_to_be_checked()
    expect(page.locator("dialog")).to_have_count(0)


def test_the_list_of_keys_opens_and_closes(page: Page, url: str) -> None:
    page.goto(f"{url}/triage")
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Raccourcis du clavier")).to_be_visible()
    page.keyboard.press("j")
    page.keyboard.press("Escape")
    expect(page.locator("dialog")).to_have_count(0)
    assert page.url.endswith("/triage")


def test_control_and_enter_send_the_form_by_its_main_button(page: Page, url: str) -> None:
    page.goto(f"{url}/poste")
    page.get_by_label("En bref").fill("Oui.")
    with page.expect_request(lambda request: request.method == "POST" and request.url.endswith("/poste")) as sent:
        page.get_by_label("En bref").press("Control+Enter")
    assert "suite=envoyer" in (sent.value.post_data or "")


# --- erreurs.js


def test_the_focus_goes_to_the_summary_then_to_the_field(page: Page, url: str) -> None:
    page.goto(f"{url}/formulaire-erreurs")
    expect(page.locator("[data-error-summary]")).to_be_focused()
    page.locator("[data-error-summary] a").first.click()
    expect(page.get_by_label("Votre question, en une phrase")).to_be_focused()


# --- donnees.js


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Son numéro : 1 85 05 78 006 084 36", "un numéro de sécurité sociale"),
        ("2A: 285052A006084", "un numéro de sécurité sociale"),
        ("appelez le 06 12 34 56 78", "un numéro de téléphone"),
        ("appelez le +33612345678", "un numéro de téléphone"),
        ("jean.dupont@exemple.fr", "une adresse de courriel"),
        ("FR76 3000 6000 0112 3456 7890 189", "un numéro de compte"),
        ("SIRET 732 829 320 00074", "un numéro SIRET"),
        ("Mme Éloïse Martin est venue", "un nom de personne"),
        ("M. Dupont", "un nom de personne"),
    ],
)
def test_what_names_a_person_is_noticed(page: Page, url: str, text: str, words: str) -> None:
    open_page(page, f"{url}/formulaire")
    page.get_by_label(FACTS).fill(text)
    page.clock.run_for(500)
    expect(page.locator("#facts-donnees")).to_contain_text(words)
    page.get_by_label(FACTS).fill("Un salarié en CDDI.")
    page.clock.run_for(500)
    expect(page.locator("#facts-donnees")).to_be_empty()


@pytest.mark.parametrize(
    "text",
    [
        "Madame, Monsieur, bonjour. Monsieur le maire est venu.",
        "article L. 5132-15-1, loi n° 2024-364 du 22 avril 2024",
        "le 31/05/2027 à 14 h 30, 1 200 euros, IDCC 3016, 480 heures",
        "Q-2026-0042",
    ],
)
def test_what_names_nobody_is_let_through(page: Page, url: str, text: str) -> None:
    open_page(page, f"{url}/formulaire")
    page.get_by_label(FACTS).fill(text)
    page.clock.run_for(500)
    expect(page.locator("#facts-donnees")).to_be_empty()


# --- lignes.js


def test_rows_are_added_and_removed_with_names_of_their_own(page: Page, url: str) -> None:
    page.goto(f"{url}/formulaire")
    rows = page.locator("[data-row] input")
    page.get_by_label("Référence 2", exact=True).fill("L. 1243-6")
    page.get_by_role("button", name="Ajouter une référence").click()
    expect(rows).to_have_count(3)
    expect(page.get_by_label("Référence 3", exact=True)).to_be_focused()
    assert rows.evaluate_all("(all) => all.map((one) => one.name)") == [f"references-{n}" for n in range(3)]
    expect(rows.nth(2)).to_have_value("")
    page.get_by_role("button", name="Retirer référence 1").click()
    expect(rows).to_have_count(2)
    expect(page.get_by_label("Référence 1", exact=True)).to_have_value("L. 1243-6")
    page.get_by_role("button", name="Retirer référence 2").click()
    expect(page.get_by_role("button", name="Retirer")).to_have_count(0)


# --- all together


@pytest.mark.parametrize("path", ["formulaire", "poste", "triage", "accueil", "aide"])
def test_the_script_runs_without_a_word_on_the_console(page: Page, url: str, path: str) -> None:
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.goto(f"{url}/{path}")
    page.wait_for_load_state("networkidle")
    assert said == []
