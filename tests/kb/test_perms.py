"""Every role × every state × every visibility: who reads, who works, who approves. And the SQL twins on all of it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask import Flask

from helpdesk import clock
from helpdesk.accounts.models import Person
from helpdesk.db import db
from helpdesk.kb import perms
from helpdesk.kb.enums import OPEN_STAGES, READABLE_STATES, ArticleState, Stage, Visibility
from helpdesk.kb.models import Article, ArticleVersion
from helpdesk.tickets import operations
from helpdesk.tickets.enums import Status
from helpdesk.tickets.queries import current_answer
from tests.factories import kb
from tests.factories.accounts import OrganisationFactory, PersonFactory, give_mandate
from tests.factories.tickets import make_asker, make_ticket
from tests.support.scenes import Keep

EVERYTHING = set(Visibility)
PUBLIC = {Visibility.PUBLIC}
READS: dict[str, set[Visibility]] = {
    "visitor": PUBLIC,
    "member": {Visibility.PUBLIC, Visibility.MEMBERS},
    "ges_director": {Visibility.PUBLIC, Visibility.MEMBERS},
    "of_ptce": {Visibility.PUBLIC, Visibility.PTCE},
    "of_both": {Visibility.PUBLIC, Visibility.PTCE, Visibility.MEMBERS},
    "former_member": PUBLIC,
    "delegate": EVERYTHING,
    "jurist": EVERYTHING,
    "author": EVERYTHING,
    "conflicted": EVERYTHING,
    "lead": EVERYTHING,
    "partner_jurist": {Visibility.PUBLIC, Visibility.PTCE},
    "admin": PUBLIC,
    "nobody": PUBLIC,
    "closed_jurist": PUBLIC,
}
POLE = {"jurist", "author", "lead"}
"""Who works on an entry born from a question, « conflicted » left out."""


@dataclass(frozen=True)
class House:
    """The people, and an entry of every state and visibility born from one question, by name."""

    people: dict[str, Person | None]
    entries: dict[str, Article]
    versions: dict[Stage, ArticleVersion]


def _people() -> dict[str, Person | None]:
    structure, ptce = OrganisationFactory(), OrganisationFactory(ptce=True)
    people: dict[str, Person | None] = {
        "visitor": None,
        "member": make_asker(structure),
        "ges_director": PersonFactory(ges_director=True),
        "of_ptce": make_asker(ptce),
        "of_both": make_asker(structure),
        "former_member": PersonFactory(),
        "delegate": PersonFactory(delegate=True, can_answer=True),
        "jurist": PersonFactory(jurist=True),
        "author": PersonFactory(jurist=True),
        "conflicted": PersonFactory(jurist=True),
        "lead": PersonFactory(lead=True),
        "partner_jurist": PersonFactory(partner_jurist=True),
        "admin": PersonFactory(admin=True),
        "nobody": PersonFactory(),
        "closed_jurist": PersonFactory(jurist=True, is_active=False),
    }
    give_mandate(people["of_both"], ptce)
    give_mandate(people["former_member"], structure, ends_on=clock.today() - timedelta(days=1))
    return people


def make_house() -> House:
    people = _people()
    author = people["author"]
    ticket = make_ticket(people["member"])
    operations.declare_conflict(people["lead"], ticket, people["conflicted"], reason="Créancier adhérent.")
    entries = {
        f"{state.value} {visibility.value}": kb.article(
            state=state, visibility=visibility, author=author, source_ticket=ticket
        )
        for state in ArticleState
        for visibility in Visibility
    }
    versions = {
        stage: kb.draft(author=author, source_ticket=ticket, stage=stage).versions[0]
        for stage in (*OPEN_STAGES, Stage.ABANDONED)
    }
    entry = kb.published(author=author, source_ticket=ticket, visibility=Visibility.MEMBERS)
    versions[Stage.PUBLISHED] = entry.versions[0]
    versions[Stage.SUPERSEDED] = kb.add_version(entry, stage=Stage.SUPERSEDED, author=author)
    return House(people, entries, versions)


@pytest.fixture
def house(kept: Keep) -> House:
    return kept(make_house)


def test_an_entry_is_read_by_those_its_visibility_names_while_it_is_readable(house: House) -> None:
    wrong = []
    for name, person in house.people.items():
        for entry in house.entries.values():
            expected = entry.visibility in READS[name] and entry.state in READABLE_STATES
            if perms.can_read(person, entry) is not expected:
                wrong.append((name, entry.state, entry.visibility))
    assert wrong == []


def test_the_database_reads_with_the_same_rights(house: House) -> None:
    for name, person in house.people.items():
        in_python = {entry.id for entry in house.entries.values() if perms.can_read(person, entry)}
        ids = [entry.id for entry in house.entries.values()]
        in_sql = db.session.scalars(sa.select(Article.id).where(perms.visible_to(person), Article.id.in_(ids)))
        assert set(in_sql) == in_python, name


def test_that_an_entry_was_withdrawn_is_told_to_who_could_read_it(house: House) -> None:
    for name, person in house.people.items():
        for entry in house.entries.values():
            is_told = entry.visibility in READS[name] and entry.state is not ArticleState.UNPUBLISHED
            assert perms.can_know_of(person, entry) is is_told, (name, entry.state, entry.visibility)


def test_an_entry_under_review_is_never_offered_as_a_solution(house: House) -> None:
    for person in house.people.values():
        for entry in house.entries.values():
            expected = entry.state is ArticleState.PUBLISHED and perms.can_read(person, entry)
            assert perms.can_be_suggested(person, entry) is expected


def test_the_pole_works_on_every_entry_but_in_a_conflict_of_interest(house: House) -> None:
    for name, person in house.people.items():
        if person is None:
            continue
        for entry in house.entries.values():
            assert perms.can_work_on(person, entry) is (name in POLE), name
        works_on = set(db.session.scalars(sa.select(Article.id).where(perms.workable_by(person))))
        every = set(db.session.scalars(sa.select(Article.id)))
        assert works_on == (every if name in POLE else set()), name


def test_an_entry_completed_from_a_question_in_conflict_is_shut_too(house: House) -> None:
    jurist, conflicted = house.people["jurist"], house.people["conflicted"]
    entry = kb.published()
    assert perms.can_work_on(conflicted, entry)
    ticket = make_ticket(status=Status.ANSWERED, jurist=jurist)
    operations.declare_conflict(jurist, ticket, conflicted, reason="Ancienne collègue.")
    draft = kb.add_version(entry, source_message=current_answer(ticket))
    db.session.expire_all()
    assert not perms.can_work_on(conflicted, draft.article)
    assert not perms.can_read_version(conflicted, draft)
    assert entry.id not in set(db.session.scalars(sa.select(Article.id).where(perms.workable_by(conflicted))))
    assert perms.can_work_on(jurist, entry)


VERSION_RIGHTS: dict[str, tuple[Callable[[Person, ArticleVersion], bool], set[Stage], set[str]]] = {
    "can_edit": (perms.can_edit, {Stage.DRAFT, Stage.ANONYMISATION}, POLE),
    "can_send_back": (perms.can_send_back, {Stage.ANONYMISATION, Stage.APPROVAL}, POLE),
    "can_approve": (perms.can_approve, {Stage.APPROVAL}, POLE - {"author"}),
    "can_abandon": (perms.can_abandon, set(OPEN_STAGES), POLE),
    "can_redact": (perms.can_redact, {Stage.SUPERSEDED, Stage.ABANDONED}, POLE),
}


def test_who_may_do_what_with_a_version(house: House) -> None:
    people = {name: person for name, person in house.people.items() if person is not None}
    wrong = [
        (right, name, stage)
        for right, (allowed, stages, names) in VERSION_RIGHTS.items()
        for name, person in people.items()
        for stage, version in house.versions.items()
        if allowed(person, version) is not (stage in stages and name in names)
    ]
    assert wrong == []


def test_a_version_is_read_by_the_pole_and_the_one_in_force_by_its_readers(house: House) -> None:
    for name, person in house.people.items():
        for stage, version in house.versions.items():
            expected = name in POLE or (stage is Stage.PUBLISHED and Visibility.MEMBERS in READS[name])
            assert perms.can_read_version(person, version) is expected, (name, stage)


def test_an_erased_version_is_read_by_nobody(house: House) -> None:
    version = house.versions[Stage.SUPERSEDED]
    version.redacted_at = clock.now()
    for person in house.people.values():
        assert not perms.can_read_version(person, version)


def test_who_changed_one_word_does_not_approve(house: House) -> None:
    version, jurist = house.versions[Stage.APPROVAL], house.people["jurist"]
    assert perms.can_approve(jurist, version)
    version.editor_ids = [*version.editor_ids, jurist.id]
    assert not perms.can_approve(jurist, version)
    assert perms.can_approve(house.people["lead"], version)


def test_the_question_behind_an_entry_is_shown_to_the_pole_under_its_rights(house: House) -> None:
    entry = house.versions[Stage.PUBLISHED].article
    seen = {name for name, person in house.people.items() if person and perms.can_see_source(person, entry)}
    assert seen == POLE


def test_an_answer_is_proposed_by_the_staff_of_its_question_unless_it_is_sensitive(app: Flask) -> None:
    structure = OrganisationFactory()
    people = {
        "asker": make_asker(structure),
        "delegate": PersonFactory(delegate=True, can_answer=True),
        "other_delegate": PersonFactory(delegate=True, delegation="normandie"),
        "jurist": PersonFactory(jurist=True),
        "partner_jurist": PersonFactory(partner_jurist=True),
        "admin": PersonFactory(admin=True),
    }
    ticket = make_ticket(people["asker"], status=Status.ANSWERED, delegate=people["delegate"], jurist=people["jurist"])
    answer, question = current_answer(ticket), ticket.messages[0]
    assert {name for name, one in people.items() if perms.can_propose(one, ticket, answer)} == {"delegate", "jurist"}
    assert not any(perms.can_propose(one, ticket, question) for one in people.values())
    operations.set_sensitive(people["jurist"], ticket, is_sensitive=True)
    assert not any(perms.can_propose(one, ticket, answer) for one in people.values())
