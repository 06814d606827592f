"""What open questions are close to: found by the worker, kept, and read by the pages under their reader's rights."""

import sqlalchemy as sa
from flask import Flask

from helpdesk.db import db, transaction
from helpdesk.jobs import drain
from helpdesk.kb import queries
from helpdesk.kb.enums import ArticleState, Visibility
from helpdesk.kb.models import Article
from helpdesk.search import nearness, operations
from helpdesk.search.engines import engine_for
from helpdesk.search.models import SearchNear, SearchNearMade
from helpdesk.search.nearness import refresh, refresh_all
from helpdesk.tickets import operations as tickets
from helpdesk.tickets.models import Ticket
from helpdesk.tickets.queries.alike import alike
from tests.factories import kb
from tests.factories.accounts import PersonFactory
from tests.factories.tickets import make_asker, make_ticket
from tests.support.queries import count_queries

TITLE = "Prolonger une immersion au tournesol"


def near_ids(ticket: Ticket, corpus: str = "articles") -> list[int]:
    near = SearchNear
    select = sa.select(near.near_id).where(near.entry_id == ticket.id, near.near_corpus == corpus)
    return list(db.session.scalars(select.order_by(near.rank)))


def count_made() -> int:
    return db.session.scalar(sa.select(sa.func.count()).select_from(SearchNearMade)) or 0


def index_all() -> None:
    operations.rebuild()
    refresh_all()


def test_a_question_that_arrives_is_given_what_it_is_close_to(app: Flask) -> None:
    article, other = kb.published(title="Le tournesol en immersion"), make_ticket(title="Encore un tournesol")
    operations.rebuild()
    ticket = make_ticket(title=TITLE)
    assert near_ids(ticket) == near_ids(ticket, "questions") == []
    drain()
    assert near_ids(ticket) == [article.id]
    assert near_ids(ticket, "questions") == [other.id]


def test_nothing_is_found_again_while_words_and_entries_stay_the_same(app: Flask) -> None:
    make_ticket(title=TITLE)
    kb.published(title="Le tournesol en immersion")
    operations.rebuild()
    assert refresh_all() == 2
    assert refresh_all() == 0


def test_an_entry_that_is_indexed_comes_beside_the_open_questions(app: Flask) -> None:
    ticket = make_ticket(title=TITLE)
    index_all()
    assert near_ids(ticket) == []
    article = kb.published(title="Le tournesol en immersion")
    operations.index("articles", [article.id])
    assert refresh_all() == 1
    assert near_ids(ticket) == [article.id]


def test_other_words_are_close_to_other_entries(app: Flask) -> None:
    ticket = make_ticket(title=TITLE)
    kb.published(title="Le tournesol en immersion")
    colza = kb.published(title="Le colza")
    index_all()
    with transaction():
        ticket.title, ticket.excerpt = "Du colza", ""
    refresh("questions", [ticket.id])
    assert near_ids(ticket) == [colza.id]


def test_what_a_closed_question_was_close_to_is_forgotten(app: Flask) -> None:
    ticket, other = make_ticket(title=TITLE), make_ticket(title="Encore un tournesol")
    kb.published(title="Le tournesol en immersion")
    index_all()
    tickets.withdraw(ticket.asker, ticket)  # type: ignore[arg-type]
    refresh_all()
    assert near_ids(ticket) == near_ids(ticket, "questions") == []
    assert near_ids(other) != []
    assert count_made() == 2


def test_a_few_are_found_at_a_time_and_the_next_turn_goes_on(app: Flask) -> None:
    for _ in range(3):
        make_ticket(title=TITLE)
    operations.rebuild()
    assert [refresh_all(limit=4), refresh_all(limit=4), refresh_all(limit=4)] == [4, 2, 0]


def test_without_an_index_nothing_is_kept_until_there_is_one(app: Flask) -> None:
    ticket = make_ticket(title=TITLE)
    article = kb.published(title="Le tournesol en immersion")
    assert refresh_all() == 0
    assert count_made() == 0
    index_all()
    assert near_ids(ticket) == [article.id]


def test_no_more_than_a_few_are_kept_and_never_the_text_itself(app: Flask, monkeypatch) -> None:
    monkeypatch.setattr(nearness, "KEPT_COUNT", 2)
    here, *others = [make_ticket(title=TITLE) for _ in range(4)]
    index_all()
    assert len(near_ids(here, "questions")) == 2
    assert set(near_ids(here, "questions")) < {other.id for other in others}


def test_the_staff_sees_what_a_sensitive_question_is_close_to_and_never_one_beside_another(app: Flask) -> None:
    hidden, seen = make_ticket(title=TITLE, is_sensitive=True), make_ticket(title=TITLE)
    article = kb.published(title="Le tournesol en immersion")
    index_all()
    jurist = PersonFactory(jurist=True)
    assert [row.id for row in queries.near_question(jurist, hidden.id)] == [article.id]
    assert [row.id for row in alike(jurist, hidden)] == [seen.id]
    assert alike(jurist, seen) == []


def test_rights_are_those_of_the_moment_of_reading(app: Flask) -> None:
    here, other = make_ticket(title=TITLE), make_ticket(title=TITLE)
    entries = [kb.published(title="Le tournesol en immersion", visibility=one) for one in Visibility]
    index_all()
    jurist, member = PersonFactory(jurist=True), make_asker()
    assert {row.id for row in queries.near_question(jurist, here.id, limit=9)} == {entry.id for entry in entries}
    read = {row.visibility for row in queries.near_question(member, here.id, limit=9)}
    assert read == {Visibility.PUBLIC, Visibility.MEMBERS}
    assert {row.visibility for row in queries.near_question(None, here.id)} == {Visibility.PUBLIC}
    with transaction():
        db.session.execute(sa.update(Article).values(state=ArticleState.UNPUBLISHED))
        other.is_sensitive = True
    assert queries.near_question(jurist, here.id) == []
    assert alike(jurist, here) == []


def test_what_is_near_is_read_in_one_statement_and_never_searched(app: Flask, monkeypatch) -> None:
    ticket, jurist = make_ticket(title=TITLE), PersonFactory(jurist=True)
    kb.published(title="Le tournesol en immersion")
    index_all()
    monkeypatch.setattr(type(engine_for("articles")), "candidates", None)
    with count_queries() as statements:
        assert len(queries.near_question(jurist, ticket.id)) == 1
        assert alike(jurist, ticket) == []
    assert sum("search_near" in statement for statement in statements) == 2
    assert not any("search_posting" in statement for statement in statements)
