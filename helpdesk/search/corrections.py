"""« Vouliez-vous dire »: words that nothing visible holds, put right.

A word is proposed only as it stands in something that the person may see: the words of withdrawn, internal or
other people's texts are never given away, nor whether they exist.
"""

from collections.abc import Sequence

from helpdesk.search.analysis import Token, clean, tokens_among
from helpdesk.search.pool import Pool
from helpdesk.search.query import Query, of_terms
from helpdesk.search.ranking import Entry
from helpdesk.search.spelling import LEAST_CHARS, distance, is_meant, likely_stems

MAX_WORDS = 3
"""Misspelt words of one query that are looked at."""
STEMS, STEMS_AT_ONCE = 24, 8
ANY_DISTANCE = 12
ENTRIES_READ = 3
"""Texts that are read for the words of one stem."""


def corrected(pool: Pool, query: Query, entries: Sequence[Entry]) -> tuple[list[str], str | None]:
    """Terms to add to the query, and its text with the unknown words put right; nothing when all are known.

    :raises IndexUnavailable:
    """
    replacements: list[tuple[Token, Token]] = []
    for token in _unknown(pool, query, entries)[:MAX_WORDS]:
        meant = proposals(pool, token.word, limit=1)
        replacements += [(token, meant[0])] if meant else []
    if not replacements:
        return [], None
    text = query.text
    for token, right in sorted(replacements, key=lambda pair: -pair[0].start):
        text = text[: token.start] + right.word + text[token.end :]
    return [right.term for _, right in replacements], " ".join(text.split())


def proposals(pool: Pool, word: str, limit: int = 3) -> list[Token]:
    """The words of what the person may see that are closest to the folded *word*, as they are written there.

    :raises IndexUnavailable:
    """
    likely = likely_stems(word, pool.engine.terms_like(word[0]))
    stems = list(likely)[:STEMS]
    counts = pool.engine.frequencies(stems)
    found: list[tuple[int, int, str, Token]] = []
    for start in range(0, len(stems), STEMS_AT_ONCE):
        for folded, written in _words(pool, stems[start : start + STEMS_AT_ONCE]).items():
            if is_meant(word, folded, written.term, likely[written.term]):
                far = distance(word, folded, ANY_DISTANCE)
                found.append((far, -counts[written.term], folded, written))
        if any(far == 1 for far, *_ in found):
            break
    return [written for *_, written in sorted(found, key=lambda one: one[:3])[:limit]]


def _unknown(pool: Pool, query: Query, entries: Sequence[Entry]) -> list[Token]:
    """The typed words that nothing visible holds."""
    looked_at = {token.term: token for token in query.found if len(token.word) >= LEAST_CHARS and token.word.isalpha()}
    missing = [token for term, token in looked_at.items() if not any(entry.holds(term) for entry in entries)]
    return [token for token in missing if not pool.candidates(of_terms({token.term: 1.0}), 1)]


def _words(pool: Pool, stems: Sequence[str]) -> dict[str, Token]:
    """The words with one of *stems* in some texts that the person may see, by their folded form."""
    entries = {
        entry.id for stem in stems for entry in pool.candidates(of_terms({stem: 1.0}), ENTRIES_READ) if stem.isalpha()
    }
    found: dict[str, Token] = {}
    for document in pool.corpus.documents(sorted(entries)) if entries else []:
        text = clean(f"{document.title}\n{document.body}")
        for token in tokens_among(text, frozenset(stems)):
            if token.word not in found:
                raw = text[token.start : token.end]
                is_acronym = raw.isupper() and len(raw) > 1
                found[token.word] = Token(token.term, raw if is_acronym else raw.lower(), token.start, token.end)
    return found
