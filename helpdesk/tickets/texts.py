"""Cleaning and folding of what people type. Pure."""

import hashlib
import re
import unicodedata

from helpdesk.errors import BadInput
from helpdesk.reference.letters import without_accents

TITLE_MAX_CHARS = 200
EXCERPT_MAX_CHARS = 150
# « Bonjour », whom it greets, and « Madame, Monsieur, » alone.
_HELLO = r"(?:(?:re-?)?bonjour|bonsoir|salut|coucou)\b(?!-)"
_ALL = r"à tou(?:te)?s(?: et (?:à )?tou(?:te)?s)?|tout le monde|(?:à )?(?:toute )?l[’']équipe"
_TITLE = (
    r"(?:(?:très )?ch(?:er|ère)s? )?"
    r"(?:mesdames|messieurs|madame|monsieur|mademoiselle|m(?:me|lle)\.?|mm?\.|ma[iî]tre|docteur|coll[èe]gues?)(?!\w)"
)
_TITLES = rf"{_TITLE}(?:(?:,| et|, et)? {_TITLE})*"
_NAMES = r"(?-i:(?: [A-ZÀ-ÖØ-ÞŒ][\w’'\-]*){1,3})"
_STOP = r"(?= ?(?:[,;:.!–—\n]|\Z))"
_FIRST_LINE = re.compile(rf"{_HELLO}[^\n.?!]{{0,80}}[,!]\n+", re.IGNORECASE)
_GREETING = re.compile(
    rf"{_HELLO}(?:,? (?:{_ALL})|,? {_TITLES}(?:{_NAMES}{_STOP}|(?!{_NAMES}))|{_NAMES}{_STOP})?[\s,;:.!–—-]*",
    re.IGNORECASE,
)
_FORMAL = re.compile(rf"(?:{_TITLES}|(?=(?:très )?ch(?:er|ère)s?\b){_TITLE}{_NAMES}) ?[,\n]\s*", re.IGNORECASE)
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u2028\u2029\ud800-\udfff]")
_ENTRY = re.compile(r"/faq/[a-z0-9]+(?:-[a-z0-9]+)+")


def clean(text: str, *, field: str, max_chars: int) -> str:
    r"""Text as typed without control characters, line ends as ``\n``, no blank at either end.

    :raises BadInput: when it is longer than *max_chars*; it is never cut in silence.
    """
    text = unicodedata.normalize("NFC", _CONTROL.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))).strip()
    if len(text) > max_chars:
        raise BadInput(
            f"Ce texte est trop long : {len(text)} caractères pour {max_chars} au plus. "
            "Raccourcissez-le, ou joignez un document.",
            field=field,
        )
    return text


def clean_line(text: str, *, field: str, max_chars: int = TITLE_MAX_CHARS) -> str:
    """The same on one line."""
    return clean(re.sub(r"\s+", " ", text), field=field, max_chars=max_chars)


def fold(text: str) -> str:
    """Lower case without accents, one space between words: for looking up on both databases alike."""
    return " ".join(without_accents(_CONTROL.sub("", text).replace("’", "'")).lower().split())


def entry_path(text: str) -> str:
    """The address of the entry of the FAQ that *text* names, from our own root; empty where it names none."""
    found = _ENTRY.search(text)
    return found[0] if found else ""


def excerpt(text: str) -> str:
    """The beginning of *text* for a list, without its greeting, cut at a word."""
    line = " ".join(_without_greeting(text).split())
    if len(line) <= EXCERPT_MAX_CHARS:
        return line
    return line[: EXCERPT_MAX_CHARS - 1].rsplit(" ", 1)[0][: EXCERPT_MAX_CHARS - 1] + "…"


def _without_greeting(text: str) -> str:
    lines = "\n".join(" ".join(line.split()) for line in text.strip().splitlines())
    found = next(filter(None, (one.match(lines) for one in (_FIRST_LINE, _GREETING, _FORMAL))), None)
    said = lines[found.end() :] if found else ""
    return said[0].upper() + said[1:] if said else text


def fingerprint(organisation_id: int, title: str, facts: str) -> str:
    """Equal for the same words from the same structure, whatever the case, accents and spacing."""
    text = f"{organisation_id}\n{fold(title)}\n{fold(facts)}"
    return hashlib.sha256(text.encode()).hexdigest()
