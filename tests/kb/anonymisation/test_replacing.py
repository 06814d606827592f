"""Replacements are put with the small words that go before them, wherever the same words stand."""

import pytest

from helpdesk.kb.anonymisation import KnownKind, KnownRecord, find_marks, replaced

RECORDS = (
    KnownRecord(KnownKind.STRUCTURE, "Élan"),
    KnownRecord(KnownKind.STRUCTURE, "Les Jardins de la Brenne"),
    KnownRecord(KnownKind.PTCE, "Ovaliance"),
    KnownRecord(KnownKind.TOWN, "Lannion"),
    KnownRecord(KnownKind.TOWN, "Le Mans"),
    KnownRecord(KnownKind.DELEGATION, "Bretagne"),
)


def proposed(text: str) -> str:
    return replaced(text, {mark.key: mark.proposal for mark in find_marks(text, RECORDS)}, RECORDS)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("L’Élan a signé.", "La structure a signé."),
        ("Il vient d’Élan.", "Il vient de la structure."),
        ("Il dit qu’Élan signe.", "Il dit que la structure signe."),
        ("Le contrat des Jardins de la Brenne", "Le contrat de la structure"),
        ("Les Jardins de la Brenne signent.", "La structure signent."),
        ("Chez Élan, on signe.", "Chez la structure, on signe."),
        ("Les membres d’Ovaliance", "Les membres du PTCE"),
        ("Écrivez à Ovaliance.", "Écrivez au PTCE."),
        ("Le siège est à Lannion.", "Le siège est dans une commune."),
        ("Le maire de Lannion", "Le maire d’une commune"),
        ("Il habite au Mans.", "Il habite dans une commune."),
        ("La déléguée de Bretagne", "La déléguée de la région"),
        ("La déléguée Bretagne", "La déléguée de la région"),
        ("La lettre de M. Dupont", "La lettre du salarié"),
        ("Dites à Mme Dupont de venir.", "Dites à la salariée de venir."),
        ("M. Dupont part.", "Le salarié part."),
        ("Il doit 3 450 € à Karim.", "Il doit [montant] à la personne."),
    ],
)
def test_the_words_before_a_replacement_agree_with_it(text: str, expected: str) -> None:
    assert proposed(text) == expected


def test_the_same_words_are_replaced_wherever_they_stand() -> None:
    assert replaced("Karim, KARIM et karim", {"first_name:karim": "A."}, ()) == "A., A. et karim"


def test_a_mark_without_decision_stays() -> None:
    assert replaced("Karim et Manon", {"first_name:karim": "un salarié"}, ()) == "Un salarié et Manon"


def test_an_empty_replacement_takes_one_space_with_it() -> None:
    assert replaced("Appelez le 06 12 34 56 78 demain", {"phone:06 12 34 56 78": ""}, ()) == "Appelez le demain"


def test_a_replacement_that_holds_the_word_itself_is_put_once() -> None:
    decisions = {"first_name:karim": "un salarié (Karim)"}
    once = replaced("Pour Karim.", decisions, ())
    assert once == "Pour un salarié (Karim)."
    assert replaced(once, decisions, ()) == once


def test_replacements_that_lead_to_one_another_are_followed_to_the_end() -> None:
    decisions = {"first_name:karim": "Manon", "first_name:manon": "la salariée"}
    once = replaced("Pour Karim et pour Manon.", decisions, ())
    assert once == "Pour la salariée et pour la salariée."
    assert replaced(once, decisions, ()) == once


def test_replacements_that_turn_in_a_circle_change_nothing() -> None:
    decisions = {"first_name:karim": "Manon", "first_name:manon": "Karim"}
    assert replaced("Pour Karim et pour Manon.", decisions, ()) == "Pour Karim et pour Manon."
