"""The pages of the readers: browsed, read, printed, judged, reported, gone."""

import re
from collections.abc import Callable
from datetime import timedelta
from xml.etree import ElementTree as ET

import pytest
from flask import Flask

from helpdesk import clock
from helpdesk.accounts.models import Person
from helpdesk.attachments.operations import store
from helpdesk.db import db
from helpdesk.kb.enums import ArticleKind, ReportKind, Stage, Visibility
from helpdesk.kb.legal_references import LegalReference
from helpdesk.kb.models import ArticleSlug, ReaderVisit, ReadingCount, Report, ReviewItem, Vote
from helpdesk.kb.views.entry_parts import numbered
from helpdesk.tickets.enums import DraftKind, Status
from helpdesk.tickets.operations.drafts import own_draft
from tests.factories import kb
from tests.factories.accounts import OrganisationFactory, PersonFactory
from tests.factories.files import PDF
from tests.factories.tickets import make_asker, make_ticket
from tests.support.http import Client
from tests.support.pages import error_summary, hidden_fields, post, text_of
from tests.support.queries import count_queries
from tests.support.scenes import Keep

SignIn = Callable[[Person], Client]


@pytest.fixture
def member(app: Flask) -> Person:
    return make_asker(OrganisationFactory(name="Les Jardins"))


@pytest.fixture
def reading(member: Person, sign_in: SignIn) -> Client:
    """A member at their browser."""
    return sign_in(member)


# --- one entry


def test_an_entry_shows_its_parts_in_the_order_they_are_read(reading: Client) -> None:
    article = kb.published(
        title="Congés payés et arrêt maladie : comment compter les jours ?",
        references=[
            LegalReference("Code du travail", "L. 3141-5", "Périodes", "https://www.legifrance.gouv.fr/x"),
            "Loi n° 2024-364 du 22 avril 2024",
        ],
        review_on=clock.today() + timedelta(days=90),
    )
    page = reading.get(f"/faq/{article.slug}")
    words = text_of(page)
    parts = ("En bref", "L’explication", "Exemple", "Ce que vous pouvez faire", "Références juridiques")
    places = [words.index(part) for part in parts]
    assert places == sorted(places)
    version = kb.in_force(article)
    assert "comment compter les jours ?" in words
    assert f"Relue par {version.approved_by.full_name}, juriste" in words  # type: ignore[union-attr]
    assert "Prochaine relecture avant le" in words
    assert 'href="https://www.legifrance.gouv.fr/x"' in page.text
    assert "Loi n° 2024-364 du 22 avril 2024" in words
    assert "Première publication" in words
    assert page.text.count("<ol>") >= 2  # the path and the steps


def test_a_visitor_reads_a_public_entry_without_any_name(app: Flask, client: Client) -> None:
    article = kb.published(visibility=Visibility.PUBLIC)
    page = client.get(f"/faq/{article.slug}")
    words = text_of(page)
    assert page.status_code == 200
    assert "Relue par le pôle juridique" in words
    assert kb.in_force(article).approved_by.full_name not in words  # type: ignore[union-attr]
    assert "Se connecter" in words
    assert "utile" not in words


def test_the_kinds_of_structure_are_told_and_who_is_not_concerned(app: Flask, sign_in: SignIn) -> None:
    article = kb.published(typologies=("ACI", "AI"))
    of_etti = make_asker(OrganisationFactory(with_typologies=("ETTI",)))
    of_ai = make_asker(OrganisationFactory(with_typologies=("AI", "OF")))
    words = text_of(sign_in(of_etti).get(f"/faq/{article.slug}"))
    assert "Vaut pour : ACI, AI. Ne vaut pas pour : EI, ETTI, EITI." in words
    assert "Votre structure est de type ETTI" in words
    assert "Votre structure est de type" not in text_of(sign_in(of_ai).get(f"/faq/{article.slug}"))


def test_an_entry_under_review_and_one_that_is_overdue_say_so(reading: Client) -> None:
    reviewed = kb.under_review(reason="Le décret du 3 mars a changé le plafond.")
    words = text_of(reading.get(f"/faq/{reviewed.slug}"))
    assert "en cours de mise à jour" in words
    assert "Le décret du 3 mars a changé le plafond." in words
    late = kb.published(review_on=clock.today() - timedelta(days=1))
    assert "devait être relue avant le" in text_of(reading.get(f"/faq/{late.slug}"))


def test_an_old_address_leads_to_the_present_one(reading: Client, client: Client) -> None:
    article = kb.published(slug="presente")
    db.session.add(ArticleSlug(slug="ancienne", article_id=article.id))
    db.session.commit()
    answer = reading.get("/faq/ancienne")
    assert (answer.status_code, answer.headers["Location"]) == (301, "/faq/presente")
    assert client.get("/faq/ancienne").status_code == 404


def test_a_withdrawn_entry_says_so_without_its_title(reading: Client, client: Client) -> None:
    new = kb.published(slug="nouvelle", title="La nouvelle règle")
    old = kb.withdrawn(slug="vieille", title="Un titre à oublier", replaced_by=new)
    page = reading.get(f"/faq/{old.slug}")
    words = text_of(page)
    assert page.status_code == 410
    assert "Cette fiche a été retirée" in words
    assert "Le décret a changé." in words
    assert "Un titre à oublier" not in page.text
    assert "La nouvelle règle" in words
    for path in ("imprimer", "pieces/1"):
        assert reading.get(f"/faq/{old.slug}/{path}").status_code == 404
    assert client.get(f"/faq/{old.slug}").status_code == 404


def test_an_issue_of_the_review_lists_its_entries_by_typology(reading: Client) -> None:
    issue = kb.published(kind=ArticleKind.REVIEW, in_brief="", example="", actions="", references=())
    one, hidden = kb.published(title="Une règle pour les AI"), kb.published(visibility=Visibility.INTERNAL)
    for position, entry in enumerate((one, hidden)):
        db.session.add(
            ReviewItem(version_id=kb.in_force(issue).id, position=position, article_id=entry.id, typology="AI")
        )
    db.session.commit()
    words = text_of(reading.get(f"/faq/{issue.slug}"))
    assert "Association intermédiaire" in words
    assert "Une règle pour les AI" in words
    assert kb.in_force(hidden).title not in words
    assert "Publiée le" in words


def test_an_entry_is_printed(reading: Client) -> None:
    article = kb.published(title="Fiche à imprimer")
    words = text_of(reading.get(f"/faq/{article.slug}/imprimer"))
    assert "Fiche à imprimer" in words
    assert "Références juridiques" in words


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("Signez.\nPrévenez.", "1. Signez.\n2. Prévenez."),
        ("1. Signez.\n\n2) Prévenez.\n- Gardez une copie.", "1. Signez.\n2. Prévenez.\n3. Gardez une copie."),
        ("Signez un avenant.", "Signez un avenant."),
        ("", ""),
        ("2026 est une année.\nUne autre ligne.", "1. 2026 est une année.\n2. Une autre ligne."),
    ],
)
def test_steps_are_numbered_however_they_were_begun(typed: str, shown: str) -> None:
    assert numbered(typed) == shown


# --- writes of a page that is read


def test_an_opening_is_counted_once_and_not_for_the_pole(app: Flask, reading: Client, sign_in: SignIn) -> None:
    article = kb.published()
    reading.get(f"/faq/{article.slug}")
    reading.head(f"/faq/{article.slug}")
    sign_in(PersonFactory(jurist=True)).get(f"/faq/{article.slug}")
    db.session.expire_all()
    assert [row.count for row in db.session.query(ReadingCount)] == [1]


def test_what_is_new_since_the_last_visit_is_shown_first(member: Person, reading: Client) -> None:
    old, new = kb.published(title="Une vieille fiche"), kb.published(title="Une fiche toute neuve")
    old.published_at = old.first_published_at = clock.now() - timedelta(days=30)
    db.session.add(ReaderVisit(person_id=member.id, last_on=clock.today() - timedelta(days=3)))
    db.session.commit()
    for _ in range(2):  # the second visit of the day still shows it
        page = reading.get("/faq")
        since = page.text.partition('id="t-nouveau"')[2].partition("</section>")[0]
        assert "Une fiche toute neuve" in since
        assert "Une vieille fiche" not in since
    with count_queries() as statements:
        reading.get("/faq")
    assert not [statement for statement in statements if re.match(r"(INSERT|UPDATE|DELETE)", statement)]
    assert new.id


# --- browsing


def test_the_front_counts_topics_and_lists_narrow(reading: Client) -> None:
    kb.published(topics=("social/contrats",), typologies=("AI",), title="Fiche des AI")
    kb.published(topics=("fiscal/tva",), kind=ArticleKind.GUIDE, title="Guide de la TVA")
    kb.published(topics=("fiscal/tva",), visibility=Visibility.INTERNAL, title="Fiche de l’équipe")
    words = text_of(reading.get("/faq"))
    assert "2 fiches à lire" in words
    assert "Contrats de travail et avenants 1 fiche" in words
    for url, there, not_there in (
        ("/faq?theme=social", "Fiche des AI", "Guide de la TVA"),
        ("/faq?theme=fiscal/tva", "Guide de la TVA", "Fiche des AI"),
        ("/faq?typologie=AI", "Guide de la TVA", "Fiche de l’équipe"),
        ("/faq?nature=guide", "Guide de la TVA", "Fiche des AI"),
        ("/faq?toutes=1", "Fiche des AI", "Fiche de l’équipe"),
    ):
        shown = text_of(reading.get(url))
        assert there in shown, url
        assert not_there not in shown, url


def test_wrong_filters_and_pages_are_no_error(reading: Client, client: Client) -> None:
    kb.published()
    for url in ("/faq?theme=rien", "/faq?typologie=<b>", "/faq?nature=x&page=-3", "/faq?toutes=1&page=99999999999"):
        assert reading.get(url).status_code == 200, url
    assert client.get("/faq").status_code == 200


def test_an_empty_base_says_so(reading: Client, client: Client) -> None:
    assert "Aucune fiche pour l’instant" in text_of(reading.get("/faq"))
    assert "Aucune fiche pour l’instant" in text_of(client.get("/faq"))


# --- votes and reports


def test_a_vote_is_kept_and_no_asks_what_is_missing(member: Person, reading: Client) -> None:
    article = kb.published()
    url = f"/faq/{article.slug}"
    answer = post(reading, f"{url}/vote", {"useful": "oui"}, page=url)
    assert answer.status_code == 303
    assert "Vous avez répondu « Oui »" in text_of(reading.get(url))
    answer = post(reading, f"{url}/vote", {"useful": "non"}, page=url)
    page = reading.get(answer.headers["Location"])
    assert "Que vous manque-t-il ?" in text_of(page)
    answer = post(reading, f"{url}/signaler", {"kind": "missing", "comment": "Le temps partiel."}, page=url)
    assert answer.status_code == 303
    task = db.session.query(Report).one()
    assert (task.kind, task.comment, task.reported_by_id) == (ReportKind.MISSING, "Le temps partiel.", member.id)
    assert [vote.is_useful for vote in db.session.query(Vote)] == [False]


def test_a_report_without_words_comes_back_and_says_what_to_do(reading: Client) -> None:
    article = kb.published()
    url = f"/faq/{article.slug}"
    answer = post(reading, f"{url}/signaler", {"kind": "identifying", "comment": " "}, page=url)
    assert answer.status_code == 422
    assert error_summary(answer) == ["Indiquez le mot ou la phrase qui désigne quelqu’un."]
    answer = post(reading, f"{url}/signaler", {"kind": "identifying", "comment": "x" * 2001}, page=url)
    assert answer.status_code == 422
    assert "x" * 2001 in answer.text
    assert post(reading, f"{url}/signaler", {"kind": "law_change", "comment": "Mot"}, page=url).status_code == 422
    assert post(reading, f"{url}/vote", {"useful": "peut-être"}, page=url).status_code == 422
    assert db.session.query(Report).count() == 0


def test_a_visitor_votes_on_nothing(app: Flask, client: Client) -> None:
    article = kb.published(visibility=Visibility.PUBLIC)
    for act in ("vote", "signaler", "citer"):
        assert client.post(f"/faq/{article.slug}/{act}").status_code in (400, 419)
    assert db.session.query(Vote).count() == 0


# --- citing


def test_citing_keeps_what_is_typed_in_the_frame(app: Flask, sign_in: SignIn) -> None:
    jurist = PersonFactory(jurist=True)
    ticket, article = make_ticket(status=Status.STUDY, jurist=jurist), kb.published(title="La fiche citée")
    client = sign_in(jurist)
    thread = f"/questions/{ticket.reference}"
    form = hidden_fields(client.get(thread), f"{thread}/ecrire")
    typed = form | {"mode": "reponse", "in_brief": "Oui, en cours de frappe.", "references-0": "L. 1243-6"}
    answer = client.post(f"/faq/{article.slug}/citer?question={ticket.reference}", data=typed)
    assert answer.status_code == 303
    assert answer.headers["Location"].startswith(f"{thread}?mode=reponse")
    draft = own_draft(jurist, ticket, DraftKind.ANSWER)
    assert draft is not None
    assert draft.fields["in_brief"] == "Oui, en cours de frappe."
    assert [line.split(",")[0] for line in draft.fields["references"]] == [
        "L. 1243-6",
        "Fiche «\u202fLa fiche citée\u202f»",
    ]
    assert "La fiche citée" in client.get(answer.headers["Location"]).text


def test_a_foreign_question_cannot_be_cited_into(app: Flask, sign_in: SignIn) -> None:
    article, ticket = kb.published(), make_ticket()
    delegate = PersonFactory(delegate=True, delegation="normandie", can_answer=True)
    client = sign_in(delegate)
    token = {"csrf_token": re.search(r'csrf_token" value="([^"]+)', client.get("/mon-compte").text)[1]}  # type: ignore[index]
    for reference in (ticket.reference, "Q-1999-0001", "", "\x00"):
        answer = client.post(f"/faq/{article.slug}/citer", query_string={"question": reference}, data=token)
        assert answer.status_code == 404


# --- the feed


def test_the_feed_is_valid_and_holds_public_entries_only(app: Flask, client: Client) -> None:
    shown = kb.published(visibility=Visibility.PUBLIC, title="Une règle <b>publique</b> & \x0b simple")
    for visibility in (Visibility.PTCE, Visibility.MEMBERS, Visibility.INTERNAL):
        kb.published(visibility=visibility, title="Réservée")
    kb.under_review(visibility=Visibility.PUBLIC, title="Réservée")
    kb.withdrawn(visibility=Visibility.PUBLIC, title="Réservée")
    kb.draft(visibility=Visibility.PUBLIC, title="Réservée")
    answer = client.get("/faq/flux.atom")
    assert answer.content_type == "application/atom+xml; charset=utf-8"
    root = ET.fromstring(answer.data)  # noqa: S314 - our own feed
    ns = {"a": "http://www.w3.org/2005/Atom"}
    assert [one.text for one in root.findall("a:entry/a:title", ns)] == ["Une règle <b>publique</b> &  simple"]
    link = root.find("a:entry/a:link", ns)
    assert link is not None
    assert link.attrib["href"].endswith(f"/faq/{shown.slug}")
    for name in ("id", "title", "updated", "link"):
        assert root.find(f"a:{name}", ns) is not None
    assert "Réservée" not in answer.text


def test_an_empty_feed_is_valid_too(app: Flask, client: Client) -> None:
    root = ET.fromstring(client.get("/faq/flux.atom").data)  # noqa: S314 - our own feed
    assert root.tag.endswith("feed")


# --- words that would be code

EVIL = "<script>alert(1)</script>\"'><img src=x onerror=alert(2)> {{ 7*7 }} [x](javascript:alert(3))"


def test_no_field_of_an_entry_is_ever_code(reading: Client, sign_in: SignIn) -> None:
    article = kb.under_review(
        title=EVIL,
        in_brief=EVIL,
        explanation=EVIL,
        example=EVIL,
        actions=f"{EVIL}\n{EVIL}",
        change_note=EVIL,
        reason=EVIL,
        visibility=Visibility.PUBLIC,
        references=[LegalReference(EVIL, EVIL, EVIL, "javascript:alert(4)"), LegalReference(label=EVIL)],
    )
    store_with = kb.in_force(article)
    store_with.stage = Stage.PUBLISHED
    article.kind = ArticleKind.NEWS
    db.session.commit()
    for url in (f"/faq/{article.slug}", f"/faq/{article.slug}/imprimer", "/faq", "/faq?toutes=1", "/"):
        page = reading.get(url)
        assert page.status_code == 200, url
        assert "<script>alert" not in page.text, url
        assert "<img src=x" not in page.text, url
        assert not re.search(r'href="\s*javascript:', page.text), url
        assert "49 [" not in page.text, url


# --- files


class Upload:
    filename = "modele.pdf"

    def __init__(self) -> None:
        self._left = PDF

    def read(self, size: int = -1) -> bytes:
        data, self._left = (self._left, b"") if size < 0 else (self._left[:size], self._left[size:])
        return data


# --- everybody on every path

PATHS = ("list", "page", "print", "attachment", "feed")


def make_people() -> dict[str, Person | None]:
    former = make_asker(OrganisationFactory())
    former.mandates[0].ends_on = clock.today() - timedelta(days=1)
    ptce = make_asker(OrganisationFactory(ptce=True))
    db.session.commit()
    return {
        "visitor": None,
        "member": make_asker(),
        "ptce": ptce,
        "delegate": PersonFactory(delegate=True),
        "jurist": PersonFactory(jurist=True),
        "partner jurist": PersonFactory(partner_jurist=True),
        "admin": PersonFactory(admin=True),
        "former member": former,
    }


@pytest.fixture
def people(kept: Keep) -> dict[str, Person | None]:
    return kept(make_people)


EVERYBODY = {
    "visitor", "member", "ptce", "delegate", "jurist", "partner jurist", "admin", "former member",
}  # fmt: skip
STAFF = {"delegate", "jurist"}
READERS = {
    "public": EVERYBODY,
    "public under review": EVERYBODY,
    "members": STAFF | {"member"},
    "ptce": STAFF | {"ptce", "partner jurist"},
    "internal": STAFF,
    "draft": set(),
    "withdrawn": set(),
    "superseded": set(),
}
"""Who reads what. The workshop of the pole is another path."""


def _entries(file_of: Person) -> dict[str, tuple[object, str]]:
    """An entry of each sort, with a word that stands in it alone."""
    made = {
        "public": kb.published(visibility=Visibility.PUBLIC, title="motpublic"),
        "public under review": kb.under_review(visibility=Visibility.PUBLIC, title="motenrevue"),
        "members": kb.published(title="motadherent"),
        "ptce": kb.published(visibility=Visibility.PTCE, title="motptce"),
        "internal": kb.published(visibility=Visibility.INTERNAL, title="motinterne"),
        "draft": kb.draft(visibility=Visibility.PUBLIC, title="motbrouillon"),
        "withdrawn": kb.withdrawn(visibility=Visibility.PUBLIC, title="motretire"),
    }
    revised = kb.published(visibility=Visibility.PUBLIC, title="motancien")
    kb.in_force(revised).stage = Stage.SUPERSEDED
    db.session.commit()
    kb.add_version(revised, stage=Stage.PUBLISHED, title="motnouveau")
    made["superseded"] = revised
    for article in made.values():
        article.versions[0].attachments = store(file_of, [Upload()])
    db.session.commit()
    return {name: (article, article.versions[0].title) for name, article in made.items()}


def test_who_reads_what_on_every_path(
    app: Flask, people: dict[str, Person | None], client: Client, sign_in: SignIn
) -> None:
    wrong = []
    entries = _entries(PersonFactory(jurist=True))
    for who, person in people.items():
        browser = client if person is None else sign_in(person)
        pages = {url: browser.get(url).text for url in ("/faq", "/faq?toutes=1", "/faq/flux.atom")}
        for sort, (article, word) in entries.items():
            may = who in READERS[sort]
            slug = article.slug  # type: ignore[attr-defined]
            attachment_id = article.versions[0].attachments[0].id  # type: ignore[attr-defined]
            found = {
                "list": word in pages["/faq?toutes=1"],
                "page": word in browser.get(f"/faq/{slug}").text,
                "print": word in browser.get(f"/faq/{slug}/imprimer").text,
                "attachment": browser.get(f"/faq/{slug}/pieces/{attachment_id}").status_code == 200,
            }
            wrong += [(who, sort, path, seen) for path, seen in found.items() if seen is not may]
            if word in pages["/faq"] and not may:
                wrong.append((who, sort, "front", True))
            if (word in pages["/faq/flux.atom"]) is not (sort == "public"):
                wrong.append((who, sort, "feed", True))
    assert wrong == []


def test_a_hidden_entry_looks_like_no_entry_on_any_address(app: Flask, sign_in: SignIn) -> None:
    hidden = kb.published(visibility=Visibility.INTERNAL, slug="cachee")
    rules = [
        rule for rule in app.url_map.iter_rules() if rule.arguments and rule.arguments <= {"slug", "attachment_id"}
    ]
    rules = [rule for rule in rules if "slug" in rule.arguments]
    assert len(rules) >= 6
    for person in (make_asker(), PersonFactory(admin=True)):
        client = sign_in(person)
        for rule in rules:
            for method in sorted((rule.methods or set()) & {"GET", "POST"}):
                answers = []
                for slug in (hidden.slug, "n-existe-pas"):
                    url = rule.rule.replace("<slug>", slug).replace("<int:attachment_id>", "1")
                    answers.append(client.open(url, method=method).status_code)
                assert answers[0] == answers[1], rule
                assert answers[0] in (400, 403, 404), rule
