"""The address of an entry, made from its title. Pure."""

import re

from helpdesk.reference.letters import without_accents

SLUG_MAX_CHARS = 80
RESERVED = frozenset(
    {"atelier", "proposer", "suggestions", "flux", "flux-atom", "imprimer", "pieces", "vote", "signaler", "citer"}
)
"""Words that are pages under « /faq »."""
_OTHER = re.compile(r"[^a-z0-9]+")


def slug_of(title: str) -> str:
    """« L’arrêt maladie ouvre-t-il droit à congés ? » becomes « l-arret-maladie-ouvre-t-il-droit-a-conges ».

    Cut between two words; never a reserved word, nor a bare number.
    """
    slug = _OTHER.sub("-", without_accents(title.casefold())).strip("-")
    if len(slug) > SLUG_MAX_CHARS:
        slug = slug[: SLUG_MAX_CHARS + 1].rpartition("-")[0] or slug[:SLUG_MAX_CHARS]
    if not slug or slug in RESERVED or slug.replace("-", "").isdigit():
        return f"fiche-{slug}".rstrip("-")
    return slug


def numbered(slug: str, number: int) -> str:
    """The same address for a second entry: « conges-2 »."""
    return slug if number < 2 else f"{slug}-{number}"


def is_of(slug: str, base: str) -> bool:
    """Whether *slug* is *base*, or *base* with a number."""
    return slug == base or bool(re.fullmatch(rf"{re.escape(base)}-\d+", slug))
