import re
from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st
from markupsafe import Markup

from helpdesk import formats
from helpdesk.formats import NBSP, NNBSP, fr, french_text

MOMENT = datetime(2026, 12, 1, 8, 12, tzinfo=UTC)
NOW = datetime(2026, 12, 8, 9, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("Quelle est votre question ?", f"Quelle est votre question{NNBSP}?"),
        ("Oui ; non !", f"Oui{NNBSP}; non{NNBSP}!"),
        ("Par exemple : un CDDI", f"Par exemple{NBSP}: un CDDI"),
        ("« Mes questions »", f"«{NNBSP}Mes questions{NNBSP}»"),
        ("«Mes questions»", f"«{NNBSP}Mes questions{NNBSP}»"),
        ("«»", f"«{NNBSP}»"),
        ("L'adhérent d'ici", "L’adhérent d’ici"),
        ("l'« essai »", f"l’«{NNBSP}essai{NNBSP}»"),
        ("en 10 jours", f"en 10{NBSP}jours"),
        ("90 % des 24 mois", f"90{NBSP}% des 24{NBSP}mois"),
        ("le 3 décembre 2026 à 9 h 12", f"le 3{NBSP}décembre{NBSP}2026 à 9{NBSP}h{NBSP}12"),
        ("1 200 euros", f"1{NNBSP}200{NBSP}euros"),
        ("loi n° 2024-364", f"loi n°{NBSP}2024-364"),
        ("un PASS IAE", f"un PASS{NBSP}IAE"),
        ("M. Le Bihan et Mme Morvan", f"M.{NBSP}Le Bihan et Mme{NBSP}Morvan"),
        ("02 00 00 00 00", f"02{NBSP}00{NBSP}00{NBSP}00{NBSP}00"),
        ("attendez...", "attendez…"),
        ("il est 12:30 sur https://exemple.fr/?a=b", "il est 12:30 sur https://exemple.fr/?a=b"),
        ("a-t-il", "a-t-il"),
        ("le 3 et le 5", "le 3 et le 5"),
    ],
)
def test_plain_text_takes_the_spaces_of_french(typed: str, shown: str) -> None:
    assert french_text(typed) == shown


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("l'article L. 5132-15-1 dit", f'l’<span class="insec">article{NBSP}L.{NBSP}5132-15-1</span> dit'),
        ("R.1234-5", '<span class="insec">R.1234-5</span>'),
        ("L1243-6", '<span class="insec">L1243-6</span>'),
        ("mardi 1er décembre", "mardi 1<sup>er</sup> décembre"),
        ("7e jour", "7<sup>e</sup> jour"),
        ("<b>gras</b> & 'x'", "&lt;b&gt;gras&lt;/b&gt; &amp; &#39;x&#39;"),
        (None, ""),
        (12, "12"),
    ],
)
def test_marked_text_holds_references_together_and_escapes_the_rest(typed: object, shown: str) -> None:
    assert fr(typed) == shown


def test_an_article_number_keeps_its_hyphens_so_that_it_can_be_searched() -> None:
    assert "5132-15-1" in fr("article L. 5132-15-1")


def test_only_the_text_of_markup_is_touched() -> None:
    text = Markup('<a href="/x?a=1" title="a : b">c : d &amp; e ; l&#39;eau</a>')
    assert fr(text) == f'<a href="/x?a=1" title="a : b">c{NBSP}: d &amp; e{NNBSP}; l’eau</a>'


ANY_TEXT = st.text(alphabet=st.sampled_from(list("aLRé0123456789 ;:!?«»'.-&<>\"\n\u00a0\u202f\ue000\ue003hnM°%")))


@given(ANY_TEXT)
def test_typing_the_same_text_twice_changes_nothing_more(text: str) -> None:
    once = french_text(text)
    assert french_text(once) == once


@given(st.text() | ANY_TEXT)
def test_no_tag_comes_from_the_text(text: str) -> None:
    tags = set(re.findall(r"<[^>]*>?", str(fr(text))))
    assert tags <= {'<span class="insec">', "</span>", "<sup>", "</sup>"}


@given(ANY_TEXT)
def test_the_letters_and_figures_stay(text: str) -> None:
    kept = re.compile(r"[^\w«»;:!?%°-]|…|’")
    shown = fr(text).striptags() if "<" not in text and ">" not in text else french_text(text)
    places = re.compile("[\ue000-\ue003]")
    assert kept.sub("", places.sub("", shown)) == kept.sub("", places.sub("", text.replace("...", "")))


PIECES = [" ", "« ", " »", "L. 1", "1 ", "'", "M. ", "<", "\u00a0;", "\n \n"]


@pytest.mark.parametrize("piece", PIECES)
def test_the_same_signs_again_and_again_are_written(piece: str) -> None:
    """No timing: a pattern that looks back again and again would never end here."""
    text = piece * (150_000 // len(piece))
    assert len(fr(text)) >= len(piece)
    assert len(formats.paragraphs(text)) >= 0


def test_a_megabyte_is_written_in_one_pass() -> None:
    text = "".join(piece * (1_000_000 // len(PIECES) // len(piece)) for piece in PIECES)
    assert len(fr(text)) >= len(PIECES)
    assert len(formats.paragraphs(text)) >= 0


def test_paragraphs_follow_blank_lines_and_keep_line_breaks() -> None:
    assert formats.paragraphs("Bonjour,\r\n\r\n  \nUne <ligne>\nsuite") == (
        "<p>Bonjour,</p><p>Une &lt;ligne&gt;<br>suite</p>"
    )
    assert formats.paragraphs(None) == ""
    assert formats.paragraphs(Markup("<p>a : b</p>")) == f"<p>a{NBSP}: b</p>"


def test_dates_are_written_in_full_or_short() -> None:
    assert formats.long_date(date(2026, 12, 1)) == (
        f'<time datetime="2026-12-01">mardi{NBSP}1<sup>er</sup>{NBSP}décembre{NBSP}2026</time>'
    )
    assert formats.long_date_text(date(2026, 12, 11)) == f"vendredi{NBSP}11{NBSP}décembre{NBSP}2026"
    assert formats.short_date(date(2026, 12, 3)) == (f'<time datetime="2026-12-03">3{NBSP}déc.{NBSP}2026</time>')
    assert formats.day_text(date(2027, 8, 1)) == f"1er{NBSP}août{NBSP}2027"


def test_a_moment_is_shown_in_paris_unless_another_zone_is_given() -> None:
    assert formats.clock_text(MOMENT) == f"9{NBSP}h{NBSP}12"
    assert formats.clock_text(MOMENT, "Indian/Reunion") == f"12{NBSP}h{NBSP}12"
    assert formats.clock_text(datetime(2026, 12, 1, 13, 0, tzinfo=UTC)) == f"14{NBSP}h"
    late = datetime(2026, 12, 1, 23, 30, tzinfo=UTC)
    assert "2<" not in formats.date_time(late)
    assert formats.date_time_text(late) == f"mercredi{NBSP}2{NBSP}décembre{NBSP}2026 à 0{NBSP}h{NBSP}30"
    assert 'datetime="2026-12-02T00:30+01:00"' in formats.date_time(late)


@pytest.mark.parametrize("filter_", [formats.long_date, formats.short_date, formats.date_time, formats.relative_time])
def test_a_missing_date_shows_nothing(filter_) -> None:
    assert filter_(None) == ""


@pytest.mark.parametrize(
    ("ago", "words"),
    [
        (timedelta(hours=1), f"aujourd’hui à 9{NBSP}h"),
        (timedelta(hours=10), f"hier à 24{NBSP}h"),
        (timedelta(days=1), f"hier à 10{NBSP}h"),
        (timedelta(days=-1), f"demain à 10{NBSP}h"),
        (timedelta(days=2), f"le 6{NBSP}déc.{NBSP}2026"),
    ],
)
def test_yesterday_is_the_day_before_in_paris(ago: timedelta, words: str) -> None:
    expected = words.replace(f"hier à 24{NBSP}h", f"aujourd’hui à 0{NBSP}h")
    assert formats.relative_time_text(NOW - ago, now=NOW) == expected


def test_a_relative_time_keeps_its_date_for_machines() -> None:
    shown = formats.relative_time(NOW - timedelta(days=1), now=NOW)
    assert 'datetime="2026-12-07T10:00+01:00"' in shown


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (timedelta(days=7, hours=23), f"7{NBSP}jours"),
        (timedelta(days=1), f"1{NBSP}jour"),
        (timedelta(hours=5), f"moins d’un{NBSP}jour"),
        (2.5, f"2,5{NBSP}jours"),
        (0, f"0{NBSP}jour"),
    ],
)
def test_durations_are_in_days(value: timedelta | float, words: str) -> None:
    assert formats.duration_days(value) == words


def test_figures_are_written_in_french() -> None:
    assert formats.number(1200) == f"1{NNBSP}200"
    assert formats.number(1_234_567.25) == f"1{NNBSP}234{NNBSP}567,2"
    assert formats.number(-3) == "−3"
    assert formats.number(6.0) == "6"
    assert formats.percent(0.884) == f"88{NBSP}%"
    assert formats.percent(26 / 29) == f"90{NBSP}%"
    assert formats.percent(26 / 29, 0.9) == f"89{NBSP}%"
    assert formats.percent(0.9, 0.9) == f"90{NBSP}%"
    assert formats.percent(0.288, 0.29) == f"28{NBSP}%"
    assert formats.ordinal(1) == "1<sup>er</sup>"
    assert formats.ordinal(1, feminine=True) == "1<sup>re</sup>"
    assert formats.ordinal(12) == "12<sup>e</sup>"


@pytest.mark.parametrize(
    ("value", "words"),
    [(0, "0 question"), (1, "1 question"), (1.5, "1,5 question"), (2, "2 questions"), (1200, "1 200 questions")],
)
def test_a_noun_takes_its_plural_from_two(value: float, words: str) -> None:
    assert formats.count(value, "question").replace(NBSP, " ").replace(NNBSP, " ") == words


def test_a_plural_may_be_given() -> None:
    assert formats.count(3, "article proche", "articles proches") == f"3{NBSP}articles proches"
    assert formats.count(3, "réponse à lire") == f"3{NBSP}réponses à lire"
    assert formats.count(3, "avis") == f"3{NBSP}avis"


@pytest.mark.parametrize(
    ("size", "words"),
    [(1, "1 octet"), (900, "900 octets"), (188_416, "184 Ko"), (1_258_291, "1,2 Mo"), (10 * 1024**2, "10 Mo")],
)
def test_sizes_are_in_the_units_of_the_office(size: int, words: str) -> None:
    assert formats.file_size(size).replace(NBSP, " ") == words


@pytest.mark.parametrize(
    ("name", "letters"),
    [
        ("Claire Morvan", "CM"),
        ("Maïwenn Le Bihan", "ML"),
        ("Émile", "É"),
        ("Jean-Luc d’Ys", "JD"),
        ("", "?"),
        ("42", "?"),
    ],
)
def test_initials_are_those_of_two_words(name: str, letters: str) -> None:
    assert formats.initials(name) == letters


@pytest.mark.parametrize(
    ("days", "waiting", "words", "tone"),
    [
        (5, False, f"5{NBSP}jours restants", "ok"),
        (2, False, f"2{NBSP}jours restants", "veille"),
        (1, False, "À rendre demain", "veille"),
        (0, False, "À rendre aujourd’hui", "veille"),
        (-1, False, f"1{NBSP}jour de retard", "retard"),
        (-2, False, f"2{NBSP}jours de retard", "retard"),
        (-2, True, f"En attente de l’adhérent (compte{NBSP}arrêté)", ""),
    ],
)
def test_a_deadline_is_said_in_words(days: int, waiting: bool, words: str, tone: str) -> None:
    assert formats.days_left_label(days, waiting) == words
    assert formats.deadline_tone(days, waiting) == tone
    assert formats.DEADLINE_ICONS[tone]


def test_an_address_keeps_its_other_parameters() -> None:
    app = Flask(__name__)
    app.add_url_rule("/file/<view>", "file", lambda view: view)
    with app.test_request_context("/file/mine?page=2&q=été&tag=a&tag=b"):
        assert formats.url_with(page=3) == "/file/mine?page=3&q=%C3%A9t%C3%A9&tag=a&tag=b"
        assert formats.url_with(page=None, tag=None) == "/file/mine?q=%C3%A9t%C3%A9"
        assert formats.url_with(view="all", page=None, tag=None, q=None) == "/file/all"


def test_an_address_takes_no_parameter_of_flask_from_the_reader() -> None:
    app = Flask(__name__)
    app.add_url_rule("/file", "file", lambda: "")
    with app.test_request_context("/file?_external=1&_scheme=javascript&_anchor=x&_method=POST&endpoint=x&q=1"):
        assert formats.url_with(page=2) == (
            "/file?_external=1&_scheme=javascript&_anchor=x&_method=POST&endpoint=x&q=1&page=2"
        )


def test_errors_of_a_form_point_to_the_input_to_correct() -> None:
    def field(kind: str, id_: str, errors: list, children: tuple = ()) -> object:
        class Field(SimpleNamespace):
            def __iter__(self):
                return iter(children)

        return Field(type=kind, id=id_, errors=errors)

    row = field("StringField", "refs-1", ["Trop long."])
    form = [
        field("StringField", "title", ["Écrivez.", "Écrivez."]),
        field("RadioField", "urgency", ["Choisissez."]),
        field("FieldList", "refs", [["Trop long."]], (row,)),
    ]
    assert formats.form_errors(form) == [
        ("title", "Écrivez."),
        ("urgency-0", "Choisissez."),
        ("refs-1", "Trop long."),
    ]


@pytest.mark.parametrize(
    ("line", "html"),
    [
        ("Code du travail, L. 1243-6", None),
        (
            "Fiche : https://x.fr/faq/fiche.",
            'Fiche\u00a0: <a href="https://x.fr/faq/fiche" rel="noopener noreferrer nofollow">https://x.fr/faq/fiche</a>.',
        ),
        ("javascript:alert(1)", "javascript:alert(1)"),
        ('https://x.fr/"><script>', None),
    ],
)
def test_the_web_addresses_of_a_line_are_links_and_nothing_else_is_markup(line: str, html: str | None) -> None:
    shown = str(formats.linked(line))
    assert html is None or shown == html
    assert "<script" not in shown
    assert 'href="javascript' not in shown
