"""Values of a session's and an appointment's life, with the French words that people read."""

from enum import StrEnum


class SessionStatus(StrEnum):
    """Where a monthly session stands. ``PROPOSED``: its day needs a decision before anybody may book."""

    PROPOSED = "proposed"
    SCHEDULED = "scheduled"
    CANCELLED = "cancelled"

    @property
    def label(self) -> str:
        return _SESSION_LABELS[self]


class DayProblem(StrEnum):
    """Why the first Tuesday of a month is proposed for moving instead of being opened."""

    HOLIDAY = "holiday"
    AUGUST = "august"
    EARLY_JANUARY = "early_january"

    @property
    def label(self) -> str:
        return _PROBLEM_LABELS[self]


class AppointmentStatus(StrEnum):
    """Where an appointment stands. ``OFFERED``: a freed place held for somebody on the waiting list."""

    OFFERED = "offered"
    REQUESTED = "requested"
    CONFIRMED = "confirmed"
    HELD = "held"
    ABSENT = "absent"
    CANCELLED_BY_PTCE = "cancelled_by_ptce"
    CANCELLED_BY_SERVICE = "cancelled_by_service"
    MOVED = "moved"
    LAPSED = "lapsed"

    @property
    def label(self) -> str:
        return _APPOINTMENT_LABELS[self]


OCCUPYING = (
    AppointmentStatus.OFFERED,
    AppointmentStatus.REQUESTED,
    AppointmentStatus.CONFIRMED,
    AppointmentStatus.HELD,
    AppointmentStatus.ABSENT,
)
"""Statuses that hold a place and the jurists' time; the database refuses a second one."""
TO_COME = (AppointmentStatus.REQUESTED, AppointmentStatus.CONFIRMED)
"""Agreed, and not held yet: one at a time for a question."""


class AppointmentAction(StrEnum):
    ACCEPT = "accept"
    LAPSE = "lapse"
    CONFIRM = "confirm"
    HOLD = "hold"
    MARK_ABSENT = "mark_absent"
    CANCEL_BY_PTCE = "cancel_by_ptce"
    CANCEL_BY_SERVICE = "cancel_by_service"
    MOVE = "move"

    @property
    def label(self) -> str:
        return _ACTION_LABELS[self]


class Medium(StrEnum):
    PHONE = "phone"
    VIDEO = "video"

    @property
    def label(self) -> str:
        return _MEDIUM_LABELS[self]


class WaitingStatus(StrEnum):
    """A place on the waiting list of a session; an offer is an appointment held for a while."""

    WAITING = "waiting"
    OFFERED = "offered"
    ACCEPTED = "accepted"
    EXPIRED = "expired"
    DECLINED = "declined"
    LEFT = "left"

    @property
    def label(self) -> str:
        return _WAITING_LABELS[self]


QUEUED = (WaitingStatus.WAITING, WaitingStatus.OFFERED)
"""On the list still: once at most for a question and a session."""


class Entitlement(StrEnum):
    """Why a PTCE may book a call; ``NONE``: in writing only, until the delegation vouches for it."""

    MEMBERSHIP = "membership"
    CHARTER = "charter"
    VOUCHED = "vouched"
    OPEN = "open"
    NONE = "none"

    @property
    def label(self) -> str:
        return _ENTITLEMENT_LABELS[self]


class PartSide(StrEnum):
    """Which network answers a part of the question."""

    FEDERATION = "federation"
    RTES = "rtes"

    @property
    def label(self) -> str:
        return _SIDE_LABELS[self]


_SESSION_LABELS = {
    SessionStatus.PROPOSED: "À décider",
    SessionStatus.SCHEDULED: "Ouverte",
    SessionStatus.CANCELLED: "Annulée",
}
_PROBLEM_LABELS = {
    DayProblem.HOLIDAY: "Jour férié",
    DayProblem.AUGUST: "Mois d’août",
    DayProblem.EARLY_JANUARY: "Début janvier",
}
_APPOINTMENT_LABELS = {
    AppointmentStatus.OFFERED: "Proposé",
    AppointmentStatus.REQUESTED: "Demandé",
    AppointmentStatus.CONFIRMED: "Confirmé",
    AppointmentStatus.HELD: "Tenu",
    AppointmentStatus.ABSENT: "PTCE absent",
    AppointmentStatus.CANCELLED_BY_PTCE: "Annulé par le PTCE",
    AppointmentStatus.CANCELLED_BY_SERVICE: "Annulé par le service",
    AppointmentStatus.MOVED: "Déplacé",
    AppointmentStatus.LAPSED: "Proposition expirée",
}
_ACTION_LABELS = {
    AppointmentAction.ACCEPT: "Prendre ce créneau",
    AppointmentAction.LAPSE: "Laisser passer la proposition",
    AppointmentAction.CONFIRM: "Confirmer le rendez-vous",
    AppointmentAction.HOLD: "Le rendez-vous a eu lieu",
    AppointmentAction.MARK_ABSENT: "Le PTCE est absent",
    AppointmentAction.CANCEL_BY_PTCE: "Annuler mon rendez-vous",
    AppointmentAction.CANCEL_BY_SERVICE: "Annuler le rendez-vous",
    AppointmentAction.MOVE: "Déplacer le rendez-vous",
}
_MEDIUM_LABELS = {Medium.PHONE: "Téléphone", Medium.VIDEO: "Visioconférence"}
_WAITING_LABELS = {
    WaitingStatus.WAITING: "En attente",
    WaitingStatus.OFFERED: "Un créneau vous est proposé",
    WaitingStatus.ACCEPTED: "Créneau accepté",
    WaitingStatus.EXPIRED: "Proposition expirée",
    WaitingStatus.DECLINED: "Proposition déclinée",
    WaitingStatus.LEFT: "Retirée de la liste",
}
_SIDE_LABELS = {PartSide.FEDERATION: "Pôle juridique", PartSide.RTES: "RTES"}
_ENTITLEMENT_LABELS = {
    Entitlement.MEMBERSHIP: "Adhérent de la fédération ou du RTES",
    Entitlement.CHARTER: "Lauréat de l’appel à manifestation d’intérêt ou signataire de la charte",
    Entitlement.VOUCHED: "La délégation s’en porte garante",
    Entitlement.OPEN: "Ouvert à tous les PTCE",
    Entitlement.NONE: "À vérifier par la délégation",
}
