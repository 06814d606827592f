"""Words as they are compared, and as they may be stored. Pure."""

import re
import unicodedata

from helpdesk.reference.letters import without_accents

_NOT_WORD = re.compile(r"[\W_]+")
_SPACES = re.compile(r"\s+")


def fold(text: str) -> str:
    """*text* without accents, capitals and punctuation: « L’Étape-Nœud » becomes « l etape noeud »."""
    return _NOT_WORD.sub(" ", without_accents(text.casefold())).strip()


def clean_line(text: str) -> str:
    """*text* on one line, composed, without spaces at its ends or several in a row.

    :raises ValueError: for control characters and half characters, which the databases treat differently.
    """
    for character in text:
        if unicodedata.category(character) in {"Cc", "Cs", "Co"} and character not in "\t\r\n":
            raise ValueError("control character")
    return _SPACES.sub(" ", unicodedata.normalize("NFC", text)).strip()
