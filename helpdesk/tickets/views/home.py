"""« / »: the member's home, or the page where the staff begins its day."""

from flask import redirect, url_for
from werkzeug.wrappers import Response

from helpdesk.tickets.views.blueprint import actor, blueprint
from helpdesk.tickets.views.member import member_home
from helpdesk.tickets.views.menu import landing_endpoint
from helpdesk.web import View, signed_in

HERE = "tickets.home"


@blueprint.get("/")
@signed_in
def home() -> Response | str:
    """A member reads their home; the others are led to theirs."""
    landing = landing_endpoint(actor())
    if landing == HERE:
        page: View = member_home
        return page()
    return redirect(url_for(landing), 303)
