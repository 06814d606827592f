"""Letters without their accents, the one way for looking up, sorting and addresses."""

import unicodedata

_LETTERS = str.maketrans(
    {"œ": "oe", "Œ": "OE", "æ": "ae", "Æ": "AE", "ß": "ss", "ø": "o", "Ø": "O", "ł": "l", "Ł": "L"}
)
"""Those that Unicode does not take apart."""


def without_accents(text: str) -> str:
    """« Île, Nœud » becomes « Ile, Noeud »: neither accents nor ligatures; capitals stay."""
    if text.isascii():
        return text
    decomposed = unicodedata.normalize("NFKD", text.translate(_LETTERS))
    return "".join(sign for sign in decomposed if not unicodedata.combining(sign))
