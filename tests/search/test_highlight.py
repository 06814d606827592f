"""Marked titles and excerpts: safe HTML, whatever is in the text."""

import re

from hypothesis import given
from hypothesis import strategies as st

from helpdesk.search.analysis import terms
from helpdesk.search.highlight import EXCERPT_CHARS, excerpt_html, title_html


def test_words_are_marked_as_they_are_written() -> None:
    assert title_html("Les congés payés", terms("conge paye")) == ("Les <mark>congés</mark> <mark>payés</mark>")
    assert title_html("L. 5132-15-1 du code", terms("l 5132 15 1")) == "<mark>L. 5132-15-1</mark> du code"
    assert title_html("Une AI et j’ai", ["=ai"]) == "Une <mark>AI</mark> et j’ai"


def test_html_in_a_text_is_text() -> None:
    marked = title_html('<script>alert("congés")</script>', terms("congés"))
    assert marked == "&lt;script&gt;alert(&#34;<mark>congés</mark>&#34;)&lt;/script&gt;"


def test_an_excerpt_is_where_the_words_are() -> None:
    body = "Rien ici. " * 300 + "Le préavis de démission est fixé par la convention. " + "Rien là. " * 300
    excerpt = excerpt_html(body, terms("préavis démission"))
    assert "<mark>préavis</mark> de <mark>démission</mark>" in excerpt
    assert excerpt.startswith("… ")
    assert excerpt.endswith(" …")
    assert len(re.sub("<[^>]+>", "", excerpt)) <= EXCERPT_CHARS + 4


def test_without_a_word_to_mark_the_excerpt_is_the_beginning() -> None:
    assert excerpt_html("Un texte court.", terms("congés")) == "Un texte court."
    assert excerpt_html("mot " * 200, ()).startswith("mot mot")


@given(st.text(max_size=3000), st.text(max_size=30))
def test_nothing_but_marks_is_markup(body: str, looked_for: str) -> None:
    for html in (excerpt_html(body, terms(looked_for)), title_html(body, terms(looked_for))):
        bare = str(html).replace("<mark>", "").replace("</mark>", "")
        assert "<" not in bare
        assert ">" not in bare
        assert str(html).count("<mark>") == str(html).count("</mark>")


@given(st.text(alphabet="abé ’&<'", max_size=400), st.text(alphabet="abé", min_size=1, max_size=3))
def test_a_title_keeps_its_words(title: str, looked_for: str) -> None:
    html = title_html(title, terms(looked_for))
    assert html.striptags().split() == " ".join(title.split()).split() or "&" in title or "<" in title
