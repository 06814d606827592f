"""Every act of the pole on a session, in one table: when it is offered, what it asks, what it does."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from helpdesk.accounts.models import Person
from helpdesk.errors import BadInput
from helpdesk.juri_ptce.enums import SessionStatus
from helpdesk.juri_ptce.forms import sessions as forms
from helpdesk.juri_ptce.models import JuriSession
from helpdesk.juri_ptce.operations import hosts, sessions
from helpdesk.juri_ptce.queries.sessions import possible_hosts

PROPOSED, SCHEDULED, CANCELLED = SessionStatus.PROPOSED, SessionStatus.SCHEDULED, SessionStatus.CANCELLED
Run = Callable[[Person, JuriSession, Any, int], object]


@dataclass(frozen=True, kw_only=True)
class Act:
    """*label*: the button; *done*: what the page says afterwards; *statuses*: of the sessions that offer it."""

    label: str
    done: str
    run: Run
    statuses: tuple[SessionStatus, ...]
    form: type[forms.ActForm] = forms.ActForm
    icon: str = "fleche"
    is_fine_under_way: bool = False
    """Still offered once the session has begun, until it is over."""


def _move(actor: Person, session: JuriSession, form: forms.MoveForm, seen: int) -> int:
    if form.chosen is None:
        raise BadInput("Choisissez le nouveau jour de la séance.", field="day")
    return sessions.move_session(actor, session, form.chosen, seen_version=seen)


ACTS: dict[str, Act] = {
    "ouvrir": Act(
        label="Ouvrir la séance",
        done="La séance est ouverte : ses créneaux peuvent être réservés.",
        run=lambda me, session, form, seen: sessions.open_session(me, session, seen_version=seen),
        statuses=(PROPOSED, CANCELLED),
        icon="coche",
    ),
    "deplacer": Act(
        label="Déplacer la séance",
        done="La séance est déplacée. Les personnes inscrites reçoivent la nouvelle date.",
        run=_move,
        statuses=(PROPOSED, SCHEDULED),
        form=forms.MoveForm,
        icon="calendrier",
    ),
    "annuler": Act(
        label="Annuler la séance",
        done="La séance est annulée. Les PTCE inscrits sont prévenus et choisissent la suite.",
        run=lambda me, session, form, seen: sessions.cancel_session(
            me, session, reason=form.reason.data or "", seen_version=seen
        ),
        statuses=(PROPOSED, SCHEDULED),
        form=forms.CancelForm,
        icon="croix",
    ),
    "juristes": Act(
        label="Enregistrer les présences",
        done="Les présences sont enregistrées.",
        run=lambda me, session, form, seen: hosts.set_hosts(
            me, session, hosts=form.hosts.ids, absent=form.absent.ids, seen_version=seen
        ),
        statuses=(PROPOSED, SCHEDULED),
        form=forms.HostsForm,
        icon="personne",
        is_fine_under_way=True,
    ),
    "lieu": Act(
        label="Enregistrer le lieu et le lien",
        done="Le lieu et le lien sont enregistrés.",
        run=lambda me, session, form, seen: sessions.set_place(
            me, session, place=form.place.data or "", video_link=form.video_link.data or "", seen_version=seen
        ),
        statuses=(PROPOSED, SCHEDULED),
        form=forms.PlaceForm,
        icon="batiment",
        is_fine_under_way=True,
    ),
}
"""By the last part of the address."""


def offered(session: JuriSession, now: datetime) -> list[str]:
    """What can be done with the session now."""
    return [
        slug
        for slug, act in ACTS.items()
        if session.status in act.statuses and now < (session.ends_at if act.is_fine_under_way else session.starts_at)
    ]


def received_form(slug: str, session: JuriSession) -> forms.ActForm:
    """The form of an act as it was sent; its fields carry the slug, so that ids stay unique on the page."""
    form = ACTS[slug].form(prefix=slug)
    form.offer(session, possible_hosts() if isinstance(form, forms.HostsForm) else ())
    return form


def fresh_form(slug: str, session: JuriSession) -> forms.ActForm:
    """The form of an act before anything is typed."""
    form = ACTS[slug].form(prefix=slug, formdata=None)
    form.offer(session, possible_hosts() if isinstance(form, forms.HostsForm) else ())
    form.prefill(session)
    return form
