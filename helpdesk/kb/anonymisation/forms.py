"""Every way in which a known name may be written: whole, shortened, by initials, without its legal form or place."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import IntEnum

from helpdesk.kb.anonymisation import lists
from helpdesk.kb.anonymisation.enums import KnownKind, MarkKind
from helpdesk.kb.anonymisation.folding import folded_words, tokens_of
from helpdesk.kb.anonymisation.types import KnownRecord


class Rule(IntEnum):
    """How a form must be typed to be the known name; the first ones ask for less."""

    ANY = 0
    """In any case of letters."""
    NAMED = 1
    """With a capital, or after a title or a word that announces a name; otherwise a homonym, to be decided."""
    CAPITAL = 2
    """With a capital; otherwise nothing."""
    INSIDE = 3
    """With a capital, elsewhere than at the beginning of a sentence or after a capitalised article."""
    UPPER = 4
    """With two capitals at least: an acronym."""
    GLUED = 5
    """In one piece, without a space."""


@dataclass(frozen=True, slots=True)
class Form:
    words: tuple[str, ...]
    rule: Rule
    kind: MarkKind


_ARTICLES = frozenset({"le", "la", "les", "l", "un", "une"})
_LEGAL_FORMS = tuple(
    sorted(
        (
            folded_words(form)
            for form in (
                "association", "asso", "sarl", "sas", "sasu", "eurl", "sa", "scic", "scop", "scea", "gie", "ai", "aci",
                "ei", "etti", "eiti", "ebe", "ges", "ett ess", "siae", "ptce", "association intermédiaire",
                "entreprise d’insertion", "atelier et chantier d’insertion", "chantier d’insertion",
                "société coopérative d’intérêt collectif", "entreprise à but d’emploi", "groupe économique solidaire",
                "entreprise de travail temporaire d’insertion", "pôle territorial de coopération économique",
                "entreprise d’insertion par le travail indépendant", "société", "coopérative", "régie de quartier",
            )
        ),
        key=len,
        reverse=True,
    )
)  # fmt: skip
_PLACE = frozenset(["de", "du", "des", "d", "en", "sur", "a", "au", "aux"])
_PARTS = re.compile(r"\s[-–—|]\s|[()/,;«»\"]")
_ALIASES = {
    "auvergne rhone alpes": ("AuRA", "ARA"),
    "bourgogne franche comte": ("BFC",),
    "centre val de loire": ("CVL", "CVdL"),
    "hauts de france": ("HdF",),
    "ile de france": ("IdF",),
    "nouvelle aquitaine": ("N-A",),
    "pays de la loire": ("PdL", "PDLL"),
    "provence alpes cote d azur": ("PACA",),
    "ocean indien": ("OI",),
}


def forms_of(record: KnownRecord) -> frozenset[Form]:
    """The forms of *record*, when it is a name or a postal address; numbers and web addresses have none."""
    return frozenset(form for form in _forms(record) if _is_telling(form))


def _forms(record: KnownRecord) -> Iterator[Form]:
    if record.kind is KnownKind.PERSON:
        yield from _person(record.value)
    elif record.kind in {KnownKind.STRUCTURE, KnownKind.PTCE}:
        yield from _structure(record.value, MarkKind(record.kind))
    elif record.kind is KnownKind.TOWN:
        yield from _town(record.value)
    elif record.kind is KnownKind.DELEGATION:
        yield from _delegation(record.value)
    elif record.kind is KnownKind.ADDRESS:
        yield from _address(record.value)


def _is_telling(form: Form) -> bool:
    return bool(form.words) and (len("".join(form.words)) >= 2 or form.rule is Rule.NAMED)


def _looser(words: tuple[str, ...], rule: Rule = Rule.ANY) -> Rule:
    """*rule*, or a stricter one for everyday words and for very short ones."""
    is_short = len("".join(words)) <= 3
    return max(rule, Rule.NAMED) if is_short or lists.is_ordinary(words) else rule


# --- people ---


def _person(value: str) -> Iterator[Form]:
    names = [words for part in value.replace(",", " ").split() if (words := folded_words(part))]
    while len(names) > 1 and names[0][0] in lists.titles():
        names.pop(0)
    if not names:
        return
    first, rest = names[0], names[1:]
    if not rest:
        yield from _surname(first)
        return
    for cut in range(len(names)):
        yield _form(_joined(names[cut:] + names[:cut]), Rule.ANY)
    yield _form(first, Rule.INSIDE if first[0] in lists.first_names_that_are_words() else Rule.CAPITAL)
    for cut in range(len(rest)):
        surname = _joined(rest[cut:])
        yield from _surname(surname)
        yield from _with_initials(first, surname)


def _surname(words: tuple[str, ...]) -> Iterator[Form]:
    yield _form(words, _looser(words))
    for word in words:
        if len(word) >= 3 and word not in lists.words("particles"):
            yield _form((word,), _looser((word,)))


def _with_initials(first: tuple[str, ...], surname: tuple[str, ...]) -> Iterator[Form]:
    for initials in {(first[0][0],), tuple(word[0] for word in first)}:
        yield _form((*initials, *surname), _looser(surname))
        yield _form((*surname, *initials), _looser(surname))


def _joined(names: Iterable[tuple[str, ...]]) -> tuple[str, ...]:
    return tuple(word for name in names for word in name)


def _form(words: tuple[str, ...], rule: Rule, kind: MarkKind = MarkKind.PERSON) -> Form:
    return Form(words, rule, kind)


# --- structures ---


def _structure(value: str, kind: MarkKind) -> Iterator[Form]:
    parts = [part for part in _PARTS.split(value) if part.strip()]
    for part in {value, *(parts if len(parts) > 1 else [])}:
        whole = folded_words(part)
        core = _core(whole)
        yield _form(whole, _looser_structure(whole), kind)
        if core:
            yield _form(core, _looser_structure(core), kind)
            yield from (_form(head, rule, kind) for head, rule in _heads(core))
            yield from (_form((acronym,), Rule.UPPER, kind) for acronym in _acronyms(core))
    for token in tokens_of(value):
        if _is_distinctive(token.folded):
            yield _form((token.folded,), Rule.CAPITAL, kind)
        elif token.is_upper and len(token.raw) >= 3 and token.folded not in lists.acronyms():
            yield _form((token.folded,), Rule.UPPER, kind)


def _looser_structure(words: tuple[str, ...]) -> Rule:
    telling = sum(word not in lists.words("stopwords") for word in words)
    return Rule.ANY if telling >= 3 else _looser(words)


def _core(words: tuple[str, ...]) -> tuple[str, ...]:
    """*words* without a legal form at either end, nor the article or the preposition next to it."""
    for form in _LEGAL_FORMS:
        if words[: len(form)] == form:
            words = words[len(form) :]
            break
    for form in _LEGAL_FORMS:
        if len(words) > len(form) and words[-len(form) :] == form:
            words = words[: -len(form)]
            break
    while len(words) > 1 and words[0] in _ARTICLES | {"de", "d", "du", "des"}:
        words = words[1:]
    return words


def _heads(core: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], Rule]]:
    """What is left of a name without the place or the number that ends it: « Relais Emploi » (du Trégor)."""
    cuts = {at for at, word in enumerate(core) if at and (word in _PLACE or word.isdigit())}
    for cut in sorted(cuts | {1}):
        head = core[:cut]
        if head == core or head[-1] in _PLACE or head[-1] in _ARTICLES:
            continue
        weight = [word for word in head if word not in lists.words("stopwords")]
        if len(weight) >= 2:
            yield head, _looser(head, Rule.NAMED)
        elif weight and weight[0] not in lists.words("generic") and len(weight[0]) >= 3:
            yield head, Rule.INSIDE if lists.is_ordinary(head) else Rule.CAPITAL


def _acronyms(core: tuple[str, ...]) -> set[str]:
    all_initials = "".join(word[0] for word in core if not word.isdigit())
    initials = "".join(word[0] for word in core if word not in lists.words("stopwords") and not word.isdigit())
    return {acronym for acronym in (initials, all_initials) if len(acronym) >= 3 and acronym not in lists.acronyms()}


def _is_distinctive(word: str) -> bool:
    return (
        len(word) >= 4
        and not word.isdigit()
        and not lists.is_ordinary((word,))
        and word not in lists.acronyms()
        and word not in lists.first_names()
    )


# --- places ---


def _town(value: str) -> Iterator[Form]:
    town = MarkKind.TOWN
    whole = folded_words(value)
    if not whole:
        return
    yield _form(whole, _looser(whole), town)
    core = whole[1:] if len(whole) > 1 and whole[0] in _ARTICLES else whole
    yield _form(core, Rule.CAPITAL if core != whole else _looser(core), town)
    if len(core) > 1 and len(core[0]) >= 3 and not lists.is_ordinary(core[:1]) and core[0] not in lists.first_names():
        yield _form(core[:1], Rule.CAPITAL, town)
    if len(core) > 1 and len(core[0]) == 3:
        yield _form(core[:1], Rule.INSIDE, town)
    for word in core:
        if _is_distinctive(word):
            yield _form((word,), Rule.CAPITAL, town)


def _delegation(value: str) -> Iterator[Form]:
    kind = MarkKind.DELEGATION
    for part in {value, *re.split(r"\bet\b|[&/,]", value)}:
        words = folded_words(part)
        while len(words) > 1 and words[0] in {"delegation", "de", "d", "du", "des", "la", "le", "regionale", "region"}:
            words = words[1:]
        if words:
            yield _form(words, _looser(words), kind)
            for alias in _ALIASES.get(" ".join(words), ()):
                yield _form(folded_words(alias), Rule.UPPER, kind)


def _address(value: str) -> Iterator[Form]:
    words = folded_words(value)
    yield _form(words, Rule.ANY, MarkKind.ADDRESS)
    codes = [at for at, word in enumerate(words) if len(word) == 5 and word.isdigit()]
    street = words[: codes[-1]] if codes else words
    if len(street) >= 2:
        yield _form(street, _looser(street), MarkKind.ADDRESS)
    unnumbered = tuple(word for word in street if not word.isdigit() and word not in {"bis", "ter"})
    if len(unnumbered) >= 3 or (len(unnumbered) == 2 and not lists.is_ordinary(unnumbered)):
        yield _form(unnumbered, Rule.ANY, MarkKind.ADDRESS)
    if codes:
        yield _form(words[codes[-1] :], Rule.ANY, MarkKind.ADDRESS)
        town = " ".join(word for word in words[codes[-1] + 1 :] if word != "cedex" and not word.isdigit())
        yield from _town(town)
