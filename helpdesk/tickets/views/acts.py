"""Every act of the staff on a question but writing, in one table: who may, what it asks, what it does."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask import current_app

from helpdesk import settings_of
from helpdesk.accounts.models import Person
from helpdesk.accounts.queries import get_person
from helpdesk.errors import BadInput, NotFound
from helpdesk.formats import count
from helpdesk.tickets import operations, perms, queries
from helpdesk.tickets.enums import Action
from helpdesk.tickets.forms import thread as forms
from helpdesk.tickets.forms.member import number_or_zero
from helpdesk.tickets.models import Ticket

Run = Callable[[Person, Ticket, Any, int], object]


@dataclass(frozen=True, kw_only=True)
class ThreadAction:
    """*label*: the button; *done*: what the page says afterwards; *instead*: what it says when the act led elsewhere,
    told from the question as it is then; *help*: a line under the heading, where ``{relay_days}`` stands for the
    setting.
    """

    label: str
    done: str
    allowed: Callable[[Person, Ticket], bool]
    run: Run
    instead: Callable[[Ticket], str] = lambda ticket: ""
    form: type[forms.ActForm] = forms.ActForm
    help: str = ""
    icon: str = "fleche"
    is_first: bool = False
    """Shown at once, not in « Autres actions »."""

    @property
    def is_quick(self) -> bool:
        """Done at one click, from the head of the page."""
        return self.is_first and self.form is forms.ActForm

    @property
    def help_text(self) -> str:
        """The line as shown, with the days of the settings."""
        days = settings_of(current_app).relay_working_days
        return self.help.replace("{relay_days}", count(days, "jour ouvré", "jours ouvrés"))


def _person(person_id: str | None, field: str) -> Person:
    try:
        return get_person(number_or_zero(person_id))
    except NotFound:
        raise BadInput("Choisissez une personne de la liste.", field=field) from None


def _original(actor: Person, reference: str | None) -> Ticket:
    try:
        return queries.get_visible_ticket(actor, (reference or "").strip().upper())
    except NotFound:
        message = "Cette référence n’existe pas, ou ne vous est pas ouverte. Écrivez-la comme Q-2026-0042."
        raise BadInput(message, field="original") from None


def _attachment_id(value: str | None) -> int:
    number = number_or_zero(value)
    if not number:
        raise BadInput("Choisissez une pièce de la liste.", field="attachment_id")
    return number


def not_relayed(ticket: Ticket) -> str:
    """Why the answer that the delegate sent on did not leave; empty when it did."""
    if not ticket.status.is_open:
        return ""
    return "le droit a changé depuis la réponse. Elle n’est pas partie : le pôle la relit."


ACTIONS: dict[str, ThreadAction] = {
    "prendre": ThreadAction(
        label=Action.TAKE.label,
        done="La question est dans votre file.",
        allowed=perms.can_take,
        run=lambda me, ticket, form, seen: operations.take(me, ticket, seen_version=seen),
        icon="balance",
        is_first=True,
    ),
    "garder": ThreadAction(
        label=Action.TAKE_REGIONAL.label,
        done="Vous vous chargez de la question.",
        allowed=perms.can_take_regional,
        run=lambda me, ticket, form, seen: operations.take_regional(me, ticket, seen_version=seen),
        icon="personne",
        is_first=True,
    ),
    "transmettre": ThreadAction(
        label=Action.TRANSMIT.label,
        done="La question est au pôle juridique.",
        allowed=perms.can_transmit,
        form=forms.NoteForm,
        run=lambda me, ticket, form, seen: operations.transmit(
            me, ticket, note=form.note.data or "", seen_version=seen
        ),
        help="La note est lue par le pôle, jamais par l’adhérent.",
        icon="envoi",
        is_first=True,
    ),
    "relayer": ThreadAction(
        label=Action.RELAY.label,
        done="La réponse est transmise à l’adhérent.",
        allowed=perms.can_relay,
        form=forms.RelayForm,
        run=lambda me, ticket, form, seen: operations.relay(me, ticket, word=form.word.data or "", seen_version=seen),
        instead=not_relayed,
        help="Sans action de votre part, elle part seule après {relay_days}.",
        icon="envoi",
        is_first=True,
    ),
    "rendre": ThreadAction(
        label=Action.RETURN_FROM_RELAY.label,
        done="La réponse est revenue au pôle.",
        allowed=perms.can_relay,
        form=forms.ReasonForm,
        run=lambda me, ticket, form, seen: operations.return_from_relay(
            me, ticket, note=form.note.data or "", seen_version=seen
        ),
        icon="fleche-g",
        is_first=True,
    ),
    "reprendre": ThreadAction(
        label=Action.RESUME.label,
        done="Le compte des jours reprend.",
        allowed=perms.can_resume,
        form=forms.NoteForm,
        run=lambda me, ticket, form, seen: operations.resume(me, ticket, note=form.note.data or "", seen_version=seen),
        help="Quand la précision est venue autrement, ou ne vient pas.",
        is_first=True,
    ),
    "confier": ThreadAction(
        label=Action.HAND_OVER.label,
        done="La question est confiée.",
        allowed=perms.can_hand_over,
        form=forms.HandOverForm,
        run=lambda me, ticket, form, seen: operations.hand_over(
            me, ticket, _person(form.to.data, "to"), note=form.note.data or "", seen_version=seen
        ),
        icon="personne",
    ),
    "remettre": ThreadAction(
        label=Action.RELEASE.label,
        done="La question est revenue dans la file du pôle.",
        allowed=perms.can_release,
        run=lambda me, ticket, form, seen: operations.release(me, ticket, seen_version=seen),
        icon="boite",
    ),
    "renvoyer": ThreadAction(
        label=Action.SEND_BACK.label,
        done="La question est revenue à la délégation.",
        allowed=perms.can_send_back,
        form=forms.ReasonForm,
        run=lambda me, ticket, form, seen: operations.send_back(
            me, ticket, note=form.note.data or "", seen_version=seen
        ),
        icon="fleche-g",
    ),
    "appel": ThreadAction(
        label="Consigner un appel",
        done="L’échange est consigné.",
        allowed=perms.can_mark,
        form=forms.CallForm,
        run=lambda me, ticket, form, seen: operations.note_call(
            me,
            ticket,
            text=form.text.data or "",
            is_to_confirm=form.is_to_confirm.data,
            keeps_personal_data=form.keeps_personal_data.data,
        ),
        help="L’adhérent lit ce résumé. Le délai court jusqu’à la réponse écrite.",
        icon="telephone",
    ),
    "theme": ThreadAction(
        label="Changer le thème",
        done="Le thème est enregistré.",
        allowed=perms.can_mark,
        form=forms.TopicForm,
        run=lambda me, ticket, form, seen: operations.set_topic(me, ticket, form.topic.data or "", seen_version=seen),
        icon="livre",
    ),
    "urgence": ThreadAction(
        label="Changer l’urgence",
        done="L’urgence est enregistrée.",
        allowed=perms.can_mark,
        form=forms.UrgencyForm,
        run=lambda me, ticket, form, seen: operations.set_urgency(
            me, ticket, int(form.urgency.data or 0), reason=form.reason.data or "", seen_version=seen
        ),
        icon="urgence",
    ),
    "date-limite": ThreadAction(
        label="Renseigner la date limite légale",
        done="La date limite est enregistrée.",
        allowed=perms.can_mark,
        form=forms.LegalDeadlineForm,
        run=lambda me, ticket, form, seen: operations.set_legal_deadline(
            me, ticket, form.day, source=form.source.data or "", seen_version=seen
        ),
        help="Citez le texte. Laissez la date vide pour l’ôter.",
        icon="calendrier",
    ),
    "sensible": ThreadAction(
        label="Marquer « dossier sensible »",
        done="La question est masquée dans les listes et les courriels.",
        allowed=lambda me, ticket: not ticket.is_sensitive and perms.can_mark_sensitive(me, ticket),
        run=lambda me, ticket, form, seen: operations.set_sensitive(me, ticket, is_sensitive=True, seen_version=seen),
        icon="cadenas",
    ),
    "demasquer": ThreadAction(
        label="Lever le masque « dossier sensible »",
        done="La question n’est plus masquée.",
        allowed=lambda me, ticket: ticket.is_sensitive and perms.can_mark_sensitive(me, ticket),
        run=lambda me, ticket, form, seen: operations.set_sensitive(me, ticket, is_sensitive=False, seen_version=seen),
        icon="cadenas",
    ),
    "reserver": ThreadAction(
        label="Réserver au pôle",
        done="La délégation ne voit plus cette question.",
        allowed=lambda me, ticket: not ticket.is_pole_only and perms.can_reserve_to_pole(me, ticket),
        run=lambda me, ticket, form, seen: operations.set_pole_only(me, ticket, is_pole_only=True, seen_version=seen),
        icon="cadenas",
    ),
    "ouvrir": ThreadAction(
        label="Rouvrir à la délégation",
        done="La délégation voit de nouveau cette question.",
        allowed=lambda me, ticket: ticket.is_pole_only and perms.can_reserve_to_pole(me, ticket),
        run=lambda me, ticket, form, seen: operations.set_pole_only(me, ticket, is_pole_only=False, seen_version=seen),
        icon="lecture",
    ),
    "conflit": ThreadAction(
        label="Déclarer un conflit d’intérêts",
        done="Le conflit est déclaré : la personne ne voit plus cette question.",
        allowed=perms.is_staff_on,
        form=forms.ConflictForm,
        run=lambda me, ticket, form, seen: operations.declare_conflict(
            me, ticket, _person(form.person.data, "person"), reason=form.reason.data or ""
        ),
        help="La question quitte aussitôt sa file, et ne peut plus lui revenir.",
        icon="balance",
    ),
    "lever": ThreadAction(
        label="Lever un conflit d’intérêts",
        done="Le conflit est levé : la personne voit de nouveau cette question.",
        allowed=perms.can_lift_conflict,
        form=forms.LiftForm,
        run=lambda me, ticket, form, seen: operations.lift_conflict(me, ticket, int(form.person.data or 0)),
        icon="balance",
    ),
    "associer": ThreadAction(
        label="Associer une seconde délégation",
        done="La seconde délégation voit cette question.",
        allowed=perms.can_mark,
        form=forms.CopyForm,
        run=lambda me, ticket, form, seen: operations.copy_to_delegation(me, ticket, form.delegation.data or ""),
        help="Pour une structure à cheval : une seule réponse, comptée une fois.",
        icon="echange",
    ),
    "structure": ThreadAction(
        label="Changer de structure",
        done="La question est rattachée à l’autre structure.",
        allowed=perms.can_move_structure,
        form=forms.StructureForm,
        run=lambda me, ticket, form, seen: operations.move_to_structure(
            me, ticket, operations.structure_named(me, form.name.data or ""), seen_version=seen
        ),
        help="La première structure n’y aura plus accès.",
        icon="batiment",
    ),
    "doublon": ThreadAction(
        label=Action.MARK_DUPLICATE.label,
        done="La question est close comme doublon.",
        allowed=perms.can_close_without_answer,
        form=forms.DuplicateForm,
        run=lambda me, ticket, form, seen: operations.mark_duplicate(
            me, ticket, _original(me, form.original.data), text=form.text.data or "", seen_version=seen
        ),
        icon="boite",
    ),
    "hors-champ": ThreadAction(
        label=Action.MARK_OUT_OF_SCOPE.label,
        done="La question est close, avec son orientation.",
        allowed=perms.can_close_without_answer,
        form=forms.WordsForm,
        run=lambda me, ticket, form, seen: operations.mark_out_of_scope(
            me, ticket, text=form.text.data or "", seen_version=seen
        ),
        help="Indiquez vers qui l’adhérent peut se tourner.",
        icon="boite",
    ),
    "faq": ThreadAction(
        label=Action.CLOSE_BY_FAQ.label,
        done="La question est close : l’adhérent reçoit l’adresse de la fiche.",
        allowed=perms.can_close_by_faq,
        form=forms.WordsForm,
        run=lambda me, ticket, form, seen: operations.close_by_faq(
            me, ticket, text=form.text.data or "", seen_version=seen
        ),
        help="Collez l’adresse de la fiche. Elle ne compte pas comme une réponse.",
        icon="livre",
    ),
    "retrait": ThreadAction(
        label=Action.WITHDRAW.label,
        done="La question est retirée.",
        allowed=perms.can_withdraw,
        run=lambda me, ticket, form, seen: operations.withdraw(me, ticket, seen_version=seen),
        help="À la demande de l’adhérent.",
        icon="croix",
    ),
    "clore": ThreadAction(
        label=Action.CLOSE.label,
        done="La question est close.",
        allowed=perms.can_close,
        run=lambda me, ticket, form, seen: operations.close(me, ticket, seen_version=seen),
        icon="boite",
    ),
    "effacer-piece": ThreadAction(
        label="Effacer une pièce jointe",
        done="La pièce est effacée.",
        allowed=perms.can_mark,
        form=forms.FileForm,
        run=lambda me, ticket, form, seen: operations.purge_attachment(
            me, ticket, _attachment_id(form.attachment_id.data)
        ),
        help="Quand elle porte des noms ou une donnée médicale.",
        icon="croix",
    ),
    "effacer": ThreadAction(
        label="Effacer le contenu",
        done="Le contenu est effacé.",
        allowed=perms.can_erase,
        run=lambda me, ticket, form, seen: operations.erase_content(me, ticket),
        help="Ce qu’une personne hors champ a écrit par erreur.",
        icon="croix",
    ),
}
"""By the last part of the address."""


def offered(me: Person, ticket: Ticket) -> dict[str, ThreadAction]:
    """The acts that *me* may do now."""
    return {slug: action for slug, action in ACTIONS.items() if action.allowed(me, ticket)}


def received_form(slug: str, me: Person, ticket: Ticket) -> forms.ActForm:
    """The form of an act as it was sent; its fields carry the slug, so that ids stay unique on the page."""
    form = ACTIONS[slug].form(prefix=slug)
    form.offer(me, ticket)
    return form


def fresh_form(slug: str, me: Person, ticket: Ticket) -> forms.ActForm:
    """The form of an act before anything is typed."""
    form = ACTIONS[slug].form(prefix=slug, formdata=None)
    form.offer(me, ticket)
    form.prefill(ticket)
    return form
