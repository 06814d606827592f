"""Pages of accounts: sign-in, one's own account, structures and their contacts."""

from typing import Any

from flask import Blueprint
from flask_login import current_user
from werkzeug.local import LocalProxy

from helpdesk.reference import get_reference

blueprint = Blueprint("accounts", __name__)


@blueprint.app_context_processor
def _person() -> dict[str, Any]:
    """Give every template ``person``, looked up only where it is used: an error page needs no database."""
    return {"person": LocalProxy(lambda: current_user.person)}


@blueprint.app_template_global()
def delegation_name(code: str | None) -> str:
    """The name of a delegation; without one, a structure is in the national queue."""
    known = get_reference().delegations.get(code or "")
    return known.name if known else code or "File nationale"


@blueprint.app_template_global()
def departement_label(code: str) -> str:
    """« 35 – Ille-et-Vilaine »."""
    known = get_reference().departements.get(code)
    return known.label if known else code


@blueprint.app_template_global()
def idcc_label(code: str) -> str:
    """The name of a collective agreement before its number."""
    known = get_reference().collective_agreements.get(code)
    return f"{known.label}, IDCC {code}" if known else f"IDCC {code}"


@blueprint.app_template_filter()
def typology_label(code: str) -> str:
    """The name of a typology, after its acronym."""
    known = get_reference().typologies.get(code)
    return f"{known.short_label} : {known.label}" if known else code


from helpdesk.accounts.views import account, members, sign_in  # noqa: E402, F401 - they add their pages
