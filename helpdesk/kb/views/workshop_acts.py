"""Every act of the pole on an entry but writing, in one table: who may, what it asks, what it does."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from helpdesk.accounts.models import Person
from helpdesk.accounts.queries import get_person
from helpdesk.errors import BadInput, NotFound
from helpdesk.kb import perms, queries
from helpdesk.kb.enums import ArticleAction, ArticleState, Stage, VersionAction, Visibility
from helpdesk.kb.forms import workshop as forms
from helpdesk.kb.forms.keeping import ReviewReasonForm
from helpdesk.kb.models import Article, ArticleVersion
from helpdesk.kb.operations import anonymising, keeping, publishing, writing
from helpdesk.tickets.forms.member import number_or_zero

Allowed = Callable[[Person, Article, ArticleVersion | None], bool]
Run = Callable[[Person, Article, Any, int], object]


@dataclass(frozen=True, kw_only=True)
class Act:
    """*label*: the button; *done*: what the page says afterwards; *leads_to*: the page shown then."""

    label: str
    done: str
    allowed: Allowed
    run: Run
    form: type[forms.ActForm] = forms.ActForm
    help: str = ""
    icon: str = "fleche"
    is_of_version: bool = False
    """It is about the draft under way, whose state the form carries."""
    is_first: bool = False
    """Shown at once, not in « Autres actions »."""
    leads_to: str = "kb.workshop_entry"


def _draft(article: Article) -> ArticleVersion:
    return queries.get_open_version(article)


def _person(person_id: str | None) -> Person | None:
    if not person_id:
        return None
    try:
        return get_person(number_or_zero(person_id))
    except NotFound:
        raise BadInput("Choisissez une personne de la liste.", field="owner") from None


def _entry_at(actor: Person, address: str) -> Article | None:
    """The entry whose address, or its last part, was given."""
    slug = urlsplit(address.strip()).path.rstrip("/").rpartition("/")[2]
    if not slug:
        return None
    try:
        return queries.get_readable_entry(actor, slug)
    except NotFound:
        message = "Aucune fiche en ligne à cette adresse. Copiez-la depuis la page de la fiche."
        raise BadInput(message, field="replaced_by") from None


def _visibility(value: str | None) -> Visibility:
    if value not in set(Visibility):
        raise BadInput("Choisissez dans la liste.", field="visibility")
    return Visibility(value)


ACTS: dict[str, Act] = {
    "anonymiser": Act(
        label=VersionAction.ANONYMISE.label,
        done="Décidez maintenant de chaque passage marqué.",
        allowed=lambda me, article, draft: (
            draft is not None and draft.stage is Stage.DRAFT and perms.can_edit(me, draft)
        ),
        run=lambda me, article, form, seen: anonymising.start_anonymising(me, _draft(article), seen_version=seen),
        icon="cadenas",
        is_of_version=True,
        is_first=True,
        leads_to="kb.marks",
    ),
    "proposer": Act(
        label=VersionAction.SUBMIT.label,
        done="La fiche attend la relecture d’une ou d’un autre juriste.",
        allowed=lambda me, article, draft: (
            draft is not None and draft.stage is Stage.ANONYMISATION and perms.can_edit(me, draft)
        ),
        run=lambda me, article, form, seen: anonymising.submit(me, _draft(article), seen_version=seen),
        icon="envoi",
        is_of_version=True,
        is_first=True,
    ),
    "approuver": Act(
        label=VersionAction.APPROVE.label,
        done="La fiche est en ligne.",
        allowed=lambda me, article, draft: draft is not None and perms.can_approve(me, draft),
        run=lambda me, article, form, seen: publishing.approve(me, _draft(article), seen_version=seen),
        icon="coche",
        is_of_version=True,
        is_first=True,
    ),
    "renvoyer": Act(
        label=VersionAction.SEND_BACK.label,
        done="La fiche est revenue aux brouillons, avec votre remarque.",
        allowed=lambda me, article, draft: draft is not None and perms.can_send_back(me, draft),
        form=forms.RemarkForm,
        run=lambda me, article, form, seen: publishing.send_back(
            me, _draft(article), reason=form.reason.data or "", seen_version=seen
        ),
        icon="fleche-g",
        is_of_version=True,
        is_first=True,
    ),
    "reviser": Act(
        label="Ouvrir une nouvelle version",
        done="Un brouillon est ouvert ; la version en ligne reste lisible.",
        allowed=lambda me, article, draft: draft is None and perms.can_revise(me, article),
        run=lambda me, article, form, seen: writing.revise(me, article),
        icon="crayon",
        is_first=True,
        leads_to="kb.edit",
    ),
    "confirmer": Act(
        label=ArticleAction.CONFIRM.label,
        done="La fiche est à jour d’aujourd’hui.",
        allowed=lambda me, article, draft: perms.can_confirm(me, article),
        run=lambda me, article, form, seen: keeping.confirm(me, article, seen_version=seen),
        help="Vous l’avez relue, et le droit n’a pas changé.",
        icon="coche-rond",
    ),
    "mettre-en-revision": Act(
        label=ArticleAction.OPEN_REVIEW.label,
        done="La fiche est en révision : ses lecteurs voient pourquoi.",
        allowed=lambda me, article, draft: perms.can_open_review(me, article),
        form=ReviewReasonForm,
        run=lambda me, article, form, seen: keeping.open_reviews(me, [article], form.reason.data or ""),
        help="Elle reste lisible avec un bandeau, et n’est plus proposée comme réponse.",
        icon="alerte",
    ),
    "responsable": Act(
        label="Choisir qui la tient à jour",
        done="Le nom est enregistré.",
        allowed=lambda me, article, draft: perms.can_work_on(me, article),
        form=forms.OwnerForm,
        run=lambda me, article, form, seen: writing.set_owner(me, article, _person(form.owner.data)),
        help="Cette personne reçoit les rappels de relecture.",
        icon="personne",
    ),
    "relire-avant": Act(
        label="Changer la date de relecture",
        done="La date est enregistrée.",
        allowed=lambda me, article, draft: perms.can_work_on(me, article),
        form=forms.ReviewDayForm,
        run=lambda me, article, form, seen: writing.set_review_day(me, article, form.day),
        icon="calendrier",
    ),
    "public": Act(
        label="Changer qui peut la lire",
        done="Le changement vaut tout de suite.",
        allowed=lambda me, article, draft: (
            article.state is not ArticleState.UNPUBLISHED and perms.can_work_on(me, article)
        ),
        form=forms.VisibilityForm,
        run=lambda me, article, form, seen: publishing.change_visibility(
            me, article, _visibility(form.visibility.data), seen_version=seen
        ),
        icon="lecture",
    ),
    "retirer": Act(
        label=ArticleAction.WITHDRAW.label,
        done="La fiche est retirée. Son adresse le dit à ses lecteurs.",
        allowed=lambda me, article, draft: perms.can_withdraw(me, article),
        form=forms.WithdrawForm,
        run=lambda me, article, form, seen: publishing.withdraw(
            me,
            article,
            reason=form.reason.data or "",
            replaced_by=_entry_at(me, form.replaced_by.data or ""),
            seen_version=seen,
        ),
        help="Son texte ne se lit plus nulle part ; sa dernière version reste au pôle.",
        icon="boite",
    ),
    "abandonner": Act(
        label=VersionAction.ABANDON.label,
        done="Le brouillon est abandonné.",
        allowed=lambda me, article, draft: draft is not None and perms.can_abandon(me, draft),
        run=lambda me, article, form, seen: writing.abandon(me, _draft(article), seen_version=seen),
        help="Le texte reste au pôle, parmi les versions, jusqu’à ce que vous l’effaciez.",
        icon="croix",
        is_of_version=True,
    ),
}
"""By the last part of the address."""


def offered(me: Person, article: Article, draft: ArticleVersion | None) -> dict[str, Act]:
    """The acts that *me* may do now."""
    return {slug: act for slug, act in ACTS.items() if act.allowed(me, article, draft)}


def received_form(slug: str, me: Person, article: Article) -> forms.ActForm:
    """The form of an act as it was sent; its fields carry the slug, so that ids stay unique on the page."""
    form = ACTS[slug].form(prefix=slug)
    form.offer(me, article)
    return form


def fresh_form(slug: str, me: Person, article: Article) -> forms.ActForm:
    """The form of an act before anything is typed."""
    form = ACTS[slug].form(prefix=slug, formdata=None)
    form.offer(me, article)
    form.prefill(article)
    return form
