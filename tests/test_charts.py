"""Where everything stands in a chart: nothing outside it, nothing said that the figures do not say."""

import math
import re
from collections.abc import Iterator
from dataclasses import asdict
from itertools import pairwise
from typing import Any

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st

from helpdesk.charts import MOST_MARKED, NARROW_PX, WIDE_PX, Curve, Histogram, gauge
from helpdesk.stats.tables import Column, Kind, Row, Table, Untold, Value
from tests.support import figures
from tests.support.styleguide import build_styleguide

COUNTS = st.lists(st.one_of(st.integers(0, 10_000), st.sampled_from([0, 1, None, *Untold])), max_size=90)
LIMITS = st.one_of(st.none(), st.integers(0, 100))
VALUES = st.one_of(
    st.none(), st.integers(0, 10**9), st.floats(0, 10**9), st.sampled_from([math.nan, math.inf, *Untold, -1])
)


@st.composite
def curves(draw: st.DrawFn) -> Curve:
    labels = draw(st.lists(st.text(max_size=9), max_size=70))
    values = st.lists(VALUES, min_size=len(labels), max_size=len(labels))
    series = draw(st.dictionaries(st.sampled_from(["un", "deux", "trois"]), values))
    return Curve.of(labels, series, draw(st.one_of(st.none(), st.floats(0, 10**9))))


def numbers(value: Any) -> Iterator[float]:
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list | tuple):
        for part in value:
            yield from numbers(part)
    elif isinstance(value, int | float):
        yield value


def text_px(text: str) -> float:
    return len(text) * 7.5


# --- histograms


@given(COUNTS, LIMITS, st.booleans())
def test_the_bars_are_the_counts_and_stay_inside(counts: list[Any], limit: int | None, is_open_ended: bool) -> None:
    shape = Histogram.of(counts, limit, is_open_ended=is_open_ended)
    assert [bar.value for bar in shape.bars] == [count if isinstance(count, int) else None for count in counts]
    for bar in shape.bars:
        assert -0.01 <= bar.x <= bar.middle <= bar.x + bar.width <= 100.01
        assert shape.TOP <= bar.y <= shape.FLOOR
        assert bar.y + bar.height == pytest.approx(shape.FLOOR)
        assert bar.height == 0 or bar.height >= shape.LOWEST_PX
    assert all(0 <= label.x <= 100 for label in shape.labels)
    assert all(math.isfinite(number) for number in numbers(asdict(shape)))


@given(COUNTS, LIMITS)
def test_every_answer_is_drawn_once_within_or_beyond(counts: list[Any], limit: int | None) -> None:
    shape = Histogram.of(counts, limit)
    drawn = [*shape.within, *shape.beyond, *shape.untold]
    assert sum(bar.value or 0 for bar in drawn) == sum(count for count in counts if isinstance(count, int))
    assert len(drawn) == len({(bar.x, bar.value) for bar in drawn})
    told = range(len(counts)) if limit is None else range(min(limit + 1, len(counts)))
    assert sum(bar.value or 0 for bar in shape.within) == sum(counts[d] for d in told if isinstance(counts[d], int))


@given(st.lists(st.integers(0, 10_000), min_size=1).filter(any))
def test_the_highest_bar_fills_the_height_and_the_others_their_part(counts: list[int]) -> None:
    shape = Histogram.of(counts, 10)
    full = shape.FLOOR - shape.TOP
    highest = max(counts)
    for bar in shape.bars:
        assert bar.value is not None
        expected = max(bar.value / highest * full, shape.LOWEST_PX) if bar.value else 0
        assert bar.height == pytest.approx(expected, abs=0.01)
    assert max(bar.height for bar in shape.bars) == full


@given(st.integers(2, 60).flatmap(lambda count: st.tuples(st.just(count), st.integers(0, count - 2))))
def test_the_target_stands_between_its_own_bar_and_the_next(size: tuple[int, int]) -> None:
    count, limit = size
    shape = Histogram.of([1] * count, limit)
    assert shape.target_x is not None
    assert shape.bars[limit].x + shape.bars[limit].width < shape.target_x < shape.bars[limit + 1].x
    assert [bar.is_beyond for bar in shape.bars] == [day > limit for day in range(count)]
    assert [label.text for label in shape.labels if label.is_target] == [str(limit)]


def test_a_target_past_the_last_bar_stands_at_the_end() -> None:
    assert Histogram.of([1, 2], 10).target_x == 100
    assert Histogram.of([1, 2], None).target_x is None
    assert Histogram.of([], 10).target_x is None


@given(COUNTS, LIMITS, st.booleans())
def test_no_words_touch_one_another(counts: list[Any], limit: int | None, is_open_ended: bool) -> None:
    shape = Histogram.of(counts, limit, is_open_ended=is_open_ended)
    shown = [(bar.middle, str(bar.value), bar.is_wide_only) for bar in shape.shown]
    named = [(label.x, label.text.rstrip("+"), label.is_wide_only) for label in shape.labels]
    for texts in (shown, named):
        for room, kept in ((WIDE_PX, texts), (NARROW_PX, [text for text in texts if not text[2]])):
            for (x, text, _), (next_x, next_text, _) in pairwise(kept):
                assert (next_x - x) / 100 * room + 0.1 >= (text_px(text) + text_px(next_text)) / 2


@given(COUNTS.filter(lambda counts: any(isinstance(count, int) and count for count in counts)), LIMITS)
def test_the_highest_count_and_the_target_are_always_written(counts: list[Any], limit: int | None) -> None:
    shape = Histogram.of(counts, limit)
    highest = max(bar.value or 0 for bar in shape.bars)
    assert [bar.value for bar in shape.shown if not bar.is_wide_only and bar.value == highest]
    assert [label.text for label in shape.labels if label.is_target] == [str(limit)] * (
        limit is not None and limit < len(counts)
    )


def test_every_second_day_is_named_on_a_telephone() -> None:
    shape = figures.HISTOGRAM
    assert [label.text for label in shape.labels] == [*map(str, range(18)), "18+"]
    narrow = [label.text for label in shape.labels if not label.is_wide_only]
    assert narrow == ["0", "2", "4", "6", "8", "10", "12", "14", "16", "18+"]


# --- curves


@given(curves())
def test_a_curve_stays_inside_and_is_finite(shape: Curve) -> None:
    for line in shape.lines:
        for point in [*line.marks, *(point for run in line.runs for point in run)]:
            assert 0 <= point.x <= 100
            assert shape.TOP <= point.y <= shape.FLOOR
    assert all(0 <= label.x <= 100 for label in shape.labels)
    assert all(shape.TOP <= tick.y <= shape.FLOOR for tick in shape.ticks)
    assert 1 <= len(shape.ticks) + bool(shape.target) <= shape.MOST_TICKS + 2
    assert all(math.isfinite(number) for number in numbers(asdict(shape)))


def test_a_gap_breaks_the_line_and_a_month_alone_is_still_seen() -> None:
    values = [1, 2, None, Untold.TOO_FEW_ANSWERS, 3, math.nan, 0, 5]
    (line,) = Curve.of([""] * 8, {"Délai": values}).lines
    assert [[point.value for point in run] for run in line.runs] == [[1, 2], [3], [0, 5]]
    assert [len(points.split(" ")) for points in line.polylines] == [2, 2]
    assert [point.value for point in line.marks] == [1, 2, 3, 0, 5]
    assert line.end is not None
    assert line.end.value == 5


def test_a_long_line_is_not_hidden_by_its_marks() -> None:
    values = [None if month in {30, 32} else 4 for month in range(60)]
    (line,) = Curve.of([""] * 60, {"Délai": values}).lines
    assert len(line.marks) == 1
    (short,) = Curve.of([""] * MOST_MARKED, {"Délai": [4] * MOST_MARKED}).lines
    assert len(short.marks) == MOST_MARKED


def test_only_gaps_leave_the_target_and_the_months() -> None:
    shape = Curve.of(["janv.", "févr."], {"Délai": [None, None]}, 10)
    assert [(line.runs, line.marks, line.end) for line in shape.lines] == [((), (), None)]
    assert shape.target is not None
    assert (shape.target.value, shape.target.y) == (10, shape.TOP)
    assert [tick.value for tick in shape.ticks] == [0, 5]


def test_one_month_stands_in_the_middle() -> None:
    (line,) = Curve.of(["nov."], {"Délai": [6]}).lines
    assert [(point.x, point.value) for point in line.marks] == [(50, 6)]
    assert line.polylines == ()


def test_a_value_stands_at_its_height() -> None:
    shape = Curve.of(["a", "b"], {"Délai": [0, 15]}, 10)
    (run,) = shape.lines[0].runs
    assert [point.y for point in run] == [shape.FLOOR, shape.TOP]
    assert [tick.value for tick in shape.ticks] == [0, 5, 15]


@given(st.lists(st.integers(0, 20), min_size=1, max_size=3), st.integers(1, 20))
def test_the_last_values_do_not_cover_one_another(values: list[int], target: int) -> None:
    shape = Curve.of(["", ""], {str(place): [0, value] for place, value in enumerate(values)}, target)
    written = sorted((line.end_y or 0, -(line.end.value if line.end else 0)) for line in shape.lines)
    assert all(after - before >= shape.LINE_PX - 0.01 for (before, _), (after, _) in pairwise(written))
    assert [value for _, value in written] == sorted(-value for value in values)
    assert all(0 <= y <= shape.FLOOR + 5 for y, _ in written)


def test_a_line_that_stops_before_the_end_has_no_last_value() -> None:
    (line,) = Curve.of(["", ""], {"Délai": [4, None]}).lines
    assert (line.end, line.end_y) == (None, None)


def test_a_series_has_a_value_for_each_label() -> None:
    with pytest.raises(ValueError, match="for each label"):
        Curve.of(["janv."], {"Délai": [1, 2]})


@pytest.mark.parametrize(
    ("values", "is_drawn"),
    [
        ([], False),
        ([None, 4, None], False),
        ([4, None, 5], True),
        ([4, 5], True),
        (["moins de 10 réponses"] * 3, False),
    ],
)
def test_a_curve_is_drawn_from_two_told_steps(values: list[object], is_drawn: bool) -> None:
    labels = [str(place) for place in range(len(values))]
    assert Curve.of(labels, {"Délai médian": values, "Délai moyen": [None] * len(values)}, 10).is_drawn is is_drawn


@pytest.mark.parametrize(
    ("counts", "is_drawn"), [([], False), ([0, 0], False), (["moins de 5", 0], False), (["moins de 5", 7], True)]
)
def test_a_histogram_is_drawn_when_a_count_is_told(counts: list[object], is_drawn: bool) -> None:
    assert Histogram.of(counts, 10).is_drawn is is_drawn


# --- target bars


@given(st.floats(-1, 2), st.one_of(st.none(), st.floats(0, 1)))
def test_a_target_bar_stays_inside(share: float, target: float | None) -> None:
    bar = gauge(share, target)
    assert 0 <= bar.width <= 100
    assert bar.tick is None or 0 <= bar.tick <= 100
    assert target is not None or not bar.is_below


@pytest.mark.parametrize(("share", "is_below"), [(0.9, False), (26 / 29, True), (0.894, True), (0, True), (1, False)])
def test_a_share_is_below_its_target_however_it_would_be_rounded(share: float, is_below: bool) -> None:
    assert gauge(share, 0.9).is_below is is_below


# --- drawn


@pytest.fixture(scope="module")
def guide() -> Flask:
    return build_styleguide()


def draw(guide: Flask, source: str, **context: object) -> str:
    names = "curve, data_table, figure_table, histogram, legend, target_bar"
    template = f'{{% from "components/charts.html" import {names} %}}{source}'
    with guide.test_request_context():
        return guide.jinja_env.from_string(template).render(**context)


def table(*rows: tuple[str, tuple[Value, ...]], note: str = "") -> Table:
    columns = (
        Column("answers", "Réponses", Kind.COUNT),
        Column("median", "Médian", Kind.DAYS),
        Column("within", "En 10 jours ou moins", Kind.SHARE),
    )
    return Table("t", "Par région ?", "Région", columns, tuple(Row(name, name, values) for name, values in rows), note)


def cells(html: str) -> list[str]:
    return [re.sub(r"<[^>]*>", "", cell) for cell in re.findall(r"<td.*?</td>", html)]


def test_a_drawing_is_an_image_with_words_and_its_own_ids(guide: Flask) -> None:
    html = draw(
        guide,
        '{{ histogram(shape, "a", "Délais <b> ?", "Cent réponses.") }}{{ histogram(shape, "b", "Autres", "Deux.") }}',
        shape=Histogram.of([1, 2], 0),
    )
    assert html.count('role="img"') == 2
    assert '<title id="a-t">Délais &lt;b&gt;\u202f?</title><desc id="a-d">Cent réponses.</desc>' in html
    assert 'aria-labelledby="b-t" aria-describedby="b-d"' in html
    ids = re.findall(r' id="([^"]+)"', html)
    assert len(ids) == len(set(ids))
    assert "style=" not in html


def test_the_bars_drawn_are_those_of_the_geometry(guide: Flask) -> None:
    html = draw(guide, '{{ histogram(figures.HISTOGRAM, "a", "t", "d", "Objectif : 10 jours") }}', figures=figures)
    assert "Objectif\u00a0: 10\u00a0jours" in html
    parts = re.findall(r'<g class="(g-tenu|g-hors)"[^>]*>(.*?)</g>', html)
    assert [(kind, bars.count("<rect")) for kind, bars in parts] == [("g-tenu", 10), ("g-hors", 7)]
    values = re.search(r'<g class="g-val">(.*?)</g>', html)
    assert values
    assert sum(map(int, re.findall(r">(\d+)<", values[1]))) == sum(figures.COUNTS)


def test_what_is_not_told_is_drawn_and_never_written(guide: Flask) -> None:
    html = draw(guide, '{{ histogram(shape, "a", "t", "d") }}', shape=Histogram.of([8, Untold.FEW, Untold.BESIDE], 1))
    parts = re.findall(r'<g class="(g-tenu|g-hors|g-tu)"[^>]*>(.*?)</g>', html)
    assert [(kind, bars.count("<rect")) for kind, bars in parts] == [("g-tenu", 1), ("g-tu", 2)]


def test_each_series_has_its_line_and_its_marks(guide: Flask) -> None:
    shape = Curve.of(["a", "b"], {"un": [1, 2], "deux": [3, 4], "trois": [5, 6]}, 4)
    html = draw(guide, '{{ curve(shape, "c", "t", "d", "j") }}', shape=shape)
    assert re.findall(r'class="g-ligne g-ligne--(\d)"', html) == ["3", "2", "1"]
    assert re.findall(r'<use href="#c-m(\d)"', html) == ["3", "3", "2", "2"]
    assert html.count("<circle cx=") == 2
    assert re.findall(r'class="g-fort g-debut">(.*)</g>', html)[0].count("&nbsp;j<") == 3


def test_a_card_table_writes_each_kind(guide: Flask) -> None:
    html = draw(
        guide,
        '{{ figure_table(table, 0.9, short={"within": "≤ 10 j"}) }}',
        table=table(
            ("Bretagne", (1200, 5.5, 0.96)),
            ("Corse", (7, Untold.TOO_FEW_ANSWERS, Untold.TOO_FEW_ANSWERS)),
            ("Mayotte", (Untold.FEW, None, None)),
            ("Ici <b>", (Untold.BESIDE, 6, 0.5)),
        ),
    )
    assert cells(html) == [
        *("1\u202f200", "5,5&nbsp;j", "96\u00a0%"),
        *("7", "– moins de 10 réponses", "moins de 10\u00a0réponsestrop peu"),
        *("moins de 5&lt; 5", "–", "–"),
        *("non communiquénon dit", "6&nbsp;j", "50\u00a0%"),
    ]
    assert re.findall(r'class="(g-tenu|g-hors)"[^>]* width="([\d.]+)%"', html) == [("g-tenu", "96"), ("g-hors", "50")]
    assert html.count('class="b-cible" x="90%"') == 2
    assert re.sub("<.*?>", "", re.findall(r"<caption>(.*?)</caption>", html, re.DOTALL)[0]).splitlines() == [
        "Par région\u202f? Le trait marque l’objectif de 90\u00a0%. L’objectif est de 90\u00a0%."
    ]
    assert "Ici &lt;b&gt;" in html


def test_a_share_without_target_is_never_hatched(guide: Flask) -> None:
    html = draw(guide, "{{ figure_table(table) }}", table=table(("Bretagne", (12, 5, 0.1)), note="Une note."))
    assert "b-cible" not in html
    assert "hachures" not in html
    assert "<caption>Une note.</caption>" in html


def test_the_data_of_a_drawing_are_folded_or_open(guide: Flask) -> None:
    source = table(("Bretagne", (12, 5, 0.14)))
    folded = draw(guide, "{{ data_table(table) }}", table=source)
    assert folded.startswith('<details class="donnees"><summary>Voir les données du graphique')
    assert cells(folded) == ["12", "5&nbsp;j", "14\u00a0%"]
    assert "<details" not in draw(guide, "{{ data_table(table, folded=false) }}", table=source)


def test_the_hatching_goes_once_with_the_pages_that_use_it(guide: Flask) -> None:
    client = guide.test_client()
    assert client.get("/graphiques").text.count('<pattern id="hachures"') == 1
    assert "<pattern" not in client.get("/composants").text
