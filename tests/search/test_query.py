"""Queries: what is understood, and what cannot hurt."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpdesk.search.lexicon import Lexicon, service_lexicon
from helpdesk.search.query import MAX_ADDED_TERMS, MAX_TERMS, Query, parse

NONE = Lexicon()


def read(text: str) -> Query:
    return parse(text, NONE)


def test_words_are_alternatives_and_neighbours_are_pairs() -> None:
    query = read("rupture conventionnelle du contrat")
    assert query.own == list(query.weights) == ["ruptur", "conventionnel", "contrat"]
    assert query.pairs == (("ruptur", "conventionnel"), ("conventionnel", "contrat"))
    assert query.phrases == query.excluded == ()


@pytest.mark.parametrize(
    "text", ['"faute grave" cdi', "« faute grave » cdi", "“faute grave” cdi", "«\u202ffaute grave\u202f» cdi"]
)
def test_a_phrase_must_be_there_word_after_word(text: str) -> None:
    query = read(text)
    assert query.phrases == (("faut", "grav"),)
    assert set(query.own) == {"faut", "grav", "cdi"}


def test_what_follows_a_dash_is_excluded_but_not_a_compound_word() -> None:
    query = read('congés -maladie -"arrêt de travail" rendez-vous - repos')
    assert query.excluded == (("arret", "travail"), ("malad",))
    assert query.forbidden == {"malad"}
    assert set(query.own) == {"cong", "rend", "repos"}
    assert read("contrat -24 h").excluded == ()


def test_the_same_word_twice_counts_once() -> None:
    assert read("congé congés CONGÉ").weights == {"cong": 1.0}


def test_an_article_is_found_with_and_without_its_letter() -> None:
    assert read("L. 5132-15-1").weights == {"l5132§15§1": 1.0, "5132§15§1": 0.4}
    assert read("5132-15-1").weights["l5132§15§1"] == 0.4


def test_only_stop_words_are_kept_aside() -> None:
    query = read("comment faire ?")
    assert query.is_empty
    assert query.stop_words == ("~comment", "~faire")


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "*",
        "*a*",
        "conge~9",
        "((((((",
        '"',
        '""',
        "« »",
        "-",
        "--",
        '-"',
        "a\x00b",
        "title:conge",
        "NOT",
        "?",
        "[x TO y]",
        "^9",
    ],
)
def test_operators_are_letters_like_others(text: str) -> None:
    query = read(text)
    assert query.phrases == ()
    assert all(term.strip("=§").isalnum() for term in query.weights)


@given(st.text(max_size=6_000))
def test_any_text_is_a_query_of_bounded_size(text: str) -> None:
    query = parse(text, service_lexicon())
    assert len(query.phrases) <= 5
    assert len(query.excluded) <= MAX_TERMS
    assert len(query.adding(map(str, range(99))).weights) <= max(len(query.own), MAX_TERMS + MAX_ADDED_TERMS)


def test_ten_kilobytes_are_cut() -> None:
    assert len(read("mot " * 2_500).found) == 1_000
