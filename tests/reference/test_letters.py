"""Accents and ligatures go, whatever way they were typed; nothing else does."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpdesk.reference.letters import without_accents


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("Île-de-France", "Ile-de-France"),
        ("L’Étape-Nœud", "L’Etape-Noeud"),
        ("ŒUVRE ex æquo", "OEUVRE ex aequo"),
        ("Grøn, Łódź, Straße", "Gron, Lodz, Strasse"),
        ("L. 1242-2", "L. 1242-2"),
        ("", ""),
    ],
)
def test_accents_and_ligatures_are_taken_away(text: str, plain: str) -> None:
    assert without_accents(text) == plain
    assert without_accents(unicodedata.normalize("NFD", text)) == plain


@given(st.text())
def test_twice_changes_nothing_more(text: str) -> None:
    assert without_accents(without_accents(text)) == without_accents(text)
