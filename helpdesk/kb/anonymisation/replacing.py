"""Puts the replacements that were chosen into a text, with the small words before them: « du » or « de la »."""

import re
from collections.abc import Iterable, Mapping

from helpdesk.kb.anonymisation.known import KnownIndex
from helpdesk.kb.anonymisation.marks import marks_of
from helpdesk.kb.anonymisation.types import KnownRecord, Mark

_BEFORE = re.compile(
    r"(?<!\w)(?:(?P<word>de|du|des|à|au|aux|le|la|les)(?P<space>[ \u00a0\u202f])|(?P<elided>[ldcjmnst]|qu)['’])\Z",
    re.IGNORECASE,
)
_NEEDS_PREPOSITION = re.compile(r"(?<!\w)(?:délégation|déléguée?|antenne)s?[ \u00a0\u202f]\Z")
"""« La déléguée Bretagne » becomes « la déléguée de la région »."""
_ARTICLES = ("le ", "la ", "les ", "l’", "un ", "une ", "des ", "plusieurs ")
_CONTRACTED = {("de", "le "): "du ", ("à", "le "): "au ", ("de", "les "): "des ", ("à", "les "): "aux "}
_UNDONE = {"du": "de", "des": "de", "au": "à", "aux": "à", "de": "de", "à": "à"}
_ROUNDS_MAX_COUNT = 8
"""A replacement may part two words that were glued, and so show a mark; what is left after these rounds is shown."""
_VOWELS = "aeiouyàâéèêëîïôùûœh"


def replaced(text: str, decisions: Mapping[str, str], known: Iterable[KnownRecord]) -> str:
    """*text* with the replacement of each mark whose key is in *decisions*; doing it again changes nothing.

    *known* is what :func:`find_marks` was given. A replacement may hold other marks: they are replaced in turn,
    never by themselves.
    """
    index = KnownIndex(known)
    settled = {key: _settled(key, decisions, index, {key}) for key in decisions}
    for _ in range(_ROUNDS_MAX_COUNT):
        before, text = text, _once(text, settled, index, is_whole=True)
        if text == before:
            break
    return text


def _settled(key: str, decisions: Mapping[str, str], index: KnownIndex, seen: set[str]) -> str:
    """The replacement for *key*, once the marks that it holds itself are replaced; a circle is left as it is."""
    replacement = decisions[key]
    inner = {mark.key for mark in marks_of(replacement, index)} & decisions.keys() - seen
    if not inner:
        return replacement
    return _once(
        replacement, {one: _settled(one, decisions, index, seen | {one}) for one in inner}, index, is_whole=False
    )


def _once(text: str, settled: Mapping[str, str], index: KnownIndex, *, is_whole: bool) -> str:
    pieces, end = [], 0
    for mark in marks_of(text, index):
        replacement = settled.get(mark.key)
        if replacement is None or _stands_already(text, mark, replacement):
            continue
        before = text[end : mark.start]
        pieces.append(_joined(before, replacement, begins=_begins(text, mark, is_whole)))
        end = mark.end
        if not replacement and text[end : end + 1] == " " and pieces[-1][-1:] in {" ", ""}:
            end += 1
    return "".join([*pieces, text[end:]])


def _stands_already(text: str, mark: Mark, replacement: str) -> bool:
    """Whether the mark is a part of its own replacement, put there before."""
    folded, inner = replacement.casefold(), mark.text.casefold()
    at = folded.find(inner)
    while at != -1:
        start = mark.start - at
        if start >= 0 and text[start : start + len(replacement)].casefold() == folded:
            return True
        at = folded.find(inner, at + 1)
    return False


def _begins(text: str, mark: Mark, is_whole: bool) -> bool:
    before = text[max(0, mark.start - 12) : mark.start].rstrip(' \t\u00a0\u202f*_«"')
    return is_whole if not before else before[-1] in ".!?…\n•"


def _joined(before: str, replacement: str, *, begins: bool) -> str:
    if _NEEDS_PREPOSITION.search(before) and replacement.startswith(_ARTICLES):
        return before + _with_article("de", is_elided=False, space=" ", replacement=replacement)
    match = _BEFORE.search(before)
    if not match or not replacement.startswith(_ARTICLES):
        return before + (_capitalised(replacement) if begins else replacement)
    stem, small = before[: match.start()], (match["word"] or match["elided"])
    joined = _with_article(
        small.casefold(), is_elided=bool(match["elided"]), space=match["space"] or " ", replacement=replacement
    )
    return stem + (_capitalised(joined) if small[0].isupper() else joined)


def _with_article(small: str, *, is_elided: bool, space: str, replacement: str) -> str:
    """The preposition or article *small*, as it is written before *replacement*."""
    if (is_elided and small == "l") or small in {"le", "la", "les"}:
        return replacement
    if is_elided:
        small = {"d": "de", "qu": "que"}.get(small, f"{small}e")
    preposition = _UNDONE.get(small, small)
    article = next(article for article in _ARTICLES if replacement.startswith(article))
    if contracted := _CONTRACTED.get((preposition, article)):
        return contracted + replacement.removeprefix(article)
    if preposition == "à" and article in {"un ", "une "}:
        return f"dans{space}{replacement}"
    if preposition in {"de", "que"} and replacement[0].casefold() in _VOWELS:
        return f"{preposition[:-1]}’{replacement}"
    return f"{preposition}{space}{replacement}"


def _capitalised(words: str) -> str:
    return words[:1].upper() + words[1:]
