"""The figures of Juri-PTCE, for the pole: the period is in the address."""

from flask import render_template, request

from helpdesk import clock, reporting
from helpdesk.juri_ptce.forms.figures import PeriodForm
from helpdesk.juri_ptce.queries.figures import figures as figures_of
from helpdesk.juri_ptce.reporting import DEFINITIONS
from helpdesk.juri_ptce.views.blueprint import blueprint
from helpdesk.web import pole_only

YEARS_SHOWN = 4


@blueprint.get("/juri-ptce/chiffres")
@pole_only
def figures() -> str | tuple[str, int]:
    """The lines of the annual report, then the detail that stays with the pole."""
    form, today = PeriodForm(request.args), clock.today()
    period = form.period(today)
    page = render_template(
        "juri_ptce/figures.html",
        form=form,
        period=period,
        figures=figures_of(period, clock.now()),
        years=range(today.year, today.year - YEARS_SHOWN, -1),
        told_outside=reporting.told_outside,
        is_too_few=reporting.is_too_few,
        definitions=DEFINITIONS,
    )
    return (page, 422) if form.errors else page
