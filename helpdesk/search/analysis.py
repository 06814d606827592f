"""French words as they are searched: one analysis for documents, queries, highlights, similar entries, spelling.

Accents go before anything else, so that « démission » and « demission » meet; then the stop words, written
without accents, and the Snowball stemmer. What each step brings is measured in docs/recherche.md.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from whoosh.lang.snowball.french import FrenchStemmer

from helpdesk.reference.letters import without_accents

VERSION = 2
"""To be raised with any change here that changes a term: the indexes are then made anew."""

JOIN = "§"
"""Between the numbers of an article in its term: « L. 5132-15-1 » is ``l5132§15§1``."""
ACRONYM = "="
"""Before the term of an acronym that is a stop word in small letters: « AI », « CE »."""
STOPPED = "~"
"""Before a stop word where stop words are asked for."""
TERM_MAX_CHARS = 64
SHOUTED_WORD_CHARS = 7
CODE_LETTERS = ("l", "r", "d")

_HYPHEN = "[-‐‑–]"
_SPECIAL = rf"""
      (?P<article>(?<!\w)[LRD]\s?\.?\s?\*?\s?(?:\d{{2,4}}(?:{_HYPHEN}\d{{1,3}}){{1,3}}|\d{{3,4}}(?:\s\d{{1,3}}){{0,3}})(?!\w)
        | (?<!\w)[lrd]\s?\.?\s?\*?\s?(?:\d{{3,4}}(?:{_HYPHEN}\d{{1,3}}){{1,3}}|\d{{4}}(?:\s\d{{1,3}}){{1,3}})(?!\w))
    | (?P<number>(?<!\w)\d{{3,4}}(?:{_HYPHEN}\d{{1,3}}){{1,3}}(?!\w))
    | (?P<dotted>(?<!\w)(?:[A-Za-z]\.){{2,8}}[A-Za-z]?(?!\w))
"""
_TOKEN = re.compile(rf"{_SPECIAL} | [^\W_]+", re.VERBOSE)
_WORD = re.compile(r"[^\W_]+")
_DOTTED = re.compile(r"[A-Za-z]\.[A-Za-z]\.")
_DIGITS = re.compile(r"\d+")
_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")

# Snowball's list for French without « pas » and « sans », which change the meaning of a question; then the words
# that questions are asked with, and the courtesies.
_STOP_WORDS = """
    au aux avec ce ces dans de des du elle en et eux il ils je la le les leur lui ma mais me meme mes moi mon ne nos
    notre nous on ou par pour qu que qui sa se ses son sur ta te tes toi ton tu un une vos votre vous c d j l m n s t
    y a ete etee etees etes etant etante etants etantes suis es est sommes sont serai seras sera serons serez seront
    serais serait serions seriez seraient etais etait etions etiez etaient fus fut fumes futes furent sois soit soyons
    soyez soient fusse fusses fussions fussiez fussent ayant ayante ayantes ayants eu eue eues eus ai as avons avez
    ont aurai auras aura aurons aurez auront aurais aurait aurions auriez auraient avais avait avions aviez avaient
    eut eumes eutes eurent aie aies ait ayons ayez aient eusse eusses eussions eussiez eussent ceci cela cet cette
    ici leurs quel quels quelle quelles soi si
    comment quand quoi dont lorsque lorsqu puisque puisqu puis jusque jusqu quelqu quelque quelques aussi ainsi donc
    alors car tres plus moins faut faire fait fais peut peux peuvent pouvez dois doit doivent devons etre avoir ni
    entre vers chez afin aujourd hui bonjour merci cordialement
"""
STOP_WORDS = frozenset(_STOP_WORDS.split())

_stem = FrenchStemmer().stem


@dataclass(frozen=True, slots=True)
class Token:
    """A term and where it stands in the cleaned text; *word* is the folded word, unstemmed."""

    term: str
    word: str
    start: int
    end: int


def clean(text: str) -> str:
    """*text* with its accents composed and without control characters: the text that positions refer to."""
    return _CONTROLS.sub(" ", unicodedata.normalize("NFC", text))


@lru_cache(maxsize=65_536)
def fold(word: str) -> str:
    """Small letters without accents nor ligatures."""
    return without_accents(word).lower()


def tokens(text: str, *, with_stop_words: bool = False) -> list[Token]:
    """The terms of a cleaned *text*, in order, with their places."""
    found = _matches(text, with_stop_words=with_stop_words)
    return [Token(term, word, match.start(), match.end()) for match, term, word in found]


def tokens_among(text: str, wanted: frozenset[str]) -> list[Token]:
    """Those of the terms of a cleaned *text* that are *wanted*, by a shorter way where there are only words."""
    # A number may be that of an article, « D. 000 »: only the whole rule tells.
    is_plain = not any(ACRONYM in term or _DIGITS.search(term) for term in wanted) and not _DOTTED.search(text)
    return _words_among(text, wanted) if is_plain else _tokens_among(text, wanted)


def _tokens_among(text: str, wanted: frozenset[str]) -> list[Token]:
    found = []
    for match in _TOKEN.finditer(text):
        raw = match[0]
        term, word = _term(raw) if match.lastgroup is None else _special(match.lastgroup, raw)
        if not term and raw.isupper():
            term = ACRONYM + word
        if term in wanted:
            found.append(Token(term, word, match.start(), match.end()))
    return found


def _words_among(text: str, wanted: frozenset[str]) -> list[Token]:
    """Look at each different word once, and for the places of the wanted ones alone."""
    found = [
        Token(*_term(raw), start, start + len(raw))
        for raw in set(_WORD.findall(text))
        if _term(raw)[0] in wanted
        for start in _places(text, raw)
    ]
    return sorted(found, key=lambda token: token.start)


def _places(text: str, raw: str) -> Iterator[int]:
    """Where *raw* stands as a whole word. Without a pattern, which would be compiled anew for each text."""
    start = text.find(raw)
    while start >= 0:
        end = start + len(raw)
        if not text[start - 1 : start].isalnum() and not text[end : end + 1].isalnum():
            yield start
        start = text.find(raw, end)


def terms(text: str) -> list[str]:
    """The terms of any *text*, in order."""
    return [term for _, term, _ in _matches(clean(text))]


def stop_terms(text: str) -> list[str]:
    """The stop words of *text*: what is left to search with when a question holds nothing else."""
    found = (term for _, term, _ in _matches(clean(text), with_stop_words=True))
    return list(dict.fromkeys(term for term in found if term.startswith(STOPPED)))


def article_variants(term: str) -> list[str]:
    """The same article with and without the letter of its code: « L. 5132-15-1 », « 5132-15-1 »."""
    if JOIN not in term:
        return []
    return [letter + term for letter in CODE_LETTERS] if term[0].isdigit() else [term[1:]]


def _matches(text: str, *, with_stop_words: bool = False) -> Iterator[tuple[re.Match[str], str, str]]:
    """Each place of a term, the term, and its folded word."""
    is_shouted: bool | None = None
    for match in _TOKEN.finditer(text):
        if match.lastgroup is None:
            term, word = _term(match[0])
        else:
            term, word = _special(match.lastgroup, match[0])
        if term:
            yield match, term, word
        elif match[0].isupper() and len(word) > 1:
            is_shouted = _is_shouted(text) if is_shouted is None else is_shouted
            if not is_shouted:
                yield match, ACRONYM + word, word
            elif with_stop_words:
                yield match, STOPPED + word, word
        elif with_stop_words:
            yield match, STOPPED + word, word


@lru_cache(maxsize=16_384)
def _special(kind: str, raw: str) -> tuple[str, str]:
    """The term of a dotted acronym, of the article of a code, of another number in parts."""
    if kind == "dotted":
        term, word = _term(raw.replace(".", ""))
        return term or ACRONYM + word, word
    letter = raw[0].lower() if kind == "article" else ""
    term = letter + JOIN.join(_DIGITS.findall(raw))
    return term, term


@lru_cache(maxsize=131_072)
def _term(raw: str) -> tuple[str, str]:
    """The term of a word, empty for a stop word; and the folded word."""
    word = fold(raw)[:TERM_MAX_CHARS]
    if word in STOP_WORDS:
        return "", word
    return _stem(word), word


def _is_shouted(text: str) -> bool:
    """Whether whole sentences are in capitals: two capitals are then no sign of an acronym."""
    capitals, small = sum(map(str.isupper, text)), sum(map(str.islower, text))
    if capitals <= small:
        return False
    return any(len(match[0]) >= SHOUTED_WORD_CHARS and match[0].isupper() for match in re.finditer(r"[^\W_]+", text))
