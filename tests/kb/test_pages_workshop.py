"""The workshop as the pole uses it: an answer becomes an entry that another jurist approves."""

import io
import re
import zipfile
from collections.abc import Callable
from dataclasses import dataclass

import pytest
import sqlalchemy as sa

from helpdesk.accounts.models import Person
from helpdesk.db import db
from helpdesk.kb.enums import ArticleState, ReportKind, Stage, Visibility
from helpdesk.kb.models import Article, ArticleVersion, Report
from helpdesk.search.operations import rebuild
from helpdesk.tickets import operations
from helpdesk.tickets.enums import Status
from helpdesk.tickets.models import Message, Ticket
from helpdesk.tickets.queries import current_answer
from tests.factories import files, kb
from tests.factories.accounts import OrganisationFactory, PersonFactory
from tests.factories.tickets import key, make_asker, make_ticket
from tests.support import http
from tests.support.scenes import Keep

SignIn = Callable[[Person], http.Client]
ANSWER = operations.AnswerText(
    in_brief="Oui, Mme Kéravel peut prolonger, à Saint-Étienne.",
    explanation="Appelez le 06 12 34 56 78. La convention dure un mois.",
    actions="1. Signez un avenant.",
    references=("Code du travail, article L. 5135-5 : durée de l’immersion",),
    keeps_personal_data=True,
)


@dataclass(frozen=True)
class House:
    asker: Person
    delegate: Person
    jurist: Person
    second: Person
    ticket: Ticket
    message: Message

    @property
    def proposal(self) -> str:
        return f"/faq/proposer/{self.ticket.reference}/{self.message.id}"


def make_house() -> House:
    structure = OrganisationFactory(name="Le Tremplin", city="Saint-Étienne")
    asker = make_asker(structure, first_name="Maïwenn", last_name="Kéravel")
    delegate, jurist = PersonFactory(delegate=True, can_answer=True), PersonFactory(jurist=True)
    ticket = make_ticket(
        asker, status=Status.STUDY, delegate=delegate, jurist=jurist, title="Le Tremplin peut-il prolonger ?"
    )
    operations.answer(jurist, ticket, ANSWER, seen_version=None)
    message = current_answer(ticket)
    assert message is not None
    return House(asker, delegate, jurist, PersonFactory(jurist=True), ticket, message)


@pytest.fixture
def house(kept: Keep) -> House:
    return kept(make_house)


def post(client: http.Client, url: str, page: str = "", **fields: object):
    """Send a form with the state that its *page* shows."""
    found = re.search(r'name="version" value="(\d+)"', client.get(page or url).text)
    version = {"version": found[1]} if found else {}
    return client.post(url, data={"submission_key": key(), **version, **fields})


def the_version() -> ArticleVersion:
    return db.session.scalars(sa.select(ArticleVersion).order_by(ArticleVersion.id.desc())).first()


def test_an_answer_becomes_an_entry_once_its_names_are_gone_and_another_jurist_has_approved(house, sign_in):
    writer, reader = sign_in(house.jurist), sign_in(house.second)
    assert "Créer une fiche" in writer.get(house.proposal).text
    made = post(writer, house.proposal)
    assert made.status_code == 303
    version = the_version()
    place = f"/faq/atelier/{version.article_id}"
    assert made.location == f"{place}/modifier"
    assert "Kéravel" in writer.get(f"{place}/modifier").text

    assert post(writer, f"{place}/anonymiser", place).location == f"{place}/anonymisation"
    page = writer.get(f"{place}/anonymisation").text
    assert page.count("Connu de la question") >= 3
    refused = post(writer, f"{place}/proposer", place)
    assert refused.status_code == 422
    assert "encore dans" in refused.text
    assert the_version().stage is Stage.ANONYMISATION

    assert post(writer, f"{place}/anonymisation", tout="").status_code == 303
    assert post(writer, f"{place}/proposer", place).status_code == 303
    db.session.expire_all()
    for name in ("Tremplin", "Kéravel", "Étienne", "06 12"):
        assert name not in reader.get(place).text.partition("c-fiche")[0]

    assert post(writer, f"{place}/approuver", place).status_code == 403
    assert post(reader, f"{place}/approuver", place).status_code == 303
    db.session.expire_all()
    article = the_version().article
    assert (article.state, the_version().approved_by_id) == (ArticleState.PUBLISHED, house.second.id)
    assert sign_in(house.asker).get(f"/faq/{article.slug}").status_code == 200


def test_the_same_answer_leads_to_the_same_draft(house, sign_in):
    client = sign_in(house.jurist)
    post(client, house.proposal)
    again = client.get(house.proposal)
    assert again.location == f"/faq/atelier/{the_version().article_id}/modifier"
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Article)) == 1


def test_the_thread_offers_the_answer_to_its_staff_alone(house, sign_in):
    for person, is_offered in ((house.jurist, True), (house.delegate, True), (house.asker, False)):
        page = sign_in(person).get(f"/questions/{house.ticket.reference}").text
        assert (house.proposal in page) is is_offered


def test_a_delegate_proposes_and_the_pole_goes_on(house, sign_in):
    made = post(sign_in(house.delegate), house.proposal)
    assert made.location == f"/questions/{house.ticket.reference}"
    assert the_version().article.owner_id is None
    place = f"/faq/atelier/{the_version().article_id}"
    assert sign_in(house.delegate).get(place).status_code == 403
    assert sign_in(house.second).get(f"{place}/modifier").status_code == 200


def test_a_sensitive_question_gives_no_entry_and_says_why(house, sign_in):
    operations.set_sensitive(house.jurist, house.ticket, is_sensitive=True)
    client = sign_in(house.jurist)
    assert "dossier sensible" in client.get(house.proposal).text
    assert post(client, house.proposal).status_code == 422
    assert the_version() is None


def test_an_entry_under_review_is_offered_first_to_be_completed(house, sign_in):
    kb.published(title="Prolonger une convention d’immersion")
    waiting = kb.under_review(title="Le tremplin d’une immersion", slug="en-revue")
    rebuild()
    page = sign_in(house.jurist).get(house.proposal).text
    assert page.index("En cours de mise à jour") < page.index("Prolonger une convention")
    assert post(sign_in(house.jurist), house.proposal, completer=waiting.slug).status_code == 303
    assert the_version().article_id == waiting.id


def test_an_answer_completes_a_near_entry_in_a_new_version(house, sign_in):
    entry = kb.published(title="Prolonger une immersion", author=house.second)
    made = post(sign_in(house.jurist), house.proposal, completer=entry.slug)
    assert made.location == f"/faq/atelier/{entry.id}/modifier"
    draft = the_version()
    assert (draft.article_id, draft.number, draft.stage) == (entry.id, 2, Stage.DRAFT)
    assert "Appelez le 06 12 34 56 78" in draft.explanation
    assert entry.state is ArticleState.PUBLISHED
    # The names of the question that completed it are looked for as well.
    place = f"/faq/atelier/{entry.id}"
    assert post(sign_in(house.jurist), f"{place}/anonymiser", place).status_code == 422
    page = sign_in(house.jurist).get(place).text
    assert house.ticket.reference in page


def fields(**changes: object) -> dict[str, object]:
    return {
        "title": "Peut-on fractionner les congés ?",
        "in_brief": "Oui, avec l’accord du salarié.",
        "topics-0": kb.TOPIC,
        "kind": "faq",
        "visibility": "members",
        **changes,
    }


def test_an_entry_is_written_saved_and_read_as_its_readers_will(house, sign_in):
    client = sign_in(house.jurist)
    made = post(client, "/faq/atelier/nouvelle", **fields(**{"references-0": "Code civil, article 1103"}))
    draft = the_version()
    place = f"/faq/atelier/{draft.article_id}"
    assert made.location == f"{place}/modifier"
    assert [row.key for row in draft.references] == ["1103"]
    saved = post(
        client, f"{place}/modifier", **fields(actions="Écrivez.\nSignez.", typologies=["AI", "ACI"], suite="apercu")
    )
    assert saved.location == place
    page = client.get(place).text
    assert "<li>Écrivez.</li>" in page
    assert "ACI, AI" in page
    assert the_version().typologies == ("ACI", "AI")


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"title": " "}, "Écrivez la question"),
        ({"topics-0": "inconnu"}, "choisissez une valeur de la liste"),
        ({"typologies": ["XXX"]}, "Choisissez dans la liste"),
        ({"up_to_date_on": "2999-01-01"}, "à venir"),
        ({"up_to_date_on": "31/12/2026"}, "Écrivez une date qui existe"),
        ({"review_on": "2020-01-01"}, "jour de relecture à venir"),
        ({"explanation": "x" * 20_001}, "trop long"),
        ({"kind": "roman"}, "choisissez une valeur de la liste"),
    ],
)
def test_bad_input_is_given_back_with_what_to_do_and_nothing_is_kept(house, sign_in, wrong, words):
    given = fields(in_brief="Un texte à ne pas perdre.", **wrong)
    page = post(sign_in(house.jurist), "/faq/atelier/nouvelle", **given)
    assert page.status_code == 422
    assert words in page.text.replace("\u00a0", " ")
    assert "Un texte à ne pas perdre." in page.text
    assert the_version() is None


def test_a_text_changed_meanwhile_is_not_overwritten_and_nothing_typed_is_lost(house, sign_in):
    version = kb.draft(author=house.jurist).versions[0]
    url = f"/faq/atelier/{version.article_id}/modifier"
    mine, other = sign_in(house.jurist), sign_in(house.second)
    seen = version.lock_version
    assert other.post(url, data=fields(submission_key=key(), version=seen, title="Le sien")).status_code == 303
    page = mine.post(url, data=fields(submission_key=key(), version=seen, title="Le mien"))
    assert page.status_code == 409
    assert "Le mien" in page.text
    assert the_version().title == "Le sien"


def test_a_double_click_creates_one_entry(house, sign_in):
    client, same = sign_in(house.jurist), key()
    for _ in range(2):
        answer = client.post("/faq/atelier/nouvelle", data=fields(submission_key=same))
        assert answer.status_code == 303
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Article)) == 1


def test_without_script_a_reference_line_is_added_and_the_text_stays(house, sign_in):
    page = post(sign_in(house.jurist), "/faq/atelier/nouvelle", **fields(ajouter="references", title="Gardé"))
    assert page.status_code == 200
    assert "Gardé" in page.text
    assert the_version() is None


def test_a_mark_is_decided_one_by_one_and_a_known_name_cannot_be_kept(house, sign_in):
    client = sign_in(house.jurist)
    post(client, house.proposal)
    place = f"/faq/atelier/{the_version().article_id}"
    post(client, f"{place}/anonymiser", place)
    page = client.get(f"{place}/anonymisation").text
    known, phone = (re.findall(rf'name="par-(\w+)" value="{word}', page)[0] for word in ("la structure", r"\[télé"))
    refused = post(client, f"{place}/anonymisation", **{f"choix-{known}": "keep"})
    assert refused.status_code == 422
    assert "ne peut pas être gardé" in refused.text
    again = post(client, f"{place}/anonymisation", **{f"choix-{known}": "replace", f"par-{known}": "Le TREMPLIN"})
    assert again.status_code == 422
    assert "Le TREMPLIN" in again.text
    done = post(
        client,
        f"{place}/anonymisation",
        **{f"choix-{known}": "replace", f"par-{known}": "l’employeur", f"choix-{phone}": "keep"},
    )
    assert done.status_code == 303
    db.session.expire_all()
    assert the_version().title.startswith("L’employeur")
    assert "06 12 34 56 78" in the_version().explanation


def test_what_is_sent_back_says_what_to_change(house, sign_in):
    version = kb.draft(author=house.jurist, stage=Stage.APPROVAL).versions[0]
    place = f"/faq/atelier/{version.article_id}"
    empty = post(sign_in(house.second), f"{place}/renvoyer", place)
    assert empty.status_code == 422
    sent = post(sign_in(house.second), f"{place}/renvoyer", place, **{"renvoyer-reason": "Citez le décret."})
    assert sent.status_code == 303
    assert "Citez le décret." in sign_in(house.jurist).get(f"{place}/modifier").text


def test_versions_are_compared_restored_and_erased(house, sign_in):
    entry = kb.published(explanation="Le délai est de deux mois.")
    old = kb.add_version(entry, stage=Stage.SUPERSEDED, explanation="Le délai est de trois mois.")
    client, place = sign_in(house.jurist), f"/faq/atelier/{entry.id}"
    page = client.get(f"{place}/comparer?de={old.number}&a=1").text
    assert re.search(r"<del>.*trois", page)
    assert re.search(r"<ins>.*deux", page)
    assert post(client, f"{place}/versions/{old.number}/reprendre", place).location == f"{place}/modifier"
    assert the_version().explanation == "Le délai est de trois mois."
    assert post(client, f"{place}/versions/{old.number}/effacer", place).status_code == 303
    assert client.get(f"{place}/versions/{old.number}").status_code == 404
    assert client.get(f"{place}/comparer?de={old.number}&a=1").status_code == 404


def test_an_entry_is_withdrawn_with_what_replaces_it(house, sign_in):
    entry, other = kb.published(), kb.published()
    client, place = sign_in(house.jurist), f"/faq/atelier/{entry.id}"
    assert post(client, f"{place}/retirer", place).status_code == 422
    nowhere = {"retirer-reason": "Abrogé.", "retirer-replaced_by": "nulle-part"}
    wrong = post(client, f"{place}/retirer", place, **nowhere)
    assert wrong.status_code == 422
    assert "Aucune fiche en ligne" in wrong.text
    given = {"retirer-reason": "Abrogé.", "retirer-replaced_by": f"http://localhost/faq/{other.slug}"}
    assert post(client, f"{place}/retirer", place, **given).status_code == 303
    db.session.expire_all()
    assert (entry.state, entry.replaced_by_id) == (ArticleState.WITHDRAWN, other.id)
    assert client.get(f"/faq/{entry.slug}").status_code == 410


def test_the_last_words_of_a_withdrawn_entry_are_erased_and_its_page_still_opens(house, sign_in):
    entry = kb.withdrawn(explanation="Des mots à effacer.")
    client, page = sign_in(house.jurist), f"/faq/atelier/{entry.id}"
    assert "Effacer ce texte" in client.get(page).text
    assert post(client, f"{page}/versions/1/effacer", page).status_code == 303
    for url in (page, "/faq/atelier/toutes"):
        answer = client.get(url)
        assert answer.status_code == 200
        assert "Des mots à effacer." not in answer.text
    assert client.get(f"/faq/{entry.slug}").status_code == 410
    assert post(client, f"{page}/reviser", page).status_code == 303
    assert client.get(f"{page}/modifier").status_code == 200


def test_every_tab_lists_its_own_entries(house, sign_in):
    made = {
        "brouillons": kb.draft(title="Fiche en brouillon"),
        "a-anonymiser": kb.draft(title="Fiche à anonymiser", stage=Stage.ANONYMISATION),
        "a-approuver": kb.draft(title="Fiche à approuver", stage=Stage.APPROVAL),
        "a-relire": kb.under_review(title="Fiche à relire"),
    }
    client = sign_in(house.jurist)
    for tab in made:
        page = client.get(f"/faq/atelier/{tab}").text
        assert [name for name, entry in made.items() if f'/faq/atelier/{entry.id}"' in page] == [tab]
    every = client.get("/faq/atelier/toutes").text
    assert all(entry.versions[0].title in every for entry in made.values())
    assert client.get("/faq/atelier").location == "/faq/atelier/a-approuver"


def test_a_report_is_dealt_with(house, sign_in):
    entry = kb.published()
    report = Report(article=entry, kind=ReportKind.MISSING, comment="Et en Guyane ?", created_at=entry.created_at)
    db.session.add(report)
    db.session.commit()
    client = sign_in(house.jurist)
    assert "Et en Guyane" in client.get("/faq/atelier/signalements").text
    assert post(client, f"/faq/atelier/signalements/{report.id}", "/faq/atelier/signalements").status_code == 303
    assert report.done_by_id == house.jurist.id
    assert "Et en Guyane" not in client.get("/faq/atelier/signalements").text


def test_the_workshop_is_the_poles_alone_and_a_conflict_of_interest_shuts_out(house, sign_in):
    post(sign_in(house.jurist), house.proposal)
    article_id = the_version().article_id
    operations.declare_conflict(house.jurist, house.ticket, house.second, reason="Ancien employeur.")
    assert sign_in(house.second).get(f"/faq/atelier/{article_id}").status_code == 404
    assert f'/faq/atelier/{article_id}"' not in sign_in(house.second).get("/faq/atelier/brouillons").text
    for person in (house.asker, house.delegate, PersonFactory(admin=True), PersonFactory(partner_jurist=True)):
        assert sign_in(person).get("/faq/atelier/toutes").status_code == 403
    assert sign_in(house.jurist).get("/faq/atelier/999999").status_code == 404


def test_a_visibility_changes_at_once(house, sign_in):
    entry = kb.published(visibility=Visibility.MEMBERS)
    client, place = sign_in(house.jurist), f"/faq/atelier/{entry.id}"
    assert post(client, f"{place}/public", place, **{"public-visibility": "tous"}).status_code == 422
    assert post(client, f"{place}/public", place, **{"public-visibility": "internal"}).status_code == 303
    assert sign_in(house.asker).get(f"/faq/{entry.slug}").status_code == 404


def test_what_is_typed_never_becomes_markup(house, sign_in):
    nasty = '<script>alert(1)</script><img src=x onerror="a">'
    entry = kb.draft(
        author=house.jurist,
        stage=Stage.ANONYMISATION,
        title=nasty,
        in_brief=nasty,
        explanation=f"{nasty} Joignez le 06 12 34 56 78.",
        example=nasty,
        actions=nasty,
        change_note=nasty,
        remark=nasty,
        references=[nasty],
    )
    place = f"/faq/atelier/{entry.id}"
    for url in (place, f"{place}/modifier", f"{place}/anonymisation", f"{place}/versions/1", "/faq/atelier/toutes"):
        page = sign_in(house.jurist).get(url).text
        assert "<script>alert" not in page, url
        assert "<img" not in page, url


CORE = (
    '<cp:coreProperties xmlns:cp="http://schemas.openxmlformats.org/package/2006/metadata/core-properties" '
    'xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:creator>Kéravel</dc:creator></cp:coreProperties>'
)


def test_a_document_loses_its_author_on_the_way_in_and_leaves_as_a_download(house, sign_in):
    client = sign_in(house.jurist)
    content = files.docx(**{"docProps/core.xml": CORE})
    assert "Kéravel" in zipped_text(content)
    document = (io.BytesIO(content), "modele.docx")
    assert post(client, "/faq/atelier/nouvelle", **fields(attachments=document)).status_code == 303
    version = the_version()
    stored = version.attachments[0]
    place = f"/faq/atelier/{version.article_id}"
    answer = client.get(f"{place}/versions/1/pieces/{stored.id}")
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert "Kéravel" not in zipped_text(answer.data)
    assert client.get(f"{place}/versions/1/pieces/{stored.id + 1}").status_code == 404
    assert sign_in(house.delegate).get(f"{place}/versions/1/pieces/{stored.id}").status_code == 403

    removed = post(client, f"{place}/modifier", **fields(retirer_piece=stored.id))
    assert removed.location == f"{place}/modifier"
    db.session.expire_all()
    assert the_version().attachments == []


def test_a_document_that_is_refused_says_why_and_the_text_is_saved(house, sign_in):
    client = sign_in(house.jurist)
    wrong = (io.BytesIO(b"MZ\x90\x00"), "modele.docx")
    made = post(client, "/faq/atelier/nouvelle", **fields(attachments=wrong))
    assert made.status_code == 303
    assert "modele.docx" in client.get(made.location).text
    assert the_version().attachments == []


def zipped_text(content: bytes) -> str:
    """Every entry of an archive, as text."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return "".join(archive.read(name).decode("utf-8", "replace") for name in archive.namelist())
