"""What people type, made fit for a subject line or a short quotation."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpdesk.mail.wording import header_text, quoted, shorten, title

NBSP = "\u00a0"


@pytest.mark.parametrize(
    ("typed", "line"),
    [
        ("Une question\r\nBcc: tout@le.monde", "Une question Bcc: tout@le.monde"),
        ("a\x00b\x07c", "abc"),
        ("a\u2028b\u2029c", "a b c"),
        ("a\u202egpj.exe", "agpj.exe"),
        ("zéro\u200blargeur\ufeff", "zérolargeur"),
        ("«\u202fDélai\u202f»", f"«{NBSP}Délai{NBSP}»"),
        (f"  trop   d’espaces {NBSP} ici ", f"trop d’espaces{NBSP}ici"),
        ("\ud800seul", "seul"),
        ("\ttabulation\n", "tabulation"),
        ("=?utf-8?q?x=0D=0ABcc:x?=", "= ?utf-8?q?x=0D=0ABcc:x?="),
        ("=\u200b??Q?=0D", "= ??Q?=0D"),
    ],
)
def test_a_header_is_one_visible_line(typed: str, line: str) -> None:
    assert header_text(typed) == line


@given(st.text())
def test_no_text_whatever_leaves_a_control_or_invisible_character_in_a_header(typed: str) -> None:
    line = header_text(typed)
    assert not {unicodedata.category(character) for character in line} & {"Cc", "Cf", "Cs", "Co", "Zl", "Zp"}
    assert set(filter(str.isspace, line)) <= {" ", NBSP}
    assert len(line) <= 150


@given(st.text())
def test_a_header_made_twice_stays_the_same(typed: str) -> None:
    assert header_text(header_text(typed)) == header_text(typed)


@pytest.mark.parametrize(
    "typed",
    [
        "Voir https://mal.example/piege?a=1 et www.mal.example",
        "Voir HTTPS://MAL.example",
        "javascript://mal.example/%0aalert(1)",
    ],
)
def test_addresses_of_sites_are_taken_out_of_what_is_quoted(typed: str) -> None:
    for cleaned in (title(typed), quoted(typed)):
        assert "mal.example" not in cleaned.lower()
        assert "[lien retiré]" in cleaned


def test_a_long_title_is_cut_at_a_word() -> None:
    cut = title("Peut-on suspendre un contrat à durée déterminée d’insertion pendant une formation longue ?")
    assert cut == "Peut-on suspendre un contrat à durée déterminée d’insertion pendant une…"
    assert len(cut) <= 80


def test_a_single_endless_word_is_cut_all_the_same() -> None:
    assert shorten("a" * 500, 80) == "a" * 79 + "…"


def test_a_quotation_keeps_its_first_words() -> None:
    assert quoted("un deux trois\nquatre", max_words=3) == "un deux trois…"
    assert quoted("un deux", max_words=3) == "un deux"
