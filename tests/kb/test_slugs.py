"""The address of an entry: readable, never a page's own name."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpdesk.kb.slugs import RESERVED, SLUG_MAX_CHARS, is_of, numbered, slug_of


@pytest.mark.parametrize(
    ("title", "slug"),
    [
        ("L’arrêt maladie ouvre-t-il droit à congés ?", "l-arret-maladie-ouvre-t-il-droit-a-conges"),
        ("Œuvre d’art & mécénat", "oeuvre-d-art-mecenat"),
        ("Article L. 5132-15-1", "article-l-5132-15-1"),
        ("Atelier", "fiche-atelier"),
        ("2026", "fiche-2026"),
        ("???", "fiche"),
        ("", "fiche"),
    ],
)
def test_a_title_makes_its_address(title, slug):
    assert slug_of(title) == slug


def test_a_long_title_is_cut_between_two_words():
    slug = slug_of("mot " * 60)
    assert len(slug) <= SLUG_MAX_CHARS
    assert slug.endswith("-mot")


@given(st.text(max_size=300))
def test_any_title_makes_an_address_that_a_browser_leaves_alone(title):
    slug = slug_of(title)
    assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", slug)
    assert len(slug) <= SLUG_MAX_CHARS + len("fiche-")
    assert slug not in RESERVED
    assert not slug.isdigit()


def test_a_second_entry_of_the_same_title_has_a_number():
    assert [numbered("conges", number) for number in (1, 2, 3)] == ["conges", "conges-2", "conges-3"]
    assert is_of("conges-2", "conges")
    assert not is_of("conges-payes", "conges")


@pytest.mark.sqlite_only
def test_no_page_under_faq_can_be_taken_for_an_entry(app):
    pages = {
        rule.rule.split("/")[2]
        for rule in app.url_map.iter_rules()
        if rule.rule.startswith("/faq/") and not rule.rule.startswith("/faq/<")
    }
    assert {page.replace(".", "-") for page in pages} <= RESERVED
