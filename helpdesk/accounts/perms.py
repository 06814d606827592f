"""Who may do what with structures and people. Pure functions; the docstring says who."""

from helpdesk.accounts.models import Mandate, Organisation, Person, StaffRole


def has_access(person: Person) -> bool:
    """Somebody active with a mandate or a role in force today; nobody else signs in or stays signed in."""
    return person.is_active and bool(person.active_mandates or person.active_roles)


def can_view_organisation(person: Person, organisation: Organisation) -> bool:
    """The pole every structure; a delegate those of their delegations. An administrator reads no content."""
    return person.is_pole or (organisation.delegation is not None and organisation.delegation in person.delegations)


def can_add_contact(person: Person, organisation: Organisation) -> bool:
    """The staff who see the structure."""
    return can_view_organisation(person, organisation)


def can_end_mandate(person: Person, mandate: Mandate) -> bool:
    """The staff who see the structure, and administrators; not one's own, so as not to lock oneself out."""
    if mandate.person_id == person.id:
        return False
    return person.is_admin or can_view_organisation(person, mandate.organisation)


def can_grant_role(person: Person) -> bool:
    """Administrators."""
    return person.is_admin


def can_end_role(person: Person, role: StaffRole) -> bool:
    """Administrators, except their own: somebody has to stay who can let others in."""
    return person.is_admin and role.person_id != person.id


def can_manage_account(person: Person, other: Person) -> bool:
    """Administrators, except their own account."""
    return person.is_admin and other.id != person.id


def can_set_delegation(person: Person, code: str) -> bool:
    """The delegates of that delegation, and the pole lead."""
    return code in person.delegations or person.is_lead
