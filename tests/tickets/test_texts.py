"""What is made of people's words for lists and comparisons."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpdesk.tickets.texts import EXCERPT_MAX_CHARS, excerpt

SAID = "Un salarié en CDDI part en immersion."
GREETINGS = (
    "Bonjour,", "bonjour ,", "BONJOUR !", "Bonjour", "Bonjour.", "Bonsoir,", "Salut !", "Rebonjour,", "Coucou Claire,",
    "Bonjour Madame,", "Bonjour Monsieur.", "Bonjour Madame Le Goff,", "Bonjour M. Dupont,", "Bonjour Mme Durand :",
    "Bonjour Madame, Monsieur,", "Bonjour Mesdames et Messieurs,", "Bonjour Maître,", "Bonjour chère collègue,",
    "Bonjour à toutes et à tous,", "Bonjour à tous,", "Bonjour à toutes et tous", "Bonjour tout le monde,",
    "Bonjour à toute l’équipe,", "Bonjour l'équipe,", "Bonjour Anne-Laure,", "Bonjour Élodie Le Bihan –",
    "Bonjour -", "Madame, Monsieur,", "Madame,", "Mesdames, Messieurs,", "Chère Madame,", "Cher Monsieur Lefèvre,",
    "Chers collègues,",
)  # fmt: skip


@pytest.mark.parametrize("greeting", GREETINGS)
@pytest.mark.parametrize("between", [" ", "\n", "\n\n", "\r\n"])
def test_an_excerpt_begins_after_the_greeting(greeting: str, between: str) -> None:
    assert excerpt(f"{greeting}{between}{SAID}") == SAID
    assert excerpt(f"{greeting}{between}{SAID[0].lower()}{SAID[1:]}") == SAID


@pytest.mark.parametrize(
    "line", ["Bonjour et merci d’avance pour votre aide,", "Bonjour Claire, j’espère que tu vas bien !"]
)
def test_a_first_line_that_only_greets_is_left_out(line: str) -> None:
    assert excerpt(f"{line}\n\n{SAID}") == SAID


@pytest.mark.parametrize(
    "text",
    [
        "Madame Durand est salariée en CDDI.",
        "Monsieur le maire nous demande un avis.",
        "Le bonjour matinal n’est pas dû.",
        "Salutaire ou non, la clause est là.",
        "Bonjour-Services nous emploie.",
        "Mme Durand, salariée en CDDI, est partie.",
    ],
)
def test_what_is_no_greeting_stays(text: str) -> None:
    assert excerpt(text) == text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Bonjour Madame Durand est partie.", "Madame Durand est partie."),
        ("Bonjour Monsieur nous avons un salarié en CDDI.", "Nous avons un salarié en CDDI."),
        ("Bonjour nous avons un salarié en CDDI.", "Nous avons un salarié en CDDI."),
        ("Bonjour France Travail nous demande un avis.", "France Travail nous demande un avis."),
        ("Bonjour,", "Bonjour,"),
        ("Bonjour", "Bonjour"),
        ("", ""),
    ],
)
def test_a_greeting_takes_nothing_else_with_it(text: str, shown: str) -> None:
    assert excerpt(text) == shown


@given(st.text(max_size=400))
def test_an_excerpt_is_one_line_of_bounded_length(text: str) -> None:
    shown = excerpt(text)
    assert len(shown) <= EXCERPT_MAX_CHARS
    assert shown == " ".join(shown.split())
    assert bool(shown) == bool(text.strip())
