"""Misspelt words."""

from hypothesis import given
from hypothesis import strategies as st

from helpdesk.search.spelling import distance, is_meant, likely_stems

words = st.text(alphabet="abcd", max_size=7)


def test_the_usual_mistakes_are_one_away() -> None:
    for typed in ("conge", "onges", "cnoges", "congges", "conhes"):
        assert distance(typed, "conges", 2) == 1, typed
    assert distance("licenciement", "demission", 2) == 3


@given(words, words)
def test_the_distance_is_the_same_both_ways_and_zero_for_equals_alone(left: str, right: str) -> None:
    assert distance(left, right, 9) == distance(right, left, 9)
    assert (distance(left, right, 9) == 0) == (left == right)


@given(words, words)
def test_a_bound_cuts_and_changes_nothing_below(left: str, right: str) -> None:
    assert distance(left, right, 2) == min(3, distance(left, right, 9))


def test_the_stem_of_the_word_meant_is_among_the_first() -> None:
    known = ["harcel", "har", "hard", "harmon", "haut", "demiss", "demi", "demand", "dem", "urssaf", "urgent", "9har"]
    for typed, meant in (
        ("harcellment", "harcel"),
        ("harcelemont", "harcel"),
        ("demision", "demiss"),
        ("urssf", "urssaf"),
    ):
        same_letter = [stem for stem in known if stem[0] == typed[0]]
        assert meant in list(likely_stems(typed, same_letter))[:3], typed


def test_a_short_word_has_no_neighbour() -> None:
    assert likely_stems("cdi", ["cdd"]) == {}


def test_a_word_far_from_what_was_typed_is_proposed_for_its_stem_alone() -> None:
    assert is_meant("annuellemnt", "annuel", "annuel", 0)
    assert is_meant("demision", "demission", "demiss", 1)
    assert not is_meant("logsisons", "logistique", "logist", 2)
    assert not is_meant("voetre", "voies", "voi", 1)
