"""What tells who made a document goes; what people see stays."""

import io
import zipfile

import pytest
from PIL import Image, PngImagePlugin
from pypdf import PdfReader, PdfWriter
from pypdf.annotations import FreeText
from pypdf.generic import ByteStringObject, DictionaryObject, NameObject, StreamObject, TextStringObject

from helpdesk.attachments import files
from helpdesk.attachments.cleaning import clean
from helpdesk.errors import BadInput
from tests.factories.files import DOCX_MAIN, ODT, archive

WHO = "Gwenael Kervella"
PDF_TYPE = "application/pdf"
WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"


def picture(size: tuple[int, int] = (40, 20), mode: str = "RGB") -> Image.Image:
    """Half white, half black, so that its turning shows."""
    image = Image.new(mode, size)
    image.paste(Image.new(mode, (size[0] // 2, size[1]), color=255 if mode == "L" else (255, 255, 255)), (0, 0))
    return image


def exif(orientation: int = 1) -> Image.Exif:
    tags = Image.Exif()
    tags[0x0112] = orientation
    tags[0x013B] = WHO
    tags[0x010F] = WHO
    tags.get_ifd(0x8825)[1] = "N"
    return tags


def saved(image: Image.Image, image_format: str, **options: object) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, image_format, **options)
    return buffer.getvalue()


def jpeg(orientation: int = 1, **options: object) -> bytes:
    return saved(picture(), "JPEG", exif=exif(orientation), comment=WHO.encode(), **options)


def png() -> bytes:
    texts = PngImagePlugin.PngInfo()
    texts.add_text("Author", WHO)
    texts.add_itxt("XML:com.adobe.xmp", WHO, zip=True)
    return saved(picture(), "PNG", pnginfo=texts, exif=exif())


def same_picture(first: bytes, second: bytes) -> bool:
    with Image.open(io.BytesIO(first)) as one, Image.open(io.BytesIO(second)) as other:
        return one.convert("RGBA").tobytes() == other.convert("RGBA").tobytes()


# --- images ---


@pytest.mark.parametrize("options", [{}, {"progressive": True}, {"quality": 40, "icc_profile": b"\0" * 300}])
def test_a_photo_keeps_its_picture_and_loses_where_and_by_whom_it_was_taken(options: dict[str, object]) -> None:
    original = jpeg(**options) + b"after the end: " + WHO.encode()
    cleaned = clean(original, "image/jpeg")
    assert WHO.encode() in original
    assert WHO.encode() not in cleaned
    assert b"Exif" not in cleaned
    assert same_picture(original, cleaned)
    assert clean(cleaned, "image/jpeg") == cleaned
    assert files.recognise("photo.jpg", cleaned)


def test_a_photo_that_only_exif_turns_stays_the_right_way_up() -> None:
    cleaned = clean(jpeg(orientation=6), "image/jpeg")
    with Image.open(io.BytesIO(cleaned)) as image:
        assert image.size == (20, 40)
        assert not image.getexif()
    assert WHO.encode() not in cleaned


def test_an_image_loses_its_texts_and_keeps_every_pixel() -> None:
    original = png()
    cleaned = clean(original, "image/png")
    assert WHO.encode() in original
    with Image.open(io.BytesIO(cleaned)) as image:
        assert isinstance(image, PngImagePlugin.PngImageFile)
        assert image.text == {}
        assert not image.getexif()
    assert WHO.encode() not in cleaned
    assert same_picture(original, cleaned)


def test_a_transparent_image_with_a_palette_stays_transparent() -> None:
    image = picture().convert("P")
    cleaned = clean(saved(image, "PNG", transparency=0), "image/png")
    with Image.open(io.BytesIO(cleaned)) as result:
        assert result.convert("RGBA").getchannel("A").getextrema() == (0, 255)


def test_a_webp_loses_its_exif() -> None:
    original = saved(picture(), "WEBP", exif=exif(), xmp=WHO.encode(), lossless=True)
    cleaned = clean(original, "image/webp")
    assert WHO.encode() in original
    assert WHO.encode() not in cleaned
    assert files.recognise("capture.webp", cleaned)


@pytest.mark.parametrize(
    ("media_type", "content"),
    [
        ("image/jpeg", b"\xff\xd8\xff\xe0\x00\x10JFIF\x00" + b"\x00" * 50 + b"\xff\xd9"),
        ("image/jpeg", b""),
        ("image/png", b"\x89PNG\r\n\x1a\n" + b"\x00" * 60),
        ("image/webp", b"RIFF\x26\x00\x00\x00WEBPVP8 " + b"\x00" * 30),
        ("image/heic", b"\x00\x00\x00\x18ftypheic"),
        (PDF_TYPE, b"%PDF-1.7\nnothing\n%%EOF"),
        (PDF_TYPE, b""),
        (files.DOCX_TYPE, b"PK\x03\x04 broken"),
        (files.ODT_TYPE, b""),
        ("text/plain", b"Bonjour"),
    ],
)
def test_what_cannot_be_cleaned_is_refused_with_the_way_out(media_type: str, content: bytes) -> None:
    with pytest.raises(BadInput) as refusal:
        clean(content, media_type)
    assert "joignez" in refusal.value.message


def test_a_small_file_that_announces_a_huge_image_is_refused() -> None:
    header = saved(Image.new("1", (8, 8)), "PNG")
    huge = header[:16] + (60_000).to_bytes(4, "big") * 2 + header[24:]
    with pytest.raises(BadInput):
        clean(huge, "image/png")


@pytest.mark.parametrize("cut", range(0, 600, 29))
def test_a_photo_cut_short_is_cleaned_or_refused_and_never_passed_on(cut: int) -> None:
    original = jpeg()
    try:
        cleaned = clean(original[: len(original) - cut], "image/jpeg")
    except BadInput:
        return
    assert WHO.encode() not in cleaned


# --- PDF ---


def pdf(**more: object) -> bytes:
    writer = PdfWriter()
    page = writer.add_blank_page(200, 200)
    writer.add_metadata({"/Author": WHO, "/Title": WHO, "/Company": WHO})
    writer.xmp_metadata = f'<x:xmpmeta xmlns:x="adobe:ns:meta/"><a>{WHO}</a></x:xmpmeta>'.encode()
    page[NameObject("/PieceInfo")] = DictionaryObject({NameObject("/App"): TextStringObject(WHO)})
    note = FreeText(text="À relire", rect=(10, 10, 90, 40))
    note[NameObject("/T")] = TextStringObject(WHO)
    writer.add_annotation(0, note)
    photo = StreamObject()
    photo._data = jpeg()
    photo.update(
        {
            NameObject("/Type"): NameObject("/XObject"),
            NameObject("/Subtype"): NameObject("/Image"),
            NameObject("/Filter"): NameObject("/DCTDecode"),
        }
    )
    resources = DictionaryObject(
        {NameObject("/XObject"): DictionaryObject({NameObject("/P"): writer._add_object(photo)})}
    )
    page[NameObject("/Resources")] = resources
    if more.get("attachment"):
        writer.add_attachment("paie.txt", b"secret")
    if password := more.get("password"):
        writer.encrypt(str(password))
    buffer = io.BytesIO()
    writer.write(buffer)
    return buffer.getvalue()


def all_strings(content: bytes) -> str:
    """Everything that a reader of the file could find, streams decoded."""
    found = [content.decode("latin-1")]
    reader = PdfReader(io.BytesIO(content))
    for number in range(1, len(reader.xref_objStm) + sum(len(each) for each in reader.xref.values()) + 1):
        item = reader.get_object(number)
        found.append(str(item))
        if isinstance(item, StreamObject):
            found.append(item._data.decode("latin-1"))
    return "".join(found)


def test_a_pdf_keeps_its_pages_and_loses_its_author_everywhere() -> None:
    original = pdf()
    cleaned = clean(original, PDF_TYPE)
    assert WHO in all_strings(original)
    assert WHO not in all_strings(cleaned)
    reader = PdfReader(io.BytesIO(cleaned))
    assert not reader.metadata
    assert reader.xmp_metadata is None
    assert len(reader.pages) == 1
    (note,) = reader.pages[0].annotations or ()
    assert note.get_object()["/Contents"] == "À relire"
    assert files.recognise("note.pdf", cleaned)
    assert PdfReader(io.BytesIO(clean(cleaned, PDF_TYPE))).pages


def test_an_earlier_state_of_a_pdf_is_not_passed_on() -> None:
    writer = PdfWriter(io.BytesIO(pdf()), incremental=True)
    writer.add_metadata({"/Author": "Personne"})
    buffer = io.BytesIO()
    writer.write(buffer)
    assert WHO.encode() in buffer.getvalue()
    assert WHO not in all_strings(clean(buffer.getvalue(), PDF_TYPE))


def test_the_name_of_a_form_field_stays_and_a_signature_goes() -> None:
    writer = PdfWriter(clone_from=io.BytesIO(pdf()))
    field = DictionaryObject(
        {
            NameObject("/FT"): NameObject("/Sig"),
            NameObject("/Subtype"): NameObject("/Widget"),
            NameObject("/T"): TextStringObject("Signature 1"),
            NameObject("/V"): DictionaryObject(
                {NameObject("/Name"): TextStringObject(WHO), NameObject("/Contents"): ByteStringObject(WHO.encode())}
            ),
        }
    )
    writer.root_object[NameObject("/AcroForm")] = DictionaryObject({NameObject("/Sign"): writer._add_object(field)})
    buffer = io.BytesIO()
    writer.write(buffer)
    found = all_strings(clean(buffer.getvalue(), PDF_TYPE))
    assert "Signature 1" in found
    assert WHO not in found


@pytest.mark.parametrize("more", [{"attachment": True}, {"password": "x"}])
def test_a_pdf_that_holds_files_or_is_locked_is_refused(more: dict[str, object]) -> None:
    with pytest.raises(BadInput) as refusal:
        clean(pdf(**more), PDF_TYPE)
    assert "PDF" in refusal.value.message


# --- documents ---


def docx(**more: str | bytes) -> bytes:
    types = f'<Types><Override PartName="/word/document.xml" ContentType="{DOCX_MAIN}"/></Types>'
    document = (
        f'<w:document xmlns:w="{WORD}"><w:body><w:p w:rsidR="00A1B2C3" w:rsidRDefault="00D4E5F6">'
        f'<w:r><w:rPr><w:rPrChange w:id="1" w:author="{WHO}" w:date="2026-03-04T10:00:00Z"/></w:rPr>'
        '<w:t>Le texte author="tel quel"</w:t></w:r>'
        "</w:p></w:body></w:document>"
    )
    entries: dict[str, str | bytes] = {
        "[Content_Types].xml": types,
        "_rels/.rels": '<Relationships><Relationship Id="r9" Type="http://x/metadata/thumbnail" Target="docProps/t"/>'
        '<Relationship Id="r1" Type="http://x/officeDocument" Target="word/document.xml"/></Relationships>',
        "docProps/core.xml": f"<cp:coreProperties><dc:creator>{WHO}</dc:creator></cp:coreProperties>",
        "docProps/app.xml": f"<Properties><Company>{WHO}</Company></Properties>",
        "docProps/custom.xml": f"<Properties><property>{WHO}</property></Properties>",
        "docProps/thumbnail.jpeg": jpeg(),
        "word/document.xml": document,
        "word/comments.xml": f'<w:comments xmlns:w="{WORD}"/>',
        "word/people.xml": f'<w15:people><w15:person w15:author="{WHO}"/></w15:people>',
        "word/settings.xml": f'<w:settings xmlns:w="{WORD}"><w:rsids><w:rsid w:val="00A1B2C3"/></w:rsids></w:settings>',
        "word/_rels/settings.xml.rels": f'<Relationship Target="file:///C:/Users/{WHO}/Normal.dotm"/>',
        "customXml/item1.xml": f"<p:properties><author>{WHO}</author></p:properties>",
        "word/media/image1.jpeg": jpeg(),
        "word/media/image2.png": png(),
        **more,
    }
    return archive(entries)


def entries_of(content: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(content)) as file:
        assert file.testzip() is None
        assert {entry.date_time for entry in file.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        return {name: file.read(name) for name in file.namelist()}


def test_a_word_document_keeps_its_words_and_loses_its_authors() -> None:
    cleaned = clean(docx(), files.DOCX_TYPE)
    entries = entries_of(cleaned)
    assert [name for name, content in entries.items() if WHO.encode() in content] == []
    assert "docProps/thumbnail.jpeg" not in entries
    assert b"thumbnail" not in entries["_rels/.rels"]
    assert b"officeDocument" in entries["_rels/.rels"]
    assert b"rsid" not in b"".join(entries.values())
    assert b'w:author="Auteur"' in entries["word/document.xml"]
    assert b"w:date" not in entries["word/document.xml"]
    assert b'Le texte author="tel quel"' in entries["word/document.xml"]
    assert same_picture(entries["word/media/image1.jpeg"], jpeg())
    assert files.recognise("note.docx", cleaned) == (files.DOCX_TYPE, "note.docx")
    assert clean(cleaned, files.DOCX_TYPE) == cleaned


def test_a_bibliography_stays() -> None:
    sources = '<b:Sources xmlns:b="http://schemas.openxmlformats.org/officeDocument/2006/bibliography"/>'
    assert entries_of(clean(docx(**{"customXml/item2.xml": sources}), files.DOCX_TYPE))["customXml/item2.xml"] == (
        sources.encode()
    )


def odt(**more: str | bytes) -> bytes:
    content = (
        '<office:document-content><text:tracked-changes text:track-changes="false"/><text:p>À revoir</text:p>'
        f'<text:p>Par <text:author-name text:fixed="false">{WHO}</text:author-name></text:p></office:document-content>'
    )
    entries: dict[str, str | bytes] = {
        "mimetype": ODT,
        "content.xml": content,
        "meta.xml": f"<office:document-meta><meta:initial-creator>{WHO}</meta:initial-creator></office:document-meta>",
        "settings.xml": f'<c><config:config-item config:name="PrinterName" a="b">{WHO}</config:config-item></c>',
        "Thumbnails/thumbnail.png": png(),
        "Versions/Version1": WHO,
        "Pictures/1.png": png(),
        "META-INF/manifest.xml": '<manifest:manifest><manifest:file-entry manifest:full-path="content.xml"/>'
        '<manifest:file-entry manifest:full-path="Thumbnails/thumbnail.png" manifest:media-type="image/png"/>'
        "</manifest:manifest>",
        **more,
    }
    return archive(entries)


def test_an_open_document_keeps_its_words_and_loses_its_authors() -> None:
    cleaned = clean(odt(), files.ODT_TYPE)
    entries = entries_of(cleaned)
    assert [name for name, content in entries.items() if WHO.encode() in content] == []
    assert "À revoir".encode() in entries["content.xml"]
    assert b">Auteur<" in entries["content.xml"]
    assert b"Thumbnails" not in entries["META-INF/manifest.xml"]
    assert b"content.xml" in entries["META-INF/manifest.xml"]
    assert not any(name.startswith(("Thumbnails", "Versions")) for name in entries)
    assert files.recognise("note.odt", cleaned) == (files.ODT_TYPE, "note.odt")


@pytest.mark.parametrize(
    ("media_type", "content"),
    [
        (files.DOCX_TYPE, docx(**{"word/embeddings/classeur.xlsx": b"PK"})),
        (files.ODT_TYPE, odt(**{"Object 1": b"\xd0\xcf\x11\xe0"})),
        (files.DOCX_TYPE, docx(**{"word/header1.xml": "<w:hdr/>".encode("utf-16")})),
    ],
)
def test_a_document_that_holds_another_or_cannot_be_read_is_refused(media_type: str, content: bytes) -> None:
    with pytest.raises(BadInput) as refusal:
        clean(content, media_type)
    assert "PDF" in refusal.value.message


def revised_docx(markup: str, part: str = "word/document.xml") -> bytes:
    return docx(**{part: f'<w:document xmlns:w="{WORD}" xmlns:x="{WORD}">{markup}</w:document>'})


def revised_odt(markup: str, part: str = "content.xml") -> bytes:
    return odt(**{part: f"<office:document-content>{markup}</office:document-content>"})


@pytest.mark.parametrize(
    ("media_type", "content"),
    [
        (files.DOCX_TYPE, revised_docx(f"<w:p><w:del><w:r><w:delText>{WHO}</w:delText></w:r></w:del></w:p>")),
        (files.DOCX_TYPE, revised_docx(f"<w:p><w:ins w:id='1'><w:r><w:t>{WHO}</w:t></w:r></w:ins></w:p>")),
        (files.DOCX_TYPE, revised_docx(f"<x:p><x:moveFrom><x:r><x:t>{WHO}</x:t></x:r></x:moveFrom></x:p>")),
        (files.DOCX_TYPE, revised_docx("<w:tr><w:trPr><w:del/></w:trPr></w:tr>", "word/footnotes.xml")),
        (files.DOCX_TYPE, revised_docx(f"<w:comment w:id='0'><w:p>{WHO}</w:p></w:comment>", "word/comments.xml")),
        (
            files.ODT_TYPE,
            revised_odt(
                f"<text:tracked-changes><text:changed-region>{WHO}</text:changed-region></text:tracked-changes>"
            ),
        ),
        (files.ODT_TYPE, revised_odt(f"<office:annotation><text:p>{WHO}</text:p></office:annotation>")),
        (files.ODT_TYPE, revised_odt("<text:p><office:annotation office:name='1'/></text:p>", "styles.xml")),
    ],
)
def test_a_document_with_tracked_changes_or_comments_is_refused_with_what_to_do(
    media_type: str, content: bytes
) -> None:
    with pytest.raises(BadInput) as refusal:
        clean(content, media_type)
    assert "Acceptez ou refusez les modifications, supprimez les commentaires" in refusal.value.message
