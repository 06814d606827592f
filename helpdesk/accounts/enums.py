"""Kinds of structures, of mandates and of roles, with their French labels."""

from enum import StrEnum


class OrganisationKind(StrEnum):
    """What a structure is to the federation."""

    MEMBER = "member"
    PTCE = "ptce"
    PARTNER = "partner"
    STATE = "state"

    @property
    def label(self) -> str:
        return _ORGANISATION_LABELS[self]


class MandateScope(StrEnum):
    """Which questions of the structure a mandate lets one see."""

    OWN = "own"
    STRUCTURE = "structure"
    GROUP = "group"

    @property
    def label(self) -> str:
        return _SCOPE_LABELS[self]


class Role(StrEnum):
    """Roles of the staff; « member » is no role, it follows from a mandate."""

    DELEGATE = "delegate"
    JURIST = "jurist"
    PARTNER_JURIST = "partner_jurist"
    LEAD = "lead"
    ADMIN = "admin"

    @property
    def label(self) -> str:
        return _ROLE_LABELS[self]


class NotifyMode(StrEnum):
    """How a person wants the notices that can wait."""

    EACH = "each"
    DIGEST = "digest"

    @property
    def label(self) -> str:
        return _NOTIFY_LABELS[self]


class MembershipState(StrEnum):
    """Never blocks anything: a late fee shows a banner, and the delegation decides."""

    UP_TO_DATE = "up_to_date"
    GRACE = "grace"
    LATE = "late"
    NOT_CONCERNED = "not_concerned"

    @property
    def label(self) -> str:
        return _MEMBERSHIP_LABELS[self]


_ORGANISATION_LABELS = {
    OrganisationKind.MEMBER: "Adhérent",
    OrganisationKind.PTCE: "PTCE",
    OrganisationKind.PARTNER: "Partenaire",
    OrganisationKind.STATE: "Service de l’État",
}
_SCOPE_LABELS = {
    MandateScope.OWN: "Ses propres questions",
    MandateScope.STRUCTURE: "Toutes les questions de la structure",
    MandateScope.GROUP: "Les questions du groupe et de ses structures",
}
_ROLE_LABELS = {
    Role.DELEGATE: "Délégation",
    Role.JURIST: "Juriste",
    Role.PARTNER_JURIST: "Juriste partenaire",
    Role.LEAD: "Responsable du pôle",
    Role.ADMIN: "Administration",
}
_NOTIFY_LABELS = {
    NotifyMode.EACH: "Un courriel à chaque événement",
    NotifyMode.DIGEST: "Un récapitulatif par jour",
}
_MEMBERSHIP_LABELS = {
    MembershipState.UP_TO_DATE: "À jour de cotisation",
    MembershipState.GRACE: "Cotisation attendue",
    MembershipState.LATE: "Cotisation en retard",
    MembershipState.NOT_CONCERNED: "Sans cotisation",
}
