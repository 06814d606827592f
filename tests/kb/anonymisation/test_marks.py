"""Marks are in order, apart, inside the text, stable across edits, and found in time that grows with the length."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helpdesk.kb.anonymisation import KnownKind, KnownRecord, MarkKind, RiskKind, find_marks, replaced

RECORDS = (
    KnownRecord(KnownKind.STRUCTURE, "Relais Emploi du Trégor"),
    KnownRecord(KnownKind.STRUCTURE, "Le Relais"),
    KnownRecord(KnownKind.PTCE, "PTCE Élan"),
    KnownRecord(KnownKind.PERSON, "Jean-Pierre Le Goff"),
    KnownRecord(KnownKind.PERSON, "Nadège Petit"),
    KnownRecord(KnownKind.TOWN, "Saint-Brieuc"),
    KnownRecord(KnownKind.DELEGATION, "Bretagne"),
    KnownRecord(KnownKind.PHONE, "02 61 91 45 67"),
    KnownRecord(KnownKind.EMAIL, "jp.legoff@relais.example"),
    KnownRecord(KnownKind.SIRET, "54793308500029"),
    KnownRecord(KnownKind.WEBSITE, "www.relais-tregor.example"),
    KnownRecord(KnownKind.ADDRESS, "12 rue des Lilas, 22000 Saint-Brieuc"),
)
_PIECES = st.sampled_from(
    [record.value for record in RECORDS]
    + [
        "M. ",
        "Mme ",
        "Le Goff",
        "relais",
        "Relais",
        "petit",
        "PETIT",
        "St Brieuc",
        "+33",
        "261914567",
        "élan",
        "l’",
        "d’",
    ]
    + ["du ", "à ", "Karim", "3 450 €", "12 salariés", "né le 3 mai 1980", "rue du Port", "www.", ".fr", "@", "ÉLAN"]
    + [
        " ",
        ", ",
        ". ",
        "\n",
        "\n\n",
        "-",
        "’",
        "«\u00a0",
        "\u202f»",
        "**",
        "e\u0301",
        "\u00ad",
        "0",
        "é",
        "x",
        "J.",
        "&",
    ]
)
_TEXTS = st.lists(_PIECES, max_size=40).map("".join) | st.text(max_size=200)


@given(_TEXTS)
def test_marks_are_ordered_apart_and_what_they_say(text: str) -> None:
    end = 0
    for mark in find_marks(text, RECORDS):
        assert end <= mark.start < mark.end <= len(text)
        assert text[mark.start : mark.end] == mark.text
        assert mark.key.startswith(f"{mark.kind}:")
        end = mark.end


@settings(max_examples=300)
@given(_TEXTS)
def test_taking_every_proposal_leaves_nothing_known_and_doing_it_again_changes_nothing(text: str) -> None:
    decisions = {mark.key: mark.proposal for mark in find_marks(text, RECORDS) if mark.proposal}
    once = replaced(text, decisions, RECORDS)
    assert [mark for mark in find_marks(once, RECORDS) if mark.is_known and mark.key in decisions] == []
    assert replaced(once, decisions, RECORDS) == once


@given(_TEXTS)
def test_a_text_without_decision_is_left_as_it_is(text: str) -> None:
    assert replaced(text, {}, RECORDS) == text


def test_the_key_of_a_mark_is_the_same_wherever_and_however_the_words_are_typed() -> None:
    keys = {mark.key for mark in find_marks("LE GOFF puis Le\u00a0Goff, et\u202fle goff", RECORDS)}
    assert keys == {"person:le goff"}


def test_the_longest_of_two_known_names_is_kept() -> None:
    marks = find_marks("chez Relais Emploi du Trégor", RECORDS)
    assert [mark.text for mark in marks] == ["Relais Emploi du Trégor"]


def test_a_proposal_never_holds_a_known_name() -> None:
    records = [KnownRecord(KnownKind.PERSON, "La Personne")]
    assert {mark.proposal for mark in find_marks("Pour Karim.", records)} == {"[…]"}


def test_every_kind_has_its_french_words() -> None:
    assert all(kind.label for kind in (*KnownKind, *MarkKind, *RiskKind))


_UNITS = (
    " ", "1", "1 ", "a", "a ", "A ", "A", "é", "\n", "- ", "-", "M. ", "M. A", "Mme Dupont ", "Jean ", "Jean-",
    "J.", "J. D", "Le Goff ", "le ", "relais ", "Le Relais ", "petit,", "0", "06 ", "12 rue ", "rue de la ",
    "12 salariés ", "cent ", "cent-", "1 000 ", "1,", "né le ", "www.", "a.", "a@", "@", "http://a", "l’",
    "association A ", "A de la ", "chez A", "22000 A-", "«\u00a0", "\u0301", "\u00ad", "&", "547 933 085 ", "L’A",
)  # fmt: skip


@pytest.mark.parametrize("unit", _UNITS)
def test_the_same_signs_again_and_again_are_read(unit: str) -> None:
    """No timing: a pattern that looks back again and again would never end here."""
    text = unit * (25_000 // len(unit))
    assert len(find_marks(text, RECORDS)) <= len(text)


def test_a_hundred_thousand_signs_are_read_and_cleared_of_what_is_known() -> None:
    text = "\n".join(unit * (2_100 // len(unit)) for unit in _UNITS)
    assert len(text) > 100_000
    marks = find_marks(text, RECORDS)
    cleared = replaced(text, {mark.key: mark.proposal for mark in marks if mark.is_known}, RECORDS)
    assert not any(mark.is_known for mark in find_marks(cleared, RECORDS))
