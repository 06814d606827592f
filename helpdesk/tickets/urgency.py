"""Proposes how urgent a question is, from its words and its deadline. A person confirms, and alone may lower it.

The words are reference data (``urgency.toml``). Here: negations, facts of the past, dates. Time grows with the
length of the text, never faster.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from itertools import pairwise

from helpdesk.reference import get_reference
from helpdesk.reference.phrases import (
    Break,
    Hit,
    PhraseIndex,
    Word,
    corrected,
    fold,
    misspellings,
    normalize,
    words_of,
)
from helpdesk.reference.types import Reference, UrgencyTrap, UrgencyTrigger
from helpdesk.tickets.enums import Urgency

SOON_DAYS = 7
"""A deadline within so many calendar days is urgent."""

_MIN_PAST_MONTHS = 3
_QUARTER_MONTHS = 3
_MAX_EXCERPT_WORDS = 5
_MAX_EXCERPT_LETTERS = 60


def _folded(text: str) -> frozenset[str]:
    return frozenset(map(fold, text.split()))


_NEGATIONS = _folded("pas aucun aucune sans ni jamais")
_BETWEEN = _folded("de d du des un une eu ete en a avoir etre subi fait victime signe cas situation forme trace")
_YEARS = _folded("an ans année")
_MONTH_NAMES = _folded("janvier février mars avril mai juin juillet août septembre octobre novembre décembre")
_NUMBERS = {
    fold(word): count
    for count, words in enumerate(
        ("", "un une", "deux", "trois plusieurs quelques", "quatre", "cinq", "six", "sept", "huit", "neuf", "dix")
    )
    for word in words.split()
}
_PAST = (
    "an dernier|passe", "annee derniere|passee", "par le passe", "a l epoque", "autrefois", "jadis",
)  # fmt: skip
_PRESENT = (
    "hier", "aujourd hui", "demain", "ce matin|soir|midi|jour|week|lundi|mardi|mercredi|jeudi|vendredi|samedi",
    "cette nuit|semaine|apres", "vient|viennent|venons de", "en cours|ce", "actuellement", "depuis", "encore",
    "a nouveau", "toujours", "maintenant", "recidive", "recemment", "dernierement", "continue*",
)  # fmt: skip
_DATES = (
    "lundi|mardi|mercredi|jeudi|vendredi|samedi|dimanche", "demain", "prochain*", "dans ~ jours|semaines|mois",
    "cette semaine", "fin du mois",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class UrgencyProposal:
    """A level from 0 to 3 and why, in French, the strongest reason first."""

    level: int
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Signal:
    level: int
    reason: str


def propose(text: str, *, deadline_on: date | None, today: date) -> UrgencyProposal:
    """The level that *text* and the legal or internal *deadline_on* call for.

    *today* is the civil day in Europe/Paris. A reason quotes the words that triggered it, never what stands
    between them, which may name someone.
    """
    signals = [*_deadline_signals(deadline_on, today), *_Reader(text, deadline_on, today).signals()]
    signals.sort(key=lambda signal: -signal.level)
    reasons = dict.fromkeys(signal.reason for signal in signals)
    return UrgencyProposal(max((signal.level for signal in signals), default=Urgency.NORMAL), tuple(reasons))


def _deadline_signals(deadline_on: date | None, today: date) -> Iterator[_Signal]:
    if deadline_on is None:
        return
    days = (deadline_on - today).days
    if days < 0:
        yield _Signal(Urgency.URGENT, f"Échéance dépassée depuis le {deadline_on:%d/%m/%Y}")
    elif days <= SOON_DAYS:
        when = {0: "aujourd’hui", 1: "demain"}.get(days, f"dans {days} jours")
        yield _Signal(Urgency.URGENT, f"Échéance {when}")


class _Vocabulary:
    """The reference data compiled for reading."""

    def __init__(self, ref: Reference) -> None:
        triggers, traps = ref.urgency_triggers, ref.urgency_traps
        both: tuple[UrgencyTrigger | UrgencyTrap, ...] = (*triggers, *traps)
        self.triggers = PhraseIndex((phrase, one) for one in triggers for phrase in one.phrases)
        self.traps = PhraseIndex((phrase, one) for one in traps for phrase in one.phrases)
        self.exceptions: PhraseIndex[UrgencyTrigger | UrgencyTrap] = PhraseIndex(
            (phrase, one) for one in both for phrase in one.unless
        )
        self.past = PhraseIndex((phrase, True) for phrase in _PAST)
        self.present = PhraseIndex((phrase, True) for phrase in _PRESENT)
        self.dates = PhraseIndex((phrase, True) for phrase in _DATES)
        self.spellings: dict[str, str] = {}
        for one in ref.spellings:
            self.spellings |= dict.fromkeys((*one.also, *misspellings(one.word)), one.word)
        # A word that the phrases themselves know is no mistake.
        for phrase_word in {
            part.casefold()
            for one in both
            for phrase in (*one.phrases, *one.unless)
            for element in phrase.split()
            for part in element.split("|")
        }:
            self.spellings.pop(fold(phrase_word), None)


@lru_cache(maxsize=4)
def _vocabulary(ref: Reference) -> _Vocabulary:
    return _Vocabulary(ref)


class _Reader:
    """One text being read."""

    def __init__(self, text: str, deadline_on: date | None, today: date) -> None:
        self._known = _vocabulary(get_reference())
        self._text = normalize(text)
        self._words = corrected(words_of(self._text), self._known.spellings)
        self._sentences = _sentences(self._words)
        self._deadline_on = deadline_on
        self._today = today
        self._has_date: dict[int, bool] = {}
        self._is_past: dict[int, bool] = {}

    def signals(self) -> list[_Signal]:
        """The strongest signal of each trigger found."""
        known, words = self._known, self._words
        exceptions = {(self._sentences[hit.first][0], id(hit.owner)) for hit in known.exceptions.hits(words)}
        traps: dict[int, list[UrgencyTrap]] = {}
        for trap in known.traps.hits(words):
            if (self._sentences[trap.first][0], id(trap.owner)) not in exceptions:
                for position in range(trap.first, trap.last):
                    traps.setdefault(position, []).append(trap.owner)
        strongest: dict[str, _Signal] = {}
        for hit in known.triggers.hits(words):
            trigger, best = hit.owner, strongest.get(hit.owner.code)
            if best and best.level == trigger.level:
                continue
            if (self._sentences[hit.first][0], id(trigger)) in exceptions or not self._counts(hit):
                continue
            signal = self._signal(hit, [*traps.get(hit.first, ()), *traps.get(hit.last - 1, ())])
            if best is None or signal.level > best.level:
                strongest[trigger.code] = signal
        return [signal for signal in strongest.values() if signal.level > Urgency.NORMAL]

    def _counts(self, hit: Hit[UrgencyTrigger]) -> bool:
        if self._is_negated(hit.first) or self._is_negated(hit.last - 1):
            return False
        return not hit.owner.needs_date or self._is_dated(hit)

    def _is_negated(self, position: int) -> bool:
        """Whether a negation stands before a word, with only empty words between: « pas été victime de… »."""
        words = self._words
        while position > 0 and words[position].break_before is Break.NONE:
            position -= 1
            if words[position].folded in _NEGATIONS:
                return True
            if words[position].folded not in _BETWEEN:
                return False
        return False

    def _is_dated(self, hit: Hit[UrgencyTrigger]) -> bool:
        if self._deadline_on is not None:
            within = hit.owner.within_days
            return within is None or (self._deadline_on - self._today).days <= within
        first, last = self._sentences[hit.first]
        if first not in self._has_date:
            words = self._words[first:last]
            self._has_date[first] = _any(self._known.dates, words) or _names_a_day(words, self._text)
        return self._has_date[first]

    def _signal(self, hit: Hit[UrgencyTrigger], traps: Sequence[UrgencyTrap]) -> _Signal:
        trigger = hit.owner
        level, label = trigger.level, trigger.label
        for trap in traps:
            if trigger.code in trap.triggers and trap.level < level:
                level, label = trap.level, trap.label
        if level > Urgency.WATCH and self._tells_the_past(hit.first):
            level, label = Urgency.WATCH, f"fait ancien, {trigger.label}"
        return _Signal(level, f"{label[0].upper()}{label[1:]} («\u202f{self._excerpt(hit)}\u202f»)")

    def _tells_the_past(self, position: int) -> bool:
        first, last = self._sentences[position]
        if first not in self._is_past:
            words = self._words[first:last]
            is_past = _any(self._known.past, words) or _is_long_ago(words, self._today)
            self._is_past[first] = is_past and not _any(self._known.present, words)
        return self._is_past[first]

    def _excerpt(self, hit: Hit[UrgencyTrigger]) -> str:
        words = self._words[hit.first : hit.last]
        if len(words) > _MAX_EXCERPT_WORDS:
            excerpt = f"{words[0].raw} … {words[-1].raw}"
        else:
            excerpt = " ".join(self._text[words[0].start : words[-1].end].split())
        return excerpt[:_MAX_EXCERPT_LETTERS]


def _sentences(words: Sequence[Word]) -> list[tuple[int, int]]:
    """For each word, the first and the last (excluded) word of its sentence."""
    starts = [at for at, word in enumerate(words) if at == 0 or word.break_before is Break.SENTENCE]
    bounds = pairwise([*starts, len(words)])
    return [bound for bound in bounds for _word in range(*bound)]


def _any(index: PhraseIndex[bool], words: Sequence[Word]) -> bool:
    return any(True for _hit in index.hits(words))


def _names_a_day(words: Sequence[Word], text: str) -> bool:
    """Whether a day is written: « 15 mars », « 15/03 »."""
    for one, other in pairwise(words):
        if other.folded in _MONTH_NAMES and (one.raw.isdecimal() or one.folded == "1er"):
            return True
        if one.raw.isdecimal() and other.raw.isdecimal() and text[one.end : other.start] == "/":
            return True
    return False


def _is_long_ago(words: Sequence[Word], today: date) -> bool:
    """Whether a year or three months have passed: « il y a 2 ans », « en 2021 », « mars 2021 »."""
    folded = [word.folded for word in words]
    for at, word in enumerate(folded):
        if word == "il" and folded[at + 1 : at + 3] == ["y", "a"] and _is_long(folded[at + 3 : at + 7]):
            return True
        if at and word.isdecimal() and len(word) == 4 and folded[at - 1] in _MONTH_NAMES | {"en"}:
            recent_year = today.year - (today.month <= _QUARTER_MONTHS)
            if int(word) < recent_year:
                return True
    return False


def _is_long(words: Sequence[str]) -> bool:
    """Whether the words after « il y a » tell a year, or three months, or more."""
    count = 0
    for word in words:
        if word in _YEARS:
            return count > 0
        if word == fold("mois"):
            return count >= _MIN_PAST_MONTHS
        count = int(word) if word.isdecimal() and len(word) <= 3 else _NUMBERS.get(word, count)
    return False
