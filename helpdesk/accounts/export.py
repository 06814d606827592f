"""What is kept about a person, for that person. A file of data, not a page."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa

from helpdesk.accounts.models import Mandate, Person, StaffRole, UserSession
from helpdesk.db import db


def data_of(person: Person, *, now: datetime) -> dict[str, Any]:
    """Return everything of accounts about *person*, with the French names that they know; no secret."""
    return {
        "fait_le": now.isoformat(),
        "personne": {
            "prenom": person.first_name,
            "nom": person.last_name,
            "courriel": person.email,
            "telephone": person.phone,
            "compte_cree_le": person.created_at.isoformat(),
            "a_un_mot_de_passe": person.password_hash is not None,
        },
        "preferences": {"courriels": person.notify_mode.label, "raccourcis_clavier": person.has_shortcuts},
        "mandats": [_mandate(mandate) for mandate in person.mandates],
        "roles": [_role(role) for role in person.roles],
        "connexions_ouvertes": [_session(row) for row in _sessions(person)],
    }


def _mandate(mandate: Mandate) -> dict[str, Any]:
    return {
        "structure": mandate.organisation.name,
        "fonction": mandate.title,
        "acces": mandate.scope.label,
        "premier_jour": mandate.starts_on.isoformat(),
        "dernier_jour": mandate.ends_on.isoformat() if mandate.ends_on else None,
    }


def _role(role: StaffRole) -> dict[str, Any]:
    return {
        "role": role.role.label,
        "delegation": role.delegation,
        "premier_jour": role.starts_on.isoformat(),
        "dernier_jour": role.ends_on.isoformat() if role.ends_on else None,
    }


def _sessions(person: Person) -> list[UserSession]:
    query = sa.select(UserSession).where(UserSession.person_id == person.id).order_by(UserSession.id)
    return list(db.session.scalars(query.limit(100)))


def _session(row: UserSession) -> dict[str, Any]:
    return {"ouverte_le": row.created_at.isoformat(), "vue_le": row.seen_at.isoformat(), "par_lien": row.is_by_link}
