"""What may be sent as a document: clean names, and contents that are what they say. Pure.

The content decides, never the name nor what the browser announced; the name must then agree with it. A stored
file is only ever given back as a download, so these checks keep out mistakes and the plainest traps.
"""

import io
import re
import unicodedata
import zipfile
from collections.abc import Callable
from dataclasses import dataclass

import puremagic

from helpdesk.errors import BadInput

FIELD = "attachments"
NAME_MAX_CHARS = 120
ACCEPT = ".pdf,.docx,.odt,.jpg,.jpeg,.png,.webp,.heic,.heif"
"""For the ``accept`` attribute of the input: comfort only."""
ACCEPTED_WORDS = "PDF, Word (DOCX), ODT ou photo (JPEG, PNG, WebP, HEIC)"
MIB = 1024 * 1024
ZIP_ENTRIES_MAX_COUNT = 5_000
ZIP_CONTENT_MAX_BYTES = 300 * MIB

DOCX_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
ODT_TYPE = "application/vnd.oasis.opendocument.text"
_DOCX_MAIN = f"{DOCX_TYPE}.main+xml".encode()
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_PDF_HEADER = b"%PDF-"
_PDF_HEADER_WITHIN_BYTES = 1024
_HEIC_BRANDS = (b"heic", b"heix", b"heim", b"heis", b"hevc")

_INVISIBLE = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
"""Control, format (bidirectional marks, zero width), surrogate, private, unassigned, line separators."""
_SEPARATORS = re.compile(r"[/\\]")
_NOT_IN_NAMES = re.compile(r'[<>:"|?*]')
_LOOKS_LIKE_EXTENSION = re.compile(r"\.(?=[A-Za-z][A-Za-z0-9]{0,4}(?:\.|$))")
_EXTENSION = re.compile(r"\.([A-Za-z0-9]{1,8})$")
_WINDOWS_DEVICES = re.compile(r"(?i)^(con|prn|aux|nul|com\d|lpt\d)$")


@dataclass(frozen=True)
class Kind:
    """A sort of file that is accepted; *magic* holds the extensions by which puremagic may know it."""

    media_type: str
    extensions: tuple[str, ...]
    label: str
    magic: frozenset[str]
    fits: Callable[[bytes], bool]


def clean_name(raw: str) -> str:
    """A name safe to show, to keep and to save under: no path, no invisible or reversing character, one extension.

    At most ``NAME_MAX_CHARS`` characters, the extension kept; « document » when nothing is left.
    """
    name = unicodedata.normalize("NFC", _SEPARATORS.split(raw)[-1])
    name = "".join(char for char in " ".join(name.split()) if unicodedata.category(char) not in _INVISIBLE)
    name = " ".join(_NOT_IN_NAMES.sub("-", name).split())
    extension = extension_of(name)
    stem = name[: len(name) - len(extension) - 1] if extension else name
    stem = _LOOKS_LIKE_EXTENSION.sub("-", stem).strip(" .-_") or "document"
    if _WINDOWS_DEVICES.match(stem):
        stem = f"_{stem}"
    if not extension:
        return stem[:NAME_MAX_CHARS].rstrip(" .")
    return f"{stem[: NAME_MAX_CHARS - len(extension) - 1].rstrip(' .')}.{extension}"


def extension_of(name: str) -> str:
    """The last extension in lower case, without its dot."""
    match = _EXTENSION.search(name)
    return match[1].lower() if match else ""


def check_size(name: str, size_bytes: int, *, max_bytes: int) -> None:
    """:raises BadInput: for an empty file, or one beyond *max_bytes*."""
    if size_bytes == 0:
        raise BadInput(f"Le fichier « {name} » est vide. Joignez-le à nouveau.", field=FIELD)
    if size_bytes > max_bytes:
        raise BadInput(f"Le fichier « {name} » dépasse {max_bytes // MIB} Mo.", field=FIELD)


def recognise(name: str, content: bytes) -> tuple[str, str]:
    """The media type that *content* really has, and *name* (cleaned before) with its extension.

    A name without extension gets the right one.

    :raises BadInput: for anything that is not accepted, or whose extension tells something else.
    """
    kind = next((kind for kind in KINDS if kind.fits(content)), None)
    if kind is None or not _agrees(kind, content):
        raise BadInput(_refusal(name, content), field=FIELD)
    if _hides_another(kind, content):
        raise BadInput(
            f"Le fichier « {name} » contient un autre fichier. Enregistrez-le de nouveau, puis joignez-le.",
            field=FIELD,
        )
    if kind.media_type in (DOCX_TYPE, ODT_TYPE):
        _check_document(name, content)
    extension = extension_of(name)
    if not extension:
        return kind.media_type, f"{name[: NAME_MAX_CHARS - 6]}.{kind.extensions[0]}"
    if extension not in kind.extensions:
        raise BadInput(
            f"Le fichier « {name} » est en réalité {kind.label}. Renommez-le en .{kind.extensions[0]}, "
            "puis joignez-le.",
            field=FIELD,
        )
    return kind.media_type, name


def _fits_pdf(content: bytes) -> bool:
    return content.startswith(_PDF_HEADER) and b"%%EOF" in content[-2048:]


def _fits_jpeg(content: bytes) -> bool:
    return content.startswith(b"\xff\xd8\xff") and b"\xff\xd9" in content


def _fits_png(content: bytes) -> bool:
    return content.startswith(b"\x89PNG\r\n\x1a\n") and content[12:16] == b"IHDR" and b"IEND" in content[-64:]


def _fits_webp(content: bytes) -> bool:
    announced = int.from_bytes(content[4:8], "little")
    is_whole = announced + 8 <= len(content) <= announced + 9
    return content.startswith(b"RIFF") and content[8:12] == b"WEBP" and is_whole


def _fits_heic(content: bytes) -> bool:
    return content[4:8] == b"ftyp" and content[8:12] in _HEIC_BRANDS


def _fits_docx(content: bytes) -> bool:
    return "word/document.xml" in _zip_names(content)


def _fits_odt(content: bytes) -> bool:
    # The format asks for « mimetype » first and uncompressed, so that it can be read at a fixed place.
    return content.startswith(b"PK\x03\x04") and content[30:].startswith(b"mimetype" + ODT_TYPE.encode() + b"PK")


def _zip_names(content: bytes) -> frozenset[str]:
    if not content.startswith(b"PK\x03\x04"):
        return frozenset()
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            return frozenset(archive.namelist())
    except (zipfile.BadZipFile, ValueError, NotImplementedError, UnicodeDecodeError, EOFError):
        return frozenset()


KINDS = (
    Kind("application/pdf", ("pdf",), "un PDF", frozenset({".pdf"}), _fits_pdf),
    Kind(DOCX_TYPE, ("docx",), "un document Word", frozenset({".docx", ".zip"}), _fits_docx),
    Kind(ODT_TYPE, ("odt",), "un document ODT", frozenset({".odt", ".zip"}), _fits_odt),
    Kind("image/jpeg", ("jpg", "jpeg"), "une photo JPEG", frozenset({".jpg", ".jpeg", ".jfif"}), _fits_jpeg),
    Kind("image/png", ("png",), "une image PNG", frozenset({".png"}), _fits_png),
    Kind("image/webp", ("webp",), "une image WebP", frozenset({".webp"}), _fits_webp),
    Kind("image/heic", ("heic", "heif"), "une photo HEIC", frozenset({".heic", ".heif"}), _fits_heic),
)


def _agrees(kind: Kind, content: bytes) -> bool:
    """A second opinion, from a library that knows more signatures than ours."""
    try:
        found = puremagic.magic_string(content)
    except (puremagic.PureError, ValueError):
        return False
    return any(match.extension in kind.magic for match in found)


def _hides_another(kind: Kind, content: bytes) -> bool:
    """A file that other programs would open as something else: PDF inside an image, archive behind a PDF."""
    is_archive = kind.media_type in (DOCX_TYPE, ODT_TYPE)
    if kind.media_type != "application/pdf" and _PDF_HEADER in content[:_PDF_HEADER_WITHIN_BYTES]:
        return True
    return not is_archive and zipfile.is_zipfile(io.BytesIO(content))


def _check_document(name: str, content: bytes) -> None:
    """:raises BadInput: for a document that is damaged, locked, swollen, or that carries macros."""
    damaged = BadInput(
        f"Le fichier « {name} » est abîmé ou protégé par un mot de passe. Enregistrez-le en PDF, puis joignez-le.",
        field=FIELD,
    )
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            entries = archive.infolist()
            size_bytes = sum(entry.file_size for entry in entries)
            if len(entries) > ZIP_ENTRIES_MAX_COUNT or size_bytes > ZIP_CONTENT_MAX_BYTES:
                raise damaged
            if any(entry.flag_bits & 0x1 for entry in entries):
                raise damaged
            if _has_macros(archive, [entry.filename for entry in entries]):
                raise BadInput(
                    f"Le fichier « {name} » contient des macros. Enregistrez-le en PDF, puis joignez-le.",
                    field=FIELD,
                )
    except (zipfile.BadZipFile, ValueError, NotImplementedError, KeyError, EOFError, OSError):
        raise damaged from None


def _has_macros(archive: zipfile.ZipFile, names: list[str]) -> bool:
    folded = [name.lower() for name in names]
    if any(name.endswith("vbaproject.bin") or name.startswith(("basic/", "scripts/")) for name in folded):
        return True
    if "word/document.xml" not in folded:
        return False
    with archive.open("[Content_Types].xml") as types:
        declared = types.read(MIB)
    return b"macroEnabled" in declared or _DOCX_MAIN not in declared


def _refusal(name: str, content: bytes) -> str:
    if content.startswith(_OLE):
        return (
            f"Le fichier « {name} » est dans un ancien format de Word, ou protégé par un mot de passe. "
            "Enregistrez-le en PDF, puis joignez-le."
        )
    known = {extension for kind in KINDS for extension in kind.extensions}
    if extension_of(name) in known:
        return f"Le fichier « {name} » est abîmé ou n’est pas ce que son nom annonce. Ouvrez-le pour vérifier."
    return f"Le fichier « {name} » n’est pas d’un format accepté : {ACCEPTED_WORDS}."
