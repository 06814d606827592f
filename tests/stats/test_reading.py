"""What the figures of « Délais » say, in words."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpdesk.formats import french_text
from helpdesk.reporting import Period
from helpdesk.stats import reading
from helpdesk.stats.breakdown import DELAY_COLUMNS, RECEIVED
from helpdesk.stats.measures import Delays, Facts, delays_of
from helpdesk.stats.periods import buckets
from helpdesk.stats.perms import NATIONAL, Selection
from helpdesk.stats.queries.dashboard import Dashboard
from helpdesk.stats.queries.facts import Unanswered
from helpdesk.stats.reading import Target
from helpdesk.stats.tables import Row, Table, Untold
from helpdesk.stats.wording import DEFINITIONS
from helpdesk.tickets.enums import Channel, Tier
from tests.factories.stats import Fact

NOW = datetime(2026, 11, 30, 12, tzinfo=UTC)
YEAR = Period.of_year(2026)
TARGET = Target(10)
DOCUMENT = Path(__file__).parents[2] / "docs" / "delais.md"
SPACES = str.maketrans("\u00a0\u202f", "  ")


def plain(text: str) -> str:
    return text.translate(SPACES)


def fact(days: int | None, *, tier: Tier = Tier.POLE) -> Fact:
    """A question answered on that day by *tier*; never, without one."""
    seconds = (days or 0) * 86_400
    is_answered = days is not None
    return Fact(
        month=0,
        delegation="bretagne",
        topic="social/discipline",
        channel="portal",
        organisation_id=1,
        answered_by=tier.value if is_answered else None,
        gross_days=days or 0,
        net_days=max((days or 0) - 1, 0),
        gross_seconds=seconds,
        delegation_seconds=0,
        waiting_seconds=0,
        relay_seconds=0,
        is_within=is_answered and (days or 0) <= TARGET.days,
        is_on_time=is_answered and (days or 0) <= TARGET.days + 1,
    )


def facts(*groups: tuple[int, int | None]) -> list[Fact]:
    """So many questions answered on that day, for each of *groups*."""
    return [fact(days) for count, days in groups for _ in range(count)]


def board(
    found: Sequence[Fact],
    before: Sequence[Fact] = (),
    ages: Sequence[int] = (),
    late_count: int = 0,
    **selection: object,
) -> Dashboard:
    waiting = [
        Unanswered(NOW - timedelta(days=age), NOW + timedelta(days=-1 if place < late_count else 1), is_waiting=False)
        for place, age in enumerate(ages)
    ]
    return Dashboard(Selection(**selection), YEAR, NOW, Facts(found), delays_of(Facts(before)), waiting, {})  # type: ignore[arg-type]


# --- the sentence


def said(one: Dashboard, target: Target = TARGET) -> list[str]:
    finding = reading.finding(one, target)
    return [plain(f"{finding.strong} {finding.rest}"), *map(plain, finding.notes)]


def test_the_sentence_tells_the_share_within_the_target_and_the_aim() -> None:
    assert said(board(facts((88, 6), (12, 11)))) == [
        "88 % des réponses sont parties en 10 jours ou moins.",
        "L’objectif est de 90 %.",
    ]


def test_the_year_before_stands_beside_when_it_has_ten_answers() -> None:
    now = facts((88, 6), (12, 11))
    assert said(board(now, facts((8, 6), (2, 11))))[2] == "Aux mêmes dates un an plus tôt : 80 %."
    assert len(said(board(now, facts((9, 6))))) == 2


@pytest.mark.parametrize("count", [1, 9])
def test_under_ten_answers_no_share_is_told(count: int) -> None:
    sentence, known = said(board(facts((count, 3), (4, None))))
    assert sentence == "Pas assez de réponses sur cette période pour calculer un délai."
    assert known == f"{count} réponse{'s' if count > 1 else ''} : il en faut 10."
    assert said(board(facts((10, 3))))[0].startswith("100 % des réponses")


def test_without_any_question_the_sentence_says_so() -> None:
    assert said(board([]))[0] == "Aucune question reçue sur cette période."


def test_a_target_of_working_days_is_named_so() -> None:
    assert said(board(facts((10, 3))), Target(7, is_calendar=False))[0].endswith("en 7 jours ouvrés ou moins.")


@given(within=st.integers(0, 3000), beyond=st.integers(0, 3000))
def test_all_or_nothing_is_never_said_of_almost_all_or_almost_nothing(within: int, beyond: int) -> None:
    text = plain(reading.share_text(Delays(within + beyond, within + beyond, within, 0, 1, 1)))
    assert (text == "100 %") == (within > 0 and not beyond)
    assert (text == "0 %") == (not within)


@pytest.mark.parametrize(
    ("within", "beyond", "text"),
    [(26, 3, "89 %"), (899, 101, "89 %"), (9, 1, "90 %"), (904, 96, "90 %"), (895, 105, "89 %")],
)
def test_a_share_is_never_rounded_onto_the_target_that_it_misses(within: int, beyond: int, text: str) -> None:
    assert plain(reading.share_text(Delays(within + beyond, within + beyond, within, 0, 1, 1))) == text
    assert said(board(facts((within, 3), (beyond, 20))))[0].startswith(text)


# --- the four figures


def figures(one: Dashboard) -> list[tuple[str, str, str, tuple[str, ...]]]:
    return [
        (plain(figure.value), figure.unit, plain(figure.label), tuple(map(plain, figure.notes)))
        for figure in reading.key_figures(one)
    ]


def test_the_four_figures_stand_beside_those_of_the_year_before() -> None:
    now, before = facts((9, 1), (11, 6), (2, None)), facts((12, 7), (1, None))
    assert figures(board(now, before, ages=(34, 2), late_count=1)) == [
        ("20", "", "réponses envoyées", ("pour 22 questions reçues", "12 réponses un an plus tôt")),
        ("6", "jours", "délai médian", ("7 jours un an plus tôt",)),
        ("6", "jours", "pour 9 questions sur 10", ("7 jours un an plus tôt",)),
        ("2", "", "questions encore sans réponse", ("dont 1 hors délai", "la plus ancienne a 34 jours")),
    ]


def test_a_median_of_half_a_day_and_a_single_day_are_written_as_in_french() -> None:
    _sent, median, ninth, _waiting = figures(board(facts((10, 1), (10, 2))))
    assert (median[:2], ninth[:2]) == (("1,5", "jour"), ("2", "jours"))


def test_few_answers_have_no_median_and_their_number_is_told() -> None:
    found = figures(board(facts((3, 4)), facts((2, 4))))
    assert found[0][0] == "3"
    assert found[1] == (
        "–", "", "délai médian", ("moins de 10 réponses", "trop peu de réponses un an plus tôt")
    )  # fmt: skip


def test_one_question_without_an_answer_is_spoken_of_alone() -> None:
    assert figures(board(facts((1, None)), ages=(12,), late_count=1))[3][2:] == (
        "question encore sans réponse",
        ("hors délai", "elle a 12 jours"),
    )
    assert figures(board(facts((1, None)), ages=(3,)))[3][3] == ("pas encore hors délai", "elle a 3 jours")
    assert figures(board(facts((2, None)), ages=(3, 1)))[3][3][0] == "aucune hors délai"
    assert figures(board(facts((1, 3))))[3] == ("0", "", "question encore sans réponse", ())


def test_questions_without_an_answer_are_of_no_tier() -> None:
    found = figures(board(facts((12, 4)), answered_by=Tier.POLE))
    assert found[0][3] == ()
    assert found[3][0] == "–"


# --- the period and the filters


@pytest.mark.parametrize(
    ("first", "last", "text"),
    [
        ("2026-01-01", "2026-11-22", "du 1er janvier au 22 novembre 2026"),
        ("2025-11-23", "2026-11-22", "du 23 novembre 2025 au 22 novembre 2026"),
        ("2026-03-03", "2026-03-03", "le 3 mars 2026"),
    ],
)
def test_a_period_in_words(first: str, last: str, text: str) -> None:
    assert plain(reading.period_text(Period(date.fromisoformat(first), date.fromisoformat(last)))) == text


def test_the_filters_in_words() -> None:
    assert reading.scope_text(Selection()) == "toutes régions, tous thèmes"
    chosen = Selection(
        delegations=frozenset({"bretagne", NATIONAL}),
        topic="social",
        typology="ACI",
        channel=Channel.PHONE,
        answered_by=Tier.DELEGATION,
    )
    assert reading.scope_text(chosen).startswith("Bretagne, sans délégation, thème « ")
    assert reading.scope_text(chosen).endswith(
        "typologie « ACI », canal « Téléphone », réponses de niveau « Délégation »"
    )


# --- the course of the months


def steps(period: Period, shares: Sequence[float | None], fewest: int = 10) -> Table:
    """A table ``par-mois`` with these shares; none: too few answers."""
    many = [fewest] * 60
    names = buckets(period, many, fewest)
    assert len(names) == len(shares)
    rows = tuple(
        Row(
            name.key,
            name.label,
            (20, 20, 6.5, 6, 9, share) if share is not None else (3, 3, *[Untold.TOO_FEW_ANSWERS] * 4),
        )
        for name, share in zip(names, shares, strict=True)
    )
    return Table("par-mois", "Au fil des mois", "Réception", (RECEIVED, *DELAY_COLUMNS), rows)


JANUARY_TO_JUNE = Period(date(2026, 1, 1), date(2026, 6, 30))
PASSED = "plus d’une réponse sur dix a demandé plus de 10 jours"
COURSES: list[tuple[tuple[float | None, ...], str]] = [
    ((0.9, 0.95, 0.8, 0.7, 0.92, 0.9), f"En mars et en avril, {PASSED}. Depuis mai, l’objectif est de nouveau tenu."),
    ((0.9, 0.95, 0.7, 0.7, 0.8, 0.9), f"De mars à mai, {PASSED}. En juin, l’objectif est de nouveau tenu."),
    ((0.9, 0.95, 0.95, 0.7, 0.8, 0.7), f"Depuis avril, {PASSED}."),
    ((0.9, 0.89, 0.95, 0.9, 0.9, 0.9), f"En février, {PASSED}. Depuis mars, l’objectif est de nouveau tenu."),
    ((0.9, 0.95, 0.95, 0.9, 0.7, 0.8), f"Depuis mai, {PASSED}."),
    ((0.9, 0.95, 0.95, 0.9, 0.9, 0.8), f"En juin, {PASSED}."),
    (
        (0.8, 0.95, 0.8, 0.9, 0.9, 0.9),
        f"P{PASSED[1:]} en janvier et en mars. Depuis avril, l’objectif est de nouveau tenu.",
    ),
    ((0.8, 0.95, 0.8, 0.7, 0.9, 0.5), f"P{PASSED[1:]} en janvier, en mars, en avril et en juin."),
    ((0.8,) * 6, f"Chaque mois, {PASSED}."),
    (
        (0.9,) * 6,
        "Aucun mois n’a dépassé l’objectif : neuf réponses sur dix au moins sont parties en 10 jours ou moins.",
    ),
    (
        (0.8, 0.7, 0.6, 0.9, 0.7, 0.5),
        "Sur 6 mois, 5 ont dépassé l’objectif : plus d’une réponse sur dix y a demandé plus de 10 jours.",
    ),
    # What is not told breaks a run, and ends nothing.
    ((0.95, 0.8, None, 0.8, 0.9, None), f"P{PASSED[1:]} en février et en avril."),
    ((None, None, 0.9, None, None, None), ""),
    ((None,) * 6, ""),
]


@pytest.mark.parametrize(("shares", "text"), COURSES)
def test_the_course_of_the_months(shares: tuple[float | None, ...], text: str) -> None:
    assert plain(reading.course(steps(JANUARY_TO_JUNE, shares), TARGET)) == text


def test_the_course_names_the_year_where_there_are_several() -> None:
    period = Period(date(2025, 11, 1), date(2026, 2, 28))
    found = reading.course(steps(period, (0.9, 0.8, 0.8, 0.95)), TARGET)
    assert (
        plain(found)
        == f"En décembre 2025 et en janvier 2026, {PASSED}. En février 2026, l’objectif est de nouveau tenu."
    )


NAMED = [
    (("2026-T1", "2026-T2", "2026-T3", "2026-T4"), "Du 1er trimestre au 3e trimestre", "Au 4e trimestre"),
    (("2025-T4", "2026-T1", "2026-T2", "2026-T3"), "Du 4e trimestre 2025 au 2e trimestre 2026", "Au 3e trimestre 2026"),
    (("2022", "2023", "2024", "2025"), "De 2022 à 2024", "En 2025"),
    (("2026-08", "2026-09", "2026-10", "2026-11"), "D’août à octobre", "En novembre"),
]


@pytest.mark.parametrize(("keys", "span", "end"), NAMED)
def test_the_course_of_quarters_and_years(keys: tuple[str, ...], span: str, end: str) -> None:
    shares = zip(keys, (0.8, 0.8, 0.8, 0.9), strict=True)
    rows = tuple(Row(key, key, (20, 20, 6.5, 6, 9, share)) for key, share in shares)
    table = Table("par-mois", "", "", (RECEIVED, *DELAY_COLUMNS), rows)
    assert plain(reading.course(table, TARGET)) == f"{span}, {PASSED}. {end}, l’objectif est de nouveau tenu."


@given(st.lists(st.none() | st.floats(0, 1), min_size=6, max_size=6))
def test_a_course_is_always_whole_sentences(shares: list[float | None]) -> None:
    text = reading.course(steps(JANUARY_TO_JUNE, shares), TARGET)
    assert not text or (text[0].isupper() and text.endswith("."))
    told = [share for share in shares if share is not None]
    assert (PASSED.partition(" a ")[0] in text.lower()) == (len(told) > 1 and any(share < 0.9 for share in told))


# --- what stands beside the drawings and the tables


def test_outside_the_pole_a_histogram_does_not_say_that_under_five_were_late() -> None:
    delays = delays_of(Facts(facts((30, 3), (4, 12))))
    inside = reading.histogram_words(delays, TARGET, tells_all=True)
    outside = reading.histogram_words(delays, TARGET, tells_all=False)
    assert plain(inside.hint) == "Nombre de réponses selon le délai. 4 réponses ont dépassé l’objectif."
    assert "30 réponses sur 34 en 10 jours ou moins" in plain(inside.description)
    assert outside.hint == "Nombre de réponses selon le délai."
    assert "34" not in outside.description


def test_a_curve_is_described_by_its_ends() -> None:
    table = steps(JANUARY_TO_JUNE, (None, 0.9, 0.9, 0.9, 0.9, None))
    assert "(févr. à mai). Pour finir, 6 jours de délai médian et 9 jours" in plain(reading.curve_description(table))
    assert "Trop peu de réponses" in reading.curve_description(steps(JANUARY_TO_JUNE, (None,) * 6))


def test_the_net_delay_and_the_announced_date_stand_beside() -> None:
    one = board(facts((18, 6), (2, 11)))
    assert plain(reading.net_text(one)) == (
        "Délai net médian : 5 jours, sans l’attente d’une précision de l’adhérent. "
        "À la date annoncée : 100 % des réponses."
    )
    assert reading.net_text(board(facts((9, 6)))) == ""


def test_the_part_of_the_first_level_is_told_from_ten_answers_on() -> None:
    given_first = [fact(3, tier=Tier.DELEGATION)] * 4
    assert plain(reading.first_level_text(board([*given_first, *facts((6, 3))]), tells_all=True)).startswith(
        "40 % des réponses"
    )
    assert reading.first_level_text(board([*given_first, *facts((5, 3))]), tells_all=True) == ""
    assert reading.first_level_text(board([*given_first, *facts((6, 3))], answered_by=Tier.POLE), tells_all=True) == ""


def test_what_is_closed_without_an_answer_is_counted_apart() -> None:
    one = board(facts((10, 3), (5, None)), ages=(3, 2))
    told = plain(reading.ended_otherwise_text(one, tells_all=True))
    assert told.startswith("3 autres questions de la période sont closes")
    assert told.endswith("elles sortaient du champ du service, ou elles ont été retirées.")
    alone = plain(reading.ended_otherwise_text(board(facts((10, 3), (1, None))), tells_all=True))
    assert alone.startswith("1 autre question de la période est close sans réponse écrite : ")
    assert alone.endswith("elle sortait du champ du service, ou elle a été retirée.")
    assert reading.ended_otherwise_text(one, tells_all=False) == ""
    assert reading.ended_otherwise_text(board(facts((10, 3))), tells_all=True) == ""


@pytest.mark.parametrize(
    ("first", "last", "title"),
    [
        ("2026-10-01", "2026-11-20", "L’évolution sur la période"),
        ("2026-01-01", "2026-11-20", "L’évolution au fil de l’année"),
        ("2025-11-21", "2026-11-20", "L’évolution au fil du temps"),
    ],
)
def test_the_curve_of_a_quarter_is_not_called_that_of_a_year(first: str, last: str, title: str) -> None:
    assert reading.course_title(Period(date.fromisoformat(first), date.fromisoformat(last))) == title


def test_questions_without_any_answer_are_said_in_words() -> None:
    sentence = said(board(facts((3, None))))[0]
    assert sentence == "Aucune réponse envoyée pour 3 questions reçues sur cette période."


def test_the_words_keep_the_typography_of_the_pages() -> None:
    texts = [reading.course(steps(JANUARY_TO_JUNE, shares), TARGET) for shares, _text in COURSES]
    texts += [reading.net_text(board(facts((18, 6)))), reading.share_caption(TARGET)]
    assert [text for text in texts if "'" in french_text(text)] == []


def test_the_documentation_gives_the_definitions_of_the_pages() -> None:
    text = plain(DOCUMENT.read_text())
    assert [term for term, meaning in DEFINITIONS if f"- **{term}** : {plain(french_text(meaning))}" not in text] == []
