"""A file of changed texts is read whole, or refused with every bad line named."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpdesk.kb.importing.law_changes import LawChange, read_changes

GOOD = """identifiant;code;article;en_vigueur;motif
;c. trav.;L. 5132-15-1;2027-01-01;La durée change.
2024-364;;;15/03/2026;Les congés sont reportés.
LEGIARTI000049453204;code du travail;L3141-5;2026-04-24;Rédaction nouvelle.
"""


def test_a_csv_file_is_read() -> None:
    found = read_changes(GOOD.encode(), is_toml=False)

    assert found.problems == []
    first, second, third = found.changes
    assert first == LawChange(date(2027, 1, 1), "La durée change.", code="Code du travail", article="L. 5132-15-1")
    assert (first.key, first.title) == ("L5132-15-1", "Code du travail, article L. 5132-15-1")
    assert (second.text_id, second.title, second.in_force_on) == ("2024-364", "Texte 2024-364", date(2026, 3, 15))
    assert (third.text_id, third.key) == ("LEGIARTI000049453204", "L3141-5")


def test_a_toml_file_says_the_same() -> None:
    content = """
        [[changements]]
        code = "CSS"
        article = "L. 242-1"
        en_vigueur = 2027-01-01
        motif = "Le taux change."
    """

    assert read_changes(content.encode(), is_toml=True).changes == [
        LawChange(date(2027, 1, 1), "Le taux change.", code="Code de la sécurité sociale", article="L. 242-1")
    ]


@pytest.mark.parametrize(
    ("line", "column"),
    [
        (";;L. 1-1;2027-01-01;motif", "code"),
        (";Code du travail;bonjour;2027-01-01;motif", "article"),
        (";;;2027-01-01;motif", "identifiant"),
        ("LOI-TRAVAIL;;;2027-01-01;motif", "identifiant"),
        ("2024-364;;;demain;motif", "en_vigueur"),
        ("2024-364;;;31/02/2026;motif", "en_vigueur"),
        ("2024-364;;;2027-01-01;", "motif"),
        (f"2024-364;;;2027-01-01;{'x' * 201}", "motif"),
    ],
)
def test_a_bad_line_is_named_with_its_column(line: str, column: str) -> None:
    found = read_changes(f"{GOOD}{line}\n".encode(), is_toml=False)

    assert [(problem.line, problem.column) for problem in found.problems] == [(5, column)]
    assert len(found.changes) == 3


@pytest.mark.parametrize(
    ("content", "is_toml"),
    [
        (b"", False),
        (b"identifiant;en_vigueur;motif\n", False),
        (b"colonne;en_vigueur;motif\n1;2;3\n", False),
        (b"PK\x03\x04", False),
        (b"changements = 3", True),
        (b"[[changements]]\nautre = 1", True),
        (b"changements = [1]", True),
        (b"[[changements]]\nmotif = 1", True),
        (b"pas du toml", True),
        (b"\xff\xfe", True),
    ],
)
def test_an_unreadable_file_says_so(content: bytes, is_toml: bool) -> None:
    found = read_changes(content, is_toml=is_toml)

    assert found.changes == []
    assert found.problems
    assert all(problem.reason for problem in found.problems)


@given(st.binary(max_size=400), st.booleans())
def test_any_bytes_are_read_or_refused_in_words(content: bytes, is_toml: bool) -> None:
    found = read_changes(content, is_toml=is_toml)

    assert found.changes or found.problems
