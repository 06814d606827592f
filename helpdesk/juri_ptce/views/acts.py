"""Every act of the jurists on a call, in one table: when it may be done, what it asks, what it does."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from helpdesk.accounts.models import Person
from helpdesk.accounts.queries import get_person
from helpdesk.errors import BadInput, NotFound
from helpdesk.juri_ptce import perms
from helpdesk.juri_ptce.enums import TO_COME, AppointmentStatus
from helpdesk.juri_ptce.forms import sheet as forms
from helpdesk.juri_ptce.models import Appointment
from helpdesk.juri_ptce.operations import booking, holding
from helpdesk.juri_ptce.operations.holding import AfterAbsence
from helpdesk.juri_ptce.queries.sessions import possible_hosts
from helpdesk.tickets.forms.member import number_or_zero


@dataclass(frozen=True, kw_only=True)
class Act:
    """*label*: the button; *done*: what the page says afterwards."""

    label: str
    done: str
    allowed: Callable[[Appointment], bool]
    run: Callable[[Person, Appointment, Any, int], object]
    form: type[forms.ActForm] = forms.ActForm
    icon: str = "fleche"


def _is_to_come(appointment: Appointment) -> bool:
    return appointment.status in TO_COME


def _is_noted(appointment: Appointment) -> bool:
    return holding.is_to_hold(appointment) or appointment.status is AppointmentStatus.HELD


def _can_be_held(appointment: Appointment) -> bool:
    is_missed = appointment.status is AppointmentStatus.ABSENT and appointment.ticket.status.is_open
    return holding.is_to_hold(appointment) or is_missed


def _person(form: Any) -> Person:
    try:
        return get_person(number_or_zero(form.person.data))
    except NotFound:
        raise BadInput("Choisissez une personne de la liste.", field="person") from None


def _cancel(me: Person, one: Appointment, form: Any, seen: int) -> None:
    booking.cancel(me, one, reason=form.reason.data or "", is_for_ptce=form.is_for_ptce.data, seen_version=seen)


def _mark_absent(me: Person, one: Appointment, form: Any, seen: int) -> None:
    holding.mark_absent(me, one, after=AfterAbsence(form.after.data), seen_version=seen)


def _prepare(me: Person, one: Appointment, form: Any, seen: int) -> None:
    holding.prepare(me, one, preparation=form.preparation.data or "", seen_version=seen)


def _take_notes(me: Person, one: Appointment, form: Any, seen: int) -> None:
    holding.take_notes(me, one, notes=form.notes.data or "", seen_version=seen)


def _hold(me: Person, one: Appointment, form: Any, seen: int) -> None:
    holding.hold(me, one, notes=form.notes.data, seen_version=seen)


ACTS = {
    "confirmer": Act(
        label="Confirmer le rendez-vous",
        done="Le rendez-vous est confirmé, l’invitation part.",
        allowed=lambda one: one.status is AppointmentStatus.REQUESTED,
        run=lambda me, one, form, seen: booking.confirm(me, one),
        icon="coche",
    ),
    "commencer": Act(
        label="Commencer l’échange",
        done="L’échange est commencé.",
        allowed=lambda one: holding.is_to_hold(one) and one.started_at is None,
        run=lambda me, one, form, seen: holding.start(me, one, seen_version=seen),
        icon="telephone",
    ),
    "tenu": Act(
        label="L’échange a eu lieu",
        done="L’échange est noté comme tenu. Il reste à écrire le compte rendu.",
        allowed=_can_be_held,
        run=_hold,
        form=forms.NotesForm,
        icon="coche",
    ),
    "absent": Act(
        label="Noter l’absence",
        done="L’absence est notée.",
        allowed=holding.is_to_hold,
        run=_mark_absent,
        form=forms.AbsenceForm,
        icon="personne",
    ),
    "notes": Act(
        label="Enregistrer les notes",
        done="Les notes sont enregistrées.",
        allowed=_is_noted,
        run=_take_notes,
        form=forms.NotesForm,
        icon="crayon",
    ),
    "preparation": Act(
        label="Enregistrer la préparation",
        done="La préparation est enregistrée.",
        allowed=lambda one: one.status in (*TO_COME, AppointmentStatus.OFFERED),
        run=_prepare,
        form=forms.PreparationForm,
        icon="crayon",
    ),
    "participer": Act(
        label="Ajouter cette personne",
        done="Cette personne tient l’échange.",
        allowed=_is_to_come,
        run=lambda me, one, form, seen: booking.attend(me, one, _person(form)),
        form=forms.PersonForm,
        icon="plus",
    ),
    "retrait": Act(
        label="Retirer cette personne",
        done="Cette personne ne tient plus l’échange.",
        allowed=lambda one: _is_to_come(one) and bool(one.attendances),
        run=lambda me, one, form, seen: booking.leave(me, one, _person(form)),
        form=forms.LeavingForm,
        icon="croix",
    ),
    "annulation": Act(
        label="Annuler le rendez-vous",
        done="Le rendez-vous est annulé, la structure est prévenue.",
        allowed=_is_to_come,
        run=_cancel,
        form=forms.CancelForm,
        icon="croix",
    ),
}


def offered(person: Person, appointment: Appointment) -> list[str]:
    """The acts that *person* may do now."""
    if not perms.can_prepare(person, appointment):
        return []
    return [slug for slug, act in ACTS.items() if act.allowed(appointment)]


def fresh_form(slug: str, appointment: Appointment) -> forms.ActForm:
    """The form of an act as it is first shown."""
    form = ACTS[slug].form(formdata=None)
    form.offer(appointment, _people(slug))
    form.prefill(appointment)
    return form


def received_form(slug: str, appointment: Appointment) -> forms.ActForm:
    """The form of an act as it was sent."""
    form = ACTS[slug].form()
    form.offer(appointment, _people(slug))
    return form


def _people(slug: str) -> list[Person]:
    return list(possible_hosts()) if slug == "participer" else []
