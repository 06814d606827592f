"""Both times, in words."""

import pytest

from helpdesk.formats import NBSP
from helpdesk.juri_ptce.words import is_elsewhere, moment_text, time_text
from tests.factories.juri_ptce import at


@pytest.mark.parametrize(
    ("departement", "words"),
    [
        ("35", "mardi 2 mars 2027, 14 h"),
        ("974", "mardi 2 mars 2027, 14 h (17 h à La Réunion)"),
        ("976", "mardi 2 mars 2027, 14 h (16 h à Mayotte)"),
        ("971", "mardi 2 mars 2027, 14 h (9 h en Guadeloupe)"),
        ("973", "mardi 2 mars 2027, 14 h (10 h en Guyane)"),
        ("988", "mardi 2 mars 2027, 14 h (mercredi à 0 h en Nouvelle-Calédonie)"),
    ],
)
def test_both_times_are_told_where_they_differ(departement: str, words: str) -> None:
    said = moment_text(at("2027-03-02 14:00"), departement)
    assert said.replace(NBSP, " ") == words
    assert is_elsewhere(at("2027-03-02 14:00"), departement) is (departement != "35")


def test_the_local_time_follows_the_clock_change_of_paris() -> None:
    assert time_text(at("2027-03-02 14:00"), "974").replace(NBSP, " ") == "14 h (17 h à La Réunion)"
    assert time_text(at("2027-04-06 14:00"), "974").replace(NBSP, " ") == "14 h (16 h à La Réunion)"
