"""Making text fit for a mail: pure rules.

A subject line is one line without invisible characters. What a person typed is quoted short and without
addresses of sites, so that the one link of a mail is ours.
"""

import re
import unicodedata

SUBJECT_CHARS = 150
TITLE_CHARS = 80
QUOTED_WORDS = 45

_INVISIBLE = {"Cc", "Cf", "Cs", "Co", "Zl", "Zp"}
_SITE = re.compile(r"(?:\b[a-z][a-z0-9+.-]*://|\bwww\.)\S+", re.IGNORECASE)
_SITE_PLACE = "[lien retiré]"
NBSP = "\u00a0"
NNBSP = "\u202f"


def header_text(value: str, max_chars: int = SUBJECT_CHARS) -> str:
    """*value* as one line: no CR, LF, NUL, invisible or direction marks; U+00A0 the only special space."""
    # An encoded word typed in full would be decoded by the standard library, line ends included.
    kept = "".join(_visible(character) for character in value).replace("=?", "= ?")
    line = re.sub(rf"[ {NBSP}]*{NBSP}[ {NBSP}]*", NBSP, re.sub(r" {2,}", " ", kept))
    return shorten(line.strip(f" {NBSP}"), max_chars)


def _visible(character: str) -> str:
    if character in (NBSP, NNBSP):
        return NBSP
    if character.isspace():
        return " "
    return "" if unicodedata.category(character) in _INVISIBLE else character


def shorten(text: str, max_chars: int) -> str:
    """*text* cut at a word, with « … », when it is longer than *max_chars*."""
    if len(text) <= max_chars:
        return text
    cut = text[: max_chars - 1]
    head, _, _ = cut.rpartition(" ")
    return (head if len(head) > max_chars // 2 else cut).rstrip(f" ,;:.{NBSP}{NNBSP}") + "…"


def title(text: str) -> str:
    """A question's title as a mail shows it."""
    return header_text(_SITE.sub(_SITE_PLACE, text), TITLE_CHARS)


def quoted(text: str, max_words: int = QUOTED_WORDS) -> str:
    """What somebody typed, in one paragraph, cut after *max_words*."""
    words = header_text(_SITE.sub(_SITE_PLACE, text), max_chars=10_000).split(" ")
    return " ".join(words[:max_words]) + ("…" if len(words) > max_words else "")


def word_count(text: str) -> int:
    return len(text.split())
