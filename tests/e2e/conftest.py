"""A small demonstration served on the loopback, and the pages of each role."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
import sqlalchemy as sa

from helpdesk import clock
from helpdesk.accounts.models import Person
from helpdesk.db import db
from helpdesk.demo.seed import seed
from helpdesk.kb.enums import ArticleKind, Stage, Visibility
from helpdesk.kb.legal_references import LegalReference
from helpdesk.kb.operations import anonymising, writing
from helpdesk.kb.operations.words import Words
from helpdesk.search.nearness import refresh_all
from helpdesk.search.operations import rebuild
from helpdesk.tickets import operations, queries
from helpdesk.tickets.enums import DraftKind, Status
from helpdesk.tickets.models import Ticket
from tests.factories import kb
from tests.support.apps import LiveServer
from tests.support.scenes import Keep

MEMBER = "c.morvan@jardins-pre-commun.example"
DELEGATE = "m.lebihan@bretagne.federation.example"
JURIST = "n.benali@federation.example"
LEAD = "h.garnier@federation.example"
ADMIN = "p.marchand@federation.example"
FACTS = "Un salarié en CDDI part en essai. Son contrat finit en mai."


@dataclass(frozen=True)
class Town:
    """The served demonstration."""

    server: LiveServer
    people: dict[str, Person]

    def pages(self, role: str) -> list[str]:
        """The addresses of a role, each in the states that matter."""
        found = _PAGES[role](self.people.get(role))
        db.session.commit()  # what was read for it would keep the pages from writing
        return found


@pytest.fixture
def town(live_server: LiveServer, kept: Keep) -> Town:
    kept(_build)
    people = {
        role: db.session.scalars(sa.select(Person).where(Person.email == email)).one()
        for role, email in {
            "member": MEMBER, "delegate": DELEGATE, "jurist": JURIST, "lead": LEAD, "admin": ADMIN,
        }.items()
    }  # fmt: skip
    return Town(live_server, people)


def _build() -> None:
    seed(today=clock.today(), structures=40, questions=120)
    _publish_entries()


PUBLIC, WITH_ALL, REVIEWED, WITHDRAWN = "/faq/pour-tous", "/faq/complete", "/faq/en-revue", "/faq/retiree"
FOUND, NOT_FOUND, MISSPELT = "/faq?q=immersion", "/faq?q=introuvable+zzz", "/faq?q=imersion"
LONG_TITLE = "Peut-on prolonger une immersion professionnelle au-delà d’un mois : " + "conditions-et-délais " * 4


def _publish_entries() -> None:
    """Entries in the states that readers meet, with everything that an entry may hold."""
    cited = LegalReference("Code du travail", "L. 5135-5", "Durée de l’immersion", "https://www.legifrance.gouv.fr/x")
    kb.published(slug="pour-tous", visibility=Visibility.PUBLIC, kind=ArticleKind.GUIDE, references=[cited] * 3)
    full = kb.published(slug="complete", title=LONG_TITLE, typologies=("AI", "ETTI"), references=[cited])
    kb.add_version(full, stage=Stage.SUPERSEDED, change_note="Un exemple est ajouté.")
    kb.under_review(
        slug="en-revue", title="Immersion et période d’essai", reason="Le décret du 3 mars change la durée."
    )
    kb.withdrawn(slug="retiree", replaced_by=full)
    rebuild()
    refresh_all()


def _questions(person: Person, *statuses: Status, limit: int = 1) -> list[Ticket]:
    """The latest question that *person* sees in each status."""
    found = []
    for status in statuses:
        select = queries.visible_tickets(person).where(Ticket.status == status, Ticket.is_sensitive.is_(False))
        found += db.session.scalars(select.order_by(Ticket.received_at.desc()).limit(limit))
    return found


def _of_visitor(_person: Person | None) -> list[str]:
    return ["/connexion", "/aide", "/plan-du-site", "/donnees-personnelles", "/mentions-legales", "/accessibilite",
        "/faq", FOUND, PUBLIC, f"{PUBLIC}/imprimer"]  # fmt: skip


def _of_member(person: Any) -> list[str]:
    organisation_id = person.active_mandates[0].organisation_id
    fields = {"organisation_id": str(organisation_id), "title": "Suspendre un CDDI ?", "facts": FACTS}
    draft = operations.save_question_draft(person, fields | {"has_deadline": "non", "preference": "written"})
    db.session.commit()
    tickets = _questions(person, *Status)
    threads = [f"/questions/{ticket.reference}" for ticket in tickets]
    first = tickets[0].reference
    return [
        "/", "/mes-questions", "/mes-questions?q=introuvable", "/questions/poser", f"/questions/poser/{draft.key}",
        f"/questions/poser/{draft.key}/verifier", f"/questions/{first}/envoyee", f"/questions/{first}/imprimer",
        "/faq", FOUND, NOT_FOUND, MISSPELT, "/faq?toutes=1", "/faq?theme=social&nature=guide", "/faq?theme=fiscal",
        WITH_ALL, f"{WITH_ALL}/imprimer", REVIEWED, WITHDRAWN, "/questions/poser?fiche=complete",
        *threads, "/mon-compte", "/page-qui-n-existe-pas", "/questions/poser?question=Un+salarié+en+arrêt+maladie",
        f"/faq/suggestions/{draft.key}/merci?fiche=conges-pendant-un-arret-maladie",
    ]  # fmt: skip


def _of_delegate(person: Any) -> list[str]:
    tickets = _questions(person, Status.TRIAGE, Status.RELAY, Status.WAITING)
    views = [f"/a-trier?vue={view.value}" for view in queries.DELEGATE_VIEWS]
    structures = [f"/adherents/{ticket.organisation_id}" for ticket in tickets[:1]]
    threads = [f"/questions/{ticket.reference}" for ticket in tickets]
    lists = ["/saisir", "/questions", "/questions?q=CDDI", "/adherents", *structures, "/faq", WITH_ALL]
    return [*views, *threads, *lists, "/delais", "/delais?periode=12-mois", "/delais?region=normandie&du=2026-02-31",
        f"/delais/rapport/{clock.today().year}"]  # fmt: skip


def _of_jurist(person: Any) -> list[str]:
    tickets = _questions(person, Status.STUDY, Status.POLE, Status.ANSWERED, Status.CLOSED)
    operations.save_draft(person, tickets[0], DraftKind.ANSWER, {"in_brief": "Oui.", "references": ["L. 1243-6"]})
    db.session.commit()
    threads = [f"/questions/{ticket.reference}" for ticket in tickets]
    views = [f"/ma-file?vue={view.value}" for view in queries.JURIST_VIEWS]
    workshop = _workshop(person, tickets[2])
    return [*views, *threads, f"{threads[0]}/imprimer?notes=1", "/questions?statut=n-existe-pas", *workshop]


def _workshop(person: Any, answered: Ticket) -> list[str]:
    """The workshop, with an entry at each step of its way to the readers."""
    words = Words(title="Suspendre un CDDI ?", in_brief="Oui, 12 jours.", topics=("social/formation-pmsmp",))
    draft, marked, waiting = (writing.create_article(person, words) for _ in range(3))
    for version in (marked, waiting):
        anonymising.start_anonymising(person, version)
    anonymising.replace_all(person, waiting)
    anonymising.submit(person, waiting)
    db.session.commit()
    answer = queries.current_answer(answered)
    assert answer is not None
    at = "/faq/atelier"
    return [
        f"{at}/toutes", f"{at}/signalements", f"{at}/nouvelle", f"{at}/{draft.article_id}/modifier",
        f"{at}/{marked.article_id}", f"{at}/{marked.article_id}/anonymisation", f"{at}/{waiting.article_id}",
        f"{at}/{waiting.article_id}/versions/1", f"{at}/{waiting.article_id}/comparer",
        f"/faq/proposer/{answered.reference}/{answer.id}",
        f"{at}/references?article=L.+1242-16", f"{at}/revue", f"{at}/import", f"{at}/suggestions",
    ]  # fmt: skip


def _of_lead(person: Any) -> list[str]:
    figures = "/juri-ptce/chiffres"
    desks = ["/equipe", f"/equipe/{person.id}", "/equipe/0", "/equipe/delegations/bretagne?part=en-cours"]
    delays = ["/delais", "/delais?periode=12-mois&region=nationale", "/delais?canal=webinar&theme=fiscal"]
    years = [f"/delais/rapport/{clock.today().year - ago}" for ago in (0, 1)]
    return [*desks, *delays, *years, f"{years[0]}/imprimer", "/ma-file", figures, f"{figures}?du=2026-01-01&annee=2026"]


def _of_admin(_person: Any) -> list[str]:
    return ["/administration/", "/administration/personnes"]


_PAGES: dict[str, Callable[[Any], list[str]]] = {
    "visitor": _of_visitor,
    "member": _of_member,
    "delegate": _of_delegate,
    "jurist": _of_jurist,
    "lead": _of_lead,
    "admin": _of_admin,
}
