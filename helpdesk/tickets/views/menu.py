"""Menu, area and account of the person behind the request, for the layout of every page."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask import current_app, g, request, url_for
from flask_login import current_user
from werkzeug.local import LocalProxy

from helpdesk import formats
from helpdesk.accounts.enums import OrganisationKind, Role
from helpdesk.accounts.models import Person
from helpdesk.reference import get_reference
from helpdesk.tickets import queries
from helpdesk.tickets.queries import MemberSection, QueueView
from helpdesk.tickets.views.blueprint import actor, blueprint

Right = Callable[[Person], bool]


@dataclass(frozen=True)
class Entry:
    """A line of the menu: who gets it, and the endpoints whose pages belong to it."""

    endpoint: str
    label: str
    icon: str
    is_for: Right
    counts: str = ""
    also: tuple[str, ...] = ()


@dataclass(frozen=True)
class MenuItem:
    """An entry as one person sees it; *count* empty shows no figure."""

    url: str
    label: str
    icon: str
    is_current: bool
    count: int
    count_label: str


@dataclass(frozen=True)
class Account:
    """What the head of the page says of the person."""

    name: str
    detail: str
    kind: str
    url: str
    sign_out_url: str
    has_shortcuts: bool


def _is_triage(person: Person) -> bool:
    """A jurist who is also a delegate deals with every question as a jurist."""
    return person.is_delegate and not person.is_pole


def _is_pole(person: Person) -> bool:
    return person.is_pole


def _is_lead(person: Person) -> bool:
    return person.is_lead


def _is_staff(person: Person) -> bool:
    return person.is_staff


def _is_member(person: Person) -> bool:
    return person.is_member


def _is_member_alone(person: Person) -> bool:
    return person.is_member and not person.is_staff


def _is_reader_alone(person: Person) -> bool:
    """Members, and partner jurists who read what PTCE read."""
    return not person.is_staff and (person.is_member or person.has_role(Role.PARTNER_JURIST))


def _is_ptce(person: Person) -> bool:
    """Somebody of a PTCE, who is not of the staff."""
    kinds = {mandate.organisation.kind for mandate in person.active_mandates}
    return OrganisationKind.PTCE in kinds and not person.is_staff


def _is_of_sessions(person: Person) -> bool:
    """Those who read the calendar of the sessions of Juri-PTCE."""
    return person.is_staff or person.is_partner


def _is_partner(person: Person) -> bool:
    return person.is_partner


def _is_admin(person: Person) -> bool:
    return person.is_admin


# The pages that open from one’s own queue, and those that a refused form shows again.
OWN_QUEUE = (
    "tickets.thread",
    "tickets.write",
    "tickets.act",
    "tickets.type_in",
    "tickets.type_in_send",
    "tickets.type_in_complete",
    "tickets.triage_decide",
    "tickets.triage_relay",
)

# The pole's workshop opens from the FAQ.
WORKSHOP = (
    "kb.workshop_list",
    "kb.reports",
    "kb.workshop_entry",
    "kb.workshop_act",
    "kb.new_entry",
    "kb.create_entry",
    "kb.edit",
    "kb.save",
    "kb.marks",
    "kb.decide",
    "kb.version",
    "kb.compare_versions",
    "kb.propose",
    "kb.propose_answer",
    "kb.references",
    "kb.open_reviews",
    "kb.issue",
    "kb.compose_issue",
    "kb.import_page",
    "kb.import_files",
    "kb.avoided",
)

# The session sheet and its gestures open from the calendar.
SESSIONS = (
    "juri_ptce.session",
    "juri_ptce.session_edit",
    "juri_ptce.sheet",
    "juri_ptce.appointment",
    "juri_ptce.account",
    "juri_ptce.feed_settings",
    "juri_ptce.figures",
)

# In the order of the menu. A page that does not exist yet may stand here: its line shows once it does.
ENTRIES = (
    Entry("tickets.home", "Accueil", "accueil", _is_member_alone),
    Entry("kb.browse", "Questions fréquentes", "livre", _is_reader_alone, also=("kb.entry", "kb.report")),
    Entry("tickets.triage", "À trier", "boite", _is_triage, counts="triage", also=OWN_QUEUE),
    Entry("tickets.queue", "Ma file", "boite", _is_pole, counts="mine", also=OWN_QUEUE),
    Entry("tickets.all_questions", "Questions", "bulle", _is_staff, also=("tickets.thread",)),
    Entry("kb.browse", "FAQ", "livre", _is_staff, also=("kb.entry", "kb.report", *WORKSHOP)),
    Entry("juri_ptce.sessions", "Juri-PTCE", "calendrier", _is_of_sessions, also=SESSIONS),
    Entry("juri_ptce.parts", "Mes volets", "bulle", _is_partner, also=("juri_ptce.part",)),
    Entry(
        "juri_ptce.permanence",
        "Juri-PTCE",
        "calendrier",
        _is_ptce,
        also=("juri_ptce.choose", "juri_ptce.booking"),
    ),
    Entry(
        "tickets.team",
        "Équipe",
        "personne",
        _is_lead,
        also=("tickets.team_member", "tickets.team_region", "tickets.hand_over_desk"),
    ),
    Entry(
        "accounts.members",
        "Adhérents",
        "batiment",
        _is_staff,
        also=("accounts.member", "accounts.add_contact", "accounts.delegation"),
    ),
    Entry("stats.delays", "Délais", "graphe", _is_staff, also=("stats.report",)),
    Entry(
        "tickets.my_questions",
        "Mes questions",
        "bulle",
        _is_member,
        counts="to_read",
        also=("tickets.thread", "tickets.sent", "tickets.add_message", "tickets.give_feedback", "tickets.share"),
    ),
    Entry(
        "tickets.ask",
        "Poser une question",
        "plus",
        _is_member,
        also=(
            "tickets.ask_edit",
            "tickets.ask_save",
            "tickets.check",
            "tickets.check_send",
            "kb.suggestion_thanks",
        ),
    ),
    Entry("administration.state", "État du service", "reglages", _is_admin),
    Entry("administration.people", "Personnes", "personne", _is_admin, also=("administration.person",)),
)

# First match wins.
LANDINGS: tuple[tuple[str, Right], ...] = (
    ("stats.delays", _is_lead),
    ("tickets.queue", _is_pole),
    ("tickets.triage", _is_triage),
    ("juri_ptce.parts", _is_partner),
    ("tickets.home", _is_member),
    ("administration.state", _is_admin),
)
FALLBACK_LANDING = "accounts.account"


def landing_endpoint(person: Person) -> str:
    """Where *person* arrives after signing in; « tickets.home » is the member's own home."""
    exists = current_app.view_functions.__contains__
    found = (endpoint for endpoint, is_for in LANDINGS if is_for(person) and exists(endpoint))
    return next(found, FALLBACK_LANDING)


def area_name(person: Person) -> str:
    """« Pôle juridique », « Délégation Bretagne », « Espace adhérent »."""
    if person.is_pole:
        return "Pôle juridique"
    delegations = get_reference().delegations
    names = [delegations[code].name for code in sorted(person.delegations) if code in delegations]
    if names:
        return ("Délégation " if len(names) == 1 else "Délégations ") + ", ".join(names)
    if person.is_member:
        return "Espace adhérent"
    return "Administration" if person.is_admin else ""


def menu_of(person: Person, endpoint: str | None) -> list[MenuItem]:
    """The menu of *person*, the entry of *endpoint* marked; two queries at most."""
    entries = [entry for entry in ENTRIES if entry.is_for(person) and entry.endpoint in current_app.view_functions]
    counts = _counts(person)
    current = _current(entries, endpoint)
    return [_item(entry, entry is current, counts.get(entry.counts, 0)) for entry in entries]


def _current(entries: list[Entry], endpoint: str | None) -> Entry | None:
    exact = (entry for entry in entries if entry.endpoint == endpoint)
    return next(exact, next((entry for entry in entries if endpoint in entry.also), None))


def _item(entry: Entry, is_current: bool, count: int) -> MenuItem:
    noun = "question" if count < 2 else "questions"
    return MenuItem(url_for(entry.endpoint), entry.label, entry.icon, is_current, count, noun)


def _counts(person: Person) -> dict[str, int]:
    counts: dict[str, int] = {}
    if person.is_staff:
        views = g.get("queue_counts") or queries.view_counts(person, (QueueView.TRIAGE, QueueView.MINE))
        counts.update(triage=views.get(QueueView.TRIAGE, 0), mine=views.get(QueueView.MINE, 0))
    if person.is_member:
        sections = g.get("section_counts") or queries.member_counts(person)
        counts["to_read"] = sections[MemberSection.FOR_YOU] + sections[MemberSection.TO_READ]
    return counts


def queue_counts(views: tuple[QueueView, ...] | None = None) -> dict[QueueView, int]:
    """How many questions each saved view of the reader holds: for the page, and for its menu without asking again.

    *views*: these alone, those of the menu among them.
    """
    g.queue_counts = queries.view_counts(actor(), views)
    counts: dict[QueueView, int] = g.queue_counts
    return counts


def section_counts() -> dict[MemberSection, int]:
    """How many questions each section of « Mes questions » holds, in the same way."""
    g.section_counts = queries.member_counts(actor())
    counts: dict[MemberSection, int] = g.section_counts
    return counts


def account_of(person: Person) -> Account:
    """The account menu's head: name, function, colour of the disc."""
    return Account(
        name=person.full_name,
        detail=_function(person),
        kind="" if person.is_pole else "delegue" if person.is_delegate else "adherent",
        url=url_for("accounts.account"),
        sign_out_url=url_for("accounts.sign_out"),
        has_shortcuts=person.has_shortcuts,
    )


def _function(person: Person) -> str:
    if person.is_delegate and not person.is_pole:
        return area_name(person)
    if person.is_staff or not person.active_mandates:
        roles = list(dict.fromkeys(role.role.label for role in person.active_roles))
        return ", ".join(roles)
    organisations = dict.fromkeys(mandate.organisation.name for mandate in person.active_mandates)
    first = next(iter(organisations))
    more = len(organisations) - 1
    return f"{first} et {formats.count(more, 'autre structure')}" if more else first


def _search_url(person: Person) -> str:
    if person.is_staff and "tickets.all_questions" in current_app.view_functions:
        return url_for("tickets.all_questions") + "#q"
    if person.is_member and "kb.browse" in current_app.view_functions:
        return url_for("kb.browse") + "#q"
    return ""


@blueprint.app_context_processor
def _layout() -> dict[str, Any]:
    """Looked up only where a template uses them, once a request: error pages and mails need no database."""
    return {
        "home_url": "/",
        "menu": _lazy("menu", lambda person: menu_of(person, request.endpoint), []),
        "area_name": _lazy("area_name", area_name, ""),
        "account": _lazy("account", account_of, None),
        "search_url": _lazy("search_url", _search_url, ""),
    }


def _lazy(name: str, make: Callable[[Person], Any], default: Any) -> Any:
    def look_up() -> Any:
        kept = g.setdefault("layout", {})
        if name not in kept:
            kept[name] = make(current_user.person) if current_user.is_authenticated else default
        return kept[name]

    return LocalProxy(look_up)
