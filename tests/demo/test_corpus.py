"""The invented questions read as a person would have written them, and answer as a jurist would."""

# ruff: noqa: S311 (seeded chance is the point)

import re
from collections import Counter
from datetime import date
from random import Random

import pytest

from helpdesk.demo.corpus import Pattern, get_corpus
from helpdesk.demo.slots import Filler, day_words
from helpdesk.formats import french_text
from helpdesk.reference import get_reference
from helpdesk.tickets import personal_data
from helpdesk.tickets.texts import TITLE_MAX_CHARS

DAY = date(2026, 9, 14)
BROKEN = re.compile(
    r"[{}'\ue010]|  |\b(?:le|du|au) (?:le|hier|demain|aujourd’hui)\b|\b[dq]e (?:a|e|é|i|o|u|y)\w|\bque (?:il|elle|un)"
    r"\b|\b(?:notre|une|un|des) (?:le|la|les|l’|un|une|du|des) |\bsi il\b|\bun\W(?:semaines|jours)\b"
)
each_pattern = pytest.mark.parametrize("pattern", get_corpus().patterns, ids=lambda pattern: pattern.key)


def texts_of(pattern: Pattern) -> list[str]:
    answer = [pattern.brief, pattern.explanation, *pattern.steps, *pattern.references, pattern.orientation]
    return [text for text in answer if text]


def wordings(pattern: Pattern) -> list[str]:
    """Every title with its facts, and the exchange of details, filled several times."""
    filled = []
    for chance in range(6):
        for title, facts in pattern.wordings:
            filler = Filler(Random(chance), DAY, get_corpus().wordings)
            filled += [filler.fill(text) for text in (title, facts, pattern.clarification, pattern.reply)]
    return filled


def test_there_are_at_least_150_kinds_of_questions_over_every_topic() -> None:
    patterns = get_corpus().patterns
    assert len(patterns) >= 150
    assert len({pattern.key for pattern in patterns}) == len(patterns)
    told = {pattern.topic for pattern in patterns}
    assert {code for code in get_reference().topics if code not in told} <= {"hors-champ/penal-personnel"}
    assert told <= set(get_reference().topics)


@each_pattern
def test_a_question_reads_well_however_its_slots_are_filled(pattern: Pattern) -> None:
    for text in wordings(pattern):
        assert not BROKEN.search(text), text
    assert all(len(text) <= TITLE_MAX_CHARS for text in wordings(pattern)[::4])


@each_pattern
def test_a_question_holds_no_name_and_no_number_of_anybody(pattern: Pattern) -> None:
    for text in wordings(pattern) + texts_of(pattern):
        assert not personal_data.find(text), text


@each_pattern
def test_the_typography_is_french_already(pattern: Pattern) -> None:
    for text in [*pattern.facts, *texts_of(pattern), *pattern.titles]:
        bare = re.sub(r"\{[^}]*\}", "x", text)
        assert french_text(bare) == bare
        assert "'" not in bare


@each_pattern
def test_a_question_has_a_whole_answer_or_an_orientation(pattern: Pattern) -> None:
    if get_reference().topics[pattern.topic].is_out_of_scope:
        assert pattern.orientation
        assert not pattern.brief
        return
    assert pattern.brief
    assert pattern.explanation
    assert len(pattern.steps) >= 2
    assert pattern.references
    assert bool(pattern.clarification) == bool(pattern.reply)


def test_every_kind_of_structure_has_questions_of_its_own() -> None:
    asked = Counter(code for pattern in get_corpus().patterns for code in pattern.typologies)
    for code in ("AI", "ACI", "EI", "ETTI", "ETT-ESS", "EBE", "GES", "SAP", "PTCE", "ETAT", "DELEGATION"):
        assert asked[code] >= 3, code


def test_a_slot_keeps_its_value_from_the_title_to_the_answer() -> None:
    filler = Filler(Random(1), DAY, get_corpus().wordings)
    assert filler.fill("{d=jour_passe 3 9}") == filler.fill("{d}")
    assert filler.fill("{a=une table|une chaise}") == "une " + filler.fill("{a=table|chaise}")


def test_words_agree_with_the_person_of_the_question() -> None:
    texts = {
        Filler(Random(chance), DAY, get_corpus().wordings).fill("{Un} {salarie} arrivé{e} ; si {il} part")
        for chance in range(30)
    }
    assert texts == {"Un salarié arrivé ; s’il part", "Une salariée arrivée ; si elle part"}


@pytest.mark.parametrize(
    ("day", "words"),
    [
        (date(2026, 9, 13), "hier"),
        (date(2026, 9, 15), "demain"),
        (date(2026, 9, 1), "le 1er\u00a0septembre"),
        (date(2025, 12, 3), "le 3\u00a0décembre\u00a02025"),
    ],
)
def test_a_day_is_said_as_one_says_it(day: date, words: str) -> None:
    assert day_words(day, DAY, is_near=True) == words
