"""« Équipe »: what lies on each desk, and passing questions from one to another. No ranking: by name."""

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from helpdesk.accounts.models import Person
from helpdesk.errors import Conflict, NotFound
from helpdesk.reference import get_reference
from helpdesk.tickets import operations, queries
from helpdesk.tickets.views.blueprint import actor, blueprint, once, page_number, seen_version, sent_key
from helpdesk.tickets.views.rows import list_rows
from helpdesk.web import lead_only

POLE_DESK = 0
"""In place of a jurist's number: what nobody of the pole has taken."""
ID_MAX = 2**31 - 1
DESK = f"int(max={ID_MAX})"


@blueprint.get("/equipe")
@lead_only
def team() -> str:
    """The load of each jurist and of each delegation."""
    delegations = {code: delegation.name for code, delegation in get_reference().delegations.items()}
    loads = queries.load_of_delegations()
    named = sorted(((delegations.get(load.key, "File nationale"), load) for load in loads), key=lambda one: one[0])
    pole_count = queries.view_counts(actor(), (queries.QueueView.POLE,))[queries.QueueView.POLE]
    return render_template(
        "tickets/team.html", jurists=queries.load_of_jurists(), delegations=named, pole_count=pole_count
    )


@blueprint.get(f"/equipe/<{DESK}:desk>")
@lead_only
def team_member(desk: int) -> str:
    """One desk: its questions, each with the colleague to entrust it to, and all of them at once."""
    holder = _holder(desk)
    page = queries.desk_of(actor(), holder, page_number())
    return render_template(
        "tickets/team_member.html",
        desk=desk,
        holder=holder,
        page=page,
        rows=list_rows(page),
        colleagues=_colleagues(holder),
    )


@blueprint.post(f"/equipe/<{DESK}:desk>/<reference>")
@lead_only
def hand_over_one(desk: int, reference: str) -> Response:
    """Entrust one question of the desk to a colleague."""
    ticket, to = queries.get_visible_ticket(actor(), reference), _asked_colleague()
    version = seen_version()
    back = redirect(url_for("tickets.team_member", desk=desk), 303)
    if to is None:
        flash("Choisissez la personne à qui confier la question.", "veille")
        return back
    try:
        once(sent_key(), ticket, lambda: operations.hand_over(actor(), ticket, to, seen_version=version))
    except Conflict:
        flash(f"{reference} vient de changer : relisez-la avant de la confier.", "veille")
    else:
        flash(f"{reference} est confiée à {to.full_name}.", "ok")
    return back


@blueprint.get(f"/equipe/<{DESK}:desk>/tout-confier")
@lead_only
def hand_over_desk(desk: int) -> Response | str:
    """Ask before everything on a desk goes to a colleague."""
    holder, to = _holder(desk), _asked_colleague()
    if holder is None:
        raise NotFound
    if to is None or to.id == holder.id:
        flash("Choisissez la personne à qui confier ces questions.", "veille")
        return redirect(url_for("tickets.team_member", desk=desk), 303)
    total = len(queries.studied_by(actor(), holder))
    return render_template("tickets/team_hand_over.html", desk=desk, holder=holder, to=to, total=total)


@blueprint.post(f"/equipe/<{DESK}:desk>/tout-confier")
@lead_only
def hand_over_desk_send(desk: int) -> Response:
    """Everything on the desk goes to the colleague."""
    holder, to = _holder(desk), _asked_colleague()
    if holder is None or to is None:
        raise NotFound
    moved: list[int] = []
    once(sent_key(), None, lambda: moved.append(operations.hand_over_all(actor(), holder, to)))
    number = moved[0] if moved else 0
    if moved:
        said = f"{number} questions sont confiées" if number > 1 else f"{number} question est confiée"
        flash(f"{said} à {to.full_name}.", "ok")
    return redirect(url_for("tickets.team_member", desk=to.id), 303)


def _holder(desk: int) -> Person | None:
    """Whose desk it is, a jurist who has left included; none for the pole's queue.

    :raises NotFound: for a number that is nobody's.
    """
    if desk == POLE_DESK:
        return None
    holder = queries.desk_holder(desk)
    if holder is None:
        raise NotFound
    return holder


def _asked_colleague() -> Person | None:
    number = request.values.get("a", 0, type=int)
    return queries.find_jurist(number) if 0 < number <= ID_MAX else None


def _colleagues(holder: Person | None) -> list[Any]:
    return [one for one in queries.jurists() if holder is None or one.id != holder.id]
