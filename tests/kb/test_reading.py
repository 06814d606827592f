"""What readers see of the entries and say of them: lists, counts, changes, votes, reports, citations."""

from datetime import timedelta

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st

from helpdesk import clock
from helpdesk.accounts.enums import OrganisationKind
from helpdesk.accounts.models import Person
from helpdesk.db import db
from helpdesk.errors import BadInput, NotAllowed, NotFound, TooManyAttempts
from helpdesk.kb import citations, operations, queries
from helpdesk.kb.enums import ArticleEventKind, ArticleKind, ArticleState, ReportKind, Stage, Visibility
from helpdesk.kb.models import ArticleEvent, ReaderVisit, ReadingCount, Report, ReviewItem, Vote
from helpdesk.kb.operations import reading
from helpdesk.kb.queries import EntryFilters
from helpdesk.tickets import operations as ticket_operations
from helpdesk.tickets.enums import DraftKind, Status
from helpdesk.tickets.operations.drafts import own_draft
from tests.factories import kb
from tests.factories.accounts import OrganisationFactory, PersonFactory
from tests.factories.tickets import make_asker, make_ticket


@pytest.fixture
def member(app: Flask) -> Person:
    return make_asker()


def slugs(rows: list[queries.EntryRow]) -> list[str]:
    return [row.slug for row in rows]


# --- lists


def test_a_list_holds_what_its_reader_may_read_the_latest_first(member: Person) -> None:
    first, second = kb.published(slug="premiere"), kb.under_review(slug="deuxieme")
    kb.draft()
    kb.withdrawn()
    kb.published(visibility=Visibility.INTERNAL)
    first.published_at = clock.now() - timedelta(days=3)
    db.session.commit()
    page = queries.browse(member, EntryFilters(), total=2)
    assert slugs(page.rows) == ["deuxieme", "premiere"]
    assert [row.is_under_review for row in page.rows] == [True, False]
    assert page.rows[0].topic == kb.TOPIC
    assert queries.census(member).total == 2
    assert queries.census(None).total == 0
    assert second.id in {row.id for row in queries.rows_of(member, [second.id, 10**6])}


def test_a_list_is_narrowed_by_topic_domain_typology_and_kind(member: Person) -> None:
    kb.published(slug="pour-tous", topics=("social/contrats",))
    kb.published(slug="pour-ai", typologies=("AI",), topics=("iae/parcours-pass", "social/contrats"))
    kb.published(slug="guide-etti", typologies=("ETTI",), kind=ArticleKind.GUIDE, topics=("fiscal/tva",))
    for filters, expected in (
        (EntryFilters(topic="social"), {"pour-tous", "pour-ai"}),
        (EntryFilters(topic="social/contrats"), {"pour-tous", "pour-ai"}),
        (EntryFilters(topic="social/con"), set()),
        (EntryFilters(typology="AI"), {"pour-tous", "pour-ai"}),
        (EntryFilters(typology="EI"), {"pour-tous"}),
        (EntryFilters(kind=ArticleKind.GUIDE), {"guide-etti"}),
        (EntryFilters(topic="social/contrats", typology="ETTI"), {"pour-tous"}),
    ):
        assert set(slugs(queries.browse(member, filters, total=3).rows)) == expected, filters
        assert queries.census(member, filters).total == len(expected), filters


def test_an_entry_for_every_typology_counts_for_each(member: Person) -> None:
    kb.published()
    kb.published(typologies=("AI", "ACI"))
    kb.published(typologies=("ETTI",), kind=ArticleKind.NOTE)
    census = queries.census(member)
    assert census.typologies == {"AI": 2, "ACI": 2, "ETTI": 2}
    assert census.topics == {kb.TOPIC: 3}
    assert census.kinds == {"faq": 2, "note": 1}


def test_pages_are_bounded_and_a_wrong_one_is_brought_back(member: Person) -> None:
    for _ in range(queries.lists.PAGE_SIZE + 3):
        kb.published()
    total = queries.census(member).total
    first, second = (queries.browse(member, EntryFilters(), total, page) for page in (1, 2))
    assert (len(first.rows), first.prev_num, first.next_num) == (20, None, 2)
    assert (len(second.rows), second.prev_num, second.next_num) == (3, 1, None)
    assert queries.browse(member, EntryFilters(), total, 10**9).page == 2
    assert queries.browse(member, EntryFilters(), total, -4).page == 1


def test_the_most_read_come_first_and_never_those_under_review(member: Person) -> None:
    little, much, reviewed = kb.published(slug="peu"), kb.published(slug="beaucoup"), kb.under_review(slug="revue")
    for article, times in ((little, 1), (much, 3), (reviewed, 5)):
        for _ in range(times):
            operations.record_reading(article)
    old = kb.published(slug="ancienne")
    db.session.add(ReadingCount(article_id=old.id, on=clock.today() - timedelta(days=200), count=99))
    db.session.commit()
    assert slugs(queries.most_read(member)) == ["beaucoup", "peu", "ancienne"]


# --- one entry


def test_any_address_an_entry_ever_had_leads_to_it(member: Person) -> None:
    article = kb.published(slug="nouvelle-adresse")
    db.session.add(kb.ArticleSlug(slug="ancienne-adresse", article_id=article.id))
    db.session.commit()
    assert queries.get_readable_entry(member, "ancienne-adresse") is article
    for wrong in ("jamais-donnee", "a\x00b", ""):
        with pytest.raises(NotFound):
            queries.get_readable_entry(member, wrong)


def test_what_changed_tells_publications_revisions_and_confirmations(member: Person) -> None:
    article = kb.published(change_note="")
    first = kb.in_force(article)
    first.published_at = clock.now() - timedelta(days=400)
    first.stage = Stage.SUPERSEDED
    db.session.commit()
    kb.add_version(article, stage=Stage.PUBLISHED, change_note="Exemple ajouté pour un CDDI")
    confirmed_at = clock.now() - timedelta(days=30)
    db.session.add(ArticleEvent(article=article, kind=ArticleEventKind.CONFIRMED, at=confirmed_at, data={}))
    db.session.commit()
    kb.add_version(article, stage=Stage.DRAFT, change_note="Encore un secret")
    notes = [change.note for change in queries.changes_of(article)]
    assert notes == ["Exemple ajouté pour un CDDI", "Relecture, sans changement", ""]


def test_a_replacement_is_followed_to_what_the_reader_may_read(member: Person) -> None:
    last = kb.published(slug="derniere")
    middle = kb.withdrawn(replaced_by=last)
    first = kb.withdrawn(replaced_by=middle)
    hidden = kb.withdrawn(replaced_by=kb.published(visibility=Visibility.INTERNAL))
    assert queries.replacement_of(member, first).slug == "derniere"  # type: ignore[union-attr]
    assert queries.replacement_of(None, first) is None
    assert queries.replacement_of(member, hidden) is None
    last.state, last.withdrawn_at, last.replaced_by = ArticleState.WITHDRAWN, clock.now(), first
    db.session.commit()
    assert queries.replacement_of(member, first) is None


def test_an_issue_of_the_review_lists_only_what_its_reader_reads(member: Person) -> None:
    issue = kb.published(kind=ArticleKind.REVIEW)
    version = kb.in_force(issue)
    entries = [kb.published(slug="une"), kb.published(visibility=Visibility.INTERNAL), kb.withdrawn()]
    for position, (entry, typology) in enumerate(zip(entries, ("AI", "AI", ""), strict=True)):
        db.session.add(ReviewItem(version_id=version.id, position=position, article_id=entry.id, typology=typology))
    db.session.commit()
    assert [(typology, slugs(rows)) for typology, rows in queries.review_parts(member, version)] == [("AI", ["une"])]


# --- readings and visits


def test_openings_are_counted_by_day_without_a_name(member: Person) -> None:
    article = kb.published()
    operations.record_reading(article)
    operations.record_reading(article)
    rows = db.session.query(ReadingCount).all()
    assert [(row.article_id, row.on, row.count) for row in rows] == [(article.id, clock.today(), 2)]


def test_a_visit_is_noted_once_a_day_and_keeps_the_day_before(member: Person) -> None:
    assert queries.last_visit(member) is None
    assert queries.is_first_visit_today(member)
    db.session.add(ReaderVisit(person_id=member.id, last_on=clock.today() - timedelta(days=8)))
    db.session.commit()
    assert queries.last_visit(member) == clock.today() - timedelta(days=8)
    for _ in range(2):
        operations.note_visit(member)
        db.session.expire_all()
    assert queries.last_visit(member) == clock.today() - timedelta(days=8)
    assert not queries.is_first_visit_today(member)
    assert not queries.is_first_visit_today(None)


# --- votes and reports


def test_the_last_vote_counts_and_a_new_version_starts_anew(member: Person) -> None:
    article = kb.published()
    version = kb.in_force(article)
    operations.vote(member, article, version, is_useful=True)
    operations.vote(member, article, version, is_useful=False)
    db.session.expire_all()
    given = queries.own_vote(member, version)
    assert given is not None
    assert not given.is_useful
    assert db.session.query(Vote).count() == 1
    version.stage = Stage.SUPERSEDED
    db.session.commit()
    assert queries.own_vote(member, kb.add_version(article, stage=Stage.PUBLISHED)) is None


def test_only_a_reader_votes_or_reports(member: Person) -> None:
    article = kb.published(visibility=Visibility.INTERNAL)
    version = kb.in_force(article)
    with pytest.raises(NotAllowed):
        operations.vote(member, article, version, is_useful=True)
    with pytest.raises(NotAllowed):
        operations.report(member, article, version, ReportKind.MISSING, "Un exemple.")


def test_a_report_is_a_task_until_the_pole_has_dealt_with_it(member: Person) -> None:
    article = kb.published()
    version = kb.in_force(article)
    task = operations.report(member, article, version, ReportKind.MISSING, " Le cas du temps partiel. ")
    again = operations.report(member, article, version, ReportKind.MISSING, "Le cas du temps partiel.")
    assert task is again
    jurist = PersonFactory(jurist=True)
    with pytest.raises(NotAllowed):
        operations.deal_with_report(member, task)
    operations.deal_with_report(jurist, task)
    operations.deal_with_report(PersonFactory(lead=True), task)
    assert task.done_by_id == jurist.id
    assert db.session.query(Report).count() == 1


def test_a_report_needs_words_and_a_kind_of_its_own(member: Person) -> None:
    article = kb.published()
    version = kb.in_force(article)
    for kind, words in (
        (ReportKind.MISSING, "  "),
        (ReportKind.IDENTIFYING, ""),
        (ReportKind.LAW_CHANGE, "Le décret."),
        (ReportKind.MISSING, "x" * 2001),
    ):
        with pytest.raises(BadInput):
            operations.report(member, article, version, kind, words)
    assert db.session.query(Report).count() == 0


def test_reports_by_one_person_are_bounded(member: Person) -> None:
    article = kb.published()
    version = kb.in_force(article)
    for number in range(reading.REPORTS_A_DAY_MAX_COUNT):
        operations.report(member, article, version, ReportKind.MISSING, f"Point {number}.")
    with pytest.raises(TooManyAttempts):
        operations.report(member, article, version, ReportKind.MISSING, "Encore un.")


# --- citations


def test_an_entry_is_cited_once_in_the_draft_and_keeps_what_was_typed(app: Flask) -> None:
    jurist = PersonFactory(jurist=True)
    ticket = make_ticket(status=Status.STUDY, jurist=jurist)
    article = kb.published(title="Peut-on prolonger ?")
    fields = {"in_brief": "Oui.", "references": ["L. 1243-6", ""]}
    ticket_operations.save_draft(jurist, ticket, DraftKind.ANSWER, fields)
    for _ in range(2):
        operations.cite(jurist, ticket, article, kb.in_force(article))
    draft = own_draft(jurist, ticket, DraftKind.ANSWER)
    assert draft is not None
    assert draft.fields["in_brief"] == "Oui."
    first, cited = draft.fields["references"]
    assert first == "L. 1243-6"
    assert f"/faq/{article.slug}" in cited
    assert citations.slugs_in([cited]) == [article.slug]


def test_citing_in_an_answered_question_starts_from_the_answer_in_force(app: Flask) -> None:
    jurist = PersonFactory(jurist=True)
    ticket = make_ticket(status=Status.ANSWERED, jurist=jurist)
    article = kb.published()
    draft = operations.cite(jurist, ticket, article, kb.in_force(article))
    assert draft.fields["in_brief"]
    assert len(draft.fields["references"]) == 2


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        ({"visibility": Visibility.INTERNAL}, OrganisationKind.MEMBER),
        ({"visibility": Visibility.PTCE}, OrganisationKind.MEMBER),
        ({"visibility": Visibility.MEMBERS}, OrganisationKind.PTCE),
        ({"state": ArticleState.UNDER_REVIEW}, OrganisationKind.MEMBER),
        ({"state": ArticleState.WITHDRAWN}, OrganisationKind.MEMBER),
    ],
)
def test_what_the_structure_cannot_read_or_is_no_longer_sure_is_not_cited(
    app: Flask, values: dict[str, object], kind: OrganisationKind
) -> None:
    jurist = PersonFactory(jurist=True)
    asker = make_asker(OrganisationFactory(kind=kind))
    ticket = make_ticket(asker, status=Status.STUDY, jurist=jurist)
    article = kb.article(**values)  # type: ignore[arg-type]
    with pytest.raises(NotAllowed):
        operations.cite(jurist, ticket, article, kb.in_force(article))


def test_a_member_cites_nothing(member: Person) -> None:
    ticket, article = make_ticket(member), kb.published()
    with pytest.raises(NotAllowed):
        operations.cite(member, ticket, article, kb.in_force(article))


SLUGS = st.from_regex(r"[a-z0-9]([a-z0-9-]{0,78}[a-z0-9])?", fullmatch=True)


@given(title=st.text(min_size=1, max_size=200), slug=SLUGS)
def test_a_citation_fits_a_reference_and_is_found_again(title: str, slug: str) -> None:
    line = citations.line(title, clock.today(), f"https://appui.federation.example/faq/{slug}")
    assert len(line) <= citations.LINE_MAX_CHARS
    assert citations.slugs_in([line])[-1] == slug


def test_other_addresses_are_no_citation() -> None:
    lines = [
        "https://exemple.fr/faq/",
        "https://exemple.fr/autre/fiche",
        "https://x.fr/faq/fiche/imprimer",
        "/faq/fiche",
    ]
    assert citations.slugs_in(lines) == []
