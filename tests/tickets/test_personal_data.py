"""What may name someone in a text, and what only looks like it."""

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpdesk.tickets.personal_data import FindingKind, find


def kinds(text: str) -> list[tuple[str, str]]:
    return [(finding.kind.value, text[finding.start : finding.end]) for finding in find(text)]


def nir_key(thirteen: str) -> str:
    return f"{97 - int(thirteen.upper().replace('2A', '19').replace('2B', '18')) % 97:02}"


def luhn_key(digits: str) -> str:
    total = 0
    for rank, digit in enumerate(reversed(digits)):
        value = int(digit) * (2 - rank % 2)
        total += value - 9 if value > 9 else value
    return str(-total % 10)


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("nir", "185057800608491"),
        ("nir", "1 85 05 78 006 084 91"),
        ("nir", "1\u00a085\u00a005\u00a078\u00a0006\u00a0084 / 91"),
        ("nir", "1850578006084"),
        ("nir", "2 85 05 2A 006 084 82"),
        ("phone", "0612345678"),
        ("phone", "06 12 34 56 78"),
        ("phone", "06.12.34.56.78"),
        ("phone", "06-12-34-56-78"),
        ("phone", "06\u202f12\u202f34\u202f56\u202f78"),
        ("phone", "+33 6 12 34 56 78"),
        ("phone", "+33 (0)6 12 34 56 78"),
        ("phone", "0033612345678"),
        ("phone", "+262 692 12 34 56"),
        ("phone", "0692 12 34 56"),
        ("phone", "0262 123 456"),
        ("phone", "+590 690 12 34 56"),
        ("phone", "+687 12 34 56"),
        ("phone", "+689 87 12 34 56"),
        ("mail", "jean.dupont@exemple.fr"),
        ("mail", "j-d+test@sous.domaine.exemple.org"),
        ("iban", "FR76 3000 6000 0112 3456 7890 189"),
        ("iban", "FR7630006000011234567890189"),
        ("iban", "fr76 3000 6000 0112 3456 7890 189"),
        ("iban", "BE68 5390 0754 7034"),
        ("siret", "732 829 320 00074"),
        ("siret", "73282932000074"),
        ("siret", "35600000000048"),
        ("siret", "356 000 000 49837"),
        ("siren", "732829320"),
        ("siren", "732 829 320"),
        ("plate", "AB-123-CD"),
        ("plate", "ab-123-cd"),
        ("plate", "AB 123 CD"),
        ("plate", "AB123CD"),
        ("person", "M. Dupont"),
        ("person", "M Dupont"),
        ("person", "Mme DURAND"),
        ("person", "mme Durand"),
        ("person", "MADAME DURAND"),
        ("person", "Mlle Petit"),
        ("person", "monsieur Jean-Pierre Martin"),
        ("person", "Madame de La Tour"),
        ("person", "Mme Le Goff"),
        ("person", "M. El Amrani"),
        ("person", "Mme d’Artagnan"),
        ("person", "Monsieur N'Diaye"),
        ("person", "M.\u00a0Élan"),
        ("person", "Dr Petit"),
    ],
)
def test_personal_data_is_found_where_it_stands(kind: str, text: str) -> None:
    assert kinds(text) == [(kind, text)]
    assert kinds(f"Bonjour, voici {text}, merci.") == [(kind, text)]
    assert kinds(f"({text})\n") == [(kind, text)]


def test_an_old_plate_is_found_where_the_text_speaks_of_one() -> None:
    assert kinds("véhicule immatriculé 1234 AB 35") == [("plate", "1234 AB 35")]
    assert kinds("plaque : 123 ABC 2A") == [("plate", "123 ABC 2A")]
    assert kinds("100 ETP 35") == []


@pytest.mark.parametrize(
    "text",
    [
        "article L. 5132-15-1 du code du travail",
        "L5132-15-1, R441-3 et D5132-18-1",
        "IDCC 3016 et 2941",
        "loi n° 2008-1249 du 1er décembre 2008",
        "loi n° 71-1130, décret n° 2024-364",
        "12/03/2026, 12.03.2026, 2026-03-12",
        "le 01.02.2024 15 salariés",
        "du 01/02/2024 au 03/04/2025",
        "1 234 567,89 €",
        "732 829 320 €",
        "100 000 000 euros",
        "SMIC à 11,88 € sur 151,67 heures",
        "480 heures sur 24 mois, 26 h par semaine",
        "35 000 Rennes, 75010 Paris",
        "Cass. soc., 12-34.567, pourvoi n° 22-18.149",
        "CE, 4 avril 2014, n° 358994",
        "questions Q-2026-0042 et Q-2026-0043",
        "0,123456789",
        "10 12 14 16 18",
        "a@b, @exemple, exemple.fr@",
        "FR76",
        "AI-123-EI",
        "20 ACI 35, 12 CDD 44",
        "Madame, Monsieur,",
        "Madame Monsieur",
        "Madame la Directrice",
        "Monsieur le Maire",
        "Monsieur Le Préfet",
        "M. X et Mme Y",
        "M. le trésorier",
        "Maître d’Ouvrage",
        "monsieur est absent",
        "un mur de 3 m Carré",
        "SIRET de la structure : voir le fichier",
        "",
    ],
)
def test_what_only_looks_like_it_is_left_alone(text: str) -> None:
    assert kinds(text) == []


@pytest.mark.parametrize(
    "text",
    [
        "1 85 05 78 006 084 01",
        "185057800608492",
        "1 85 19 78 006 084",
        "FR76 3000 6000 0112 3456 7890 188",
        "73282932000075",
        "732829321",
        "000000000",
    ],
)
def test_a_wrong_key_is_no_finding(text: str) -> None:
    assert kinds(text) == []


def test_findings_come_in_order_without_overlap_and_with_french_labels() -> None:
    text = "Mme Durand (1 85 05 78 006 084 91), 06 12 34 56 78, durand@exemple.fr"
    found = find(text)
    assert [finding.kind for finding in found] == [
        FindingKind.PERSON,
        FindingKind.NIR,
        FindingKind.PHONE,
        FindingKind.MAIL,
    ]
    assert [finding.label_fr for finding in found] == [
        "nom de personne",
        "numéro de sécurité sociale",
        "numéro de téléphone",
        "adresse de courriel",
    ]


_digits = st.sampled_from(string.digits)
_SEPARATORS = st.sampled_from(["", " ", ".", "-", "\u00a0", "\u202f"])


@given(
    st.sampled_from("12"),
    st.integers(0, 99),
    st.integers(1, 12),
    st.sampled_from(["01", "35", "75", "97", "2A", "2B", "99"]),
    st.integers(1, 999),
    st.integers(1, 999),
    _SEPARATORS,
)
def test_every_valid_nir_is_found(
    sex: str, year: int, month: int, place: str, commune: int, order: int, separator: str
) -> None:
    groups = [sex, f"{year:02}", f"{month:02}", place, f"{commune:03}", f"{order:03}"]
    written = separator.join([*groups, nir_key("".join(groups))])
    assert kinds(f"NIR {written} fin") == [("nir", written)]


@given(st.text(string.digits, min_size=23, max_size=23), st.sampled_from(["", " ", "\u00a0"]))
def test_every_valid_french_iban_is_found(account: str, separator: str) -> None:
    key = 98 - int(f"{account}152700") % 97
    iban = f"FR{key:02}{account}"
    written = separator.join(iban[at : at + 4] for at in range(0, len(iban), 4))
    assert kinds(f"IBAN : {written}.") == [("iban", written)]


@given(st.text(string.digits, min_size=13, max_size=13).filter(lambda digits: digits.strip("0")))
def test_every_valid_siret_is_found(digits: str) -> None:
    siret = digits + luhn_key(digits)
    written = f"{siret[:3]} {siret[3:6]} {siret[6:9]} {siret[9:]}"
    assert ("siret", siret) in kinds(siret)
    assert ("siret", written) in kinds(f"SIRET {written}")


@given(st.text("0123456789 .-@aAM/+€é\n'’", max_size=200))
def test_findings_are_always_ordered_disjoint_and_inside(text: str) -> None:
    end = 0
    for finding in find(text):
        assert end <= finding.start < finding.end <= len(text)
        end = finding.end


@given(st.text(max_size=300))
def test_any_text_is_read(text: str) -> None:
    assert all(text[finding.start : finding.end] for finding in find(text))


UNITS = [
    "a", "1", "1 ", "06 ", "12 34 ", "M. ", "M. A", "Mme Dupont ", "Monsieur de la ", "@", "a@", "a.", "a@a.",
    "FR76 ", "AB-", "plaque a ", "immatricul", "1 85 05 78 006 084 91 ", "é", "\n", "+33",
]  # fmt: skip


@pytest.mark.parametrize("unit", UNITS)
def test_the_same_signs_again_and_again_are_read(unit: str) -> None:
    """No timing: a pattern that looks back again and again would never end here."""
    text = unit * (150_000 // len(unit))
    assert len(find(text)) <= len(text)


def test_a_megabyte_is_read() -> None:
    text = "".join(unit * (1_000_000 // len(UNITS) // len(unit)) for unit in UNITS)
    assert len(find(text)) <= len(text)
