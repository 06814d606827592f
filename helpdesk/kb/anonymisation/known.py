"""Finds what the records know, however it is typed: case, accents, hyphens, spaces, initials, formats of numbers."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from helpdesk.kb.anonymisation import lists
from helpdesk.kb.anonymisation.enums import KnownKind, MarkKind
from helpdesk.kb.anonymisation.folding import INVISIBLE, Token, folded_words, tokens_of
from helpdesk.kb.anonymisation.forms import Form, Rule, forms_of
from helpdesk.kb.anonymisation.types import KnownRecord, Span

_GAP = re.compile(r"[\s*_~\\'’‘`´\"«»/&\-‐-―.,@+()]{0,6}")
_STOP_IN_GAP = re.compile(r"[.,]\s|[()\"«»@+]|\n\s*\n")
_FORMS_MAX_CHARS = 200
_NUMBER = re.compile(rf"[0-9](?:[\s.\-–/()_*+{INVISIBLE}]{{0,6}}[0-9])*")
_DIALLING_CODES = ("33", "262", "590", "594", "596", "508", "681", "687", "689")
_BEFORE_NUMBER = re.compile(r"[+(]{1,2}\Z")
_SCHEME = re.compile(r"(?:https?://)?(?:www\.)?\Z", re.IGNORECASE)
_PATH = re.compile(r"(?:\.[a-z]{2,10})?(?:/[^\s<>\"«»()\[\]]{0,300})?(?<![.,;:!?…])")
_HOST = re.compile(r"^(?:https?://)?(?:www\.)?([^/?#\s]+)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class _Digits:
    """A known number by its digits; *is_phone* when what dials before it belongs to it."""

    digits: str
    kind: MarkKind
    is_phone: bool = False


class KnownIndex:
    """The known records, ready to be looked for in several texts."""

    def __init__(self, records: Iterable[KnownRecord]) -> None:
        self._numbers: set[_Digits] = set()
        self._forms: dict[str, dict[str, Form]] = {}
        records = tuple(records)
        towns = [words for record in records if record.kind is KnownKind.TOWN and (words := folded_words(record.value))]
        for record in records:
            for form in forms_of(record):
                self._add(_located(form, towns))
            self._numbers.update(_numbers_of(record))
            for form in _web_forms(record):
                self._add(form)

    def _add(self, form: Form) -> None:
        written = "".join(form.words)[:_FORMS_MAX_CHARS]
        by_beginning = self._forms.setdefault(written[:1], {})
        if written not in by_beginning or form.rule < by_beginning[written].rule:
            by_beginning[written] = form

    def spans(self, text: str) -> Iterator[Span]:
        """Where a known record stands, in any order and with overlaps; homonyms too, which are not known."""
        tokens = tokens_of(text)
        for at, token in enumerate(tokens):
            for written, form in self._forms.get(token.folded[:1], {}).items():
                if written.startswith(token.folded) and (last := _end_of(written, form, text, tokens, at)) is not None:
                    span = _span(form, text, tokens, at, last)
                    if span:
                        yield span
        yield from self._number_spans(text)

    def _number_spans(self, text: str) -> Iterator[Span]:
        if not self._numbers:
            return
        for run in _NUMBER.finditer(text):
            places = [place for place in range(run.start(), run.end()) if "0" <= text[place] <= "9"]
            digits = "".join(text[place] for place in places)
            for number in self._numbers:
                yield from _number_spans(number, text, digits, places)


# --- names ---


def _located(form: Form, towns: Iterable[tuple[str, ...]]) -> Form:
    """A structure's name that ends with its town needs no capital, were it made of everyday words."""
    is_structure = form.kind in {MarkKind.STRUCTURE, MarkKind.PTCE}
    has_town = any(len(form.words) > len(town) and form.words[-len(town) :] == town for town in towns)
    return replace(form, rule=Rule.ANY) if is_structure and form.rule is Rule.NAMED and has_town else form


def _end_of(written: str, form: Form, text: str, tokens: Sequence[Token], at: int) -> int | None:
    """The index of the last token when *written* is spelled by the tokens from *at*, else None."""
    spelled = ""
    cuts = _cuts(form.words)
    for last in range(at, min(at + len(written), len(tokens))):
        if last > at and not _may_join(text, tokens[last - 1], tokens[last], is_cut=len(spelled) in cuts):
            return None
        spelled += tokens[last].folded
        if len(spelled) >= len(written) or not written.startswith(spelled):
            return last if spelled == written else None
    return None


def _cuts(words: tuple[str, ...]) -> set[int]:
    lengths, total = set(), 0
    for word in words:
        total += len(word)
        lengths.add(total)
    return lengths


def _may_join(text: str, before: Token, after: Token, *, is_cut: bool) -> bool:
    """Whether two tokens may be parts of one name: what stands between them is short, and ends no sentence."""
    gap = text[before.end : after.start]
    if not _GAP.fullmatch(gap):
        return False
    if not _STOP_IN_GAP.search(gap):
        return True
    is_short = len(before.raw) <= 3 or before.folded == "saint"
    return is_cut and "\n\n" not in gap and (("." not in gap) or is_short)


def _span(form: Form, text: str, tokens: Sequence[Token], first: int, last: int) -> Span | None:
    found, before = tokens[first : last + 1], tokens[first - 1] if first else None
    if _is_written_as_name(form, text, found, before):
        return _whole(Span(found[0].start, found[-1].end, form.kind, is_known=True), text, before)
    if form.rule is Rule.NAMED:
        return _homonym(form, text, found, before)
    return None


def _is_written_as_name(form: Form, text: str, found: Sequence[Token], before: Token | None) -> bool:
    bearer = next((token for token in found if token.folded not in lists.words("stopwords")), found[0])
    match form.rule:
        case Rule.ANY:
            return True
        case Rule.NAMED:
            return bearer.is_capitalised or _announces(before, form.kind) or _is_used_as_name(found, before)
        case Rule.CAPITAL:
            return bearer.is_capitalised
        case Rule.INSIDE:
            is_inside = not found[0].begins or bearer.is_upper or _is_capital_article(before)
            return bearer.is_capitalised and is_inside
        case Rule.UPPER:
            return sum(char.isupper() for token in found for char in token.raw) >= 2
        case Rule.GLUED:
            return not any(char.isspace() for char in text[found[0].start : found[-1].end])


def _is_used_as_name(found: Sequence[Token], before: Token | None) -> bool:
    """Several everyday words typed small are a name when no article is before them, or one with a capital."""
    telling = sum(token.folded not in lists.words("stopwords") for token in found)
    determiner = found[0] if found[0].folded in lists.words("determiners") else before
    if determiner is None or determiner.folded not in lists.words("determiners") or determiner.end < found[0].start - 3:
        return telling >= 2
    return telling >= 2 and _is_capital_article(determiner)


def _is_capital_article(token: Token | None) -> bool:
    return token is not None and token.is_capitalised and token.folded in {"le", "la", "les", "l"}


def _whole(span: Span, text: str, before: Token | None) -> Span:
    """With what belongs to it: the title before a person, the rest of a web address."""
    if span.kind is MarkKind.PERSON and before and _is_title(before) and span.start - before.end <= 3:
        return replace(span, start=before.start)
    if span.kind is MarkKind.WEBSITE:
        scheme = _SCHEME.search(text, max(0, span.start - 20), span.start)
        path = _PATH.match(text, span.end)
        return replace(span, start=scheme.start() if scheme else span.start, end=path.end() if path else span.end)
    return span


def _is_title(token: Token) -> bool:
    """« m » and « me » are titles with a capital only."""
    return token.folded in lists.titles() and (len(token.folded) > 2 or token.is_capitalised)


def _announces(before: Token | None, kind: MarkKind) -> bool:
    if before is None:
        return False
    if kind is MarkKind.PERSON:
        return _is_title(before) or (before.folded in lists.first_names() and before.is_capitalised)
    return before.folded in lists.words("announcing")


def _homonym(form: Form, text: str, found: Sequence[Token], before: Token | None) -> Span | None:
    """The ordinary words that are also a known name: told, for a person to decide, and never in silence."""
    if form.kind is MarkKind.TOWN and (before is None or text[before.start : before.end] not in {"à", "À", "a"}):
        return None
    if len("".join(form.words)) <= 2:
        return None
    return Span(found[0].start, found[-1].end, MarkKind.HOMONYM)


# --- web addresses ---


def _web_forms(record: KnownRecord) -> Iterator[Form]:
    if record.kind is KnownKind.EMAIL:
        local, _, host = record.value.strip().partition("@")
        words = folded_words(local)
        yield from _host_forms(host)
        if not words or not host:
            return
        yield Form(folded_words(record.value), Rule.ANY, MarkKind.EMAIL)
        # « jean.dupont (at) exemple.fr »: the words that stand for the signs.
        yield Form((*words, "at", *folded_words(host)), Rule.ANY, MarkKind.EMAIL)
        yield Form((*words, "arobase", *folded_words(host)), Rule.ANY, MarkKind.EMAIL)
        if _is_own_mailbox(words):
            yield Form(words, Rule.ANY, MarkKind.EMAIL)
    elif record.kind is KnownKind.WEBSITE and (match := _HOST.match(record.value.strip())):
        yield from _host_forms(match[1])


def _is_own_mailbox(words: tuple[str, ...]) -> bool:
    generic = lists.words("generic_mailboxes")
    return len("".join(words)) >= 5 and not all(word in generic or word.isdigit() for word in words)


def _host_forms(host: str) -> Iterator[Form]:
    if "." not in host or host.casefold() in lists.entries("public_hosts"):
        return
    yield Form(folded_words(host), Rule.ANY, MarkKind.WEBSITE)
    name = folded_words(host.rpartition(".")[0] or host)
    if len("".join(name)) >= 5 and not lists.is_ordinary(name):
        yield Form(name, Rule.GLUED, MarkKind.WEBSITE)


# --- numbers ---


def _numbers_of(record: KnownRecord) -> Iterator[_Digits]:
    digits = "".join(char for char in record.value if "0" <= char <= "9")
    if record.kind is KnownKind.PHONE and (national := _national(digits)):
        yield _Digits(national, MarkKind.PHONE, is_phone=True)
    if record.kind is KnownKind.SIRET and len(digits) >= 9:
        yield _Digits(digits, MarkKind.SIRET)
        yield _Digits(digits[:9], MarkKind.SIREN)


def _national(digits: str) -> str:
    """The digits that are the same however the number is dialled; empty when too few to be told."""
    is_international = digits.startswith("00")
    digits = digits.removeprefix("00") if is_international else digits
    for code in _DIALLING_CODES:
        rest = digits.removeprefix(code)
        if rest != digits and (is_international or len(rest.removeprefix("0")) == 9 or len(digits) < 10):
            digits = rest if len(rest) >= 6 else digits
            break
    digits = digits.removeprefix("0")
    return digits if len(digits) >= 6 else ""


def _number_spans(number: _Digits, text: str, digits: str, places: Sequence[int]) -> Iterator[Span]:
    at = digits.find(number.digits)
    while at != -1:
        first, last = at, at + len(number.digits) - 1
        if number.is_phone:
            first = _dialled_from(digits, at)
        start = places[first]
        if number.is_phone and (sign := _BEFORE_NUMBER.search(text, max(0, start - 2), start)):
            start = sign.start()
        yield Span(start, places[last] + 1, number.kind, is_known=True)
        at = digits.find(number.digits, last + 1)


def _dialled_from(digits: str, at: int) -> int:
    """Where the number begins with its zero and its code: « 0 », « 33 », « 0033 », « 33 (0) »."""
    first = at - 1 if at and digits[at - 1] == "0" else at
    for code in _DIALLING_CODES:
        if digits.endswith(code, 0, first):
            first -= len(code)
            return first - 2 if digits.endswith("00", 0, first) else first
    return first
