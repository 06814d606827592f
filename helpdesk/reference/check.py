"""What a valid reference may still get wrong: counts and links that no single line shows."""

from collections import Counter
from collections.abc import Iterator

from helpdesk.reference.phrases import words_of
from helpdesk.reference.types import Departement, Reference

# 14 delegations [rapport annuel 2025]; 96 départements in Europe, 5 overseas, 6 overseas collectivities.
DELEGATION_COUNT = 14
DEPARTEMENT_COUNT = 101
COLLECTIVITIES = frozenset({"975", "977", "978", "986", "987", "988"})
SIAE = frozenset({"AI", "ACI", "EI", "ETTI", "EITI"})
DROIT_LOCAL = frozenset({"57", "67", "68"})


def counts(ref: Reference) -> dict[str, int]:
    """French names of what is held, and how many of each."""
    return {
        "délégations": len(ref.delegations),
        "départements et collectivités": len(ref.departements),
        "typologies": len(ref.typologies),
        "domaines": len(ref.topic_domains),
        "thèmes": len(ref.topics),
        "déclencheurs d’urgence": len(ref.urgency_triggers),
        "pièges d’urgence": len(ref.urgency_traps),
        "délais légaux": len(ref.legal_deadlines),
        "changements du droit": len(ref.law_changes),
        "sigles": len(ref.lexicon),
        "conventions collectives": len(ref.collective_agreements),
    }


def inconsistencies(ref: Reference) -> tuple[str, ...]:
    """Every inconsistency, as a French sentence."""
    return (*_places(ref), *_typologies(ref), *_topics(ref), *_lexicon(ref))


def _places(ref: Reference) -> Iterator[str]:
    if len(ref.delegations) != DELEGATION_COUNT:
        yield f"{len(ref.delegations)} délégations au lieu de {DELEGATION_COUNT}."
    for delegation in ref.delegations.values():
        if not delegation.departements:
            yield f"La délégation {delegation.name} ne couvre aucun département."
    codes = ref.departements.keys()
    if len(codes - COLLECTIVITIES) != DEPARTEMENT_COUNT:
        yield f"{len(codes - COLLECTIVITIES)} départements au lieu de {DEPARTEMENT_COUNT}."
    for code in sorted(COLLECTIVITIES - codes):
        yield f"La collectivité {code} manque."
    for departement in ref.departements.values():
        yield from _departement(departement)


def _departement(one: Departement) -> Iterator[str]:
    is_overseas = len(one.code) == 3
    if is_overseas == (one.timezone == "Europe/Paris"):
        yield f"Le fuseau du {one.label} ne convient pas\u00a0: {one.timezone}."
    if is_overseas == (one.holiday_zone in ("metropole", "alsace-moselle")):
        yield f"La zone de jours fériés du {one.label} ne convient pas."
    if one.has_droit_local != (one.code in DROIT_LOCAL):
        yield f"Le droit local du {one.label} n’est pas juste (57, 67 et 68 seulement)."
    if one.has_droit_local != (one.holiday_zone == "alsace-moselle"):
        yield f"La zone de jours fériés du {one.label} contredit son droit local."


def _typologies(ref: Reference) -> Iterator[str]:
    found = {code for code, typology in ref.typologies.items() if typology.is_siae}
    if found != SIAE:
        yield f"SIAE attendues\u00a0: {', '.join(sorted(SIAE))}. Trouvées\u00a0: {', '.join(sorted(found))}."


def _topics(ref: Reference) -> Iterator[str]:
    for domain, topics in ref.topic_groups():
        if len({topic.label for topic in topics}) != len(topics):
            yield f"Deux thèmes du domaine « {domain.label} » portent le même nom."
    for code in ref.topic_domains.keys() - {topic.parent for topic in ref.topics.values()}:
        yield f"Le domaine {code} n’a aucun thème."
    owners: dict[str, list[str]] = {}
    for topic in ref.topics.values():
        for synonym, times in Counter(topic.synonyms).items():
            owners.setdefault(synonym, []).extend([topic.code] * times)
    for synonym, codes in owners.items():
        if len(codes) > 1:
            yield f"Le synonyme « {synonym} » est donné plusieurs fois\u00a0: {', '.join(codes)}."


def _lexicon(ref: Reference) -> Iterator[str]:
    spellings: dict[str, str] = {}
    for entry in ref.lexicon.values():
        for spelling in (entry.sigle, *entry.variants):
            if spelling in spellings:
                yield f"Le sigle « {spelling} » sert aussi à {spellings[spelling]}."
            spellings.setdefault(spelling, entry.sigle)
        if entry.replaced_by == entry.sigle:
            yield f"Le sigle « {entry.sigle} » se remplace lui-même."
        if not words_of(entry.sigle):
            yield f"Le sigle « {entry.sigle} » n’a ni lettre ni chiffre."
