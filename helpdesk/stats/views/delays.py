"""« Délais »: the response times of the questions that the reader may have counted, and what presses now."""

from typing import Any

from flask import current_app, render_template, url_for

from helpdesk import clock, settings_of
from helpdesk.reporting import is_too_few
from helpdesk.stats import perms, reading
from helpdesk.stats.forms import DelaysForm
from helpdesk.stats.measures import TARGET_SHARE
from helpdesk.stats.perms import Selection
from helpdesk.stats.pressing import holder_text, place_text, presses_at
from helpdesk.stats.queries.dashboard import Dashboard, dashboard
from helpdesk.stats.queries.pressing import pressing
from helpdesk.stats.reading import Target
from helpdesk.stats.views.blueprint import actor, blueprint
from helpdesk.stats.views.drawings import curve_of, histogram_of
from helpdesk.stats.views.tables import asked_form, on_card, shown_to
from helpdesk.stats.wording import DEFINITIONS
from helpdesk.tickets.deadlines import days_left
from helpdesk.tickets.enums import Urgency
from helpdesk.tickets.forms.filters import NATIONAL_QUEUE, OPEN
from helpdesk.web import staff_only


@blueprint.get("/delais")
@staff_only
def delays() -> str | tuple[str, int]:
    """The period and the filters are in the address; a wrong one shows no figure."""
    form = asked_form(actor())
    if not form.validate():
        return render_template("stats/delays.html", form=form, board=None), 422
    board = dashboard(form.selection(actor()), form.period(clock.today()), clock.now())
    if form.is_narrowed and is_too_few(board.overall.received_count) and not perms.can_see_all(actor()):
        # Filters would otherwise tell a delegate of a question what she may not open.
        return render_template("stats/delays.html", form=form, board=None, is_narrow=True)
    return render_template("stats/delays.html", form=form, board=board, **_figures(board, form), **_pressing(board))


def _figures(board: Dashboard, form: DelaysForm) -> dict[str, Any]:
    tables, target, tells_all = shown_to(actor(), board), _target(), perms.can_see_all(actor())
    return {
        "tells_all": tells_all,
        "period": reading.period_text(board.period),
        "scope": reading.scope_text(board.selection),
        "finding": reading.finding(board, target),
        "key_figures": reading.key_figures(board),
        "target": target,
        "target_share": TARGET_SHARE,
        "share_caption": reading.share_caption(target),
        "tables": tables,
        "cards": {key: on_card(table) for key, table in tables.items()},
        "histogram_shape": histogram_of(tables["repartition"], target),
        "histogram_words": reading.histogram_words(board.overall, target, tells_all=tells_all),
        "curve_shape": curve_of(tables["par-mois"], target, [row.label for row in tables["par-mois"].rows]),
        "course": reading.course(tables["par-mois"], target),
        "curve_description": reading.curve_description(tables["par-mois"]),
        "course_title": reading.course_title(board.period),
        "first_level": reading.first_level_text(board, tells_all=tells_all),
        "beside": reading.net_text(board),
        "ended_otherwise": reading.ended_otherwise_text(board, tells_all=tells_all),
        "definitions": DEFINITIONS,
        "report_url": url_for("stats.report", year=_report_year(board, form)),
        "asked": form.asked(),
    }


def _report_year(board: Dashboard, form: DelaysForm) -> int:
    """That in which the period ends, where there is a report of it."""
    year, today = board.period.ends_on.year, clock.today()
    return year if str(year) in (form.periode.choices or {}) else today.year


def _pressing(board: Dashboard) -> dict[str, Any]:
    """« À débloquer maintenant », and the way to all the open questions."""
    reader, found = actor(), pressing(actor(), board.selection)
    rows = []
    for row in found.rows:
        where = ", ".join(filter(None, (place_text(row), holder_text(row, reader))))
        rows.append((row, Urgency(row.urgency), days_left(presses_at(row), board.now), where[0].upper() + where[1:]))
    return {"pressing": rows, **_open_list(board.selection, found.count)}


def _open_list(selection: Selection, open_count: int) -> dict[str, Any]:
    """Where the open questions are listed; how many is said where that list has the same filters as the page."""
    codes = sorted(selection.delegations or ())
    is_one = len(codes) == 1
    filters: dict[str, Any] = {
        "delegation": (codes[0] or NATIONAL_QUEUE) if is_one else None,
        "theme": selection.topic or None,
        "canal": selection.channel.value if selection.channel else None,
    }
    is_same = not selection.typology and (is_one or selection.delegations is None)
    url = url_for("tickets.all_questions", statut=OPEN, tri="anciennes", **filters)
    return {"open_url": url, "open_count": open_count if is_same else None}


def _target() -> Target:
    return Target.of(settings_of(current_app))
