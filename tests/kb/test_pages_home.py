"""What the knowledge base adds to the home of a member: kept for whoever reads the same, never for others."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
import time_machine
from flask import Flask

from helpdesk.accounts.models import Person
from helpdesk.kb.enums import Visibility
from helpdesk.kb.operations import publishing
from helpdesk.kb.views import home
from tests.factories import kb
from tests.factories.accounts import OrganisationFactory, PersonFactory
from tests.factories.tickets import make_asker
from tests.support.http import Client
from tests.support.pages import text_of
from tests.support.queries import count_queries

SignIn = Callable[[Person], Client]


def home_of(person: Person, sign_in: SignIn) -> str:
    return text_of(sign_in(person).get("/"))


def test_what_one_reads_is_not_shown_to_who_may_not(app: Flask, sign_in: SignIn) -> None:
    member, ptce = make_asker(), make_asker(OrganisationFactory(ptce=True))
    kb.published(title="Pour les adhérents", visibility=Visibility.MEMBERS)
    kb.published(title="Pour les PTCE", visibility=Visibility.PTCE)
    kb.published(title="Pour l’équipe", visibility=Visibility.INTERNAL)
    for _ in range(2):
        assert "Pour les adhérents" in (of_member := home_of(member, sign_in))
        assert "Pour les PTCE" not in of_member
        assert "Pour les PTCE" in (of_ptce := home_of(ptce, sign_in))
        assert "Pour les adhérents" not in of_ptce
        assert "Pour l’équipe" not in of_member + of_ptce


def test_entries_come_and_go_at_once(app: Flask, sign_in: SignIn) -> None:
    member, jurist = make_asker(), PersonFactory(jurist=True)
    article = kb.published(title="La fiche du jour")
    assert "La fiche du jour" in home_of(member, sign_in)
    kb.published(title="La fiche du soir")
    assert "La fiche du soir" in home_of(member, sign_in)
    publishing.withdraw(jurist, article, reason="Le texte est abrogé.")
    assert "La fiche du jour" not in home_of(member, sign_in)


def test_what_is_kept_is_written_again_the_next_day(app: Flask, sign_in: SignIn) -> None:
    member = make_asker()
    kb.published(title="La fiche du jour")
    kept = app.extensions.setdefault("kb_home", {})
    home_of(member, sign_in)
    first = set(kept)
    home_of(member, sign_in)
    assert set(kept) == first
    with time_machine.travel(datetime(2030, 1, 2, 8, tzinfo=UTC), tick=False):
        home_of(make_asker(), sign_in)
    assert len(kept) == 2 * len(first)


def test_what_is_kept_is_bounded_and_read_for_one_question(
    app: Flask, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(home, "KEPT_COUNT", 3)
    member = make_asker()
    for number in range(4):
        kb.published(title=f"Fiche {number}")
        home_of(member, sign_in)
        assert len(app.extensions["kb_home"]) <= 3
    client = sign_in(member)
    client.get("/")
    with count_queries() as statements:
        client.get("/")
    assert sum("article" in statement for statement in statements) == 1
