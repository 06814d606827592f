"""A question in two parts: made by the pole, written and approved by each side, each on its own page."""

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from helpdesk.accounts.models import Person
from helpdesk.attachments.views import download
from helpdesk.errors import NotFound
from helpdesk.juri_ptce import perms
from helpdesk.juri_ptce.enums import PartSide
from helpdesk.juri_ptce.forms.parts import PartForm, SplitForm
from helpdesk.juri_ptce.models import QuestionPart
from helpdesk.juri_ptce.operations import parts as operations
from helpdesk.juri_ptce.queries import parts as queries
from helpdesk.juri_ptce.queries.parts import Reading
from helpdesk.juri_ptce.views.blueprint import actor, blueprint
from helpdesk.tickets import queries as tickets
from helpdesk.tickets.models import Ticket
from helpdesk.tickets.operations.history import require
from helpdesk.tickets.views.blueprint import once, page_number, seen_version, sent_key
from helpdesk.web import host_only, pole_only

Page = Response | str | tuple[str, int]
APPROVE = "visa"


@blueprint.get("/juri-ptce/volets")
@host_only
def parts() -> str:
    """The parts of a partner jurist; the pole finds its own beside the questions."""
    return render_template("juri_ptce/parts.html", page=queries.parts_page(actor(), page_number()), me=actor())


@blueprint.get("/juri-ptce/volets/<reference>/<side>")
@host_only
def part(reference: str, side: str) -> Page:
    """One part: what is asked, the files shared, the text; the other one once both are approved."""
    reading, form = _reading(reference, side), PartForm(formdata=None)
    form.text.data = reading.part.text
    return _part_page(reading, form)


@blueprint.post("/juri-ptce/volets/<reference>/<side>")
@host_only
def write_part(reference: str, side: str) -> Page:
    """Keep the text; « Enregistrer et donner mon visa » approves what was just typed."""
    one, form, seen = _reading(reference, side).part, PartForm(), seen_version()
    is_approved = request.form.get("suite") == APPROVE
    status = form.submit(lambda: once(sent_key(), one.ticket, lambda: _write(one, form, seen, is_approved)))
    if status != 303:
        return _part_page(_reading(reference, side), form), status
    flash("Vous avez donné votre visa." if is_approved else "Votre texte est enregistré.", "ok")
    return redirect(url_for("juri_ptce.part", reference=reference, side=side), 303)


@blueprint.get("/juri-ptce/volets/<reference>/<side>/pieces/<int:attachment_id>")
@host_only
def part_file(reference: str, side: str, attachment_id: int) -> Response:
    """A file shared with the answerer of the part; any other is not found."""
    return download(queries.shared_file(_reading(reference, side), attachment_id))


@blueprint.get("/juri-ptce/questions/<reference>/volets")
@pole_only
def split(reference: str) -> Page:
    """« Faire intervenir le RTES », or what each side is asked once it is done."""
    ticket, form = _ticket(reference), SplitForm(formdata=None)
    _offer(form, ticket)
    form.prefill(queries.parts_of(ticket))
    return _split_page(ticket, form)


@blueprint.post("/juri-ptce/questions/<reference>/volets")
@pole_only
def save_split(reference: str) -> Page:
    """Make both parts, or change what is asked."""
    ticket, form = _ticket(reference), SplitForm()
    people = _offer(form, ticket)
    status = form.submit(lambda: once(sent_key(), ticket, lambda: _save(ticket, form, people)))
    if status != 303:
        return _split_page(_ticket(reference), form), status
    flash("Les deux volets sont confiés.", "ok")
    return redirect(url_for("tickets.thread", reference=reference), 303)


@blueprint.post("/juri-ptce/questions/<reference>/volets/renoncer")
@pole_only
def give_up_parts(reference: str) -> Page:
    """Do without the partner network."""
    ticket = _ticket(reference)
    once(sent_key(), ticket, lambda: operations.give_up(actor(), ticket))
    flash("La question se traite sans le RTES.", "ok")
    return redirect(url_for("tickets.thread", reference=reference), 303)


@blueprint.post("/juri-ptce/questions/<reference>/volets/reponse")
@pole_only
def start_answer(reference: str) -> Page:
    """Put both approved parts in the writing frame of the thread."""
    ticket = _ticket(reference)
    once(sent_key(), ticket, lambda: operations.start_answer(actor(), ticket))
    flash("Les deux volets sont repris dans votre réponse : relisez-la, puis envoyez-la.", "ok")
    return redirect(url_for("tickets.thread", reference=reference, mode="reponse", _anchor="ecrire"), 303)


def _reading(reference: str, side: str) -> Reading:
    if side not in list(PartSide):
        raise NotFound
    return queries.get_readable_part(actor(), reference, PartSide(side))


def _write(one: QuestionPart, form: PartForm, seen: int, is_approved: bool) -> None:
    operations.write_part(actor(), one, text=form.text.data or "", seen_version=seen)
    if is_approved:
        operations.approve(actor(), one, seen_version=None)


def _part_page(reading: Reading, form: PartForm) -> str:
    me = actor()
    return render_template(
        "juri_ptce/part.html",
        reading=reading,
        part=reading.part,
        form=form,
        has_errors=bool(form.errors),
        sees_question=me.is_pole,
        can_read_text=perms.can_read_part_text(me, reading.part, reading.parts),
        can_write=perms.can_write_part(me, reading.part),
    )


def _ticket(reference: str) -> Ticket:
    ticket = tickets.get_visible_ticket(actor(), reference)
    require(perms.can_split(actor(), ticket))
    return ticket


def _offer(form: SplitForm, ticket: Ticket) -> list[Person]:
    """Fill the lists; returns the people in them."""
    excluded = {one.person_id for one in ticket.conflicts}
    ours = [person for person in tickets.jurists() if person.id not in excluded]
    theirs = [person for person in queries.partner_jurists() if person.id not in excluded]
    form.offer(ours, theirs, tickets.readable_files(actor(), ticket))
    return [*ours, *theirs]


def _save(ticket: Ticket, form: SplitForm, people: list[Person]) -> None:
    made, briefs = queries.parts_of(ticket), form.briefs(people)
    if not made:
        operations.bring_in(actor(), ticket, briefs)
    for one in made:
        operations.change_brief(actor(), one, briefs[one.side], seen_version=None)


def _split_page(ticket: Ticket, form: SplitForm) -> str:
    made = queries.parts_of(ticket)
    return render_template("juri_ptce/split.html", ticket=ticket, form=form, parts=made, has_errors=bool(form.errors))
