"""A known record is found however it is typed."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpdesk.accounts.text import fold
from helpdesk.kb.anonymisation import KnownKind, KnownRecord, MarkKind, find_marks


def known_in(text: str, kind: str, value: str) -> list[str]:
    return [mark.text for mark in find_marks(text, [KnownRecord(KnownKind(kind), value)]) if mark.is_known]


@pytest.mark.parametrize(
    ("kind", "value", "written"),
    [
        ("person", "Jean-Pierre Le Goff", "Jean-Pierre Le Goff"),
        ("person", "Jean-Pierre Le Goff", "jean pierre le goff"),
        ("person", "Jean-Pierre Le Goff", "LE GOFF Jean-Pierre"),
        ("person", "Jean-Pierre Le Goff", "Le Goff, Jean-Pierre"),
        ("person", "Jean-Pierre Le Goff", "M. Le Goff"),
        ("person", "Jean-Pierre Le Goff", "monsieur le goff"),
        ("person", "Jean-Pierre Le Goff", "J.-P. Le Goff"),
        ("person", "Jean-Pierre Le Goff", "JP Le Goff"),
        ("person", "Jean-Pierre Le Goff", "jplegoff"),
        ("person", "Jean-Pierre Le Goff", "Le\u00a0Goff"),
        ("person", "Jean-Pierre Le Goff", "Le\nGoff"),
        ("person", "Jean-Pierre Le Goff", "**Le Goff**".strip("*")),
        ("person", "Jean-Pierre Le Goff", "Jean-Pierre"),
        ("person", "Hélène Prévost", "Helene PREVOST"),
        ("person", "Hélène Prévost", "He\u0301le\u0300ne Pre\u0301vost"),
        ("person", "Hélène Prévost", "Pré\u00advost"),
        ("person", "Hélène Prévost", "helene_prevost"),
        ("person", "Hélène Prévost", "Mme Prevost"),
        ("person", "Anne Dupont-Moretti", "Moretti"),
        ("person", "Anne Dupont-Moretti", "dupont moretti"),
        ("person", "Nadège Petit", "Mme petit"),
        ("person", "Nadège Petit", "Petit"),
        ("person", "Nadège Petit", "nadège petit"),
        ("person", "Xavier d’Etchegoyen", "d'Etchegoyen"),
        ("person", "Saïd Ben Ali", "BEN ALI"),
        ("structure", "Le Relais", "Le Relais"),
        ("structure", "Le Relais", "LE RELAIS"),
        ("structure", "Le Relais", "association relais"),
        ("structure", "Élan", "Elan"),
        ("structure", "Tremplin", "chez tremplin"),
        ("structure", "SARL Fab’Textile", "Fab Textile"),
        ("structure", "SARL Fab’Textile", "fabtextile"),
        ("structure", "Bois et Paysage", "Bois & Paysage"),
        ("structure", "Association intermédiaire Cap Services", "Cap Services"),
        ("structure", "Relais Emploi du Trégor", "Relais Emploi"),
        ("structure", "Relais Emploi du Trégor", "le relais emploi du tregor"),
        ("structure", "Relais Emploi du Trégor", "RET"),
        ("structure", "Relais Emploi du Trégor", "R.E.T"),
        ("structure", "Recyclerie du Trégor", "Trégor"),
        ("structure", "Tremplin – Saint-Brieuc", "Tremplin"),
        ("structure", "Entr’emploi", "Entremploi"),
        ("ptce", "PTCE Les Filières du Vexin", "filières du Vexin"),
        ("town", "Saint-Étienne", "ST ETIENNE"),
        ("town", "Saint-Étienne", "St-Étienne"),
        ("town", "Saint-Étienne", "saint étienne"),
        ("town", "Le Mans", "Mans"),
        ("town", "Tours", "Tours"),
        ("town", "Châlons-en-Champagne", "Châlons"),
        ("delegation", "Provence-Alpes-Côte d’Azur et Corse", "PACA"),
        ("delegation", "Provence-Alpes-Côte d’Azur et Corse", "Corse"),
        ("delegation", "Auvergne-Rhône-Alpes", "AuRA"),
        ("delegation", "Bretagne", "bretagne"),
        ("phone", "02 61 91 45 67", "0261914567"),
        ("phone", "0261914567", "02.61.91.45.67"),
        ("phone", "0261914567", "02-61-91-45-67"),
        ("phone", "0261914567", "02\u202f61\u202f91\u202f45\u202f67"),
        ("phone", "0261914567", "02 619 145 67"),
        ("phone", "0261914567", "+33 2 61 91 45 67"),
        ("phone", "0261914567", "+33(0)261914567"),
        ("phone", "0261914567", "0033 2 61 91 45 67"),
        ("phone", "+33 2 61 91 45 67", "02 61 91 45 67"),
        ("phone", "0692 12 34 56", "+262 692 12 34 56"),
        ("phone", "+262692123456", "0692 123 456"),
        ("email", "jean.dupont@exemple.fr", "Jean.Dupont@Exemple.fr"),
        ("email", "jean.dupont@exemple.fr", "jean.dupont@autre.fr"),
        ("email", "jean.dupont@exemple.fr", "jean.dupont (at) exemple.fr"),
        ("email", "jean.dupont@exemple.fr", "contact@exemple.fr"),
        ("siret", "54793308500029", "547 933 085 00029"),
        ("siret", "54793308500029", "547.933.085.00029"),
        ("siret", "54793308500029", "547 933 085"),
        ("siret", "54793308500029", "54793308500029"),
        ("website", "https://www.exemple-asso.fr/", "www.exemple-asso.fr"),
        ("website", "exemple-asso.fr", "https://exemple-asso.fr/contact"),
        ("address", "12 bis, rue des Lilas, 72000 Le Mans", "12 bis rue des lilas 72000 LE MANS"),
        ("address", "12 bis, rue des Lilas, 72000 Le Mans", "rue des Lilas"),
        ("address", "3 av. de la Gare, 35000 Rennes", "3, avenue de la Gare"),
        ("person", "Maïwenn Kéravel", "K\u200e\u2066éra\u200bvel\u2069"),
        ("phone", "06 11 22 33 44", "06\u200b112\u202a2\u202c3344"),
    ],
)
def test_a_known_record_is_found_however_it_is_typed(kind: str, value: str, written: str) -> None:
    for text in (written, f"Nous répondons à {written}, ce jour.", f"({written})\nEt la suite."):
        found = " ".join(known_in(text, kind, value))
        assert fold(found).endswith(fold(written).split()[-1]), text


@pytest.mark.parametrize(
    ("kind", "value", "text"),
    [
        ("person", "Anne Martin", "la martingale et M. Artin"),
        ("person", "Paul Roy", "le royaume du roi"),
        ("structure", "Élan", "les élans du cœur, un prélan"),
        ("structure", "Relais Emploi du Trégor", "une ressource d’emploi"),
        ("structure", "Solidarité Emploi", "la solidarité, puis l’emploi"),
        ("structure", "Cap Services Emploi", "le CSE est consulté"),
        ("town", "Sens", "en ce sens, au sens de l’article 2"),
        ("town", "Tours", "des tours de garde"),
        ("phone", "0261914567", "261 914 568, puis 02 61 91"),
        ("siret", "54793308500029", "loi n° 2024-364, 547 933 euros"),
        ("email", "contact@gmail.com", "prenez contact, par gmail.com ou autrement"),
        ("website", "www.orange.fr", "une orange par jour"),
    ],
)
def test_what_only_looks_like_a_known_record_is_not_known(kind: str, value: str, text: str) -> None:
    assert known_in(text, kind, value) == []


def test_ordinary_use_of_a_known_word_is_a_homonym_to_decide_and_does_not_block() -> None:
    records = [KnownRecord(KnownKind.STRUCTURE, "Le Relais"), KnownRecord(KnownKind.PERSON, "Anne Petit")]
    marks = find_marks("Prenez le relais sous un petit délai.", records)
    assert [(mark.text, mark.kind, mark.is_known) for mark in marks] == [
        ("le relais", MarkKind.HOMONYM, False),
        ("petit", MarkKind.HOMONYM, False),
    ]


def test_a_known_name_makes_known_the_longer_thing_that_holds_it() -> None:
    records = [KnownRecord(KnownKind.PERSON, "Anne Kervella"), KnownRecord(KnownKind.TOWN, "Lannion")]
    marks = find_marks("Écrivez à a.kervella@asso.fr ou 4 rue du Port, 22300 Lannion.", records)
    assert [(mark.kind, mark.text, mark.is_known) for mark in marks] == [
        (MarkKind.EMAIL, "a.kervella@asso.fr", True),
        (MarkKind.ADDRESS, "4 rue du Port, 22300 Lannion", True),
    ]


def test_a_structure_named_after_its_town_is_found_in_small_letters() -> None:
    records = [KnownRecord(KnownKind.STRUCTURE, "La Manufacture de Sens"), KnownRecord(KnownKind.TOWN, "Sens")]
    (mark,) = find_marks("pour la manufacture de sens, c'est non", records)
    assert (mark.text, mark.is_known) == ("la manufacture de sens", True)


def test_records_that_are_empty_or_hold_nothing_find_nothing() -> None:
    records = [KnownRecord(kind, value) for kind in KnownKind for value in ("", " ", "-", "…", "0", "@", "http://")]
    assert [mark for mark in find_marks("La loi n° 2024-364, à 0 heure - oui.", records) if mark.is_known] == []


_NAMES = st.sampled_from(
    [
        "Hélène Prévost",
        "Jean-Pierre Le Goff",
        "Aïcha Traoré",
        "Loïc d’Étigny",
        "Marie-Thérèse Céleste-Ursule",
        "Noël Ñúñez",
    ]
)
_CASES = st.sampled_from([str, str.upper, str.lower, str.title])
_GLUE = st.sampled_from([" ", "-", "\u00a0", "\u202f", "  ", "\n", "_", " - ", "."])


@given(_NAMES, _CASES, _GLUE, st.booleans())
def test_case_accents_and_separators_never_hide_a_full_name(name: str, case: object, glue: str, plain: bool) -> None:
    written = case(name)  # type: ignore[operator]
    if plain:
        written = "".join(char for char in unicodedata.normalize("NFD", written) if not unicodedata.combining(char))
    written = glue.join(written.split(" "))
    assert known_in(f"avis de {written} hier", "person", name)


@given(st.sampled_from(["02 61 91 45 67", "06 39 98 12 34"]), st.sampled_from(["", " ", ".", "-", " . ", "\u202f"]))
def test_no_separator_hides_a_phone_number(phone: str, separator: str) -> None:
    assert known_in(f"au {separator.join(phone.split())}.", "phone", phone)
