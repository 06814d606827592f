"""Searching as a person does: what is found, how it is shown, and what is never given away."""

from datetime import date
from typing import Any

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from helpdesk.db import db
from helpdesk.search import pool, queries
from helpdesk.search.corpora import Filters
from helpdesk.search.engines import IndexState, engine_for
from helpdesk.search.pool import Pool
from tests.search.conftest import NAME, Shelf
from tests.support.queries import count_queries

ANNA: Any = "anna"


def ids(text: str, person: Any = None, **options: Any) -> list[int]:
    db.session.rollback()
    return [hit.id for hit in queries.find(person, NAME, text, **options).hits]


@pytest.fixture
def filled(shelf: Shelf) -> Shelf:
    shelf.put("Congés payés et arrêt maladie", "Le salarié malade acquiert des congés.", topic="social/duree-conges")
    shelf.put("Préavis de démission", "La convention collective fixe sa durée.", topic="social/contrats")
    shelf.put("Renouveler un CDDI", "Jusqu’à vingt-quatre mois, selon l’article L. 5132-15-1.", topic="social/contrats")
    shelf.put("Harcèlement au travail", "L’employeur enquête. Le harcèlement est interdit.")
    shelf.put("Convention avec l’ASP", "L’Agence de services et de paiement verse l’aide.", on=date(2025, 5, 1))
    shelf.work()
    return shelf


@pytest.mark.parametrize(
    ("text", "best"),
    [
        ("conges payes", 1),
        ("un salarié malade a-t-il des congés ?", 1),
        ("contrat à durée déterminée d’insertion", 3),
        ("l 5132 15 1", 3),
        ("L5132-15-1", 3),
        ("5132-15-1", 3),
        ("harcelement", 4),
        ("agence de services et de paiement", 5),
        ("PRÉAVIS DE DÉMISSION", 2),
    ],
)
def test_what_is_asked_is_found(filled: Shelf, text: str, best: int) -> None:
    assert ids(text)[0] == best


def test_what_is_found_is_shown_with_its_words_marked(filled: Shelf) -> None:
    hit = queries.find(None, NAME, "conges maladie").hits[0]
    assert hit.title_html == "<mark>Congés</mark> payés et arrêt <mark>maladie</mark>"
    assert "<mark>malade</mark>" in hit.excerpt_html
    assert (hit.on, dict(hit.facets)) == (date(2026, 11, 1), {"topic": ("social/duree-conges",)})


def test_phrases_and_exclusions(filled: Shelf) -> None:
    assert ids('"arrêt maladie"') == [1]
    assert ids('"maladie arrêt"') == []
    assert 1 not in ids("congés durée -maladie")
    assert ids('harcèlement -"est interdit"') == []


def test_the_usual_words_of_a_topic_find_its_entries(filled: Shelf) -> None:
    assert 1 in ids("heures supplémentaires")


def test_filters_narrow_and_facets_count_what_is_left(filled: Shelf) -> None:
    results = queries.find(None, NAME, "congés convention durée CDDI")
    assert results.facets["topic"]["social/contrats"] == 2
    assert ids("convention", filters=Filters(topics=("social/contrats",))) == [2]
    assert 5 not in ids("convention", filters=Filters(from_on=date(2026, 1, 1)))


def test_results_come_by_page(shelf: Shelf) -> None:
    for number in range(7):
        shelf.put(f"Congés {number}")
    shelf.work()
    results = queries.find(None, NAME, "congés", page=2, per_page=3)
    assert (results.total, results.page_count, [hit.id for hit in results.hits]) == (7, 3, [4, 5, 6])
    assert [hit.id for hit in queries.find(None, NAME, "congés", page=99, per_page=3).hits] == [7]
    assert queries.find(None, NAME, "congés", page=-1, per_page=0).page == 1


def test_nothing_is_found_without_a_word(filled: Shelf) -> None:
    for text in ("", "   ", "***", '"', "(((", "\x00"):
        assert queries.find(None, NAME, text) == queries.Results(), repr(text)


def test_a_question_of_stop_words_finds_the_titles_that_hold_them(shelf: Shelf) -> None:
    number = shelf.put("Comment faire quand on n’en peut plus")
    shelf.work()
    results = queries.find(None, NAME, "comment faire")
    assert [hit.id for hit in results.hits] == [number]
    assert not results.is_fallback


def test_an_ambiguous_acronym_offers_its_senses(filled: Shelf) -> None:
    results = queries.find(None, NAME, "aide ASP")
    assert len(results.senses) == 2
    assert ids(results.senses[0].text)[0] == 5


# --- rights


def test_a_person_finds_what_is_theirs_and_what_is_everybodys(filled: Shelf) -> None:
    own = filled.put("Congés d’Anna", reader="anna")
    other = filled.put("Congés de Bruno", reader="bruno")
    filled.work()
    assert set(ids("congés", ANNA)) == {1, own}
    assert set(ids("congés")) == {1}
    assert set(queries.complete_ids(ANNA, NAME, "cong")) == {1, own}
    assert set(queries.similar_ids(ANNA, NAME, "Congés", "")) == {1, own}
    assert other not in ids("bruno congés", ANNA)


@pytest.mark.parametrize("few", [0, 500])
def test_nothing_of_a_person_is_lost_among_what_others_may_see(
    shelf: Shelf, few: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pool, "FEW", few)
    monkeypatch.setattr(pool, "POOL", 5)
    for number in range(12):
        shelf.put("Congés payés congés", f"Congés {number}", reader="bruno")
    mine = [
        shelf.put("Une question", f"Avec des congés au milieu, la {number}e.", reader="anna") for number in range(3)
    ]
    shelf.work()
    assert set(ids("congés", ANNA)) == set(mine)
    assert queries.find(ANNA, NAME, "congés").facets == {}


def test_a_suggestion_never_gives_away_a_hidden_word(filled: Shelf) -> None:
    filled.put("Affaire", "Monsieur Zorglubard a démissionné.", reader="bruno")
    filled.work()
    assert queries.find(None, NAME, "zorglubart").suggestion is None
    assert queries.find("bruno", NAME, "zorglubart").suggestion == "zorglubard"  # type: ignore[arg-type]


def test_a_hidden_word_is_as_unknown_as_one_that_does_not_exist(filled: Shelf) -> None:
    filled.put("Affaire", "Le harcelemont de Bruno.", reader="bruno")
    filled.work()
    assert queries.find(None, NAME, "harcelemont").suggestion == "harcèlement"


def test_withdrawn_words_are_not_found_before_the_worker_has_come(filled: Shelf) -> None:
    assert ids("préavis") == [2]
    filled.hide(2)
    assert ids("préavis") == []
    filled.work()
    assert ids("préavis") == []


def test_replaced_words_are_not_found_before_the_worker_has_come_and_new_ones_of_the_same_entry_are_shown(
    filled: Shelf,
) -> None:
    filled.change(2, title="Démission", body="Un autre texte, sans le mot.")
    assert ids("préavis") == []
    hit = queries.find(None, NAME, "démission").hits[0]
    assert hit.excerpt_html == "Un autre texte, sans le mot."
    filled.work()
    assert ids("autre")[0] == 2


# --- spelling


@pytest.mark.parametrize(
    ("typed", "meant"),
    [("harcellment", "harcèlement"), ("demision", "démission"), ("convantion colective", "convention collective")],
)
def test_a_misspelt_word_is_put_right_as_it_is_written(filled: Shelf, typed: str, meant: str) -> None:
    results = queries.find(None, NAME, typed)
    assert results.suggestion == meant
    assert results.hits, "the right word is looked for at once"


def test_known_words_are_left_alone(filled: Shelf) -> None:
    assert queries.find(None, NAME, "congés payés").suggestion is None
    assert queries.find(None, NAME, "cdi xyz abcd").suggestion is None


# --- while typing, and what is alike


@pytest.mark.parametrize(("typed", "best"), [("har", 4), ("préavis de dém", 2), ("congé", 1), ("renouvel", 3)])
def test_the_last_word_may_be_unfinished(filled: Shelf, typed: str, best: int) -> None:
    assert queries.complete_ids(None, NAME, typed)[0] == best


def test_no_more_is_offered_than_asked_for(shelf: Shelf) -> None:
    for number in range(6):
        shelf.put(f"Congés {number}")
    shelf.work()
    assert len(queries.complete_ids(None, NAME, "cong")) == 3
    assert queries.complete_ids(None, NAME, "") == []


def test_what_is_alike_shares_the_words_that_tell_most(filled: Shelf) -> None:
    body = "Bonjour, notre salarié est malade depuis mars. Acquiert-il des congés pendant son arrêt ? Merci."
    found = queries.similar_ids(None, NAME, "Salarié en arrêt", body)
    assert found[0] == 1
    assert 1 not in queries.similar_ids(None, NAME, "Salarié en arrêt", body, excluding={1})


# --- when the index is away


@pytest.fixture
def without_index(filled: Shelf, app: Flask, monkeypatch: pytest.MonkeyPatch) -> Shelf:
    from helpdesk.search.engines import IndexUnavailable

    class Away:
        def __getattr__(self, name: str) -> Any:
            raise IndexUnavailable(name)

    monkeypatch.setattr(queries, "engine_for", lambda name: Away())
    return filled


def test_sql_answers_and_says_so(without_index: Shelf) -> None:
    results = queries.find(None, NAME, "congés maladie")
    assert results.is_fallback
    assert [hit.id for hit in results.hits] == [1]
    assert "<mark>Congés</mark>" in results.hits[0].title_html
    assert queries.complete_ids(None, NAME, "harc") == [4]
    assert queries.similar_ids(None, NAME, "préavis", "x") == [2]


def test_sql_obeys_filters_rights_and_phrases(without_index: Shelf) -> None:
    without_index.put("Congés de Bruno", reader="bruno")
    assert ids("congés") == [1]
    assert ids("convention", filters=Filters(from_on=date(2026, 1, 1))) == [2]
    assert ids('"maladie arrêt"') == []


def test_the_state_of_each_index_is_known(filled: Shelf) -> None:
    assert queries.index_states() == {NAME: IndexState.READY}


# --- nothing hurts


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(alphabet="conges* ~9()\"«»-\x00:?[]^'’\\%_", max_size=60))
def test_any_text_can_be_searched_completed_and_compared(filled: Shelf, text: str) -> None:
    db.session.rollback()
    queries.find(None, NAME, text)
    queries.complete_ids(None, NAME, text)
    queries.similar_ids(None, NAME, text, text)


@pytest.mark.parametrize(
    "text", ["a" * 10_000, "mot " * 2_500, '"' * 10_000, "(" * 10_000, "é-" * 5_000, "*a* ~9 " * 1_500]
)
def test_ten_kilobytes_are_a_query_like_another(filled: Shelf, text: str) -> None:
    asked: list[int] = []
    engine = engine_for(NAME)
    original = engine.candidates

    class Counting:
        def __getattr__(self, name: str) -> Any:
            return getattr(engine, name)

        def candidates(self, lookup: Any) -> Any:
            asked.append(len(lookup.weights))
            return original(lookup)

    result = Pool(None, queries.corpora.get(NAME), Counting())  # type: ignore[arg-type]
    query = queries.parse(text, queries.service_lexicon())
    queries._ranked(result, query)
    assert max(asked, default=0) <= 45


def test_a_page_of_results_takes_few_queries(filled: Shelf) -> None:
    queries.find(None, NAME, "congés")
    db.session.rollback()
    with count_queries() as few:
        queries.find(None, NAME, "congés maladie convention durée")
    assert len(few) <= 16
