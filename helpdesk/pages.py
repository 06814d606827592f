"""The public pages that say what the service is and whom to ask: their addresses are in every footer."""

from flask import Blueprint, render_template

from helpdesk.web import public

blueprint = Blueprint("pages", __name__)


@blueprint.get("/aide")
@public
def help_and_contact() -> str:
    """How to be helped, by whom, and the keyboard shortcuts."""
    return render_template("pages/help.html")


@blueprint.get("/plan-du-site")
@public
def site_map() -> str:
    """Every page of the menu and of the footer."""
    return render_template("pages/site_map.html")


@blueprint.get("/donnees-personnelles")
@public
def personal_data() -> str:
    """What is kept, why, how long, and how to ask for one's data."""
    return render_template("pages/personal_data.html")


@blueprint.get("/mentions-legales")
@public
def legal_notice() -> str:
    """Who publishes and hosts the service."""
    return render_template("pages/legal_notice.html")


@blueprint.get("/accessibilite")
@public
def accessibility() -> str:
    """The accessibility statement; « non conforme » until an audit says better."""
    return render_template("pages/accessibility.html")
