"""« Équipe »: what lies on each desk, and passing questions from one to another. No ranking: by name."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from helpdesk.accounts.models import Person
from helpdesk.accounts.text import fold
from helpdesk.errors import Conflict, NotFound
from helpdesk.reference import get_reference
from helpdesk.tickets import operations, queries
from helpdesk.tickets.enums import Status
from helpdesk.tickets.views.blueprint import actor, blueprint, once, page_number, seen_version, sent_key
from helpdesk.tickets.views.rows import list_rows
from helpdesk.web import lead_only

POLE_DESK = 0
"""In place of a jurist's number: what nobody of the pole has taken."""
NATIONAL_LABEL = "File nationale"
ID_MAX = 2**31 - 1
DESK = f"int(max={ID_MAX})"


@blueprint.get("/equipe")
@lead_only
def team() -> str:
    """The load of each jurist and of each delegation, those with nothing to do included."""
    return render_template(
        "tickets/team.html",
        parts=queries.Part,
        jurists=queries.load_of_jurists(actor()),
        pole=queries.load_of_pole(actor()),
        regions=_regions(queries.load_of_delegations(actor())),
    )


def _regions(loads: Sequence[queries.Load]) -> list[queries.Load]:
    """Every delegation by name, and those no longer known that still have questions; the national queue last."""
    found = {load.key: load for load in loads}
    names = {code: code for code in found} | {code: one.name for code, one in get_reference().delegations.items()}
    names.pop("", None)
    codes = [*sorted(names, key=lambda code: fold(names[code])), ""]
    empty = queries.Load("", "", 0, 0, 0, 0)
    return [
        replace(found.get(code, empty), key=code or queries.NATIONAL, name=names.get(code, NATIONAL_LABEL))
        for code in codes
    ]


@blueprint.get(f"/equipe/<{DESK}:desk>")
@lead_only
def team_member(desk: int) -> str:
    """One desk: its questions, each with the colleague to entrust it to, and all of them at once."""
    holder, part = _holder(desk), _asked_part()
    page = queries.desk_of(actor(), holder, page_number(), part=part)
    return render_template(
        "tickets/team_member.html",
        desk=desk,
        holder=holder,
        name=holder.full_name if holder else "File du pôle",
        tabs=_tabs(part, desk=desk),
        page=page,
        rows=list_rows(page, with_region=True),
        colleagues=_colleagues(holder),
    )


@blueprint.get("/equipe/delegations/<code>")
@lead_only
def team_region(code: str) -> str:
    """What lies with a delegation; its questions pass to no jurist from here."""
    known, part = get_reference().delegations.get(code), _asked_part()
    if known is None and code != queries.NATIONAL:
        raise NotFound
    page = queries.region_desk(actor(), code if known else None, page_number(), part=part)
    return render_template(
        "tickets/team_member.html",
        desk=None,
        holder=None,
        name=known.name if known else NATIONAL_LABEL,
        tabs=_tabs(part, code=code),
        page=page,
        rows=list_rows(page),
        colleagues=[],
    )


def _asked_part() -> queries.Part | None:
    """Which of the numbers the questions are asked for; none: all of the desk.

    :raises NotFound: for one that there is not.
    """
    asked = request.args.get("part", "")
    if asked and asked not in set(queries.Part):
        raise NotFound
    return queries.Part(asked) if asked else None


def _tabs(asked: queries.Part | None, **place: Any) -> list[dict[str, Any]]:
    address = request.endpoint or ""
    return [
        {
            "label": part.label if part else "Tout",
            "url": url_for(address, part=part and part.value, **place),
            "is_current": part is asked,
        }
        for part in (None, *queries.Part)
    ]


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
    statuses = [ticket.status for ticket in queries.studied_by(actor(), holder)]
    return render_template(
        "tickets/team_hand_over.html", desk=desk, holder=holder, to=to, total=len(statuses), beside=_beside(statuses)
    )


def _beside(statuses: Sequence[Status]) -> list[str]:
    """What changes hands too, and is not on the desk to be dealt with."""
    named = {Status.WAITING: "en attente de l’adhérent", Status.RELAY: "au relais"}
    counts = {words: statuses.count(status) for status, words in named.items()}
    return [f"{number} {words}" for words, number in counts.items() if number]


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
