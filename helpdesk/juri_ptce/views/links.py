"""The signed links of the mails: opening one shows a button, pressing it acts. Nothing of the question shows.

Whoever holds the link acts as the person it was sent to; once the appointment has changed, it only tells so.
"""

from dataclasses import dataclass

from flask import flash, redirect, render_template, url_for
from werkzeug.wrappers import Response

from helpdesk import clock
from helpdesk.accounts.models import Person
from helpdesk.db import db
from helpdesk.errors import BadInput, Conflict, NotFound
from helpdesk.juri_ptce import links, perms
from helpdesk.juri_ptce.deadlines import is_too_late_for_ptce
from helpdesk.juri_ptce.enums import TO_COME, AppointmentStatus, WaitingStatus
from helpdesk.juri_ptce.forms.ptce import SlotForm
from helpdesk.juri_ptce.links import Purpose
from helpdesk.juri_ptce.models import Appointment, WaitingEntry
from helpdesk.juri_ptce.operations import booking, waiting
from helpdesk.juri_ptce.queries import appointments
from helpdesk.juri_ptce.views.blueprint import blueprint
from helpdesk.juri_ptce.views.choosing import choices_for, fill, is_full, place_of
from helpdesk.juri_ptce.wording import when_text
from helpdesk.tickets.operations.history import settings
from helpdesk.web import public

Page = tuple[str, int]
GONE = 410

DONE = {
    Purpose.CANCEL: "Le rendez-vous est annulé. La question suit son cours par écrit.",
    Purpose.MOVE: "Le rendez-vous est déplacé.",
    Purpose.ACCEPT: "La place est prise : le rendez-vous est confirmé.",
    Purpose.DECLINE: "La place est laissée à la personne suivante. La question suit son cours par écrit.",
}
OUTDATED = {
    Purpose.CANCEL: "Ce rendez-vous a changé depuis ce courriel. Le dernier courriel reçu dit où il en est.",
    Purpose.MOVE: "Ce rendez-vous a changé depuis ce courriel. Le dernier courriel reçu dit où il en est.",
    Purpose.ACCEPT: "Cette proposition n’est plus valable : le délai est passé, ou la place a changé de mains.",
    Purpose.DECLINE: "Cette proposition n’est plus valable : le délai est passé, ou la place a changé de mains.",
}
NOT_YOURS = "La personne à qui ce lien a été envoyé ne suit plus cette question."


@dataclass(frozen=True)
class Target:
    """What a link is about, and as whom it acts; *entry*: of the waiting list, for a place offered."""

    purpose: Purpose
    sequence: int
    appointment: Appointment
    person: Person | None
    entry: WaitingEntry | None = None

    @property
    def is_done(self) -> bool:
        """What the link is for has happened, through it or otherwise."""
        if self.entry is not None:
            wanted = WaitingStatus.ACCEPTED if self.purpose is Purpose.ACCEPT else WaitingStatus.DECLINED
            return self.entry.status is wanted
        return self.appointment.status is {
            Purpose.CANCEL: AppointmentStatus.CANCELLED_BY_PTCE,
            Purpose.MOVE: AppointmentStatus.MOVED,
        }.get(self.purpose)

    @property
    def may_act(self) -> bool:
        """Whether the person it was sent to still acts for the structure."""
        if self.person is None:
            return False
        if self.entry is not None:
            return perms.can_leave_waiting(self.person, self.entry)
        return perms.can_change_booking(self.person, self.appointment)

    @property
    def is_current(self) -> bool:
        """Whether the button still acts: nothing has changed since the mail."""
        one = self.appointment
        if not self.may_act or one.sequence != self.sequence or one.slot.starts_at <= clock.now():
            return False
        if self.entry is None:
            return one.status in TO_COME
        is_held = one.expires_at is not None and one.expires_at > clock.now()
        return is_held and self.entry.status is WaitingStatus.OFFERED

    @property
    def is_too_late(self) -> bool:
        """On the day of the call a PTCE calls instead."""
        return self.entry is None and is_too_late_for_ptce(self.appointment.slot.starts_at, clock.now())


@blueprint.get("/juri-ptce/lien/<token>")
@public
def link(token: str) -> str | Page:
    """What the link would do, with its button; done or outdated, the page says it and what to do."""
    return _page(token, _target(token), SlotForm(formdata=None))


@blueprint.post("/juri-ptce/lien/<token>")
@public
def use_link(token: str) -> Response | str | Page:
    """Do it, once; whatever happened meanwhile is told by the same page."""
    target, form = _target(token), SlotForm()
    if not target.is_current or target.is_too_late:
        return _page(token, target, form)
    if target.purpose is Purpose.MOVE and not form.validate_on_submit():
        return _button_page(token, target, form), 422
    try:
        is_taken = _act(target, form)
    except (BadInput, Conflict) as error:
        flash(error.message, "veille")
        return redirect(url_for("juri_ptce.link", token=token), 303)
    if is_taken:
        return _button_page(token, _target(token), form, is_full=True)
    return redirect(url_for("juri_ptce.link", token=token), 303)


def _target(token: str) -> Target:
    """:raises NotFound: for a link that this service never signed, or whose row is gone."""
    purpose, row_id, sequence, person_id = links.read(token)
    person = db.session.get(Person, person_id)
    if purpose in (Purpose.ACCEPT, Purpose.DECLINE):
        entry = db.session.get(WaitingEntry, row_id)
        if entry is None or entry.appointment is None:
            raise NotFound(links.UNKNOWN_LINK)
        return Target(purpose, sequence, entry.appointment, person, entry)
    appointment = db.session.get(Appointment, row_id)
    if appointment is None:
        raise NotFound(links.UNKNOWN_LINK)
    return Target(purpose, sequence, appointment, person)


def _act(target: Target, form: SlotForm) -> bool:
    """Do what the link is for; returns whether the slot chosen was taken meanwhile."""
    assert target.person is not None  # noqa: S101 (told to mypy: no link acts without one)
    match target.purpose:
        case Purpose.CANCEL:
            booking.cancel(target.person, target.appointment)
        case Purpose.MOVE:
            return is_full([booking.move(target.person, target.appointment, form.slot.data)])
        case Purpose.ACCEPT if target.entry is not None:
            waiting.accept(target.person, target.entry)
        case Purpose.DECLINE if target.entry is not None:
            waiting.decline(target.person, target.entry)
    return False


def _page(token: str, target: Target, form: SlotForm) -> str | Page:
    if target.is_current and not target.is_too_late:
        return _button_page(token, target, form)
    return _dead_page(target)


def _button_page(token: str, target: Target, form: SlotForm, *, is_full: bool = False) -> str:
    one, place = target.appointment, place_of(target.appointment.organisation)
    choices = choices_for(one.ticket) if target.purpose is Purpose.MOVE else []
    choices = [choice for choice in choices if choice.slot_ids]
    return render_template(
        "juri_ptce/link.html",
        purpose=target.purpose.value,
        when=when_text(one.slot.starts_at, place),
        until=when_text(one.expires_at, place) if one.expires_at else "",
        form=form,
        choices=choices,
        options=fill(form, choices, place),
        is_full=is_full,
        phone=settings().service_phone,
        action=url_for("juri_ptce.use_link", token=token),
    )


def _dead_page(target: Target) -> str | Page:
    """Done, which is good news, or outdated, with what to do then."""
    one = target.appointment
    place, standing = place_of(one.organisation), appointments.to_come_of(one.ticket)
    if not target.may_act or (standing is not None and standing.organisation_id != one.organisation_id):
        standing = None  # of another structure by now, or of one that the person has left
    page = render_template(
        "juri_ptce/link_dead.html",
        is_done=target.is_done,
        message=_message(target),
        is_too_late=target.is_current and target.is_too_late,
        when=when_text(one.slot.starts_at, place),
        standing=when_text(standing.slot.starts_at, place) if standing is not None else "",
        phone=settings().service_phone,
    )
    return page if target.is_done else (page, GONE)


def _message(target: Target) -> str:
    if target.is_done:
        return DONE[target.purpose]
    return OUTDATED[target.purpose] if target.may_act else NOT_YOURS
