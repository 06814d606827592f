"""Words as they are compared, and as they may be stored. Pure."""

import re
import unicodedata

_LETTERS = str.maketrans({"œ": "oe", "æ": "ae", "ß": "ss", "ø": "o", "ł": "l"})
_NOT_WORD = re.compile(r"[\W_]+")
_SPACES = re.compile(r"\s+")


def fold(text: str) -> str:
    """*text* without accents, capitals and punctuation: « L’Étape-Nœud » becomes « l etape noeud »."""
    decomposed = unicodedata.normalize("NFKD", text.casefold().translate(_LETTERS))
    plain = "".join(character for character in decomposed if not unicodedata.combining(character))
    return _NOT_WORD.sub(" ", plain).strip()


def clean_line(text: str) -> str:
    """*text* on one line, composed, without spaces at its ends or several in a row.

    :raises ValueError: for control characters and half characters, which the databases treat differently.
    """
    for character in text:
        if unicodedata.category(character) in {"Cc", "Cs", "Co"} and character not in "\t\r\n":
            raise ValueError("control character")
    return _SPACES.sub(" ", unicodedata.normalize("NFC", text)).strip()
