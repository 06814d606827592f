"""« Administration »: the state of the service, people and their access."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from helpdesk.accounts import operations, perms
from helpdesk.accounts import queries as people_queries
from helpdesk.accounts.enums import Role
from helpdesk.accounts.forms import EmailForm, EndForm, PeopleForm
from helpdesk.administration.queries import service_state
from helpdesk.errors import Conflict, NotFound
from helpdesk.mail import queries as mail_queries
from helpdesk.mail.operations import resend
from helpdesk.web import admin_only

blueprint = Blueprint("administration", __name__, url_prefix="/administration")

ID = "int(max=2147483647)"


@blueprint.get("/")
@admin_only
def state() -> str:
    """« État du service »: the worker, the work that waits, the mails that failed."""
    failed = mail_queries.failed_mails(request.args.get("page", 1, type=int))
    return render_template("administration/state.html", state=service_state(), failed=failed)


@blueprint.post(f"/courriels/<{ID}:mail_id>/renvoyer")
@admin_only
def resend_mail(mail_id: int) -> Response:
    """Try a failed mail again."""
    try:
        resend(current_user.person, mail_id)
    except Conflict as refusal:
        flash(refusal.message, "veille")
    else:
        flash("Le courriel va repartir.", "ok")
    return redirect(url_for("administration.state"), 303)


@blueprint.get("/personnes")
@admin_only
def people() -> str:
    """Everybody with an account, searched by name or e-mail, filtered by role."""
    form = PeopleForm(request.args)
    form.validate()
    role = form.role.data if form.role.data in set(Role) else None
    words = "" if form.q.errors else form.q.data or ""
    page = people_queries.people_page(words, Role(role) if role else None, request.args.get("page", 1, type=int))
    return render_template("administration/people.html", form=form, page=page)


@blueprint.get(f"/personnes/<{ID}:person_id>")
@admin_only
def person(person_id: int) -> str:
    """One person: mandates and roles, past ones too, with what may be ended."""
    shown = people_queries.get_person(person_id)
    is_self = shown.id == current_user.person.id
    return render_template("administration/person.html", shown=shown, is_self=is_self)


@blueprint.route(f"/roles/<{ID}:role_id>/fin", methods=["GET", "POST"])
@admin_only
def end_role(role_id: int) -> str | Response | tuple[str, int]:
    """Ask before a role ends, then end it."""
    actor, role = current_user.person, people_queries.get_role(role_id)
    if not perms.can_end_role(actor, role):
        raise NotFound
    form, back_url = EndForm(), url_for("administration.person", person_id=role.person_id)
    status = form.submit(lambda: operations.end_role(actor, role, last_day_on=form.last_day_on.data))
    if status == 303:
        flash("La fin du rôle est enregistrée.", "ok")
        return redirect(back_url, 303)
    return render_template("administration/end_role.html", form=form, role=role, back_url=back_url), status


@blueprint.route(f"/personnes/<{ID}:person_id>/courriel", methods=["GET", "POST"])
@admin_only
def change_email(person_id: int) -> str | Response | tuple[str, int]:
    """Change the address that somebody signs in with."""
    actor, shown = current_user.person, people_queries.get_person(person_id)
    form, back_url = EmailForm(), url_for("administration.person", person_id=person_id)
    status = form.submit(lambda: operations.change_email(actor, shown, form.email.data))
    if status == 303:
        flash("Le courriel est changé.", "ok")
        return redirect(back_url, 303)
    return render_template("administration/email.html", form=form, shown=shown, back_url=back_url), status


@blueprint.post(f"/personnes/<{ID}:person_id>/fermer")
@admin_only
def close_account(person_id: int) -> Response:
    """Close an account: nobody signs in with it any more."""
    is_done = operations.deactivate(current_user.person, people_queries.get_person(person_id))
    flash(*("Le compte est fermé.", "ok") if is_done else ("Ce compte était déjà fermé.", "info"))
    return redirect(url_for("administration.person", person_id=person_id), 303)


@blueprint.post(f"/personnes/<{ID}:person_id>/rouvrir")
@admin_only
def open_account(person_id: int) -> Response:
    """Open a closed account again."""
    is_done = operations.reactivate(current_user.person, people_queries.get_person(person_id))
    flash(*("Le compte est rouvert.", "ok") if is_done else ("Ce compte était déjà ouvert.", "info"))
    return redirect(url_for("administration.person", person_id=person_id), 303)
