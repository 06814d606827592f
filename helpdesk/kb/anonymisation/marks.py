"""The marks of a text: what its records know and what looks like it, in order, without overlap."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import replace

from helpdesk.kb.anonymisation import lists
from helpdesk.kb.anonymisation.enums import MarkKind
from helpdesk.kb.anonymisation.folding import folded_words
from helpdesk.kb.anonymisation.known import KnownIndex
from helpdesk.kb.anonymisation.patterns import find_patterns
from helpdesk.kb.anonymisation.types import KnownRecord, Mark, Span

_KINDS = list(MarkKind)
UNTOLD = "[…]"
"""The proposal where the usual one would itself hold a known name."""
_PROPOSALS = {
    MarkKind.NIR: "[numéro de sécurité sociale]",
    MarkKind.IBAN: "[compte bancaire]",
    MarkKind.EMAIL: "[courriel]",
    MarkKind.PHONE: "[téléphone]",
    MarkKind.SIRET: "[SIRET]",
    MarkKind.SIREN: "[SIREN]",
    MarkKind.PLATE: "[immatriculation]",
    MarkKind.WEBSITE: "[site]",
    MarkKind.ADDRESS: "[adresse]",
    MarkKind.BIRTH: "[naissance]",
    MarkKind.FIRST_NAME: "la personne",
    MarkKind.STRUCTURE: "la structure",
    MarkKind.PTCE: "le PTCE",
    MarkKind.TOWN: "une commune",
    MarkKind.DELEGATION: "la région",
    MarkKind.AMOUNT: "[montant]",
    MarkKind.HOMONYM: "",
}


def find_marks(text: str, known: Iterable[KnownRecord]) -> list[Mark]:
    """Every place of *text* to decide on, in order, without overlap; *known*: what the question's records know.

    Where two overlap, what is known wins, then the longest. A known name inside something longer that tells as
    much (« Mme Durand », « durand@exemple.fr », a whole address) makes the whole known.
    """
    return marks_of(text, KnownIndex(known))


def marks_of(text: str, index: KnownIndex) -> list[Mark]:
    """:func:`find_marks`, for several texts with the same records."""
    found = list(index.spans(text))
    certain = [span for span in found if span.is_known]
    doubtful = [span for span in found if not span.is_known]
    kept = _Kept()
    for span in sorted(certain, key=_longest_first):
        kept.add(span)
    for span in sorted((*find_patterns(text), *doubtful), key=_longest_first):
        kept.add(span)
    cache: dict[str, str] = {}
    return [_mark(text, span, index, cache) for span in kept.spans]


def _longest_first(span: Span) -> tuple[int, int, int]:
    return -span.length, _KINDS.index(span.kind), span.start


class _Kept:
    """Spans that do not overlap, in order; a newcomer is dropped, or joined to the known ones that it touches."""

    def __init__(self) -> None:
        self.spans: list[Span] = []
        self._starts: list[int] = []

    def add(self, span: Span) -> None:
        first, last = self._overlapped(span)
        touched = self.spans[first:last]
        if not touched:
            self._put(first, first, span)
        elif any(each.is_known for each in touched) and span.kind is not MarkKind.HOMONYM:
            self._put(first, last, _union(span, touched))

    def _overlapped(self, span: Span) -> tuple[int, int]:
        first = bisect_right(self._starts, span.start)
        if first and self.spans[first - 1].end > span.start:
            first -= 1
        return first, bisect_left(self._starts, span.end)

    def _put(self, first: int, last: int, span: Span) -> None:
        self.spans[first:last] = [span]
        self._starts[first:last] = [span.start]


def _union(span: Span, touched: Sequence[Span]) -> Span:
    start = min(span.start, touched[0].start)
    end = max(span.end, touched[-1].end)
    widest = max((span, *touched), key=lambda each: (each.length, each.is_known))
    return replace(widest, start=start, end=end, is_known=True)


def _mark(text: str, span: Span, index: KnownIndex, cache: dict[str, str]) -> Mark:
    written = text[span.start : span.end]
    return Mark(
        start=span.start,
        end=span.end,
        kind=span.kind,
        text=written,
        proposal=_safe(_proposal(written, span), index, cache),
        is_known=span.is_known,
        key=f"{span.kind}:{' '.join(folded_words(written))}",
    )


def _proposal(written: str, span: Span) -> str:
    if span.kind is MarkKind.PERSON:
        return _person_proposal(written, span)
    if span.kind is MarkKind.HEADCOUNT:
        words = written.split()
        noun = next((" ".join(words[at:]) for at, word in enumerate(words) if at and word.isalpha()), "salariés")
        return f"plusieurs {noun}"
    if span.kind is MarkKind.STRUCTURE and not span.is_known:
        return "une entreprise"
    return _PROPOSALS[span.kind]


def _person_proposal(written: str, span: Span) -> str:
    title = next(iter(folded_words(written)), "")
    role = "responsable" if span.is_known else "salarié"
    if title in lists.words("female_titles"):
        return f"la {role}" + ("" if span.is_known else "e")
    if title in lists.words("male_titles"):
        return f"le {role}"
    if title in {"dr", "docteur"}:
        return "le médecin"
    return "la personne responsable" if span.is_known else "la personne"


def _safe(proposal: str, index: KnownIndex, cache: dict[str, str]) -> str:
    if proposal not in cache:
        cache[proposal] = UNTOLD if any(span.is_known for span in index.spans(proposal)) else proposal
    return cache[proposal]
