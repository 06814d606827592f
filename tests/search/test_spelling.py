"""Misspelt words."""

from hypothesis import given
from hypothesis import strategies as st

from helpdesk.search.spelling import beginnings, distance, nearest

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


def test_the_closest_come_first_then_the_most_frequent() -> None:
    known = {"urssaf": 3, "ursaf": 9, "urgent": 50, "ur": 2}
    assert nearest("urssf", known, 3) == ["ursaf", "urssaf"]


def test_a_short_word_has_no_neighbour() -> None:
    assert nearest("cdi", {"cdd": 4}, 3) == []


def test_a_word_whose_ending_is_wrong_is_recognised_by_its_beginning() -> None:
    known = ["harcel", "harce", "harnais", "huit", "harcelement"]
    assert beginnings("harcelment", known, 3) == ["harcel"]
    assert beginnings("harrcelment", known, 3) == []
    assert beginnings("huit", known, 3) == []
