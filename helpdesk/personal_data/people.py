"""People named after a title, « Mme Durand »: where they stand in a text. Pure; every pattern is bounded."""

import re
from collections.abc import Iterator

SPACE = "[ \\t\u00a0\u202f]"
UPPER = "A-ZÀ-ÖØ-ÞŒ"
NAME = rf"(?:[A-Za-z]['’])?[{UPPER}][^\W\d_]{{1,30}}(?:['’\-][^\W\d_]{{1,30}}){{0,3}}"
_PARTICLES = ("de", "du", "des", "le", "la", "van", "von", "ben", "el", "al", "di", "da", "dos")
PARTICLE = f"(?:{'|'.join(_PARTICLES)})"
TITLE = (
    r"MM?\.?|[Mm][rR]\.?|[Mm](?:me|lle)s?\.?|M(?:ME|LLE)S?\.?|[Mm](?:onsieur|adame|ademoiselle|essieurs|esdames)"
    r"|MONSIEUR|MADAME|MADEMOISELLE|Dr\.?|[Dd]octeur|Me|[Mm]aître"
)
_PERSON = re.compile(
    rf"(?<!\w)(?:{TITLE}){SPACE}{{1,3}}(?P<name>(?:{PARTICLE}{SPACE}){{0,2}}{NAME}"
    rf"(?:{SPACE}(?:{PARTICLE}{SPACE})?{NAME}){{0,3}})(?!\w)"
)
_NAME_WORD = re.compile(r"[^\W\d_]{2,}")
# What follows a title without naming: another title, an office, a verb in a text all in capitals.
_OFFICES = """
monsieur madame mademoiselle messieurs mesdames docteur maître les un une est et ou qui que dont ce cette
président présidente directeur directrice maire préfet préfète ministre juge inspecteur inspectrice procureur
procureure député députée sénateur sénatrice secrétaire trésorier trésorière conseiller conseillère commissaire
recteur rectrice bâtonnier bâtonnière avocat avocate médecin délégué déléguée responsable greffier greffière
défenseur défenseure administrateur administratrice chef cheffe gérant gérante dg drh rh ai ei aci etti ges cse
ouvrage
"""
_NOT_NAMES = frozenset(_OFFICES.split())


def find_person(text: str) -> Iterator[tuple[int, int]]:
    """Each title with the name after it; « Madame la directrice » names nobody."""
    for match in _PERSON.finditer(text):
        words = (word.casefold() for word in _NAME_WORD.findall(match["name"]))
        first = next((word for word in words if word not in _PARTICLES), None)
        if first and first not in _NOT_NAMES:
            yield match.span()
