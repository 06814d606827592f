"""Names and contents of what people send."""

import contextlib
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpdesk.attachments import files
from helpdesk.errors import BadInput
from tests.factories.files import ACCEPTED, DOCM_MAIN, HEIC, JPEG, ODT, OLE, PDF, PNG, archive, docx, odt

MIB = 1024 * 1024


@pytest.mark.parametrize(
    ("raw", "clean"),
    [
        ("contrat.pdf", "contrat.pdf"),
        ("Courrier du 12.03.2026.PDF", "Courrier du 12.03.2026.pdf"),
        ("C:\\Documents\\paie.pdf", "paie.pdf"),
        ("../../etc/passwd", "passwd"),
        ("avenant\r\nSet-Cookie: a=b.docx", "avenant Set-Cookie- a=b.docx"),
        ("photo\u202egpj.exe", "photogpj.exe"),
        ("zero\u200bwidth\u2066.pdf", "zerowidth.pdf"),
        ("nul\x00dans le nom.pdf", "nuldans le nom.pdf"),
        ("facture.pdf.exe", "facture-pdf.exe"),
        ("facture.exe.pdf", "facture-exe.pdf"),
        ("...pdf", "document.pdf"),
        ("", "document"),
        ("CON.pdf", "_CON.pdf"),
        ('a<b>"c|d?.pdf', "a-b--c-d.pdf"),
        ("e\u0301te\u0301.pdf", "été.pdf"),
        ("sans extension", "sans extension"),
    ],
)
def test_a_name_is_cleaned(raw: str, clean: str) -> None:
    assert files.clean_name(raw) == clean


@given(st.text(max_size=400))
def test_any_name_becomes_short_visible_and_without_path(raw: str) -> None:
    name = files.clean_name(raw)
    assert 0 < len(name) <= files.NAME_MAX_CHARS
    assert not set(name) & set('/\\<>:"|?*\r\n\t\x00')
    assert not any(unicodedata.category(char) in {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"} for char in name)
    assert not name.startswith(".")


@given(st.text(max_size=400))
def test_cleaning_a_clean_name_changes_nothing(raw: str) -> None:
    name = files.clean_name(raw)
    assert files.clean_name(name) == name


def test_a_long_name_keeps_its_extension() -> None:
    name = files.clean_name("a" * 300 + ".docx")
    assert len(name) == files.NAME_MAX_CHARS
    assert name.endswith(".docx")


@pytest.mark.parametrize("name", ACCEPTED)
def test_an_accepted_file_is_recognised_by_its_content(name: str) -> None:
    media_type, kept_name = files.recognise(name, ACCEPTED[name])
    assert kept_name == name
    assert media_type in {kind.media_type for kind in files.KINDS}


def test_a_photo_without_extension_gets_the_right_one() -> None:
    assert files.recognise("image", JPEG) == ("image/jpeg", "image.jpg")


def test_an_extension_that_tells_something_else_is_refused_with_the_way_out() -> None:
    with pytest.raises(BadInput) as refusal:
        files.recognise("photo.pdf", JPEG)
    assert refusal.value.message == (
        "Le fichier « photo.pdf » est en réalité une photo JPEG. Renommez-le en .jpg, puis joignez-le."
    )


REFUSED = {
    "program.exe": b"MZ\x90\x00" + b"\x00" * 300,
    "page.html": b"<!doctype html><script>alert(1)</script>",
    "dessin.svg": b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>',
    "tableur.xlsx": archive({"[Content_Types].xml": "<Types/>", "xl/workbook.xml": "<x/>"}),
    "archive.zip": archive({"a.txt": "a"}),
    "texte.txt": b"bonjour",
    "faux.pdf": b"MZ\x90\x00 %PDF-1.7 %%EOF",
    "tronque.pdf": b"%PDF-1.7\n1 0 obj",
    "tronque.docx": docx()[:120],
    "tronque.png": PNG[:20],
    "ancien.doc": OLE,
    "protege.docx": OLE,
    "macros.docm": docx(DOCM_MAIN),
    "macros.docx": docx(DOCM_MAIN),
    "vba.docx": docx(**{"word/vbaProject.bin": b"x"}),
    "macros.odt": odt(**{"Basic/Standard/Module1.xml": "<x/>"}),
    "scripts.odt": odt(**{"Scripts/python/a.py": "import os"}),
    "modele.odt": archive({"mimetype": f"{ODT}-template", "content.xml": "<x/>"}),
    "sans-type.odt": archive({"content.xml": "<x/>", "mimetype": ODT}),
    "pdf-et-zip.pdf": PDF + archive({"a.exe": "MZ"}),
    "photo-et-zip.jpg": JPEG + archive({"a.exe": "MZ"}),
    "photo-et-pdf.jpg": JPEG[:20] + PDF + JPEG[20:],
    "image-et-pdf.png": PNG[:30] + PDF + PNG[30:],
    "word-et-pdf.docx": docx(**{"a.txt": PDF}),
    "photo.heic": HEIC.replace(b"ftypheic", b"ftypisom"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_disguised_or_foreign_file_is_refused_by_name(name: str) -> None:
    with pytest.raises(BadInput, match=f"« {name} »") as refusal:
        files.recognise(name, REFUSED[name])
    assert refusal.value.field == files.FIELD


def test_macros_are_named_as_the_reason() -> None:
    with pytest.raises(BadInput, match=r"contient des macros\. Enregistrez-le en PDF"):
        files.recognise("vba.docx", REFUSED["vba.docx"])


def test_a_locked_word_file_is_told_how_to_be_saved() -> None:
    with pytest.raises(BadInput, match="ancien format de Word, ou protégé par un mot de passe"):
        files.recognise("protege.docx", OLE)


def test_an_archive_that_swells_beyond_reason_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "ZIP_CONTENT_MAX_BYTES", 1000)
    with pytest.raises(BadInput, match="abîmé"):
        files.recognise("bombe.docx", docx(**{"word/media/image1.png": b"0" * 2000}))


@given(st.binary(max_size=300), st.sampled_from(sorted(ACCEPTED)))
def test_no_content_breaks_the_check(noise: bytes, name: str) -> None:
    content = ACCEPTED[name]
    for candidate in (noise, content[:40] + noise, noise + content, content[: len(content) // 2] + noise):
        with contextlib.suppress(BadInput):
            files.recognise(name, candidate)


def test_an_encrypted_entry_is_refused() -> None:
    content = bytearray(docx())
    central = content.find(b"PK\x01\x02")
    content[central + 8] |= 1
    with pytest.raises(BadInput, match="mot de passe"):
        files.recognise("chiffre.docx", bytes(content))


def test_sizes_have_their_own_sentences() -> None:
    with pytest.raises(BadInput) as too_big:
        files.check_size("x.pdf", 10 * MIB + 1, max_bytes=10 * MIB)
    assert too_big.value.message == "Le fichier « x.pdf » dépasse 10 Mo."
    with pytest.raises(BadInput, match=r"« x\.pdf » est vide"):
        files.check_size("x.pdf", 0, max_bytes=10 * MIB)
    files.check_size("x.pdf", 10 * MIB, max_bytes=10 * MIB)
