"""Finds what may name someone in a text: a warning for its author, who may override it; nothing is removed.

How each is found: ``helpdesk.personal_data``.
"""

from dataclasses import dataclass
from enum import StrEnum

from helpdesk.personal_data import numbers, people


class FindingKind(StrEnum):
    """What was found; declared in the order that decides between two findings at the same place."""

    NIR = "nir"
    IBAN = "iban"
    MAIL = "mail"
    PHONE = "phone"
    SIRET = "siret"
    SIREN = "siren"
    PLATE = "plate"
    PERSON = "person"

    @property
    def label(self) -> str:
        return _LABELS[self]


_LABELS = {
    FindingKind.NIR: "numéro de sécurité sociale",
    FindingKind.IBAN: "IBAN",
    FindingKind.MAIL: "adresse de courriel",
    FindingKind.PHONE: "numéro de téléphone",
    FindingKind.SIRET: "numéro SIRET",
    FindingKind.SIREN: "numéro SIREN",
    FindingKind.PLATE: "plaque d’immatriculation",
    FindingKind.PERSON: "nom de personne",
}


@dataclass(frozen=True, slots=True)
class Finding:
    """*start* and *end* (excluded) are positions in the text as given."""

    kind: FindingKind
    start: int
    end: int
    label_fr: str


def find(text: str) -> tuple[Finding, ...]:
    """Everything that looks like personal data in *text*, in order and without overlap."""
    found = [Finding(kind, start, end, kind.label) for kind, search in _SEARCHES.items() for start, end in search(text)]
    kept: list[Finding] = []
    order = list(FindingKind)
    for finding in sorted(found, key=lambda one: (one.start, order.index(one.kind), -one.end)):
        if not kept or finding.start >= kept[-1].end:
            kept.append(finding)
        elif order.index(finding.kind) < order.index(kept[-1].kind):
            kept[-1] = finding
    return tuple(kept)


_SEARCHES = {
    FindingKind.NIR: numbers.find_nir,
    FindingKind.IBAN: numbers.find_iban,
    FindingKind.MAIL: numbers.find_mail,
    FindingKind.PHONE: numbers.find_phone,
    FindingKind.SIRET: numbers.find_siret,
    FindingKind.SIREN: numbers.find_siren,
    FindingKind.PLATE: numbers.find_plate,
    FindingKind.PERSON: people.find_person,
}
