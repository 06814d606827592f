"""What moves an appointment, and from where. ``docs/juri-ptce.md`` draws its diagram from this table."""

from helpdesk.errors import InvalidTransition
from helpdesk.juri_ptce.enums import TO_COME, AppointmentAction, AppointmentStatus

TOO_LATE = "Cette action n’est plus possible : le rendez-vous a changé entre-temps."

OFFERED, REQUESTED, CONFIRMED = AppointmentStatus.OFFERED, AppointmentStatus.REQUESTED, AppointmentStatus.CONFIRMED
TRANSITIONS: dict[AppointmentAction, tuple[tuple[AppointmentStatus, ...], AppointmentStatus]] = {
    AppointmentAction.ACCEPT: ((OFFERED,), CONFIRMED),
    AppointmentAction.LAPSE: ((OFFERED,), AppointmentStatus.LAPSED),
    AppointmentAction.CONFIRM: ((REQUESTED,), CONFIRMED),
    AppointmentAction.HOLD: ((CONFIRMED, AppointmentStatus.ABSENT), AppointmentStatus.HELD),
    AppointmentAction.MARK_ABSENT: ((CONFIRMED,), AppointmentStatus.ABSENT),
    AppointmentAction.CANCEL_BY_PTCE: (TO_COME, AppointmentStatus.CANCELLED_BY_PTCE),
    AppointmentAction.CANCEL_BY_SERVICE: ((OFFERED, *TO_COME), AppointmentStatus.CANCELLED_BY_SERVICE),
    AppointmentAction.MOVE: (TO_COME, AppointmentStatus.MOVED),
}


def next_status(status: AppointmentStatus, action: AppointmentAction) -> AppointmentStatus:
    """The status of an appointment after *action*.

    :raises InvalidTransition: if *action* does not fit *status*.
    """
    sources, target = TRANSITIONS[action]
    if status not in sources:
        raise InvalidTransition(TOO_LATE)
    return target
