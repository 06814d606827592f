"""The sixty answers: what the records know is always found, patterns nearly always, and false marks are counted."""

from collections import Counter

import pytest

from helpdesk.kb.anonymisation import find_marks, replaced
from tests.kb.anonymisation.answers import FIGURES, Answer, answers

ALL = (*answers("first"), *answers("second"))
FALSE_MAX_COUNT = 36
FALSE_KNOWN_MAX_COUNT = 10
"""Ordinary words that a known name is made of too (« un atelier vélo »): publication waits for another word."""


def test_there_are_sixty_answers_of_some_length() -> None:
    assert len(ALL) == len({answer.name for answer in ALL}) == 60
    assert all(60 <= len(answer.text.split()) <= 150 for answer in ALL)
    assert all(len(answer.planted) >= 5 for answer in ALL)


@pytest.mark.parametrize("answer", ALL, ids=lambda answer: answer.name)
def test_everything_that_the_records_know_is_found(answer: Answer) -> None:
    marks = answer.marks()
    known = [planted for planted in answer.planted if not planted.kind]
    assert known
    assert [answer.words_of(one) for one in known if not answer.is_covered(one, marks)] == []


@pytest.mark.parametrize("figures", [False, True], ids=["who and where", "amounts and headcounts"])
def test_nearly_all_patterns_are_found(figures: bool) -> None:
    missed, count = [], 0
    for answer in ALL:
        marks = answer.marks()
        wanted = [planted for planted in answer.planted if planted.kind and (planted.kind in FIGURES) is figures]
        count += len(wanted)
        missed += [answer.words_of(one) for one in wanted if not answer.is_covered(one, marks)]
    assert count > 70
    assert len(missed) <= 0.02 * count, missed


def test_false_marks_are_few() -> None:
    false = [mark for answer in ALL for mark in answer.false_marks(answer.marks())]
    print(f"\n{len(false)} false marks in {len(ALL)} answers:", dict(Counter(str(mark.kind) for mark in false)))
    print("of them known:", [mark.text for mark in false if mark.is_known])
    assert len(false) <= FALSE_MAX_COUNT
    assert sum(mark.is_known for mark in false) <= FALSE_KNOWN_MAX_COUNT


@pytest.mark.parametrize("answer", ALL, ids=lambda answer: answer.name)
def test_no_known_name_is_left_once_the_proposals_are_taken(answer: Answer) -> None:
    decisions = {mark.key: mark.proposal for mark in answer.marks() if mark.proposal}
    clean = replaced(answer.text, decisions, answer.known)
    assert [mark for mark in find_marks(clean, answer.known) if mark.is_known] == []
    assert replaced(clean, decisions, answer.known) == clean
