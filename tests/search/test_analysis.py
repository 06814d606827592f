"""French words as they are searched."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from helpdesk.search.analysis import STOP_WORDS, clean, fold, stop_terms, terms, tokens, tokens_among


@pytest.mark.parametrize(
    ("typed", "written"),
    [
        ("demission", "Démission"),
        ("payes", "payés"),
        ("conge", "congés"),
        ("l’employeur", "employeurs"),
        ("oeuvre", "œuvre"),
        ("CDDI", "cddi"),
        ("C.D.D.I.", "CDDI"),
        ("qu’un salarié", "salarié"),
        ("aujourd’hui l'entretien", "entretien"),
        ("L. 5132-15-1", "L5132-15-1"),
        ("l 5132 15 1", "L. 5132-15-1"),
        ("l.5132-15-1", "L.\u00a05132\u201115\u20111"),
        ("R4127-1", "article R. 4127-1".removeprefix("article ")),
        ("D. *123-4", "D123-4"),
        ("Ｌ5132", "l5132"),
    ],
)
def test_what_is_typed_meets_what_is_written(typed: str, written: str) -> None:
    assert terms(typed) == terms(written) != []


def test_an_article_is_one_term_and_a_law_too() -> None:
    assert terms("article L. 1242-2 du code") == ["articl", "l1242§2", "cod"]
    assert terms("loi n° 2024-364") == ["loi", "2024§364"]


def test_a_letter_before_a_sum_is_no_article() -> None:
    assert terms("plus d 100 000 euros") == ["100", "000", "euros"]


def test_what_changes_the_meaning_is_kept() -> None:
    assert terms("licenciement sans préavis") == terms("licenciement sans preavis")
    assert len(terms("ne pas payer sans préavis")) == 4


def test_an_acronym_in_capitals_is_no_stop_word() -> None:
    assert terms("une AI en CE") == ["=ai", "=ce"]
    assert terms("AI") == ["=ai"]
    assert terms("j’ai ce contrat") == terms("contrat")


def test_a_text_all_in_capitals_has_no_acronym_of_two_letters() -> None:
    assert terms("LICENCIEMENT EN CE CAS") == terms("licenciement en ce cas")


def test_the_words_of_a_question_alone_are_still_words() -> None:
    assert terms("comment faire ?") == []
    assert stop_terms("comment faire ?") == ["~comment", "~faire"]


def test_stop_words_are_written_as_they_are_compared() -> None:
    assert [word for word in STOP_WORDS if fold(word) != word] == []


@given(st.text(max_size=300))
def test_every_term_stands_where_it_says(text: str) -> None:
    cleaned = clean(text)
    last = 0
    for token in tokens(cleaned):
        assert last <= token.start < token.end <= len(cleaned)
        assert " " not in token.term
        assert "\n" not in token.term
        last = token.end


@example("0.0.D 000")
@given(st.text(alphabet="aeéà'’-. LRDlrd0123456789AI\u00a0\n", max_size=200))
def test_looking_for_some_terms_finds_those_and_no_other(text: str) -> None:
    cleaned = clean(text)
    wanted = frozenset(token.term for token in tokens(cleaned)[::2])
    found = {token.term for token in tokens_among(cleaned, wanted)}
    assert found == wanted


@given(st.text(max_size=200))
def test_cleaning_twice_changes_nothing(text: str) -> None:
    assert clean(clean(text)) == clean(text)
