"""Takes out of a document what tells who made it: authors, places, devices, dates, earlier states. Pure.

What people see stays as it is: text, layout, pictures. A document that cannot be cleaned, or that still holds
deleted words or comments, is refused with the way out, never passed on as it came.
"""

import io
import re
import warnings
import zipfile
import zlib
from collections.abc import Callable, Iterator

from PIL import Image, ImageOps, UnidentifiedImageError
from pypdf import PdfReader, PdfWriter
from pypdf.errors import PyPdfError
from pypdf.generic import ArrayObject, DictionaryObject, NameObject, StreamObject

from helpdesk.attachments import files
from helpdesk.errors import BadInput

IMAGE_PIXELS_MAX_COUNT = 80_000_000
"""More than any phone takes; a small file may announce far more, and fill the memory."""
AUTHOR = "Auteur"
_JPEG_QUALITY = 92

_DAMAGED = "Ce document est abîmé ou protégé\u00a0: ses métadonnées ne peuvent pas être effacées. {way}"
_AS_PDF = "Enregistrez-le en PDF, puis joignez-le de nouveau."
_AS_JPEG = "Enregistrez-le en JPEG ou en PNG, puis joignez-le de nouveau."


def clean(content: bytes, media_type: str) -> bytes:
    """*content* without its metadata; cleaning it again changes nothing that matters.

    :raises BadInput: when it cannot be read, holds other documents that would keep their own, or tracked changes
        or comments: a word taken out of the text would go on being read there.
    """
    cleaner = _CLEANERS.get(media_type)
    if cleaner is None:
        raise BadInput(
            f"Les métadonnées de ce type de fichier ne peuvent pas être effacées. {_AS_JPEG}", field=files.FIELD
        )
    return cleaner(content)


def _refusal(message: str) -> BadInput:
    return BadInput(message, field=files.FIELD)


# --- images ---


def _clean_jpeg(content: bytes) -> bytes:
    """Without loss where the photo lies the right way up; turned, then written again, where only EXIF says so."""
    with _opened(content, "JPEG") as image:
        if image.getexif().get(0x0112, 1) == 1:
            return without_jpeg_metadata(content)
        return _saved(ImageOps.exif_transpose(image), "JPEG", quality=_JPEG_QUALITY)


def _clean_png(content: bytes) -> bytes:
    with _opened(content, "PNG") as image:
        return _saved(ImageOps.exif_transpose(image), "PNG")


def _clean_webp(content: bytes) -> bytes:
    """The first image, where several move."""
    with _opened(content, "WEBP") as image:
        return _saved(ImageOps.exif_transpose(image), "WEBP", quality=_JPEG_QUALITY)


def _opened(content: bytes, image_format: str) -> Image.Image:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            image = Image.open(io.BytesIO(content), formats=[image_format])
            if image.width * image.height > IMAGE_PIXELS_MAX_COUNT:
                raise _refusal("Cette image est trop grande. Réduisez-la, puis joignez-la de nouveau.")
            image.load()
            image.getexif()
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, Image.DecompressionBombError, Warning):
        raise _refusal(_DAMAGED.format(way=_AS_JPEG)) from None
    return image


def _saved(image: Image.Image, image_format: str, **options: int) -> bytes:
    if image.mode == "P" and "transparency" in image.info:
        image = image.convert("RGBA")
    if image_format == "JPEG" and image.mode not in {"L", "RGB"}:
        image = image.convert("RGB")
    # Pillow writes again some of what it has read: comments, profiles, texts.
    image.info.clear()
    buffer = io.BytesIO()
    image.save(buffer, image_format, **options)
    return buffer.getvalue()


_JPEG_PLAIN = frozenset({0xE0, 0xEE})
"""JFIF and Adobe: how to read the colours. A colour profile (APP2) is kept too."""


def without_jpeg_metadata(content: bytes) -> bytes:
    """The same picture, to the bit, without EXIF, XMP, IPTC, thumbnails, comments, nor what follows its end.

    :raises BadInput: when the segments cannot be followed.
    """
    kept, at = bytearray(content[:2]), 2
    while True:
        marker = content[at + 1 : at + 2]
        if content[at : at + 1] != b"\xff" or marker in {b"", b"\x00"}:
            raise _refusal(_DAMAGED.format(way=_AS_JPEG))
        if marker == b"\xd9":
            return bytes(kept + b"\xff\xd9")
        if marker == b"\xff":
            at += 1
            continue
        end = at + 2 + int.from_bytes(content[at + 2 : at + 4], "big")
        if marker == b"\xda":
            end = _end_of_scan(content, end)
        if _is_picture(marker[0], content[at + 4 : at + 20]):
            kept += content[at:end]
        at = end


def _is_picture(marker: int, beginning: bytes) -> bool:
    is_application = 0xE0 <= marker <= 0xEF
    if marker == 0xFE or (is_application and marker not in _JPEG_PLAIN):
        return marker == 0xE2 and beginning.startswith(b"ICC_PROFILE\0")
    return True


# In a scan, 0xFF is followed by zero or by a restart mark; anything else begins the next segment.
_NEXT_SEGMENT = re.compile(rb"\xff[^\x00\xff\xd0-\xd7]")


def _end_of_scan(content: bytes, start: int) -> int:
    match = _NEXT_SEGMENT.search(content, start)
    return match.start() if match else len(content)


# --- PDF ---

_PDF_KEYS = ("/Metadata", "/PieceInfo", "/LastModified", "/Thumb")
_PDF_ANNOTATION_KEYS = ("/T", "/M", "/CreationDate", "/NM")


def _clean_pdf(content: bytes) -> bytes:
    try:
        reader = PdfReader(io.BytesIO(content))
        if reader.is_encrypted:
            raise _refusal("Ce PDF est protégé par un mot de passe. Enregistrez-le sans protection, puis joignez-le.")
        writer = PdfWriter(clone_from=reader)
        _clean_objects(writer)
        writer.metadata = None
        writer.compress_identical_objects(remove_duplicates=False)
        buffer = io.BytesIO()
        writer.write(buffer)
    except (PyPdfError, ValueError, KeyError, TypeError, AttributeError, IndexError, RecursionError, OSError):
        raise _refusal(_DAMAGED.format(way="Imprimez-le en PDF, puis joignez-le de nouveau.")) from None
    return buffer.getvalue()


def _clean_objects(writer: PdfWriter) -> None:
    root = writer.root_object
    names = root.get("/Names")
    if "/AF" in root or (names is not None and "/EmbeddedFiles" in names.get_object()):
        raise _refusal("Ce PDF contient d’autres fichiers. Enregistrez-le sans eux, puis joignez-le de nouveau.")
    root.pop(NameObject("/Perms"), None)
    for item in _dictionaries(writer):
        for key in _PDF_KEYS:
            item.pop(NameObject(key), None)
        if _is_annotation(item):
            for key in _PDF_ANNOTATION_KEYS:
                item.pop(NameObject(key), None)
        if item.get("/FT") == "/Sig":
            # A signature names its signer, and no longer holds once the file is written again.
            item.pop(NameObject("/V"), None)
        if isinstance(item, StreamObject) and _is_jpeg(item):
            item._data = without_jpeg_metadata(item._data)  # noqa: SLF001 - the encoded bytes have no other name


def _dictionaries(writer: PdfWriter) -> Iterator[DictionaryObject]:
    """Every dictionary of the file, those inside others too."""
    waiting: list[object] = list(writer._objects)  # noqa: SLF001 - pypdf has no public walk over its objects
    while waiting:
        item = waiting.pop()
        if isinstance(item, DictionaryObject):
            yield item
            waiting.extend(item.values())
        elif isinstance(item, ArrayObject):
            waiting.extend(item)


def _is_annotation(item: DictionaryObject) -> bool:
    """A comment, not the field of a form, whose ``/T`` is its name."""
    return "/Rect" in item and "/Subtype" in item and str(item["/Subtype"]) != "/Widget" and "/FT" not in item


def _is_jpeg(stream: StreamObject) -> bool:
    filters = stream.get("/Filter")
    return filters in ("/DCTDecode", ["/DCTDecode"]) and stream._data.startswith(b"\xff\xd8")  # noqa: SLF001


# --- documents ---

_XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_PACKAGE = "http://schemas.openxmlformats.org"
_CORE = f'{_XML}<cp:coreProperties xmlns:cp="{_PACKAGE}/package/2006/metadata/core-properties"/>'.encode()
_APP = f'{_XML}<Properties xmlns="{_PACKAGE}/officeDocument/2006/extended-properties"/>'.encode()
_CUSTOM = f'{_XML}<Properties xmlns="{_PACKAGE}/officeDocument/2006/custom-properties"/>'.encode()
_PEOPLE = b'<w15:people xmlns:w15="http://schemas.microsoft.com/office/word/2012/wordml"/>'
_META = (
    f'{_XML}<office:document-meta xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" office:version="1.3">'
    "<office:meta/></office:document-meta>"
).encode()

_TAG = re.compile(r"<[A-Za-z][^<>]{1,100000}>")
_ATTRIBUTE = re.compile(
    r"""\s(?P<name>(?:[\w.]+:)?(?P<local>author|initials|rsid\w{0,20}|date|dateUtc))=("[^"]*"|'[^']*')"""
)
_RSIDS = re.compile(r"<w:rsids>.*?</w:rsids>", re.DOTALL)
_OUTSIDE_TARGET = re.compile(r"(?i)(Target=\")file:[^\"]*(\")")
_REVISION = re.compile(
    r"<(?:[\w.-]+:)?(?:ins|del|delText|delInstrText|moveFrom|moveTo|cellIns|cellDel|cellMerge|comment|threadedComment)[\s/>]"
    r"|<(?:[\w.-]+:)?(?:changed-region|annotation)[\s/>]|<!ENTITY"
)
"""Of either format, whatever its prefixes; an entity could hide one."""
_HAS_REVISIONS = (
    "Ce document garde des modifications suivies ou des commentaires\u00a0: un nom supprimé peut encore s’y lire. "
    "Acceptez ou refusez les modifications, supprimez les commentaires, puis joignez-le de nouveau."
)
_THUMBNAIL_LINK = re.compile(r"<Relationship\s[^<>]*metadata/thumbnail\"[^<>]*/>")
_ODF_PERSON = re.compile(
    r"(<(?P<tag>dc:creator|text:(?:author-name|author-initials|initial-creator|creator|printed-by|sender-[a-z-]+)"
    r"|meta:(?:initial-creator|printed-by|creator-initials)|text:sender-initials|loext:sender-initials)(?:\s[^<>]*)?>)"
    r"[^<]*(</(?P=tag)>)"
)
_ODF_DATE = re.compile(r"<(dc:date|meta:date-string)(?:\s[^<>]*)?>[^<]*</\1>")
_ODF_PRINTER = re.compile(
    r"(<config:config-item\s[^<>]*config:name=\"(?:Printer\w*|CurrentDatabase\w*|SaveThumbnail|Rsid\w*)\"[^<>]*>)[^<]*(<)"
)
_ODF_GONE = re.compile(r"^(Thumbnails/|Versions/|VersionList\.xml$|Configurations2/)")
_ODF_GONE_ENTRY = re.compile(
    r"<manifest:file-entry\s[^<>]*full-path=\"(?:Thumbnails/|Versions/|VersionList\.xml|Configurations2/)[^<>]*?/>"
)


def _clean_docx(content: bytes) -> bytes:
    return _rewritten(content, _docx_part)


def _clean_odt(content: bytes) -> bytes:
    return _rewritten(content, _odt_part)


def _rewritten(content: bytes, part: Callable[[str, bytes], bytes | None]) -> bytes:
    """The archive with each entry cleaned, in the same order, without its dates and comments."""
    buffer = io.BytesIO()
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as source, zipfile.ZipFile(buffer, "w") as target:
            if sum(entry.file_size for entry in source.infolist()) > files.ZIP_CONTENT_MAX_BYTES:
                raise _refusal(_DAMAGED.format(way=_AS_PDF))
            for entry in source.infolist():
                kept = part(entry.filename, source.read(entry))
                if kept is not None:
                    plain = zipfile.ZipInfo(entry.filename)
                    plain.compress_type = entry.compress_type
                    target.writestr(plain, kept)
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, KeyError, EOFError, OSError, ValueError):
        raise _refusal(_DAMAGED.format(way=_AS_PDF)) from None
    return buffer.getvalue()


def _docx_part(name: str, content: bytes) -> bytes | None:
    lower = name.lower()
    if lower.startswith(("word/embeddings/", "word/activex/")) and not lower.endswith("/"):
        raise _refusal(f"Ce document contient un autre document ou un classeur. {_AS_PDF}")
    if lower.startswith("docprops/thumbnail"):
        return None
    if lower in _DOCX_EMPTY:
        return _DOCX_EMPTY[lower]
    if re.fullmatch(r"customxml/item\d+\.xml", lower) and b"bibliography" not in content[:2000]:
        return b"<metadata/>"
    if lower.endswith(".rels"):
        return _THUMBNAIL_LINK.sub("", _OUTSIDE_TARGET.sub(r"\1file:///modele\2", _text(content))).encode()
    if lower.endswith(".xml") and lower.startswith("word/"):
        return _RSIDS.sub("", _TAG.sub(_without_authors, _unrevised(content))).encode()
    return _picture(lower, content)


_DOCX_EMPTY = {
    "docprops/core.xml": _CORE,
    "docprops/app.xml": _APP,
    "docprops/custom.xml": _CUSTOM,
    "word/people.xml": _PEOPLE,
}


def _odt_part(name: str, content: bytes) -> bytes | None:
    if _ODF_GONE.match(name):
        return None
    base = name.rpartition("/")[2]
    if base == "meta.xml":
        return _META
    if name == "META-INF/manifest.xml":
        return _ODF_GONE_ENTRY.sub("", _text(content)).encode()
    if base in {"content.xml", "styles.xml"}:
        return _ODF_DATE.sub("", _ODF_PERSON.sub(_anonymous, _unrevised(content))).encode()
    if base == "settings.xml":
        return _ODF_PRINTER.sub(r"\1\2", _text(content)).encode()
    if re.match(r"(ObjectReplacements/|Object [^/]+$)", name):
        raise _refusal(f"Ce document contient un autre document ou un classeur. {_AS_PDF}")
    return _picture(name.lower(), content)


def _text(content: bytes) -> str:
    """:raises ValueError: for another encoding than UTF-8, which no current program writes."""
    return content.decode("utf-8-sig")


def _unrevised(content: bytes) -> str:
    """:raises BadInput: where deleted words or comments are kept beside the text."""
    text = _text(content)
    if _REVISION.search(text):
        raise _refusal(_HAS_REVISIONS)
    return text


def _without_authors(tag: re.Match[str]) -> str:
    return _ATTRIBUTE.sub(_attribute, tag[0])


def _attribute(match: re.Match[str]) -> str:
    if match["local"] == "author":
        return f' {match["name"]}="{AUTHOR}"'
    return f' {match["name"]}="A"' if match["local"] == "initials" else ""


def _anonymous(match: re.Match[str]) -> str:
    return f"{match[1]}{'A' if 'initials' in match['tag'] else AUTHOR}{match[3]}"


def _picture(name: str, content: bytes) -> bytes:
    """A picture in a document, never turned: the document says how it lies."""
    if name.endswith((".jpg", ".jpeg")) and content.startswith(b"\xff\xd8"):
        return without_jpeg_metadata(content)
    if name.endswith(".png") and content.startswith(b"\x89PNG"):
        with _opened(content, "PNG") as image:
            return _saved(image, "PNG")
    return content


_CLEANERS: dict[str, Callable[[bytes], bytes]] = {
    "application/pdf": _clean_pdf,
    files.DOCX_TYPE: _clean_docx,
    files.ODT_TYPE: _clean_odt,
    "image/jpeg": _clean_jpeg,
    "image/png": _clean_png,
    "image/webp": _clean_webp,
}
