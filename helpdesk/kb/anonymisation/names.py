"""Finds people who are named without a title in capitals: by a first name, an initial, or a title typed small."""

import re
from collections.abc import Iterator, Sequence

from helpdesk.kb.anonymisation import lists
from helpdesk.kb.anonymisation.folding import Token, fold_word, tokens_of
from helpdesk.personal_data.people import NAME, PARTICLE

_Spans = Iterator[tuple[int, int]]

_SPACE = r"[ \t\u00a0\u202f]"
_HYPHENS = {"-", "‑"}
_PARTICLES = rf"(?:{PARTICLE}{_SPACE}|d['’]){{0,2}}"
_SURNAME = re.compile(rf"{_SPACE}(?P<name>{_PARTICLES}{NAME}(?:{_SPACE}(?:{PARTICLE}{_SPACE})?{NAME}){{0,2}})(?!\w)")
_INITIALS = re.compile(rf"(?<![\w.'’])[A-ZÉ]\.(?:[ \-]?[A-ZÉ]\.)?{_SPACE}?(?P<name>{_PARTICLES}{NAME})(?!\w)")
_TITLE = r"(?:[Mm](?:me|lle|r)s?\.?|M\.|[Mm](?:adame|onsieur|ademoiselle))"
_TYPED_SMALL = re.compile(rf"(?<!\w){_TITLE}{_SPACE}(?P<name>[a-zà-ÿ]{{3,30}}(?:-[a-zà-ÿ]{{2,30}})?)(?!\w)")
_LINE_BEGINS = re.compile(r"(?:\A|\n)[ *_#-]{0,3}\Z")


def find_named(text: str) -> Iterator[tuple[int, int, bool]]:
    """First names in capitals, joined to the names next to them, and whether a surname is among these.

    Words and places that only look like a first name are left alone.
    """
    tokens = tokens_of(text)
    end = 0
    for at, token in enumerate(tokens):
        if token.start >= end and _is_first_name(text, tokens, at):
            start, (end, has_surname) = _start(text, tokens, at), _end(text, tokens, at)
            yield start, end, has_surname or start < token.start


def _is_first_name(text: str, tokens: Sequence[Token], at: int) -> bool:
    token = tokens[at]
    if token.folded not in lists.first_names() or not token.is_capitalised or len(token.raw) < 2:
        return False
    if token.raw.isupper() and (len(token.raw) <= 3 or token.folded in lists.acronyms()):
        return False
    if _is_borne(tokens, at) or _is_joined_to_a_place(text, tokens, at):
        return False
    is_doubtful = token.begins if token.folded in lists.first_names_that_are_words() else _has_article(tokens, at)
    return not is_doubtful or _surname_end(text, token.end, needs_name=True) is not None


def _has_article(tokens: Sequence[Token], at: int) -> bool:
    """« La Toussaint », « les Florence »."""
    return at > 0 and tokens[at - 1].raw.casefold() in {"la", "le", "les", "l", "du", "au", "aux"}


def _is_borne(tokens: Sequence[Token], at: int) -> bool:
    """A law, a street or a prize that bears a first name tells nothing of a question."""
    before = tokens[at - 1] if at else None
    return before is not None and before.folded in lists.words("bearers") and tokens[at].start - before.end <= 2


def _is_joined_to_a_place(text: str, tokens: Sequence[Token], at: int) -> bool:
    """« Sainte-Marie », « Pierre-Bénite »: a hyphen joins it to a word that is no first name."""
    for left, right, other in ((at - 1, at, at - 1), (at, at + 1, at + 1)):
        if left < 0 or right >= len(tokens) or text[tokens[left].end : tokens[right].start] not in _HYPHENS:
            continue
        if tokens[other].folded not in lists.first_names():
            return True
    return False


def _start(text: str, tokens: Sequence[Token], at: int) -> int:
    """With a surname all in capitals before it: « DUPONT Jean »."""
    if at:
        before = tokens[at - 1]
        is_surname = before.is_upper and len(before.raw) >= 3 and before.folded not in lists.acronyms()
        if is_surname and text[before.end : tokens[at].start] in {" ", "\u00a0"}:
            return before.start
    return tokens[at].start


def _end(text: str, tokens: Sequence[Token], at: int) -> tuple[int, bool]:
    while at + 1 < len(tokens):
        after = tokens[at + 1]
        is_next = text[tokens[at].end : after.start] in {*_HYPHENS, " ", "\u00a0"}
        if not (is_next and after.is_capitalised and after.folded in lists.first_names()):
            break
        at += 1
    surname_end = _surname_end(text, tokens[at].end)
    return surname_end or tokens[at].end, surname_end is not None


def _surname_end(text: str, end: int, *, needs_name: bool = False) -> int | None:
    """Where the surname after a first name ends; *needs_name*: an everyday word is none."""
    match = _SURNAME.match(text, end)
    if not match:
        return None
    names = match["name"].split()
    first = names[-1] if fold_word(names[0]) in lists.words("particles") else names[0]
    word = fold_word(first.partition("-")[0].rpartition("’")[2])
    if first.isupper() and word in lists.acronyms():
        return None
    if needs_name and lists.is_ordinary((word,)):
        return None
    return match.end()


def find_initials(text: str) -> _Spans:
    """« J. Durand », « J.-P. Durand »; no title of a paragraph (« A. Conditions »), no code (« C. civ. »)."""
    for match in _INITIALS.finditer(text):
        begins_line = _LINE_BEGINS.search(text, max(0, match.start() - 4), match.start())
        if not begins_line and fold_word(match["name"].split()[-1]) not in lists.words("citations"):
            yield match.span()


def find_lower_case_people(text: str) -> _Spans:
    """« mme durand », in a message typed without capitals."""
    for match in _TYPED_SMALL.finditer(text):
        if fold_word(match["name"]) not in lists.words("after_titles"):
            yield match.span()
