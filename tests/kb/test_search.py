"""The search of the readers: what is found, under whose rights, with which help, and what stands beside a question."""

import re
from collections.abc import Callable

import pytest
from flask import Flask

from helpdesk.accounts.models import Person
from helpdesk.db import db
from helpdesk.kb import queries
from helpdesk.kb.enums import ArticleKind, ArticleState, Stage, Visibility
from helpdesk.kb.models import Article
from helpdesk.kb.plain import plain_words
from helpdesk.kb.queries import EntryFilters
from helpdesk.search.models import SearchMiss
from helpdesk.search.nearness import refresh_all
from helpdesk.search.operations import rebuild
from helpdesk.search.queries import find
from helpdesk.tickets import operations as tickets
from helpdesk.tickets.enums import Status
from helpdesk.tickets.queries.alike import alike, read_before_asking
from tests.factories import kb
from tests.factories.accounts import OrganisationFactory, PersonFactory
from tests.factories.tickets import ANSWER, make_asker, make_ticket
from tests.kb.test_pages_reader import EVIL, READERS, people  # noqa: F401 - the fixture
from tests.support.http import Client
from tests.support.pages import text_of
from tests.support.queries import count_queries

SignIn = Callable[[Person], Client]
WRITES = re.compile(r"\s*(INSERT|UPDATE|DELETE)\b", re.IGNORECASE)


@pytest.fixture
def member(app: Flask) -> Person:
    return make_asker()


@pytest.fixture
def searching(member: Person, sign_in: SignIn) -> Client:
    return sign_in(member)


def found_slugs(person: Person | None, words: str, filters: EntryFilters | None = None) -> list[str]:
    return [one.row.slug for one in queries.search(person, words, filters or EntryFilters()).entries]


# --- finding


def test_results_show_question_excerpt_topic_and_date(searching: Client) -> None:
    kb.published(
        title="Congés payés et arrêt maladie : comment compter les jours ?",
        explanation="Un salarié en **arrêt maladie** acquiert deux jours ouvrables par mois.",
        topics=("social/duree-conges",),
        typologies=("AI",),
    )
    kb.published(title="Rompre une période d’essai", topics=("social/rupture",))
    rebuild()
    page = searching.get("/faq?q=conge arret maladie")
    words = text_of(page)
    assert "1 fiche pour « conge arret maladie »" in words
    assert "Congés payés et arrêt maladie" in words
    assert "<mark>" in page.text
    assert "Durée du travail et congés" in words
    assert "Vaut pour : AI" in words
    assert "À jour au" in words
    assert "**" not in words


def test_results_are_narrowed_by_links_with_counts(searching: Client, member: Person) -> None:
    for number, (topic, kind) in enumerate(
        [("social/contrats", "faq"), ("social/contrats", "guide"), ("fiscal/tva", "faq")]
    ):
        kb.published(title=f"Le renouvellement {number}", slug=f"r{number}", topics=(topic,), kind=ArticleKind(kind))
    rebuild()
    page = searching.get("/faq?q=renouvellement")
    assert "Contrats de travail et avenants" in text_of(page)
    assert "theme=social%2Fcontrats" in page.text
    assert set(found_slugs(member, "renouvellement", EntryFilters(topic="social"))) == {"r0", "r1"}
    assert found_slugs(member, "renouvellement", EntryFilters(kind=ArticleKind.GUIDE)) == ["r1"]
    narrowed = text_of(searching.get("/faq?q=renouvellement&theme=fiscal/tva"))
    assert "1 fiche pour" in narrowed
    assert "Retirer" in narrowed


def test_an_entry_under_review_is_found_after_the_sure_ones_and_flagged(searching: Client, member: Person) -> None:
    kb.under_review(slug="revue", title="Prolonger une immersion")
    kb.published(slug="sure", title="Une fiche sur autre chose", explanation="On peut prolonger une immersion.")
    rebuild()
    assert set(found_slugs(member, "prolonger une immersion")) == {"revue", "sure"}
    kb.published(slug="sure-aussi", title="Prolonger une immersion")
    rebuild()
    order = found_slugs(member, "prolonger une immersion")
    assert order.index("sure-aussi") < order.index("revue")
    assert "En cours de mise à jour" in text_of(searching.get("/faq?q=prolonger une immersion"))


def test_an_entry_under_review_is_no_neighbour(member: Person) -> None:
    one = kb.published(title="Prolonger une immersion")
    kb.under_review(title="Prolonger une immersion encore")
    two = kb.published(title="Prolonger une immersion autrement")
    rebuild()
    assert [row.id for row in queries.near(member, "Prolonger une immersion", "", excluding=[one.id])] == [two.id]


def test_what_was_withdrawn_or_hidden_since_is_not_found_though_the_index_still_holds_it(member: Person) -> None:
    gone, hidden = kb.published(title="Le motrare"), kb.published(title="Le motrare aussi")
    rebuild()
    assert len(found_slugs(member, "motrare")) == 2
    gone.state, gone.withdrawn_at = ArticleState.WITHDRAWN, gone.published_at
    hidden.visibility = Visibility.INTERNAL
    db.session.commit()
    assert found_slugs(member, "motrare") == []


def test_old_words_are_not_found_and_new_ones_shown(member: Person) -> None:
    article = kb.published(title="Le motdavant", slug="revisee")
    rebuild()
    kb.in_force(article).stage = Stage.SUPERSEDED
    db.session.commit()
    kb.add_version(article, stage=Stage.PUBLISHED, title="Le motdapres")
    article.first_published_at = article.created_at
    db.session.execute(db.update(Article).where(Article.id == article.id).values(version=Article.version + 1))
    db.session.commit()
    assert found_slugs(member, "motdavant") == []


# --- everybody


def test_who_finds_what_by_search_neighbourhood_and_without_the_index(
    people: dict[str, Person | None],  # noqa: F811 - the fixture
    client: Client,
    sign_in: SignIn,
) -> None:
    made = {
        "public": kb.published(visibility=Visibility.PUBLIC, title="tournesol public"),
        "public under review": kb.under_review(visibility=Visibility.PUBLIC, title="tournesol enrevue"),
        "members": kb.published(title="tournesol adherent"),
        "ptce": kb.published(visibility=Visibility.PTCE, title="tournesol ptce"),
        "internal": kb.published(visibility=Visibility.INTERNAL, title="tournesol interne"),
        "draft": kb.draft(visibility=Visibility.PUBLIC, title="tournesol brouillon"),
        "withdrawn": kb.withdrawn(visibility=Visibility.PUBLIC, title="tournesol retire"),
    }
    wrong = []
    for is_indexed in (False, True):
        if is_indexed:
            rebuild()
        for who, person in people.items():
            browser = client if person is None else sign_in(person)
            page = browser.get("/faq?q=tournesol").text
            near = {row.id for row in queries.near(person, "tournesol", "", limit=20)}
            for sort, article in made.items():
                may = who in READERS[sort]
                seen = f'href="/faq/{article.slug}"' in page
                wrong += [(is_indexed, who, sort, "search")] if seen is not may else []
                is_near = may and sort != "public under review"
                wrong += [(is_indexed, who, sort, "near")] if (article.id in near) is not is_near else []
    assert wrong == []


# --- help


def test_a_misspelt_word_a_sigle_and_an_old_name_get_a_word_of_help(searching: Client) -> None:
    kb.published(title="Le harcèlement au travail", explanation="Le harcèlement moral se prouve.")
    rebuild()
    page = searching.get("/faq?q=harcelment")
    assert "Vouliez-vous dire" in text_of(page)
    assert "1 fiche proche de « harcelment »" in text_of(page)


def test_no_result_leads_to_what_there_is_to_read(client: Client, searching: Client) -> None:
    kb.published(topics=("social/rupture",), visibility=Visibility.PUBLIC)
    kb.published(topics=("social/duree-conges",))
    rebuild()
    visitors, members = client.get("/faq?q=congés payés"), searching.get("/faq?q=congés&theme=social/rupture")
    assert "Se connecter" in visitors.text
    assert "posez votre question" not in text_of(visitors)
    assert "theme=social/duree-conges" not in visitors.text
    assert "theme=social/duree-conges" in members.text


def test_no_result_helps_and_is_counted_without_names(searching: Client) -> None:
    kb.published()
    rebuild()
    page = searching.get("/faq?q=crustacés volants")
    words = text_of(page)
    assert "Aucune fiche pour « crustacés volants »" in words
    assert "Poser ma question" in words
    assert "/questions/poser?question=crustac" in page.text
    searching.get("/faq?q=crustacés volants")
    searching.get("/faq?q=le salarié Jean Dupont 06 12 34 56 78 zzz")
    searching.get("/faq?q=crustacés volants&theme=social")
    counts = {miss.query: miss.count for miss in db.session.query(SearchMiss)}
    assert "crustaces volants" in counts
    assert counts["crustaces volants"] == 2
    assert not [query for query in counts if "dupont" in query]


def test_a_search_that_finds_writes_nothing(searching: Client) -> None:
    kb.published(title="Prolonger une immersion")
    rebuild()
    searching.get("/faq?q=immersion")
    with count_queries() as statements:
        searching.get("/faq?q=immersion")
    assert not [statement for statement in statements if WRITES.match(statement)]


def test_without_the_index_the_page_says_so_and_still_finds(searching: Client) -> None:
    kb.published(title="Prolonger les congés payés")
    words = text_of(searching.get("/faq?q=conges"))
    assert "Prolonger les congés payés" in words
    assert "La recherche complète est en préparation" in words


@pytest.mark.parametrize("words", ["*a*", "a~9", '"("((', "x" * 10_000, "\x00", "-", "''", EVIL, "L. 5132-15-1"])
def test_no_words_break_the_page(searching: Client, words: str) -> None:
    kb.published()
    rebuild()
    page = searching.get("/faq", query_string={"q": words})
    assert page.status_code == 200
    assert "<script>alert" not in page.text
    assert "<img src=x" not in page.text


def test_an_excerpt_is_never_code(searching: Client) -> None:
    kb.published(title=f"Tournesol {EVIL}", explanation=f"{EVIL} tournesol {EVIL}")
    rebuild()
    page = searching.get("/faq?q=tournesol")
    assert "<mark>" in page.text
    assert "<script>alert" not in page.text
    assert "<img src=x" not in page.text


@pytest.mark.parametrize(
    ("typed", "plain"),
    [
        ("**Deux** jours *ouvrables*", "Deux jours ouvrables"),
        ("- un\n- deux\n1. trois", "un\ndeux\ntrois"),
        ("Voir [la fiche](https://x.fr/a_b)", "Voir la fiche"),
        ("4 * 2 = 8 et a_b_c", "4 * 2 = 8 et a_b_c"),
        (r"une \*étoile\*", "une *étoile*"),
    ],
)
def test_markup_is_taken_off_and_nothing_else(typed: str, plain: str) -> None:
    assert plain_words(typed) == plain


@pytest.mark.parametrize("sign", ["*a ", " _a", "[", "[a]("])
def test_signs_that_nothing_closes_are_read_in_a_time_that_grows_with_the_text(sign: str) -> None:
    assert plain_words(sign * 20_000) == sign * 20_000


# --- the corpus of questions


def test_questions_alike_are_found_under_the_readers_rights(app: Flask) -> None:
    here, elsewhere = make_ticket(title="Tournesol du contrat"), make_ticket(title="Tournesol du contrat aussi")
    make_ticket(title="Tournesol du contrat secret", is_sensitive=True)
    far = make_ticket(
        make_asker(OrganisationFactory(departement="44", delegation="pays-de-la-loire")), title="Tournesol du contrat"
    )
    rebuild()
    refresh_all()
    delegate, jurist = PersonFactory(delegate=True), PersonFactory(jurist=True)
    assert {row.id for row in alike(delegate, here)} == {elsewhere.id}
    assert {row.id for row in alike(jurist, here)} == {elsewhere.id, far.id}
    assert alike(make_asker(), here) == []


def test_a_question_is_found_by_its_answer_but_not_by_notes_or_drafts(app: Flask) -> None:
    jurist = PersonFactory(jurist=True)
    ticket = make_ticket(title="Une question", status=Status.STUDY, jurist=jurist)
    tickets.add_note(jurist, ticket, text="motdelanote")
    text = tickets.AnswerText(in_brief="Oui, motdelareponse.", references=ANSWER.references)
    tickets.answer(jurist, ticket, text, seen_version=None)
    rebuild()
    assert [hit.id for hit in find(jurist, "questions", "motdelareponse").hits] == [ticket.id]
    assert find(jurist, "questions", "motdelanote").hits == ()
    assert find(None, "questions", "motdelareponse").hits == ()


# --- beside the thread, and from an entry to the form


def test_the_staff_sees_entries_to_cite_and_questions_alike_beside_a_question(app: Flask, sign_in: SignIn) -> None:
    jurist = PersonFactory(jurist=True)
    ticket = make_ticket(title="Prolonger une immersion au tournesol", status=Status.STUDY, jurist=jurist)
    article = kb.published(title="Le tournesol en immersion")
    kb.published(title="Le tournesol de l’équipe", visibility=Visibility.INTERNAL)
    other = make_ticket(title="Encore un tournesol")
    rebuild()
    refresh_all()
    page = sign_in(jurist).get(f"/questions/{ticket.reference}")
    words = text_of(page)
    assert "Articles proches dans la FAQ" in words
    assert "Le tournesol en immersion" in words
    assert f'formaction="/faq/{article.slug}/citer?question={ticket.reference}"' in page.text
    assert words.count("Citer") == 1
    assert "Équipe seulement" in words
    assert "Questions semblables" in words
    assert other.reference in words
    assert "Articles proches" not in text_of(sign_in(ticket.asker).get(f"/questions/{ticket.reference}"))  # type: ignore[arg-type]


def test_a_delegate_sees_entries_beside_the_triage(app: Flask, sign_in: SignIn) -> None:
    ticket = make_ticket(title="Prolonger une immersion au tournesol")
    kb.published(title="Le tournesol en immersion")
    rebuild()
    refresh_all()
    delegate = PersonFactory(delegate=True, can_answer=True)
    words = text_of(sign_in(delegate).get(f"/a-trier?question={ticket.reference}"))
    assert "Le tournesol en immersion" in words
    assert "La FAQ répond peut-être déjà" in words
    assert "Répondre avec cette fiche" in words


def test_an_entry_goes_with_the_question_it_led_to(app: Flask, member: Person, searching: Client) -> None:
    article = kb.published(title="La fiche lue avant")
    page = searching.get(f"/faq/{article.slug}")
    assert f'href="/questions/poser?fiche={article.slug}"' in page.text
    form = searching.get(f"/questions/poser?fiche={article.slug}")
    assert "Vous venez de lire" in text_of(form)
    key = re.search(r'action="/questions/poser/([0-9a-f]{32})"', form.text)[1]  # type: ignore[index]
    token = re.search(r'csrf_token" value="([^"]+)', form.text)[1]  # type: ignore[index]
    typed = {
        "csrf_token": token,
        "fiche": article.slug,
        "title": "Et pour un temps partiel ?",
        "facts": "Un contrat de 20 heures.",
        "has_deadline": "non",
        "preference": "written",
        "organisation_id": str(member.mandates[0].organisation_id),
    }
    assert searching.post(f"/questions/poser/{key}", data=typed).status_code == 303
    assert "Vous venez de lire" in text_of(searching.get(f"/questions/poser/{key}"))
    sent = searching.post(f"/questions/poser/{key}/verifier", data={"csrf_token": token, "topic": ""})
    assert sent.status_code == 303
    ticket = db.session.query(tickets.history.Ticket).one()
    assert read_before_asking(ticket) == article.slug


@pytest.mark.parametrize("slug", ["<b>", "../x", "A", "x" * 121, "inconnue"])
def test_an_address_that_is_no_entry_is_forgotten(searching: Client, slug: str) -> None:
    page = searching.get("/questions/poser", query_string={"fiche": slug})
    assert page.status_code == 200
    assert "Vous venez de lire" not in text_of(page)
