"""Both times of a call, when they differ."""

import pytest

from helpdesk.juri_ptce.wording import hours_text, when_text
from helpdesk.reference import get_reference
from tests.factories.juri_ptce import at


def plain(text: str) -> str:
    return text.replace("\u00a0", " ").replace("\u202f", " ")


@pytest.mark.parametrize(
    ("departement", "when", "text"),
    [
        ("35", "2027-03-02 14:00", "mardi 2 mars 2027, 14 h"),
        ("974", "2027-03-02 14:00", "mardi 2 mars 2027, 14 h (17 h à La Réunion)"),
        ("974", "2027-04-06 14:00", "mardi 6 avril 2027, 14 h (16 h à La Réunion)"),
        ("976", "2027-03-02 14:55", "mardi 2 mars 2027, 14 h 55 (16 h 55 à Mayotte)"),
        ("971", "2027-04-06 16:45", "mardi 6 avril 2027, 16 h 45 (10 h 45 en Guadeloupe)"),
        ("972", "2027-03-02 16:45", "mardi 2 mars 2027, 16 h 45 (11 h 45 en Martinique)"),
        ("973", "2027-03-02 14:00", "mardi 2 mars 2027, 14 h (10 h en Guyane)"),
        ("988", "2027-03-02 14:00", "mardi 2 mars 2027, 14 h (mercredi 3 mars, 0 h en Nouvelle-Calédonie)"),
        ("987", "2027-03-02 14:00", "mardi 2 mars 2027, 14 h (3 h en Polynésie française)"),
    ],
)
def test_the_time_in_paris_and_where_the_asker_is(departement: str, when: str, text: str) -> None:
    assert plain(when_text(at(when), get_reference().departements[departement])) == text


def test_without_a_place_the_time_is_that_of_paris() -> None:
    assert plain(hours_text(at("2027-03-02 14:00"))) == "14 h"


def test_every_departement_with_another_clock_says_where_it_is() -> None:
    for place in get_reference().departements.values():
        text = hours_text(at("2027-03-02 14:00"), place)
        assert "heure locale" not in text
        assert ("(" in text) == (place.timezone != "Europe/Paris")
