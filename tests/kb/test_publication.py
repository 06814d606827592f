"""From a draft to its readers and back: what is refused, what is kept, what is erased."""

import io
from dataclasses import dataclass
from datetime import timedelta

import pytest
import sqlalchemy as sa

from helpdesk import clock
from helpdesk.accounts.models import Person
from helpdesk.attachments import operations as attachments
from helpdesk.audit.models import AuditEvent
from helpdesk.db import db
from helpdesk.errors import BadInput, Conflict, InvalidTransition, NotAllowed
from helpdesk.kb import queries
from helpdesk.kb.anonymisation import KnownKind
from helpdesk.kb.enums import ArticleEventKind, ArticleState, MarkChoice, ReportKind, Stage, Visibility
from helpdesk.kb.models import Article, ArticleSlug, ArticleVersion, MarkDecision, Report, Vote
from helpdesk.kb.operations import publishing, writing
from helpdesk.kb.operations.anonymising import Decision, decide, replace_all, start_anonymising, submit
from helpdesk.kb.operations.marks import MarkRow, assess
from helpdesk.kb.operations.words import Words, line_of
from helpdesk.kb.queries.known import known_records, places_of
from helpdesk.outbox import OutboxItem
from helpdesk.tickets import operations
from helpdesk.tickets.enums import Status
from helpdesk.tickets.happenings import Facts
from helpdesk.tickets.models import Message, Ticket
from helpdesk.tickets.queries import current_answer
from tests.factories import kb
from tests.factories.accounts import OrganisationFactory, PersonFactory, give_mandate
from tests.factories.tickets import make_asker, make_ticket
from tests.support.scenes import Keep

WORDS = Words(title="Peut-on prolonger ?", in_brief="Oui, une fois.", topics=(kb.TOPIC,))


@dataclass(frozen=True)
class House:
    asker: Person
    colleague: Person
    delegate: Person
    jurist: Person
    second: Person
    ticket: Ticket
    message: Message


def make_house() -> House:
    group = OrganisationFactory(ges=True, name="Groupe Les Deux Rives", city="Vannes")
    structure = OrganisationFactory(
        name="Le Tremplin", city="Saint-Étienne", siret="40483304800022", phone="02 99 00 11 22", group_id=group.id
    )
    asker = make_asker(structure, first_name="Maïwenn", last_name="Kéravel", phone="06 11 22 33 44")
    colleague = PersonFactory(first_name="Jean-Noël", last_name="N’Guyen")
    give_mandate(colleague, structure, ends_on=clock.today() - timedelta(days=400))
    delegate = PersonFactory(delegate=True, can_answer=True, first_name="Soizic", last_name="Le Bihan")
    jurist = PersonFactory(jurist=True)
    ticket = make_ticket(
        asker, status=Status.STUDY, delegate=delegate, jurist=jurist, title="Prolonger une immersion ?"
    )
    operations.answer(
        jurist, ticket, operations.AnswerText(in_brief="Oui.", explanation="Une fois."), seen_version=None
    )
    message = current_answer(ticket)
    assert message is not None
    return House(asker, colleague, delegate, jurist, PersonFactory(jurist=True), ticket, message)


@pytest.fixture
def house(kept: Keep) -> House:
    return kept(make_house)


def proposed(house: House, **changes: object) -> ArticleVersion:
    """A draft made of the answer, saved with *changes* and brought to its anonymisation."""
    version = writing.propose_from_answer(house.jurist, house.ticket, house.message)
    values = {"title": WORDS.title, "in_brief": WORDS.in_brief, "topics": WORDS.topics, **changes}
    writing.save_version(house.jurist, version, Words(**values))
    start_anonymising(house.jurist, version)
    return version


def published(house: House, **changes: object) -> Article:
    version = proposed(house, **changes)
    submit(house.jurist, version)
    publishing.approve(house.second, version)
    return version.article


def revised(house: House, article: Article, **changes: object) -> ArticleVersion:
    """A second version, ready to be approved."""
    version = writing.revise(house.jurist, article)
    values = {"title": WORDS.title, "in_brief": WORDS.in_brief, "topics": WORDS.topics, "change_note": "Délai revu."}
    writing.save_version(house.jurist, version, Words(**{**values, **changes}))
    start_anonymising(house.jurist, version)
    submit(house.jurist, version)
    return version


def kinds(article: Article) -> list[ArticleEventKind]:
    return [event.kind for event in reversed(queries.events_of(article))]


def row_of(version: ArticleVersion, text: str) -> MarkRow:
    return next(row for row in assess(version).rows if row.text == text)


# --- what the question's records know


def test_everything_that_the_records_of_the_question_know_is_looked_for(house):
    version = proposed(house)
    known = {(record.kind, record.value) for record in known_records(version.article)}
    assert {
        (KnownKind.PERSON, "Maïwenn Kéravel"),
        (KnownKind.PERSON, "Jean-Noël N’Guyen"),
        (KnownKind.PERSON, "Soizic Le Bihan"),
        (KnownKind.EMAIL, house.asker.email),
        (KnownKind.PHONE, "06 11 22 33 44"),
        (KnownKind.PHONE, "02 99 00 11 22"),
        (KnownKind.STRUCTURE, "Le Tremplin"),
        (KnownKind.STRUCTURE, "Groupe Les Deux Rives"),
        (KnownKind.TOWN, "Saint-Étienne"),
        (KnownKind.SIRET, "40483304800022"),
        (KnownKind.DELEGATION, "Bretagne"),
    } <= known
    assert all(house.jurist.last_name not in value for _, value in known)


@pytest.mark.sqlite_only  # where a name stands, and written how, is read outside the database
@pytest.mark.parametrize("name", ["Le Tremplin", "Mme KERAVEL", "St-Etienne", "404 833 048 00022", "+33 6 11 22 33 44"])
@pytest.mark.parametrize(
    "place", ["title", "in_brief", "explanation", "example", "actions", "change_note", "references"]
)
def test_a_known_name_anywhere_refuses_the_publication(house, place, name):
    text = f"Selon {name}, oui."
    version = proposed(house, **{place: (text,) if place == "references" else text})
    with pytest.raises(BadInput, match="nom connu"):
        submit(house.jurist, version)
    assert version.stage is Stage.ANONYMISATION
    replace_all(house.jurist, version)
    submit(house.jurist, version)
    assert name not in " ".join(one.text for one in places_of(version))


def test_a_known_name_in_the_name_of_a_file_refuses_the_publication(house):
    version = proposed(house)
    version.attachments = attachments.store(house.jurist, [Upload("avenant-keravel.pdf")])
    db.session.commit()
    with pytest.raises(BadInput, match="Nom du document"):
        submit(house.jurist, version)


class Upload(io.BytesIO):
    """A file as a form sends it."""

    def __init__(self, filename: str, content: bytes = b"%PDF-1.7\n%%EOF\n") -> None:
        super().__init__(content)
        self.filename = filename


def test_a_name_that_appears_in_the_records_later_is_looked_for_at_the_approval(house):
    version = proposed(house, explanation="Demandez à Zéphyrine Quémeneur-Lozac’h.")
    kept = {row.fingerprint: Decision(MarkChoice.KEEP) for row in assess(version).rows}
    decide(house.jurist, version, kept)
    submit(house.jurist, version)
    newcomer = PersonFactory(first_name="Zéphyrine", last_name="Quémeneur-Lozac’h")
    give_mandate(newcomer, house.ticket.organisation)
    with pytest.raises(BadInput, match="nom connu"):
        publishing.approve(house.second, version)
    assert version.stage is Stage.APPROVAL
    assert version.article.state is ArticleState.UNPUBLISHED


def test_a_question_that_has_become_sensitive_holds_its_entry_back(house):
    version = proposed(house)
    submit(house.jurist, version)
    operations.set_sensitive(house.jurist, house.ticket, is_sensitive=True)
    with pytest.raises(BadInput, match="dossier sensible"):
        publishing.approve(house.second, version)


def test_an_earlier_version_with_a_known_name_is_erased_before_a_publication(house):
    article = published(house, explanation="Une fois.")
    version = revised(house, article)
    # The name has come into an earlier version without the assistant, as an import would have left it.
    old = kb.add_version(article, stage=Stage.SUPERSEDED, explanation="Selon Le Tremplin, oui.")
    with pytest.raises(BadInput, match=rf"version {old.number}, encore lisible"):
        publishing.approve(house.second, version)
    publishing.redact(house.second, old)
    publishing.approve(house.second, version)
    assert version.stage is Stage.PUBLISHED
    assert old.explanation == ""


def test_the_version_replaced_is_erased_at_once_where_it_names_somebody(house):
    article = published(house)
    first = queries.published_version(article)
    newcomer = PersonFactory(first_name="Une", last_name="Fois")
    give_mandate(newcomer, house.ticket.organisation)
    version = revised(house, article, in_brief="Oui.")
    first.explanation = "Selon Une Fois."
    db.session.commit()
    publishing.approve(house.second, version)
    assert (first.stage, first.explanation) == (Stage.SUPERSEDED, "")
    assert first.redacted_at is not None


# --- marks


def test_every_mark_is_decided_one_by_one_and_a_kept_one_stays_decided_in_later_versions(house):
    version = proposed(house, explanation="L’aide est de 3 450 € pour 12 salariés.")
    with pytest.raises(BadInput, match="reste des passages"):
        submit(house.jurist, version)
    amount, heads = row_of(version, "3 450 €"), row_of(version, "12 salariés")
    left = decide(house.jurist, version, {amount.fingerprint: Decision(MarkChoice.KEEP)})
    assert left == 1
    decide(house.jurist, version, {heads.fingerprint: Decision(MarkChoice.REPLACE, "quelques salariés")})
    assert version.explanation == "L’aide est de 3 450 € pour quelques salariés."
    submit(house.jurist, version)
    publishing.approve(house.second, version)

    again = writing.revise(house.jurist, version.article)
    words = "L’aide reste de 3 450 €, ou 12 salariés."
    writing.save_version(house.jurist, again, Words(title="T", explanation=words, in_brief="O", topics=(kb.TOPIC,)))
    assert row_of(again, "3 450 €").is_decided
    assert not row_of(again, "12 salariés").is_decided
    assert row_of(again, "12 salariés").suggested == "quelques salariés"


def test_a_decision_keeps_no_word_of_what_was_marked(house):
    version = proposed(house, explanation="Appelez Marguerite Oléron au 06 99 88 77 66.")
    for row in assess(version).rows:
        decide(house.jurist, version, {row.fingerprint: Decision(MarkChoice.KEEP)})
    kept = db.session.scalars(sa.select(MarkDecision)).all()
    assert len(kept) == 2
    for one in kept:
        assert len(one.fingerprint) == 64
        assert one.replacement == ""


def test_the_same_word_is_decided_apart_in_two_entries(house):
    first = proposed(house, explanation="12 salariés.")
    other = kb.draft(author=house.jurist, stage=Stage.ANONYMISATION, explanation="12 salariés.", example="").versions[0]
    fingerprint = row_of(first, "12 salariés").fingerprint
    assert fingerprint != row_of(other, "12 salariés").fingerprint
    decide(house.jurist, first, {fingerprint: Decision(MarkChoice.KEEP)})
    assert not row_of(other, "12 salariés").is_decided


def test_a_known_name_is_neither_kept_nor_replaced_by_another(house):
    version = proposed(house, explanation="Selon Le Tremplin, oui.")
    row = row_of(version, "Le Tremplin")
    for wrong in (
        Decision(MarkChoice.KEEP),
        Decision(MarkChoice.REPLACE, ""),
        Decision(MarkChoice.REPLACE, "Mme Kéravel"),
    ):
        with pytest.raises(BadInput):
            decide(house.jurist, version, {row.fingerprint: wrong})
        db.session.rollback()
    assert version.explanation == "Selon Le Tremplin, oui."


def test_few_structures_of_a_kind_in_the_region_are_a_risk_to_decide(house):
    version = proposed(house, explanation="Les ACI de Bretagne le savent.", typologies=("ACI",))
    replace_all(house.jurist, version)
    risks = [row for row in assess(version).rows if row.is_risk]
    assert [row.is_known for row in risks] == [False] * len(risks)
    other = kb.draft(stage=Stage.ANONYMISATION, explanation="Les ACI de Bretagne le savent.").versions[0]
    risk = next(row for row in assess(other).rows if row.is_risk)
    assert "Moins de 5" in risk.advice
    assert assess(other).obstacles.undecided_count
    decide(house.jurist, other, {risk.fingerprint: Decision(MarkChoice.KEEP)})
    assert next(row for row in assess(other).rows if row.is_risk).is_decided


def test_whoever_replaces_a_word_does_not_approve_the_version(house):
    version = proposed(house, explanation="12 salariés.")
    row = row_of(version, "12 salariés")
    decide(house.second, version, {row.fingerprint: Decision(MarkChoice.REPLACE, "quelques salariés")})
    submit(house.second, version)
    with pytest.raises(NotAllowed):
        publishing.approve(house.second, version)
    publishing.approve(PersonFactory(lead=True), version)


def test_whoever_keeps_a_mark_or_submits_does_not_approve_the_version(house):
    version = writing.propose_from_answer(house.delegate, house.ticket, house.message)
    writing.save_version(house.jurist, version, Words(title="12 salariés ?", in_brief="Oui.", topics=(kb.TOPIC,)))
    start_anonymising(house.jurist, version)
    third = PersonFactory(jurist=True)
    decide(third, version, {row_of(version, "12 salariés").fingerprint: Decision(MarkChoice.KEEP)})
    submit(house.second, version)
    for person in (third, house.second):
        with pytest.raises(NotAllowed):
            publishing.approve(person, version)
    publishing.approve(PersonFactory(lead=True), version)


# --- approval


def test_nobody_approves_their_own_words_and_the_answers_author_neither(house):
    other = PersonFactory(jurist=True)
    version = writing.propose_from_answer(other, house.ticket, house.message)
    writing.save_version(other, version, WORDS)
    start_anonymising(other, version)
    submit(other, version)
    for person in (other, house.jurist):
        with pytest.raises(NotAllowed):
            publishing.approve(person, version)
    publishing.approve(house.second, version)
    assert version.approved_by_id == house.second.id


@pytest.mark.parametrize("role", ["delegate", "admin", "partner_jurist", "member"])
def test_nobody_but_the_pole_writes_or_approves(house, role):
    stranger = PersonFactory(**{role: True})
    version = kb.draft(author=house.jurist).versions[0]
    with pytest.raises(NotAllowed):
        writing.create_article(stranger, WORDS)
    with pytest.raises(NotAllowed):
        writing.save_version(stranger, version, WORDS)
    with pytest.raises(NotAllowed):
        start_anonymising(stranger, version)
    waiting = kb.draft(author=house.jurist, stage=Stage.APPROVAL).versions[0]
    with pytest.raises(NotAllowed):
        publishing.approve(stranger, waiting)
    with pytest.raises(NotAllowed):
        publishing.withdraw(stranger, kb.published(), reason="Faux.")
    with pytest.raises(NotAllowed):
        publishing.change_visibility(stranger, kb.published(), Visibility.PUBLIC)


def test_what_readers_need_is_asked_before_the_anonymisation(house):
    version = writing.create_article(house.jurist, Words(title="Sans rien"))
    with pytest.raises(BadInput, match=r"En bref.*thème"):
        start_anonymising(house.jurist, version)
    article = published(house)
    again = writing.revise(house.jurist, article)
    with pytest.raises(BadInput, match="ce qui a changé"):
        start_anonymising(house.jurist, again)


def test_a_draft_is_not_approved_before_its_turn(house):
    version = proposed(house)
    with pytest.raises(InvalidTransition):
        publishing.approve(house.second, version)
    submit(house.jurist, version)
    with pytest.raises(Conflict):
        publishing.approve(house.second, version, seen_version=version.lock_version - 1)
    assert version.article.state is ArticleState.UNPUBLISHED


def test_the_history_tells_each_step_and_the_index_is_asked_for_what_readers_see(house):
    article = published(house)
    assert kinds(article) == [
        ArticleEventKind.CREATED,
        ArticleEventKind.EDITED,
        ArticleEventKind.ANONYMISED,
        ArticleEventKind.SUBMITTED,
        ArticleEventKind.PUBLISHED,
    ]
    asked = db.session.scalars(sa.select(OutboxItem.payload).where(OutboxItem.kind == "index")).all()
    assert any(one.get("corpus") == "articles" and article.id in one["ids"] for one in asked)
    actions = db.session.scalars(sa.select(AuditEvent.action).where(AuditEvent.object_type == "article")).all()
    assert "article.published" in actions


def test_a_new_version_takes_the_place_of_the_one_in_force_and_votes_start_anew(house):
    article = published(house)
    first = queries.published_version(article)
    db.session.add(Vote(version_id=first.id, person_id=house.asker.id, is_useful=True, given_at=clock.now()))
    db.session.commit()
    version = revised(house, article, explanation="Deux fois.")
    assert queries.published_version(article) is first
    publishing.approve(house.second, version)
    assert (first.stage, version.stage) == (Stage.SUPERSEDED, Stage.PUBLISHED)
    assert queries.published_version(article) is version
    votes = db.session.scalars(sa.select(Vote.version_id)).all()
    assert votes == [first.id]


def test_publishing_ends_a_review_and_brings_a_withdrawn_entry_back(house):
    for made in (kb.under_review, kb.withdrawn):
        article = made(author=house.jurist)
        version = revised(house, article)
        publishing.approve(house.second, version)
        assert article.state is ArticleState.PUBLISHED
        assert (article.review_opened_at, article.withdrawn_at, article.replaced_by_id) == (None, None, None)


def test_a_review_day_is_set_at_the_publication(house):
    article = published(house)
    assert article.review_on is not None
    assert article.review_on > clock.today()


# --- addresses


def test_the_address_comes_from_the_title_and_no_draft_tells_its_own(house):
    version = proposed(house, title="L’arrêt maladie : que faire ?")
    assert version.article.slug.startswith("brouillon-")
    submit(house.jurist, version)
    publishing.approve(house.second, version)
    assert version.article.slug == "l-arret-maladie-que-faire"


def test_an_address_never_dies_and_never_leads_to_two_entries(house):
    article = published(house, title="Ancien titre")
    publishing.approve(house.second, revised(house, article, title="Nouveau titre"))
    assert article.slug == "nouveau-titre"
    slugs = set(db.session.scalars(sa.select(ArticleSlug.slug).where(ArticleSlug.article_id == article.id)))
    assert slugs == {"ancien-titre", "nouveau-titre"}
    other = writing.create_article(house.jurist, Words(title="Ancien titre", in_brief="Oui.", topics=(kb.TOPIC,)))
    start_anonymising(house.jurist, other)
    submit(house.jurist, other)
    publishing.approve(house.second, other)
    assert other.article.slug == "ancien-titre-2"
    publishing.approve(house.second, revised(house, article, title="Ancien titre"))
    assert article.slug == "ancien-titre"


# --- withdrawal, erasure, the question's end


def test_a_withdrawal_says_why_names_nobody_and_does_not_replace_itself(house):
    article = published(house)
    for wrong in ({"reason": " "}, {"reason": "Le Tremplin le demande."}, {"reason": "Non.", "replaced_by": article}):
        with pytest.raises(BadInput):
            publishing.withdraw(house.jurist, article, **wrong)
        db.session.rollback()
    publishing.withdraw(house.jurist, article, reason="Le texte est abrogé.")
    assert article.state is ArticleState.WITHDRAWN
    with pytest.raises(InvalidTransition):
        publishing.withdraw(house.jurist, article, reason="Encore.")


def test_who_sees_an_entry_does_not_change_unseen_while_it_is_read_for_approval(house):
    version = proposed(house)
    submit(house.jurist, version)
    seen = version.lock_version
    publishing.change_visibility(house.jurist, version.article, Visibility.PUBLIC)
    with pytest.raises(Conflict):
        publishing.approve(house.second, version, seen_version=seen)


def test_the_last_words_of_a_withdrawn_entry_may_be_erased_with_the_address_that_names_somebody(house):
    article = published(house, title="Que doit faire Kermorvan ?")
    learn(house, "Kermorvan")
    publishing.withdraw(house.jurist, article, reason="Une personne y est nommée.")
    publishing.redact(house.jurist, article.versions[0])
    assert (article.state, article.versions[0].stage) == (ArticleState.WITHDRAWN, Stage.SUPERSEDED)
    assert "Kermorvan" not in str(vars(article.versions[0]))
    assert slugs_of(article) == [article.slug] == [f"fiche-retiree-{article.id}"]


def test_an_old_address_that_names_somebody_goes_when_the_title_changes(house):
    article = published(house, title="Que doit faire Kermorvan ?")
    learn(house, "Kermorvan")
    publishing.approve(house.second, revised(house, article))
    assert slugs_of(article) == ["peut-on-prolonger"]


def learn(house: House, last_name: str) -> None:
    """The records of the question know one person more."""
    give_mandate(PersonFactory(first_name="Rozenn", last_name=last_name), house.ticket.organisation)


def slugs_of(article: Article) -> list[str]:
    return list(db.session.scalars(sa.select(ArticleSlug.slug).where(ArticleSlug.article_id == article.id)))


def test_an_erased_version_leaves_its_number_and_nothing_else(house):
    article = published(house, explanation="Des mots à effacer.", references=("Code civil, article 1103",))
    first = queries.published_version(article)
    with pytest.raises(NotAllowed):
        publishing.redact(house.jurist, first)
    first.attachments = attachments.store(house.jurist, [Upload("note.pdf")])
    file = first.attachments[0]
    publishing.approve(house.second, revised(house, article, title="Autre titre"))
    queries.published_version(article).attachments = []
    publishing.redact(house.jurist, first)
    assert first.title == publishing.ERASED_TITLE
    assert "Des mots" not in first.search_text
    assert (first.explanation, first.references, first.topic_rows, first.attachments) == ("", [], [], [])
    assert file.purged_at is not None
    assert kinds(article)[-1] is ArticleEventKind.REDACTED
    with pytest.raises(NotAllowed):
        writing.restore(house.jurist, article, first.number)


def test_a_file_that_a_later_version_still_holds_is_not_erased(house):
    article = published(house)
    first = queries.published_version(article)
    first.attachments = attachments.store(house.jurist, [Upload("note.pdf")])
    db.session.commit()
    publishing.approve(house.second, revised(house, article))
    publishing.redact(house.jurist, first)
    assert queries.published_version(article).attachments[0].purged_at is None


def test_erasing_the_question_cuts_the_link_and_erases_the_drafts_made_from_it(house):
    article = published(house)
    other = make_ticket(house.asker, status=Status.ANSWERED, jurist=house.jurist)
    draft = writing.propose_from_answer(house.jurist, other, current_answer(other))
    completing = make_ticket(house.asker, status=Status.ANSWERED, jurist=house.jurist)
    revision = writing.propose_from_answer(house.jurist, completing, current_answer(completing), completes=article)
    for ticket in (house.ticket, other, completing):
        publishing.cut_question(ticket, Facts())
    assert (article.source_ticket_id, draft.article.source_ticket_id) == (None, None)
    assert (draft.stage, revision.stage) == (Stage.ABANDONED, Stage.ABANDONED)
    assert draft.redacted_at is not None
    assert revision.redacted_at is not None
    assert queries.published_version(article).in_brief == WORDS.in_brief
    assert known_records(article) == ()
    assert db.session.scalar(sa.select(sa.func.count()).select_from(MarkDecision)) == 0


def test_an_earlier_version_is_read_for_names_once_more_before_the_question_is_forgotten(house):
    article = published(house, explanation="Vu avec Kermorvan.")
    publishing.approve(house.second, revised(house, article))
    learn(house, "Kermorvan")
    publishing.cut_question(house.ticket, Facts())
    assert [version.redacted_at is not None for version in article.versions] == [True, False]


def test_a_name_that_readers_see_is_left_to_the_pole_when_its_question_is_forgotten(house):
    article = published(house, explanation="Vu avec Kermorvan.")
    learn(house, "Kermorvan")
    publishing.cut_question(house.ticket, Facts())
    version = queries.published_version(article)
    assert "Kermorvan" in version.explanation
    task = db.session.scalars(sa.select(Report)).one()
    assert (task.kind, task.version_id, task.done_at) == (ReportKind.IDENTIFYING, version.id, None)
    assert "Kermorvan" not in task.comment


def test_the_erasure_of_a_question_tells_the_knowledge_base(house):
    ticket = make_ticket(house.asker, status=Status.CLOSED, delegate=house.delegate)
    entry = kb.draft(source_ticket=ticket)
    operations.erase_content(house.jurist, ticket)
    assert entry.source_ticket_id is None
    assert entry.versions[0].redacted_at is not None


# --- drafts


def test_an_answer_fills_the_draft_with_its_four_fields(house):
    ticket = make_ticket(house.asker, status=Status.STUDY, jurist=house.jurist, title="Suspendre un CDDI ?")
    operations.answer(
        house.jurist,
        ticket,
        operations.AnswerText(
            in_brief="Oui.",
            explanation="Le contrat est suspendu.",
            actions="1. Signez.",
            references=("C. trav., art. L. 5132-15-1 et L. 1243-2",),
        ),
        seen_version=None,
    )
    version = writing.propose_from_answer(house.jurist, ticket, current_answer(ticket))
    assert (version.title, version.in_brief) == ("Suspendre un CDDI ?", "Oui.")
    assert (version.explanation, version.actions) == ("Le contrat est suspendu.", "1. Signez.")
    assert [row.key for row in version.references] == ["L5132-15-1", "L1243-2"]
    assert {row.code for row in version.references} == {"Code du travail"}
    assert (version.topics, version.typologies) == ((ticket.topic,), ("ACI",))
    assert version.article.owner_id == house.jurist.id
    assert writing.propose_from_answer(house.second, ticket, current_answer(ticket)) is version


def test_an_answer_whose_draft_was_given_up_may_be_proposed_again(house):
    first = writing.propose_from_answer(house.jurist, house.ticket, house.message)
    writing.abandon(house.jurist, first)
    second = writing.propose_from_answer(house.jurist, house.ticket, house.message)
    assert second is not first
    assert second.article_id != first.article_id


def test_an_entry_has_one_open_draft(house):
    article = published(house)
    draft = writing.revise(house.jurist, article)
    assert writing.revise(house.second, article) is draft
    with pytest.raises(BadInput, match="déjà ouvert"):
        writing.restore(house.jurist, article, 1)
    other = make_ticket(house.asker, status=Status.ANSWERED, jurist=house.jurist)
    with pytest.raises(BadInput, match="déjà ouvert"):
        writing.propose_from_answer(house.jurist, other, current_answer(other), completes=article)


def test_a_restored_version_says_the_same_again(house):
    article = published(house, explanation="Une fois.", references=("Code civil, article 1103",), typologies=("AI",))
    publishing.approve(house.second, revised(house, article, explanation="Deux fois."))
    version = writing.restore(house.jurist, article, 1)
    assert (version.number, version.restored_from, version.explanation) == (3, 1, "Une fois.")
    assert [row.key for row in version.references] == ["1103"]
    assert version.typologies == ("AI",)


def test_a_reference_left_as_it_was_keeps_what_was_read_of_it(house):
    version = kb.draft(author=house.jurist).versions[0]
    row = version.references[0]
    row.url, row.label = "https://www.legifrance.gouv.fr/x", "durée : un mois, « renouvelable »"
    db.session.commit()
    words = Words(title=version.title, references=(line_of(row), "Code civil, article 1103"), topics=(kb.TOPIC,))
    writing.save_version(house.jurist, version, words)
    assert (version.references[0].url, version.references[1].key) == ("https://www.legifrance.gouv.fr/x", "1103")


def test_a_colleague_who_changed_the_draft_meanwhile_is_not_overwritten(house):
    version = kb.draft(author=house.jurist).versions[0]
    seen = version.lock_version
    writing.save_version(house.second, version, WORDS, seen_version=seen)
    with pytest.raises(Conflict, match="Cette fiche a changé"):
        writing.save_version(house.jurist, version, Words(title="Le mien"), seen_version=seen)
    assert version.title == WORDS.title
    assert house.second.id in version.editor_ids


def test_saving_the_same_words_changes_no_author(house):
    version = kb.draft(author=house.jurist).versions[0]
    words = Words(
        title=version.title,
        **kb.WORDS,
        references=tuple(map(line_of, version.references)),
        topics=version.topics,
        up_to_date_on=version.up_to_date_on,
    )
    writing.save_version(house.second, version, words)
    assert house.second.id not in version.editor_ids
    assert ArticleEventKind.EDITED not in kinds(version.article)


def test_a_day_of_review_is_chosen_or_left_to_the_publication(house):
    article = published(house)
    day = clock.today() + timedelta(days=40)
    writing.set_review_day(house.jurist, article, day)
    assert (article.review_on, queries.events_of(article)[0].data) == (day, {"review_on": day.isoformat()})
    writing.set_review_day(house.jurist, article, None)
    assert article.review_on is None


def test_an_owner_is_of_the_pole(house):
    article = published(house)
    with pytest.raises(BadInput):
        writing.set_owner(house.jurist, article, house.delegate)
    writing.set_owner(house.jurist, article, house.second)
    writing.set_owner(house.jurist, article, None)
    assert article.owner_id is None
