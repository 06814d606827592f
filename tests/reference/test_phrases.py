"""Phrases found in a text."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpdesk.reference.phrases import Phrase, PhraseIndex, fold, misspellings, normalize, words_of


def found(phrase: str, text: str) -> list[str]:
    words = words_of(normalize(text))
    hits = PhraseIndex([(phrase, True)]).hits(words)
    return [" ".join(word.raw for word in words[hit.first : hit.last]) for hit in hits]


@pytest.mark.parametrize(
    ("phrase", "text", "expected"),
    [
        ("conge paye", "Les congés payés, le CONGÉ PAYÉ", ["congés payés", "CONGÉ PAYÉ"]),
        ("bail", "baille, bail", ["bail"]),
        ("agress*", "agressé agression agréer", ["agressé", "agression"]),
        ("AT", "at AT At", ["AT"]),
        ("l offre", "l’offre l'offre", ["l offre", "l offre"]),
        ("titre|carte de sejour", "titre de séjour, carte de séjour", ["titre de séjour", "carte de séjour"]),
        ("accident ~ mort", "accident : un mort", ["accident un mort"]),
        ("accident ~ mort", "accident. Un mort", []),
        ("accident ~ mort", "accident " + "a " * 9 + "mort", []),
        ("accident mort", "accident. Mort", []),
        ("accident ~ mort", "accident de M. Martin, mort", ["accident de M Martin mort"]),
        ("oeuvre", "main d’œuvre", ["œuvre"]),
    ],
)
def test_a_phrase_is_found_as_whole_words(phrase: str, text: str, expected: list[str]) -> None:
    assert found(phrase, text) == expected


@pytest.mark.parametrize("source", ["", "~ mort", "mort ~", "a ~ b ~ c", "ab*", "a-b", "mort|", "*"])
def test_a_badly_written_phrase_is_refused(source: str) -> None:
    with pytest.raises(ValueError, match="motif"):
        Phrase.parse(source)


@given(st.text(max_size=200))
def test_words_are_where_they_say(text: str) -> None:
    text = normalize(text)
    words = words_of(text)
    assert all(text[word.start : word.end] == word.raw for word in words)
    assert all(one.end <= other.start for one, other in pairwise(words))


@pytest.mark.parametrize(
    ("word", "folded"), [("Congés", "conge"), ("ŒUVRE", "oeuvre"), ("çà", "ca"), ("les", "les"), ("Baux", "bau")]
)
def test_folding_removes_case_accents_and_plural(word: str, folded: str) -> None:
    assert fold(word) == folded


def test_misspellings_are_one_mistake_away_and_keep_the_first_letter() -> None:
    assert {"urssf", "ursaf", "urrsaf", "urssasf"} <= misspellings("urssaf")
    assert misspellings("accident").isdisjoint({"occident", "incident", "cident"})
