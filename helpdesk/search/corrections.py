"""« Vouliez-vous dire »: words that the person's own results do not hold, put right.

A word is proposed only in the form in which it stands in something that the person may see: the words of
withdrawn, internal or other people's texts are never given away, nor whether they exist.
"""

from collections.abc import Sequence

from helpdesk.search.analysis import Token, clean, tokens
from helpdesk.search.pool import Pool
from helpdesk.search.query import Query, of_terms
from helpdesk.search.ranking import Entry
from helpdesk.search.spelling import LEAST_CHARS, MAX_DISTANCE, beginnings, distance, nearest

MAX_WORDS = 3
"""Misspelt words of one query that are looked at."""
PROPOSALS = 5
SEEN_ENTRIES = 3
FAR = 9


def corrected(pool: Pool, query: Query, entries: Sequence[Entry]) -> tuple[list[str], str | None]:
    """Terms to add to the query, and its text with the unknown words put right; nothing when all are known.

    :raises IndexUnavailable:
    """
    replacements: list[tuple[Token, Token]] = []
    for token in _unknown(pool, query, entries)[:MAX_WORDS]:
        meant = _meant(pool, token)
        if meant is not None:
            replacements.append((token, meant))
    if not replacements:
        return [], None
    text = query.text
    for token, meant in reversed(replacements):
        text = text[: token.start] + meant.word + text[token.end :]
    return [meant.term for _, meant in replacements], " ".join(text.split())


def _unknown(pool: Pool, query: Query, entries: Sequence[Entry]) -> list[Token]:
    """The typed words that nothing visible holds."""
    looked_at = {token.term: token for token in query.found if len(token.word) >= LEAST_CHARS and token.word.isalpha()}
    missing = [token for term, token in looked_at.items() if not any(entry.holds(term) for entry in entries)]
    return [token for token in missing if not pool.candidates(of_terms({token.term: 1.0}), 1)]


def _meant(pool: Pool, token: Token) -> Token | None:
    """The closest word of what the person may see: its ``word`` as it is written there."""
    known = pool.engine.terms_like(token.term[0])
    near = nearest(token.term, dict.fromkeys(known, 0), PROPOSALS * PROPOSALS)
    counts = pool.engine.frequencies(near)
    for term in nearest(token.term, {term: counts[term] for term in near}, PROPOSALS):
        surface = _surface(pool, term, token.word)
        if surface is not None:
            return surface
    for term in beginnings(token.word, known, PROPOSALS):
        surface = _surface(pool, term, token.word)
        if surface is not None and distance(token.word, surface.word, MAX_DISTANCE) <= MAX_DISTANCE:
            return surface
    return None


def _surface(pool: Pool, term: str, typed: str) -> Token | None:
    """How *term* is written in a text that the person may see, in the form closest to *typed*."""
    entries = pool.candidates(of_terms({term: 1.0}), SEEN_ENTRIES)
    best: tuple[int, Token] | None = None
    for document in pool.corpus.documents([entry.id for entry in entries]) if entries else []:
        text = clean(f"{document.title}\n{document.body}")
        for token in tokens(text):
            if token.term == term:
                far = distance(typed, token.word, FAR)
                if best is None or far < best[0]:
                    raw = text[token.start : token.end]
                    shown = raw if raw.isupper() and len(raw) > 1 else raw.lower()
                    best = far, Token(term, shown, token.start, token.end)
    return best[1] if best else None
