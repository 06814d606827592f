"""Files become drafts to verify: all or none, once, and never published."""

import io
from collections.abc import Callable
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask

from helpdesk.accounts.models import Person
from helpdesk.db import db
from helpdesk.errors import NotAllowed
from helpdesk.kb.enums import ArticleState, Origin, Stage
from helpdesk.kb.models import Article
from helpdesk.kb.operations.importing import import_sheets
from tests.factories.accounts import PersonFactory
from tests.factories.kb import draft
from tests.kb.test_sheets import MARKDOWN, SHEET
from tests.support.http import Client
from tests.support.pages import csrf_token

PATH = "/faq/atelier/import"
GOOD = ("fiche.md", MARKDOWN.encode())
BAD = ("autre.csv", "titre;themes\nUne;Pêche\nDeux;social/contrats\n".encode())
SignIn = Callable[..., Client]


def articles() -> list[Article]:
    return list(db.session.scalars(sa.select(Article).order_by(Article.id)))


def send(client: Client, *files: tuple[str, bytes]) -> object:
    uploads = [(io.BytesIO(content), name) for name, content in files]
    data = {"csrf_token": csrf_token(client.get(PATH)), "files": uploads}
    return client.post(PATH, data=data, content_type="multipart/form-data")


def test_each_sheet_becomes_a_draft_to_verify(app: Flask) -> None:
    jurist = PersonFactory(jurist=True)

    report = import_sheets(jurist, [GOOD], is_applied=True)

    assert (report.titles, report.problems, report.is_applied) == ([SHEET.title], [], True)
    (article,) = articles()
    (version,) = article.versions
    assert (article.state, article.origin, version.stage) == (ArticleState.UNPUBLISHED, Origin.IMPORT, Stage.DRAFT)
    assert (version.author_id, version.topics) == (jurist.id, ("social/formation-pmsmp",))
    assert [row.key for row in version.references] == ["L5135-5"]


def test_the_workshop_marks_what_is_to_verify(app: Flask, sign_in: SignIn) -> None:
    jurist = PersonFactory(jurist=True)
    draft(title="Une fiche écrite ici")
    client = sign_in(jurist)
    assert "À vérifier" not in client.get("/faq/atelier/brouillons").text
    import_sheets(jurist, [GOOD], is_applied=True)
    assert client.get("/faq/atelier/brouillons").text.count("À vérifier") == 1


def test_the_same_file_again_makes_nothing_twice(app: Flask) -> None:
    jurist = PersonFactory(jurist=True)
    import_sheets(jurist, [GOOD, GOOD], is_applied=True)
    articles()[0].versions[0].title = "Un titre revu"
    db.session.commit()

    report = import_sheets(PersonFactory(jurist=True), [("copie.md", GOOD[1])], is_applied=True)

    assert (report.titles, report.known_count, len(articles())) == ([], 1, 1)


def test_one_bad_line_stops_every_file(app: Flask) -> None:
    report = import_sheets(PersonFactory(jurist=True), [GOOD, BAD], is_applied=True)

    assert [str(problem) for problem in report.problems] == [
        "autre.csv, ligne 2, « themes » : « Pêche » n’est pas dans la liste."
    ]
    assert not report.is_applied
    assert articles() == []


def test_what_only_the_operation_refuses_names_the_sheet(app: Flask) -> None:
    content = b"titre;a_jour_au\nUne question;2999-01-01\n"

    (problem,) = import_sheets(PersonFactory(jurist=True), [("a.csv", content)], is_applied=True).problems

    assert (problem.file, problem.place) == ("a.csv", "Une question")
    assert articles() == []


def test_a_dry_run_writes_nothing(app: Flask) -> None:
    report = import_sheets(PersonFactory(jurist=True), [GOOD], is_applied=False)

    assert (report.titles, articles()) == ([SHEET.title], [])


@pytest.mark.parametrize("who", [{"delegate": True}, {"member": True}, {"admin": True}, {"partner_jurist": True}])
def test_only_the_pole_imports(app: Flask, sign_in: SignIn, who: dict[str, bool]) -> None:
    person = PersonFactory(**who)

    with pytest.raises(NotAllowed):
        import_sheets(person, [GOOD], is_applied=True)
    assert sign_in(person).get(PATH).status_code == 403


def test_files_are_taken_over_from_the_page(app: Flask, sign_in: SignIn) -> None:
    client = sign_in(PersonFactory(jurist=True))

    response = send(client, GOOD)

    assert (response.status_code, response.location) == (303, "/faq/atelier/brouillons")
    assert "1\u00a0brouillon à vérifier" in client.get(response.location).get_data(as_text=True)


def test_the_page_names_what_is_wrong_and_makes_nothing(app: Flask, sign_in: SignIn) -> None:
    client = sign_in(PersonFactory(jurist=True))

    response = send(client, GOOD, BAD)

    assert response.status_code == 422
    assert "Pêche" in response.get_data(as_text=True)
    assert articles() == []


@pytest.mark.parametrize("files", [(), tuple((f"{number}.md", b"# Une") for number in range(21))])
def test_no_file_or_too_many_are_refused(app: Flask, sign_in: SignIn, files: tuple[tuple[str, bytes], ...]) -> None:
    assert send(sign_in(PersonFactory(jurist=True)), *files).status_code == 422


def test_the_command_takes_a_whole_folder(app: Flask, tmp_path: Path) -> None:
    jurist: Person = PersonFactory(jurist=True)
    (tmp_path / "une.md").write_bytes(GOOD[1])
    (tmp_path / "notes.txt").write_text("laissé de côté")
    run = app.test_cli_runner().invoke

    tried = run(args=["kb", "import", str(tmp_path), "--as", jurist.email])
    done = run(args=["kb", "import", str(tmp_path), "--as", jurist.email, "--apply"])
    refused = run(args=["kb", "import", str(tmp_path), "--as", PersonFactory(member=True).email, "--apply"])

    assert [tried.exit_code, done.exit_code, refused.exit_code] == [0, 0, 1]
    assert "Essai à blanc" in tried.output
    assert "1\u00a0brouillon à vérifier" in done.output
    assert len(articles()) == 1
