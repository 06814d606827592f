"""Past answers and sheets are read from CSV, Markdown and Word files; every bad line is named."""

import io
import zipfile
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helpdesk.kb.enums import ArticleKind, Visibility
from helpdesk.kb.importing.files import read_sheets
from helpdesk.kb.importing.sheets import Sheet

W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
SHEET = Sheet(
    title="Peut-on prolonger une immersion ?",
    in_brief="Oui, une fois.",
    explanation="Le code du travail le permet.\n\nUn avenant suffit.",
    actions="Signez un avenant.\nPrévenez le prescripteur.",
    references=("Code du travail, article L. 5135-5",),
    topics=("social/formation-pmsmp",),
    typologies=("ACI", "EI"),
)
MARKDOWN = """# Peut-on prolonger une immersion ?

## En bref
Oui, une fois.

## L’explication
Le code du travail le permet.

Un avenant suffit.

## Ce que vous pouvez faire
- Signez un avenant.
- Prévenez le prescripteur.

## Références
- Code du travail, article L. 5135-5

## Thèmes
Formation, alternance, stages et immersions

## Typologies
ACI
EI
"""


def word(*paragraphs: tuple[str, str], extra: str = "", entry: str = "word/document.xml") -> bytes:
    """A Word document of (style, text)."""
    body = ""
    for style, text in paragraphs:
        mark = "<w:numPr/>" if style == "item" else f'<w:pStyle w:val="{style}"/>' if style else ""
        body += f"<w:p><w:pPr>{mark}</w:pPr><w:r><w:t>{text}</w:t></w:r></w:p>"
    xml = f'<?xml version="1.0"?>{extra}<w:document xmlns:w="{W}"><w:body>{body}</w:body></w:document>'
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(entry, xml)
    return packed.getvalue()


def reasons(name: str, content: bytes) -> list[str]:
    found = read_sheets(name, content)
    assert found.sheets == []
    return [str(problem) for problem in found.problems]


# --- Good files -------------------------------------------------------------------------------------------


def test_a_markdown_file_is_read() -> None:
    found = read_sheets("fiche.md", MARKDOWN.encode())

    assert (found.problems, found.sheets) == ([], [SHEET])


def test_a_word_document_says_the_same() -> None:
    found = read_sheets(
        "fiche.docx",
        word(
            ("Titre1", SHEET.title),
            ("Titre2", "En bref"),
            ("", "Oui, une fois."),
            ("Heading2", "L’explication"),
            ("", "Le code du travail le permet."),
            ("", "Un avenant suffit."),
            ("Titre2", "Ce que vous pouvez faire"),
            ("item", "Signez un avenant."),
            ("item", "Prévenez le prescripteur."),
            ("Titre2", "Références juridiques"),
            ("", SHEET.references[0]),
            ("Titre2", "Thèmes"),
            ("", "social/formation-pmsmp"),
            ("Titre2", "Typologies"),
            ("", "ACI"),
            ("", "EI"),
        ),
    )

    assert (found.problems, found.sheets) == ([], [SHEET])


def test_a_table_says_the_same() -> None:
    content = (
        "titre;en_bref;explication;actions;references;themes;typologies;nature;public;a_jour_au\n"
        "Une question ?;Oui.;Parce que.;Signez.|Prévenez.;C. civ., art. 1103|CSS, L. 1-1;social/contrats;"
        "ACI|EI;Note juridique;Tout public;15/06/2026\n"
    )

    (sheet,) = read_sheets("fiches.csv", content.encode()).sheets

    assert (sheet.actions, sheet.references) == ("Signez.\nPrévenez.", ("C. civ., art. 1103", "CSS, L. 1-1"))
    assert (sheet.kind, sheet.visibility, sheet.up_to_date_on) == (
        ArticleKind.NOTE,
        Visibility.PUBLIC,
        date(2026, 6, 15),
    )


def test_one_file_may_hold_several_sheets() -> None:
    found = read_sheets("deux.md", b"# Une\nTexte.\n\n# Deux\n## Autre intertitre\nSuite.\n")

    assert [sheet.title for sheet in found.sheets] == ["Une", "Deux"]
    assert found.sheets[1].explanation == "**Autre intertitre**\nSuite."


def test_a_front_matter_gives_what_headings_do_not() -> None:
    content = "---\ntitre: Une question\nthemes: [social/contrats, fiscal/tva]\nnature: guide\n---\nTexte.\n"

    (sheet,) = read_sheets("une.md", content.encode()).sheets

    assert (sheet.title, sheet.kind) == ("Une question", ArticleKind.GUIDE)
    assert (sheet.topics, sheet.explanation) == (("social/contrats", "fiscal/tva"), "Texte.")


def test_the_same_sheet_has_the_same_fingerprint_from_any_file() -> None:
    assert read_sheets("a.md", MARKDOWN.encode()).sheets[0].fingerprint == SHEET.fingerprint
    assert Sheet(title="Autre").fingerprint != SHEET.fingerprint


# --- Bad files --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("a.pdf", b"%PDF", "format inconnu"),
        ("a.csv", b"colonne\nx\n", "Colonnes inconnues"),
        ("a.csv", b"titre;nature\nQuestion;Roman\n", "a.csv, ligne 2, « nature »"),
        ("a.csv", b"titre;nature\nQuestion;Revue juridique\n", "n’est pas dans la liste"),
        ("a.csv", "titre;themes\nQuestion;Pêche\n".encode(), "« Pêche » n’est pas dans la liste"),
        ("a.csv", b"titre;typologies\nQuestion;ZZ\n", "« typologies »"),
        ("a.csv", b"titre;a_jour_au\nQuestion;hier\n", "« a_jour_au »"),
        ("a.csv", b"titre;en_bref\n;Oui\n", "« titre »"),
        ("a.csv", f"titre\n{'x' * 201}\n".encode(), "200 caractères au plus"),
        ("a.md", b"Un texte sans titre.", "titre de niveau 1"),
        ("a.md", b"", "aucune fiche"),
        ("a.md", b"\xff\xfe", "UTF-8"),
        ("a.md", "---\nclé: 1\n---\n# Une\nTexte".encode(), "clé inconnue"),
        ("a.docx", b"PK\x03\x04rien", "document Word"),
        ("a.docx", word(("", "x"), entry="autre.xml"), "document Word"),
        ("a.docx", word(("", "Sans titre")), "titre de niveau 1"),
        ("a.docx", word(("Titre1", "&lol;"), extra='<!DOCTYPE l [<!ENTITY lol "ha">]>'), "codage"),
        ("a.docx", b"x" * (5 * 1024 * 1024 + 1), "dépasse 5 Mo"),
        ("a.csv", b"titre\n" + b"Q\n" * 501, "plus de 500"),
    ],
)
def test_a_bad_file_says_what_is_wrong(name: str, content: bytes, words: str) -> None:
    found = read_sheets(name, content)

    assert any(words in str(problem) for problem in found.problems), found.problems


@pytest.mark.parametrize(
    ("xml", "words"),
    [
        (b"<w:p>" * 1_000_000 + b"</w:p>" * 1_000_000, "trop compliquée"),
        (b"<w:p/>" * 1_000_000, "trop compliquée"),
        (b"", "document Word"),
    ],
)
def test_a_word_document_that_would_break_its_reader_is_refused(xml: bytes, words: str) -> None:
    encoding = b"utf-8" if xml else b"utf-7"
    root = b'<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main">'
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        declared = b'<?xml version="1.0" encoding="' + encoding + b'"?>'
        archive.writestr("word/document.xml", declared + root + xml + b"</w:document>")

    assert words in reasons("a.docx", packed.getvalue())[0]


def test_a_heading_of_many_spaces_is_refused_at_once() -> None:
    """It took minutes: each of its spaces was tried as the last one."""
    assert reasons("a.md", ("# a" + " " * 50_000 + "b ##\nTexte").encode()) == [
        "a.md, ligne 1, « titre » : 200 caractères au plus."
    ]


def test_the_closing_signs_of_a_heading_are_left_out() -> None:
    found = read_sheets("a.md", b"# Une fiche en C# ##  \nTexte")

    assert [sheet.title for sheet in found.sheets] == ["Une fiche en C#"]


def test_a_small_file_that_unpacks_to_a_huge_text_is_refused() -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("word/document.xml", b"<?xml version='1.0'?>" + b" " * (21 * 1024 * 1024))

    assert reasons("bombe.docx", packed.getvalue()) == ["bombe.docx : le texte du document est trop long."]


def test_every_bad_line_is_named_and_the_others_are_read() -> None:
    found = read_sheets("a.csv", b"titre;nature\nUne;faq\n;faq\nDeux;roman\nTrois;guide\n")

    assert [problem.line for problem in found.problems] == [3, 4]
    assert [sheet.title for sheet in found.sheets] == ["Une", "Trois"]


@settings(max_examples=60)
@given(st.binary(max_size=500) | st.text(max_size=300).map(str.encode), st.sampled_from(["csv", "md", "docx"]))
def test_any_bytes_are_read_or_refused_in_words(content: bytes, extension: str) -> None:
    found = read_sheets(f"a.{extension}", content)

    assert found.sheets or found.problems
