"""The invented entries read as a jurist would have written them, and stand on the reference data."""

import re
from collections import Counter
from datetime import date
from pathlib import Path

import pytest

from helpdesk.demo.articles import ArticleDataError, DemoArticle, Fate, get_articles, load_articles
from helpdesk.formats import french_text
from helpdesk.kb.enums import ArticleKind, Visibility
from helpdesk.kb.legal_references import parse
from helpdesk.kb.slugs import RESERVED, SLUG_MAX_CHARS
from helpdesk.markdown import render
from helpdesk.reference import get_reference
from helpdesk.tickets import personal_data

WRITTEN_ON = date(2026, 11, 1)
"""Nothing is up to date later than the law was read."""
EVERY = {article.slug: article for article in get_articles()}
IMPERATIVE = re.compile(r"(?:Ne |N’)?(?:\w+ez|Faites|Dites)\b")
each_article = pytest.mark.parametrize("article", get_articles(), ids=lambda article: article.slug)


def texts_of(article: DemoArticle) -> list[str]:
    """All that readers read, but the references."""
    texts = [article.title, article.in_brief, article.explanation, article.example, article.reason, *article.actions]
    return [text for text in texts if text]


def words_count(text: str) -> int:
    return len(re.findall(r"[^\W_]+(?:[’-][^\W_]+)*", text))


def test_there_are_enough_entries_of_every_kind() -> None:
    kinds = Counter(article.kind for article in get_articles())
    assert len(get_articles()) >= 60
    for kind, count in {"faq": 48, "note": 6, "guide": 5, "news": 4, "review": 2}.items():
        assert kinds[ArticleKind(kind)] >= count, kind


def test_every_public_and_every_fate_is_shown() -> None:
    publics = Counter(article.visibility for article in get_articles())
    fates = Counter(article.state for article in get_articles())
    for visibility, count in {"public": 12, "ptce": 6, "members": 30, "internal": 3}.items():
        assert publics[Visibility(visibility)] >= count, visibility
    for fate, count in {"published": 52, "draft": 4, "under_review": 4, "withdrawn": 3}.items():
        assert fates[Fate(fate)] >= count, fate


def test_every_topic_has_a_published_entry() -> None:
    told = {topic for article in get_articles() if article.state is Fate.PUBLISHED for topic in article.topics}
    wanted = {code for code, topic in get_reference().topics.items() if not topic.is_out_of_scope}
    assert wanted <= told
    assert {code.partition("/")[0] for code in get_reference().topics} <= {code.partition("/")[0] for code in told}


def test_every_typology_that_asks_has_published_entries_of_its_own() -> None:
    told = Counter(code for article in get_articles() if article.state is Fate.PUBLISHED for code in article.typologies)
    for code in ("AI", "ACI", "EI", "ETTI", "EITI", "ETT-ESS", "EBE", "GES", "SAP", "PTCE"):
        assert told[code] >= 2, code
    assert any(not article.typologies for article in get_articles())


def test_no_two_entries_share_their_slug_or_their_title() -> None:
    assert len(EVERY) == len(get_articles())
    assert len({article.title.casefold() for article in get_articles()}) == len(get_articles())
    assert not RESERVED & set(EVERY)
    assert all(len(slug) <= SLUG_MAX_CHARS for slug in EVERY)


@each_article
def test_an_entry_stands_on_the_reference_data(article: DemoArticle) -> None:
    reference = get_reference()
    assert set(article.topics) <= set(reference.topics)
    assert set(article.typologies) <= set(reference.typologies)
    assert len(set(article.topics)) == len(article.topics)
    assert date(2023, 1, 1) <= article.up_to_date_on <= WRITTEN_ON


@each_article
def test_an_entry_can_be_read_in_two_minutes(article: DemoArticle) -> None:
    low = 50 if article.kind is ArticleKind.REVIEW else 100
    assert low <= words_count(article.explanation) <= 350
    assert words_count(article.in_brief) >= 10
    timeless = {ArticleKind.NEWS, ArticleKind.REVIEW}
    assert article.example or article.kind in timeless or article.state is Fate.WITHDRAWN


@each_article
def test_a_faq_asks_its_question_and_tells_what_to_do(article: DemoArticle) -> None:
    assert article.kind is not ArticleKind.FAQ or article.title.endswith("?")
    for action in article.actions:
        assert IMPERATIVE.match(action), action
        assert action.endswith((".", "?")), action


@each_article
def test_the_typography_is_french_already(article: DemoArticle) -> None:
    for text in texts_of(article):
        assert french_text(text) == text
        assert not re.search(r"['\"!·–—\t]|  |\.\.\.| \n|\bI[lL] y à\b", text), text
        assert text == text.strip()


@each_article
def test_an_entry_names_nobody(article: DemoArticle) -> None:
    for text in [*texts_of(article), *article.wordings]:
        assert not personal_data.find(text), text
        assert "coorace" not in text.casefold()


@each_article
def test_the_little_markup_is_all_understood(article: DemoArticle) -> None:
    shown = render(article.explanation)
    assert not re.search(r"\*\*|^#|<br>- |\[[^\]]*\]\(", str(shown))
    assert len(re.findall("<strong>", str(shown))) * 2 == article.explanation.count("**")


@each_article
def test_a_reference_is_read_again_as_it_was_written(article: DemoArticle) -> None:
    assert len(set(article.references)) == len(article.references)
    for reference in article.references:
        assert french_text(reference.label) == reference.label
        if reference.article:
            again = parse(reference.title)
            assert (again.code, again.article) == (reference.code, reference.article)
            assert reference.key
        elif reference.text_id:
            assert reference.text_id in reference.label
            assert re.fullmatch(r"\d{2,4}[-/]\d{1,6}", reference.text_id)


@each_article
def test_members_type_their_question_in_other_words(article: DemoArticle) -> None:
    assert len(set(article.wordings)) == len(article.wordings)
    assert article.title not in article.wordings
    assert all(8 <= len(wording) <= 80 and "\n" not in wording for wording in article.wordings)


def test_some_wordings_hold_mistakes_and_no_wording_stands_twice() -> None:
    wordings = [wording.casefold() for article in get_articles() for wording in article.wordings]
    assert len(set(wordings)) == len(wordings)


def test_a_withdrawn_entry_is_replaced_by_one_that_can_be_read() -> None:
    replaced = {article.replaces: article for article in get_articles() if article.replaces}
    assert len(replaced) >= 2
    for slug, successor in replaced.items():
        assert EVERY[slug].state is Fate.WITHDRAWN
        assert successor.state is Fate.PUBLISHED
        assert successor.visibility is EVERY[slug].visibility or successor.visibility is Visibility.PUBLIC


def test_an_issue_of_the_review_lists_entries_of_its_period_under_their_titles() -> None:
    for review in (article for article in get_articles() if article.kind is ArticleKind.REVIEW):
        for slug in review.entries:
            entry = EVERY[slug]
            assert f"- {entry.title}" in review.explanation.splitlines()
            assert entry.state is Fate.PUBLISHED
            assert entry.visibility in (Visibility.PUBLIC, Visibility.MEMBERS)
            assert 0 <= (review.up_to_date_on - entry.up_to_date_on).days <= 62


ENTRY = """
[[articles]]
slug = "une-fiche"
kind = "faq"
visibility = "members"
state = "published"
title = "Une question ?"
in_brief = "Oui."
explanation = "Parce que."
actions = ["Lisez.", "Agissez."]
references = [{ code = "Code du travail", article = "L. 1" }]
topics = ["social/contrats"]
typologies = []
up_to_date_on = 2026-06-15
wordings = ["une question", "question une"]
"""


def test_a_right_entry_is_read(tmp_path: Path) -> None:
    path = tmp_path / "articles-essai.toml"
    path.write_text(ENTRY, encoding="utf-8")
    (article,) = load_articles(path)
    assert article.up_to_date_on == date(2026, 6, 15)
    assert article.references[0].title == "Code du travail, article L. 1"


@pytest.mark.parametrize(
    ("before", "after", "field"),
    [
        ('kind = "faq"', 'kind = "blog"', "kind"),
        ('slug = "une-fiche"', 'slug = "Une fiche"', "slug"),
        ('title = "Une question ?"', f'title = "{"a" * 121}"', "title"),
        ("up_to_date_on = 2026-06-15", 'up_to_date_on = "hier"', "up_to_date_on"),
        ("up_to_date_on = 2026-06-15", "up_to_date_on = 2026-06-15T10:00:00", "up_to_date_on"),
        ('state = "published"', 'state = "withdrawn"', "reason"),
        ('kind = "faq"', 'kind = "review"', "entries"),
        (', article = "L. 1"', "", "references"),
        ("typologies = []", 'typologies = []\nauthor = "moi"', "author"),
        ('actions = ["Lisez.", "Agissez."]', "actions = []", "actions"),
    ],
)
def test_a_wrong_entry_is_named_with_its_field(tmp_path: Path, before: str, after: str, field: str) -> None:
    path = tmp_path / "articles-essai.toml"
    path.write_text(ENTRY.replace(before, after), encoding="utf-8")
    with pytest.raises(ArticleDataError, match=rf"articles-essai\.toml, .*{field}"):
        load_articles(path)
