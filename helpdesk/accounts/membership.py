"""Whether a structure has paid its fee of the year. Informs, never blocks. Pure."""

from datetime import date

from helpdesk.accounts.enums import MembershipState, OrganisationKind


def membership_state(
    kind: OrganisationKind, paid_year: int | None, today: date, grace: tuple[int, int] = (3, 31)
) -> MembershipState:
    """State of the fee on *today* (Europe/Paris); *paid_year* is the last civil year paid for.

    The fee is due by civil year, invoiced in January and March: up to and including *grace* (month, day) a
    structure that paid for the year before, or never had to, is only reminded.
    """
    if kind is not OrganisationKind.MEMBER:
        return MembershipState.NOT_CONCERNED
    if paid_year is not None and paid_year >= today.year:
        return MembershipState.UP_TO_DATE
    is_recent = paid_year is None or paid_year == today.year - 1
    if is_recent and (today.month, today.day) <= grace:
        return MembershipState.GRACE
    return MembershipState.LATE
