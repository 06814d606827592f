"""Values of the anonymisation assistant, with the French words that people read."""

from enum import StrEnum


class KnownKind(StrEnum):
    """What a question's own records know about whom it concerns."""

    PERSON = "person"
    STRUCTURE = "structure"
    PTCE = "ptce"
    TOWN = "town"
    DELEGATION = "delegation"
    PHONE = "phone"
    EMAIL = "email"
    SIRET = "siret"
    WEBSITE = "website"
    ADDRESS = "address"

    @property
    def label(self) -> str:
        return _KNOWN_LABELS[self]


class MarkKind(StrEnum):
    """What a mark stands on; declared in the order that decides between two of one length."""

    NIR = "nir"
    IBAN = "iban"
    EMAIL = "email"
    PHONE = "phone"
    SIRET = "siret"
    SIREN = "siren"
    PLATE = "plate"
    WEBSITE = "website"
    ADDRESS = "address"
    BIRTH = "birth"
    PERSON = "person"
    FIRST_NAME = "first_name"
    STRUCTURE = "structure"
    PTCE = "ptce"
    TOWN = "town"
    DELEGATION = "delegation"
    AMOUNT = "amount"
    HEADCOUNT = "headcount"
    HOMONYM = "homonym"
    """An ordinary word that is also a known name: « prendre le relais », where the structure is « Le Relais »."""

    @property
    def label(self) -> str:
        return _MARK_LABELS[self]


class RiskKind(StrEnum):
    """Why a text may tell who it is about although it names nobody."""

    SMALL_NUMBER = "small_number"
    RARE_TRADE = "rare_trade"

    @property
    def label(self) -> str:
        return _RISK_LABELS[self]


_KNOWN_LABELS = {
    KnownKind.PERSON: "personne",
    KnownKind.STRUCTURE: "structure",
    KnownKind.PTCE: "PTCE",
    KnownKind.TOWN: "commune",
    KnownKind.DELEGATION: "délégation",
    KnownKind.PHONE: "téléphone",
    KnownKind.EMAIL: "courriel",
    KnownKind.SIRET: "SIRET",
    KnownKind.WEBSITE: "site",
    KnownKind.ADDRESS: "adresse",
}
_MARK_LABELS = {
    MarkKind.NIR: "numéro de sécurité sociale",
    MarkKind.IBAN: "compte bancaire",
    MarkKind.EMAIL: "adresse de courriel",
    MarkKind.PHONE: "numéro de téléphone",
    MarkKind.SIRET: "numéro SIRET",
    MarkKind.SIREN: "numéro SIREN",
    MarkKind.PLATE: "plaque d’immatriculation",
    MarkKind.WEBSITE: "adresse de site",
    MarkKind.ADDRESS: "adresse postale",
    MarkKind.BIRTH: "naissance",
    MarkKind.PERSON: "nom de personne",
    MarkKind.FIRST_NAME: "prénom",
    MarkKind.STRUCTURE: "nom de structure",
    MarkKind.PTCE: "nom de PTCE",
    MarkKind.TOWN: "commune",
    MarkKind.DELEGATION: "délégation",
    MarkKind.AMOUNT: "montant",
    MarkKind.HEADCOUNT: "effectif",
    MarkKind.HOMONYM: "mot qui est aussi un nom connu",
}
_RISK_LABELS = {
    RiskKind.SMALL_NUMBER: "trop peu de structures",
    RiskKind.RARE_TRADE: "métier rare",
}
