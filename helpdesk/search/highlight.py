"""Titles and excerpts with the found words marked, as safe HTML; the same for every engine. Pure."""

from collections.abc import Collection, Sequence

from markupsafe import Markup

from helpdesk.search.analysis import Token, clean, tokens_among

EXCERPT_CHARS = 240
LEAD_CHARS = 60
"""How much of an excerpt may come before its first marked word."""
PART_CHARS, PARTS = 1_200, 16
"""A body is read part by part, until there is enough to mark."""
ENOUGH = 2
OPEN, CLOSE = Markup("<mark>"), Markup("</mark>")
CUT = "…"


def title_html(title: str, terms: Collection[str]) -> Markup:
    """The whole *title* with the words of *terms* marked."""
    text = " ".join(clean(title).split())
    return _marked(text, 0, len(text), _found(text, terms))


def excerpt_html(body: str, terms: Collection[str]) -> Markup:
    """The part of *body* where most of *terms* are, about 240 characters, the words marked."""
    text = " ".join(clean(body[: PART_CHARS * PARTS]).split())
    found: list[Token] = []
    if terms:
        found = _found_early(text, frozenset(terms))
    start, end = _window(text, found)
    shown = _marked(text, start, end, found)
    before = f"{CUT} " if start else ""
    after = f" {CUT}" if end < len(text) else ""
    return before + shown + after


def _found_early(text: str, wanted: frozenset[str]) -> list[Token]:
    """The words of the first part of *text* that holds some of *wanted*, and of the parts before it."""
    found: list[Token] = []
    start = 0
    while start < len(text):
        cut = text.find(" ", start + PART_CHARS)
        end = cut if cut >= 0 else len(text)
        part = tokens_among(text[start:end], wanted)
        found += [Token(token.term, token.word, token.start + start, token.end + start) for token in part]
        if len({token.term for token in found}) >= min(ENOUGH, len(wanted)):
            break
        start = end
    return found


def _found(text: str, terms: Collection[str]) -> list[Token]:
    return tokens_among(text, frozenset(terms)) if terms else []


def _window(text: str, found: Sequence[Token]) -> tuple[int, int]:
    """Where the excerpt begins and ends, between two words."""
    start = 0
    if found:
        best = max(range(len(found)), key=lambda first: (_different(found, first), -first))
        start = max(0, found[best].start - LEAD_CHARS)
        if start:
            start = text.find(" ", start, found[best].start) + 1 or found[best].start
    end = min(len(text), start + EXCERPT_CHARS)
    if end < len(text):
        space = text.rfind(" ", start, end)
        end = space if space > start else end
    return start, end


def _different(found: Sequence[Token], first: int) -> int:
    """How many different words an excerpt shows that begins just before the one at *first*."""
    end = found[first].start + EXCERPT_CHARS - LEAD_CHARS
    seen = set()
    for token in found[first : first + EXCERPT_CHARS]:
        if token.end > end:
            break
        seen.add(token.term)
    return len(seen)


def _marked(text: str, start: int, end: int, found: Sequence[Token]) -> Markup:
    parts: list[str] = []
    at = start
    for token in found:
        if token.start >= at and token.end <= end:
            parts += [text[at : token.start], OPEN, text[token.start : token.end], CLOSE]
            at = token.end
    return Markup("").join([*parts, text[at:end]])
