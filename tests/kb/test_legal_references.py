"""How references are read, as jurists write them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpdesk.kb.legal_references import (
    LegalReference,
    canonical_code,
    key_of,
    official_url,
    parse,
    parse_all,
    parse_lines,
)

TRAVAIL, CIVIL, CSS, CGI = "Code du travail", "Code civil", "Code de la sécurité sociale", "Code général des impôts"
LEGIARTI = "LEGIARTI000049453204"
LINK = f"https://www.legifrance.gouv.fr/codes/article_lc/{LEGIARTI}"

LINES: dict[str, list[tuple[str, str, str]]] = {
    "Code du travail, article L. 5132-15-1": [(TRAVAIL, "L5132-15-1", "")],
    "article L. 3123-7 du code du travail (temps partiel)": [(TRAVAIL, "L3123-7", "temps partiel")],
    "C. trav., art. L5132-15-1, 2° (durée)": [(TRAVAIL, "L5132-15-1", "2° (durée)")],
    "l.5132-15-1 code du travail": [(TRAVAIL, "L5132-15-1", "")],
    "Code du travail, articles L. 1232-2, L. 1232-3 et R. 1232-1": [
        (TRAVAIL, "L1232-2", ""),
        (TRAVAIL, "L1232-3", ""),
        (TRAVAIL, "R1232-1", ""),
    ],
    "articles 1103, 1104 et 1217 du Code civil": [(CIVIL, "1103", ""), (CIVIL, "1104", ""), (CIVIL, "1217", "")],
    "articles L. 1 et L. 2 du code du travail et R. 3 du CSS": [
        (TRAVAIL, "L1", ""),
        (TRAVAIL, "L2", ""),
        (CSS, "R3", ""),
    ],
    "art. L. 1234-1 du C. trav. ; art. 1240 C. civ.": [(TRAVAIL, "L1234-1", ""), (CIVIL, "1240", "")],
    "Code du travail, art. L. 1242-2 ; L. 1242-3": [(TRAVAIL, "L1242-2", ""), (TRAVAIL, "L1242-3", "")],
    "CSS, art. L. 242-1": [(CSS, "L242-1", "")],
    "CGI, art. 244 quater B": [(CGI, "244quaterB", "")],
    "CGI, art. 206, 1 bis": [(CGI, "206", "1 bis")],
    "CGI, art. 261, 7, 1°, b": [(CGI, "261", "7, 1°, b")],
    "LPF, art. L. 80 B": [("Livre des procédures fiscales", "L80B", "")],
    "CCP, art. R. 2122-8": [("Code de la commande publique", "R2122-8", "")],
    "CJA, art. R. 421-1": [("Code de justice administrative", "R421-1", "")],
    "CRPA, L. 231-1": [("Code des relations entre le public et l’administration", "L231-1", "")],
    "C. com., art. L. 441-10": [("Code de commerce", "L441-10", "")],
    "CGCT, art. LO 6213-1": [("Code général des collectivités territoriales", "LO6213-1", "")],
    "Code de l'éducation, art. L. 124-1": [("Code de l’éducation", "L124-1", "")],
    "Loi n° 2024-364 du 22 avril 2024, art. 37": [("", "", "Loi n° 2024-364 du 22 avril 2024, art. 37")],
    "Loi n° 2014-856 et décret n° 2015-719": [("", "", "Loi n° 2014-856"), ("", "", "décret n° 2015-719")],
    "Cass. soc., 13 septembre 2023, n° 22-17.340": [("", "", "Cass. soc., 13 septembre 2023, n° 22-17.340")],
    "Convention collective des ateliers, art. 12": [("", "12", "Convention collective des ateliers")],
    "IDCC 3016, 20 heures": [("", "", "IDCC 3016, 20 heures")],
    "Le CT s’est réuni": [("", "", "Le CT s’est réuni")],
    "D 2": [("", "", "D 2")],
    " ; ": [],
}


@pytest.mark.parametrize("line", LINES)
def test_a_line_is_read_as_jurists_write_it(line: str) -> None:
    assert [(one.code, one.key, one.label) for one in parse_all(line)] == LINES[line]


@pytest.mark.parametrize(
    ("line", "text_id"),
    [
        ("Loi n° 2024-364 du 22 avril 2024", "2024-364"),
        ("D. n° 2021-1128 du 30 août 2021", "2021-1128"),
        ("règlement (UE) n° 651/2014", "651/2014"),
        ("directive 2008/104/CE", "2008/104/CE"),
        (f"Code du travail, article L. 3141-5 {LEGIARTI}", LEGIARTI),
        (LINK, LEGIARTI),
    ],
)
def test_a_text_is_known_by_its_number_or_its_identifier(line: str, text_id: str) -> None:
    assert parse(line).text_id == text_id


def test_a_link_is_built_from_an_identifier_only() -> None:
    assert parse(f"Code du travail, article L. 3141-5 {LEGIARTI}").url == LINK
    assert parse(LINK).url == LINK
    assert official_url("JORFTEXT000049453204", is_in_code=False).endswith("/jorf/id/JORFTEXT000049453204")
    assert parse("Code du travail, article L. 3141-5").url == ""
    assert parse("Loi n° 2024-364 du 22 avril 2024").url == ""
    assert official_url("javascript:alert(1)", is_in_code=True) == ""


def test_an_identifier_belongs_to_the_first_article_of_its_line() -> None:
    first, second = parse_all(f"Code du travail, art. L. 3141-5 et L. 3141-6 {LEGIARTI}")

    assert (first.text_id, second.text_id) == (LEGIARTI, "")


def test_the_same_reference_is_kept_once() -> None:
    assert [one.key for one in parse_lines(["C. civ., art. 1103", "Code civil, article 1103", "", "CSS, L. 1-1"])] == [
        "1103",
        "L1-1",
    ]


@pytest.mark.parametrize(
    "written", ["L. 5132-15-1", "L5132-15-1", "l 5132-15-1", "art. L.5132-15-1", "L.\u00a05132-15-1"]
)
def test_an_article_has_one_key_however_it_is_written(written: str) -> None:
    assert key_of(written) == "L5132-15-1"


@pytest.mark.parametrize("written", ["", "bonjour", "mon article", "12345", "L.", "2024-"])
def test_what_is_no_article_has_no_key(written: str) -> None:
    assert key_of(written) == ""


@pytest.mark.parametrize(("written", "name"), [("css", CSS), ("c. trav.", TRAVAIL), ("code du Travail", TRAVAIL)])
def test_a_code_has_one_name(written: str, name: str) -> None:
    assert canonical_code(written) == name


LETTERS = st.sampled_from(["L", "R", "D"])
NUMBERS = st.lists(st.integers(1, 999), min_size=1, max_size=3).map(
    lambda tail: f"{tail[0] + 1000}" + "".join(f"-{part}" for part in tail[1:])
)


@given(LETTERS, NUMBERS, st.sampled_from([TRAVAIL, CSS, CGI, "Code de la commande publique"]))
def test_a_printed_reference_is_read_again_as_itself(letter: str, number: str, code: str) -> None:
    reference = LegalReference(code=code, article=f"{letter}.\u00a0{number}")

    assert parse_all(reference.title) == [reference]
    assert reference.key == letter + number


@given(st.text(max_size=300) | st.text(alphabet="LRD.-0123456789 ,;et articlescode du travail", max_size=300))
def test_any_line_is_read_and_each_key_is_stable(line: str) -> None:
    for reference in parse_all(line):
        assert reference.title
        assert key_of(reference.key) == reference.key
        assert not reference.article or reference.key


@pytest.mark.parametrize("piece", ["L. 1-1, ", "code du travail ", "art. 1 et ", "1-", " ", "loi n", "(", "L. "])
def test_a_very_long_line_is_read_too(piece: str) -> None:
    assert parse_all(piece * 20_000) is not None
