"""Structures for the staff: the list, the sheet, its contacts; and what a delegation sets for itself."""

from typing import Any

from flask import current_app, flash, redirect, render_template, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from helpdesk import clock, settings_of
from helpdesk.accounts import operations, perms, queries
from helpdesk.accounts.enums import MandateScope, MembershipState
from helpdesk.accounts.forms import ContactForm, DelegationForm, EndForm, MembersForm
from helpdesk.accounts.membership import membership_state
from helpdesk.accounts.models import Mandate, Organisation, Person
from helpdesk.accounts.views import blueprint
from helpdesk.errors import NotFound
from helpdesk.reference import get_reference
from helpdesk.tickets.queries import recent_of_organisation
from helpdesk.web import signed_in, staff_only

ID = "int(max=2147483647)"
RECENT_QUESTIONS = 10


@blueprint.get("/adherents")
@staff_only
def members() -> str:
    """The structures of one's delegations, for the pole all; searched and filtered by the address."""
    form, page = _members_form(), request.args.get("page", 1, type=int)
    found = queries.members_page(current_user.person, _filters(form), page, grace=_grace())
    return render_template("accounts/members.html", form=form, page=found, reference=get_reference())


@blueprint.get(f"/adherents/<{ID}:organisation_id>")
@staff_only
def member(organisation_id: int) -> str:
    """A structure: what it is, its contacts, its last questions."""
    person = current_user.person
    organisation = queries.get_visible_organisation(person, organisation_id)
    return render_template(
        "accounts/member.html",
        organisation=organisation,
        contacts=queries.contacts_of(organisation),
        membership=_membership(organisation),
        questions=recent_of_organisation(person, organisation.id, limit=RECENT_QUESTIONS),
        reference=get_reference(),
        today=clock.today(),
    )


@blueprint.route(f"/adherents/<{ID}:organisation_id>/contacts/nouveau", methods=["GET", "POST"])
@staff_only
def add_contact(organisation_id: int) -> str | Response | tuple[str, int]:
    """Add somebody to a structure."""
    organisation = queries.get_visible_organisation(current_user.person, organisation_id)
    form = ContactForm()
    status = form.submit(lambda: _add_contact(organisation, form))
    if status == 303:
        flash("Cette personne peut maintenant se connecter avec son courriel.", "ok")
        return redirect(url_for("accounts.member", organisation_id=organisation.id), 303)
    return render_template("accounts/contact.html", form=form, organisation=organisation), status


@blueprint.route(f"/mandats/<{ID}:mandate_id>/fin", methods=["GET", "POST"])
@signed_in
def end_mandate(mandate_id: int) -> str | Response | tuple[str, int]:
    """Ask before a mandate ends, then end it."""
    actor, mandate = current_user.person, queries.get_mandate(mandate_id)
    if not perms.can_end_mandate(actor, mandate):
        raise NotFound
    form, back_url = EndForm(), _page_before_end(actor, mandate)
    status = form.submit(lambda: operations.end_mandate(actor, mandate, last_day_on=form.last_day_on.data))
    if status == 303:
        flash("La fin du mandat est enregistrée.", "ok")
        return redirect(back_url, 303)
    return render_template("accounts/end_mandate.html", form=form, mandate=mandate, back_url=back_url), status


@blueprint.route("/delegations/<code>", methods=["GET", "POST"])
@staff_only
def delegation(code: str) -> str | Response | tuple[str, int]:
    """What a delegation sets for itself."""
    actor, known = current_user.person, get_reference().delegations.get(code)
    if known is None or not perms.can_set_delegation(actor, code):
        raise NotFound
    form = DelegationForm(obj=queries.delegation_profile(code))
    status = form.submit(lambda: operations.update_delegation_profile(actor, code, **_delegation(form)))
    if status == 303:
        flash("Les réglages de la délégation sont enregistrés.", "ok")
        return redirect(url_for("accounts.delegation", code=code), 303)
    return render_template("accounts/delegation.html", form=form, delegation=known), status


def _members_form() -> MembersForm:
    reference, person = get_reference(), current_user.person
    form = MembersForm(request.args)
    form.typologie.choices = {"": "Toutes", **{code: code for code in reference.typologies}}
    codes = [code for code in reference.delegations if person.is_pole or code in person.delegations]
    form.delegation.choices = {"": "Toutes", **{code: reference.delegations[code].name for code in codes}}
    if person.is_pole:
        form.delegation.choices[queries.NATIONAL_QUEUE] = "File nationale (sans délégation)"
    return form


def _filters(form: MembersForm) -> queries.MemberFilters:
    """What makes sense of the address; a value that does not exist narrows nothing."""
    form.validate()
    membership = form.cotisation.data or ""
    return queries.MemberFilters(
        words="" if form.q.errors else form.q.data or "",
        typology=_known(form.typologie),
        membership=MembershipState(membership) if membership in set(MembershipState) else None,
        delegation=_known(form.delegation),
    )


def _known(field: Any) -> str:
    return field.data if field.data in field.choices else ""


def _grace() -> tuple[int, int]:
    settings = settings_of(current_app)
    return settings.membership_grace_month, settings.membership_grace_day


def _membership(organisation: Organisation) -> MembershipState:
    return membership_state(organisation.kind, organisation.membership_paid_year, clock.today(), _grace())


def _add_contact(organisation: Organisation, form: ContactForm) -> None:
    operations.add_person_to_organisation(
        current_user.person,
        organisation,
        email=form.email.data,
        first_name=form.first_name.data,
        last_name=form.last_name.data,
        title=form.title.data,
        phone=form.phone.data or "",
        scope=MandateScope(form.scope.data),
    )


def _delegation(form: DelegationForm) -> dict[str, Any]:
    return {
        "is_relayed": form.is_relayed.data,
        "phone": form.phone.data or "",
        "opening_hours": form.opening_hours.data or "",
    }


def _page_before_end(actor: Person, mandate: Mandate) -> str:
    if perms.can_view_organisation(actor, mandate.organisation):
        return url_for("accounts.member", organisation_id=mandate.organisation_id)
    return url_for("administration.person", person_id=mandate.person_id)
