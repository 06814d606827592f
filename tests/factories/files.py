"""Small files of each accepted kind, and those that pretend to be one."""

import io
import zipfile

DOCX_MAIN = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
DOCM_MAIN = "application/vnd.ms-word.document.macroEnabled.main+xml"
ODT = "application/vnd.oasis.opendocument.text"
PDF = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n"
JPEG = b"\xff\xd8\xff\xe0\x00\x10JFIF\x00" + b"\x00" * 50 + b"\xff\xd9"
PNG = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + b"\x00" * 20 + b"\x00\x00\x00\x00IEND\xaeB`\x82"
WEBP = b"RIFF\x26\x00\x00\x00WEBPVP8 " + b"\x00" * 30
HEIC = b"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic" + b"\x00" * 40
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 600


def archive(entries: dict[str, str | bytes]) -> bytes:
    """A zip of *entries*, stored uncompressed, in this order."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as file:
        for name, content in entries.items():
            file.writestr(name, content)
    return buffer.getvalue()


def docx(main: str = DOCX_MAIN, **more: str | bytes) -> bytes:
    """A Word document; *more*: other entries of the archive."""
    types = f'<Types><Override PartName="/word/document.xml" ContentType="{main}"/></Types>'
    return archive({"[Content_Types].xml": types, "word/document.xml": "<w:document/>", **more})


def odt(**more: str | bytes) -> bytes:
    """An OpenDocument text."""
    return archive({"mimetype": ODT, "content.xml": "<office:document-content/>", **more})


ACCEPTED = {
    "contrat.pdf": PDF,
    "contrat.docx": docx(),
    "contrat.odt": odt(),
    "photo.jpg": JPEG,
    "photo.jpeg": JPEG,
    "capture.png": PNG,
    "capture.webp": WEBP,
    "photo.heic": HEIC,
}
