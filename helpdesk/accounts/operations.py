"""What changes people, their rights and their settings. The actor comes first; permission is checked here."""

from datetime import date, timedelta

import sqlalchemy as sa
from email_validator import EmailNotValidError, validate_email
from sqlalchemy.exc import IntegrityError

from helpdesk import audit, clock
from helpdesk.accounts import mails, passwords, perms
from helpdesk.accounts.enums import MandateScope, NotifyMode, Role
from helpdesk.accounts.models import (
    DelegationProfile,
    Mandate,
    Organisation,
    Person,
    SignInLink,
    StaffRole,
    UserSession,
)
from helpdesk.accounts.queries import find_person_by_email
from helpdesk.db import db, transaction
from helpdesk.errors import BadInput, Conflict, NotAllowed, NotFound
from helpdesk.reference import get_reference


def set_password(
    person: Person, new_password: str, *, current_password: str = "", is_proved_by_link: bool = False
) -> None:
    """Change one's own password; all sessions and mailed links of the person end, the caller starts a new one.

    The current password is asked for, unless there is none, or a mailed link has just proved who is there.

    :raises BadInput: for a wrong current password or a weak new one.
    """
    needs_current = person.password_hash is not None and not is_proved_by_link
    if needs_current and not passwords.verify(person.password_hash, current_password):
        raise BadInput("Ce n’est pas votre mot de passe actuel.", field="current_password")
    own_words = (person.email, person.email.partition("@")[0], person.first_name, person.last_name)
    passwords.check_strength(new_password, own_words=own_words)
    new_hash = passwords.hash_password(new_password)
    with transaction():
        person.password_hash = new_hash
        _end_sessions(person)
        audit.record(person, "password.changed", "person", person.id, is_proved_by_link=is_proved_by_link)


def change_preferences(person: Person, *, notify_mode: NotifyMode, has_shortcuts: bool) -> None:
    """Change one's own notices and keyboard shortcuts."""
    with transaction():
        person.notify_mode = notify_mode
        person.has_shortcuts = has_shortcuts


def add_person_to_organisation(
    actor: Person,
    organisation: Organisation,
    *,
    email: str,
    first_name: str,
    last_name: str,
    title: str,
    phone: str = "",
    scope: MandateScope = MandateScope.STRUCTURE,
) -> Mandate:
    """Add a contact to a structure, and tell them. Somebody already known gets the mandate; their name stays.

    :raises NotAllowed: if *actor* is neither of the pole nor a delegate of the structure's delegation.
    :raises BadInput: for a contact already there, or a scope that the structure does not have.
    """
    if not perms.can_add_contact(actor, organisation):
        raise NotAllowed
    check_scope(organisation, scope)
    with transaction():
        person = find_person_by_email(email) or _new_person(email, first_name, last_name, phone)
        if any(mandate.organisation_id == organisation.id for mandate in person.active_mandates):
            raise BadInput("Cette personne est déjà un contact de la structure.", field="email")
        mandate = Mandate(person=person, organisation=organisation, title=title, scope=scope, starts_on=clock.today())
        db.session.add(mandate)
        _flush_new_address()
        audit.record(
            actor, "mandate.started", "mandate", mandate.id, person_id=person.id, organisation_id=organisation.id
        )
        mails.welcome(person)
    return mandate


def check_scope(organisation: Organisation, scope: MandateScope) -> None:
    """Refuse to open a group's questions to a structure that is no group.

    :raises BadInput: in that case.
    """
    typologies = get_reference().typologies
    is_group = any(typologies[code].has_member_structures for code in organisation.typologies if code in typologies)
    if scope is MandateScope.GROUP and not is_group:
        raise BadInput("Seul un groupe (GES) donne accès aux questions de ses structures.", field="scope")


def end_mandate(actor: Person, mandate: Mandate, *, last_day_on: date | None = None) -> None:
    """End a mandate: at once, or after *last_day_on* (Europe/Paris). History stays with the structure.

    :raises NotAllowed: if *actor* is neither an administrator nor of the staff who see the structure.
    :raises BadInput: for a day before the mandate, or one that has ended already.
    """
    if not perms.can_end_mandate(actor, mandate):
        raise NotAllowed
    with transaction():
        audit.record(
            actor,
            "mandate.ended",
            "mandate",
            mandate.id,
            person_id=mandate.person_id,
            organisation_id=mandate.organisation_id,
            last_day_on=last_day_on,
        )
        close(mandate, last_day_on)


def grant_role(
    actor: Person | None,
    person: Person,
    role: Role,
    *,
    delegation: str | None = None,
    can_answer: bool = False,
) -> StaffRole:
    """Give a role of the staff from today on; *actor* ``None`` is the command line.

    :raises NotAllowed: if *actor* is no administrator.
    :raises BadInput: for a delegate without delegation, another role with one, or a role already held.
    """
    if actor is not None and not perms.can_grant_role(actor):
        raise NotAllowed
    if (role is Role.DELEGATE) != (delegation is not None):
        raise BadInput("Une délégation va avec le rôle « délégation », et lui seul.", field="delegation")
    if delegation is not None and delegation not in get_reference().delegations:
        raise BadInput(f"La délégation « {delegation} » n’existe pas.", field="delegation")
    with transaction():
        if any(row.role is role and row.delegation == delegation for row in person.active_roles):
            raise BadInput("Cette personne a déjà ce rôle.", field="role")
        row = StaffRole(person=person, role=role, delegation=delegation, can_answer=can_answer, starts_on=clock.today())
        db.session.add(row)
        db.session.flush()
        audit.record(actor, "role.started", "role", row.id, person_id=person.id, role=role, delegation=delegation)
    return row


def add_staff(
    email: str,
    first_name: str,
    last_name: str,
    role: Role,
    *,
    delegation: str | None = None,
    can_answer: bool = False,
) -> Person:
    """Give a role from the command line to somebody, made known if need be, and tell them.

    :raises BadInput: for an address that is none, and as :func:`grant_role`.
    """
    try:
        address = validate_email(email, check_deliverability=False).normalized
    except EmailNotValidError:
        raise BadInput(f"« {email} » n’est pas une adresse de courriel.", field="email") from None
    with transaction():
        person = find_person_by_email(address) or _new_person(address, first_name, last_name, "")
        grant_role(None, person, role, delegation=delegation, can_answer=can_answer)
        mails.welcome(person)
    return person


def end_role(actor: Person, role: StaffRole, *, last_day_on: date | None = None) -> None:
    """End a role of the staff: at once, or after *last_day_on* (Europe/Paris).

    :raises NotAllowed: if *actor* is no administrator, or for their own role.
    :raises BadInput: for a day before the role, or one that has ended already.
    """
    if not perms.can_end_role(actor, role):
        raise NotAllowed("Vous ne pouvez pas mettre fin à votre propre rôle : demandez à un autre administrateur.")
    with transaction():
        audit.record(
            actor,
            "role.ended",
            "role",
            role.id,
            person_id=role.person_id,
            role=role.role,
            delegation=role.delegation,
            last_day_on=last_day_on,
        )
        close(role, last_day_on)


def close(rights: Mandate | StaffRole, last_day_on: date | None) -> None:
    """Set the last day of a mandate or role; sessions end when nothing is left. Inside a transaction.

    « At once » makes yesterday the last day; what began today was never in force a whole day, and goes.

    :raises BadInput: for a day before it began, or when it has ended already.
    """
    today, person = clock.today(), rights.person
    if rights.ends_on is not None and rights.ends_on < today:
        raise BadInput("C’est déjà terminé.", field="last_day_on")
    if last_day_on is not None and last_day_on < rights.starts_on:
        raise BadInput("Le dernier jour ne peut pas précéder le premier.", field="last_day_on")
    last_day_on = last_day_on or today - timedelta(days=1)
    if last_day_on < rights.starts_on:
        held: list[Mandate] | list[StaffRole] = person.mandates if isinstance(rights, Mandate) else person.roles
        held.remove(rights)  # type: ignore[arg-type]
        db.session.delete(rights)
    else:
        rights.ends_on = last_day_on
    if not perms.has_access(person):
        _end_sessions(person)


def change_email(actor: Person, person: Person, email: str) -> None:
    """Change the address that somebody signs in with; their sessions and mailed links end.

    :raises NotAllowed: if *actor* is no administrator, or for one's own address.
    :raises BadInput: for an address that is somebody else's.
    """
    if not perms.can_manage_account(actor, person):
        raise NotAllowed
    with transaction():
        if find_person_by_email(email):
            raise BadInput("Ce courriel est déjà celui d’un compte.", field="email")
        person.email = email.strip().lower()
        _flush_new_address()
        _end_sessions(person)
        audit.record(actor, "email.changed", "person", person.id)


def deactivate(actor: Person, person: Person) -> bool:
    """Close an account, whatever its mandates and roles; :func:`reactivate` opens it again.

    :returns: whether it was open; nothing is done otherwise.
    :raises NotAllowed: if *actor* is no administrator, or for one's own account.
    """
    return _set_active(actor, person, is_active=False)


def reactivate(actor: Person, person: Person) -> bool:
    """Open a closed account again.

    :returns: whether it was closed; nothing is done otherwise, and nobody is signed out.
    :raises NotAllowed: if *actor* is no administrator.
    """
    return _set_active(actor, person, is_active=True)


def _set_active(actor: Person, person: Person, *, is_active: bool) -> bool:
    if not perms.can_manage_account(actor, person):
        raise NotAllowed
    if person.is_active is is_active:
        return False
    with transaction():
        person.is_active = is_active
        _end_sessions(person)
        audit.record(actor, "person.opened" if is_active else "person.closed", "person", person.id)
    return True


def update_delegation_profile(actor: Person, code: str, *, is_relayed: bool, phone: str, opening_hours: str) -> None:
    """Set how a delegation passes the pole's answers on, and how it is reached.

    :raises NotFound: for an unknown delegation, or another's.
    """
    if code not in get_reference().delegations or not perms.can_set_delegation(actor, code):
        raise NotFound
    with transaction():
        profile = db.session.get(DelegationProfile, code)
        if profile is None:
            profile = DelegationProfile(code=code)
            db.session.add(profile)
        profile.is_relayed, profile.phone, profile.opening_hours = is_relayed, phone, opening_hours
        audit.record(actor, "delegation.changed", "delegation", None, code=code, is_relayed=is_relayed)


def _new_person(email: str, first_name: str, last_name: str, phone: str) -> Person:
    person = Person(
        email=email.strip().lower(),
        first_name=first_name,
        last_name=last_name,
        phone=phone,
        created_at=clock.now(),
        mandates=[],
        roles=[],
    )
    db.session.add(person)
    return person


def _flush_new_address() -> None:
    """Write a new address; the database has the last word on whether it is free.

    :raises Conflict: when somebody else was quicker.
    """
    try:
        db.session.flush()
    except IntegrityError as error:
        raise Conflict("Quelqu’un vient d’enregistrer ce courriel. Rechargez la page.") from error


def _end_sessions(person: Person) -> None:
    for table in (UserSession, SignInLink):
        db.session.execute(sa.delete(table).where(table.person_id == person.id))
