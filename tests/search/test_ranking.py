"""The ranking that all engines share."""

from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from helpdesk.search.corpora import Document, entry_of
from helpdesk.search.lexicon import Lexicon
from helpdesk.search.query import parse
from helpdesk.search.ranking import Entry, Stats, packed, packed_count, rank

ON = date(2026, 1, 1)


def page(number: int, title: str, body: str = "") -> Entry:
    return entry_of(Document(number, 1, title, body, ON))


def ranked(text: str, *entries: Entry) -> list[int]:
    query = parse(text, Lexicon())
    frequencies = {term: sum(entry.holds(term) for entry in entries) for term in query.weights}
    count = len(entries)
    stats = Stats(
        count,
        sum(entry.title_terms for entry in entries) / count,
        sum(entry.body_terms for entry in entries) / count,
        frequencies,
    )
    return [one.entry.id for one in rank(query, entries, stats)]


def test_the_title_counts_more_than_the_body() -> None:
    assert ranked("préavis", page(1, "Congés", "Le préavis."), page(2, "Préavis", "Les congés.")) == [2, 1]


def test_a_rare_word_counts_more_than_a_common_one() -> None:
    pages = [page(n, f"Contrat {n}", "contrat de travail") for n in range(3, 9)]
    assert ranked("contrat apprentissage", page(1, "Contrat", "x"), page(2, "Apprentissage", "x"), *pages)[0] == 2


def test_words_side_by_side_count_more_than_apart() -> None:
    apart = page(1, "Fiche", "La rupture du lien et la période conventionnelle.")
    together = page(2, "Fiche", "La rupture conventionnelle du lien et la période.")
    assert ranked("rupture conventionnelle", apart, together) == [2, 1]


def test_what_holds_no_word_is_left_out() -> None:
    assert ranked("congés", page(1, "Licenciement", "Un motif.")) == []


def test_a_phrase_is_required_and_an_exclusion_obeyed() -> None:
    pages = [page(1, "Faute grave"), page(2, "Faute", "Une grave affaire."), page(3, "Faute grave", "et lourde")]
    assert set(ranked('"faute grave"', *pages)) == {1, 3}
    assert ranked('"faute grave" -lourde', *pages) == [1]
    assert ranked('faute -"faute grave"', *pages) == [2]


def test_equals_come_in_a_stable_order() -> None:
    pages = [page(number, "Congés payés") for number in (4, 2, 9)]
    assert ranked("congés", *pages) == [2, 4, 9]


def test_the_terms_of_topics_are_among_those_of_the_body() -> None:
    entry = entry_of(Document(1, 1, "Titre", "", ON, {"topic": ("social/contrats",)}))
    assert entry.holds("#social/contrats")
    assert entry.body_terms == 1


@given(st.lists(st.text(alphabet="ab", min_size=1, max_size=3), max_size=30))
def test_counting_in_a_packed_text_is_counting_in_the_list(words: list[str]) -> None:
    text = packed(words)
    assert packed_count(text) == len(words)
    assert text.split() == words
    for word in set(words):
        assert text.count(f" {word} ") == words.count(word)
