"""What may single out a structure although nobody is named: few of its kind in a region, or a rare trade.

The CNIL asks of anonymous data that nobody can be isolated, nor found again by crossing or deduction.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache

from helpdesk.kb.anonymisation import lists
from helpdesk.kb.anonymisation.enums import KnownKind, RiskKind
from helpdesk.kb.anonymisation.folding import Token, folded_words, tokens_of
from helpdesk.kb.anonymisation.forms import Rule, forms_of
from helpdesk.kb.anonymisation.types import KnownRecord, Risk
from helpdesk.reference import get_reference

SMALL_NUMBER = 5
"""Below this many structures, a kind and a region together may tell which one (the statistics hide such cells)."""
_RARE = "Un métier rare peut désigner une structure\u00a0: dites-le plus largement."


def small_number_risk(
    typologies: Iterable[str], region_code: str | None, counts: Mapping[tuple[str, str], int], text: str
) -> list[Risk]:
    """What in *text* may single out a structure.

    *typologies*: codes shown with the text; those that it names itself are added. *region_code*: the delegation
    of the question. *counts*: structures by (typology, delegation); a pair that is missing counts none. A region
    is named by itself, by a short name, or by one of its départements.
    """
    tokens = tokens_of(text)
    named = dict(reversed(list(_regions_named(tokens))))
    kinds = dict.fromkeys((*typologies, *_typologies_named(tokens)))
    order = sorted(named, key=lambda code: (code != region_code, code))
    risks = [_small(kind, code, named[code], counts) for code in order for kind in kinds]
    return [risk for risk in risks if risk] + list(_rare_trades(text, tokens))


def _small(kind: str, region: str, named: str, counts: Mapping[tuple[str, str], int]) -> Risk | None:
    count = counts.get((kind, region), 0)
    if count >= SMALL_NUMBER:
        return None
    typology = get_reference().typologies.get(kind)
    label = typology.short_label if typology else kind
    return Risk(
        RiskKind.SMALL_NUMBER,
        f"{label} + {named}",
        f"Moins de {SMALL_NUMBER} structures de ce type dans la région\u00a0: retirez la région ou le type.",
    )


def _regions_named(tokens: Sequence[Token]) -> Iterator[tuple[str, str]]:
    for first in range(len(tokens)):
        for code, words, needs_capital in _region_names().get(tokens[first].folded, ()):
            found = tokens[first : first + len(words)]
            if tuple(token.folded for token in found) == words and (found[0].is_capitalised or not needs_capital):
                yield code, " ".join(token.raw for token in found)


@cache
def _region_names() -> Mapping[str, list[tuple[str, tuple[str, ...], bool]]]:
    """By first word: the delegation, the words of a name of it, and whether they need a capital."""
    names: dict[str, list[tuple[str, tuple[str, ...], bool]]] = {}
    for code, words, is_departement in _named_regions():
        needs_capital = (is_departement and len(words) == 1) or lists.is_ordinary(words)
        names.setdefault(words[0], []).append((code, words, needs_capital))
    return names


def _named_regions() -> Iterator[tuple[str, tuple[str, ...], bool]]:
    reference = get_reference()
    for delegation in reference.delegations.values():
        for form in forms_of(KnownRecord(KnownKind.DELEGATION, delegation.name)):
            if form.rule is not Rule.UPPER or len("".join(form.words)) > 3:
                yield delegation.code, form.words, False
    for departement in reference.departements.values():
        if departement.delegation:
            yield departement.delegation, folded_words(departement.name), True


def _typologies_named(tokens: Sequence[Token]) -> Iterator[str]:
    folded = " ".join(token.folded for token in tokens)
    raw = {token.raw for token in tokens}
    for code, typology in get_reference().typologies.items():
        label = " ".join(folded_words(typology.label))
        if code in raw or f" {label} " in f" {folded} ":
            yield code


def _rare_trades(text: str, tokens: Sequence[Token]) -> Iterator[Risk]:
    seen = set()
    for first in range(len(tokens)):
        for words in _trades().get(_singular(tokens[first].folded), ()):
            found = tokens[first : first + len(words)]
            if tuple(_singular(token.folded) for token in found) == words and words not in seen:
                seen.add(words)
                written = text[found[0].start : found[-1].end]
                yield Risk(RiskKind.RARE_TRADE, written, _RARE)


@cache
def _trades() -> Mapping[str, list[tuple[str, ...]]]:
    trades: dict[str, list[tuple[str, ...]]] = {}
    for entry in lists.entries("rare_trades"):
        words = tuple(_singular(word) for word in folded_words(entry))
        trades.setdefault(words[0], []).append(words)
    return trades


def _singular(word: str) -> str:
    return word[:-1] if len(word) > 3 and word[-1] in "sx" else word
