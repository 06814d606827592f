"""Who may read and do what with an entry. Pure functions of a person and an entry with its rows loaded.

:func:`visible_to` is the SQL twin of :func:`can_read`; a test holds the two together on every combination.
Nobody signed in is *None*: the public.
"""

import sqlalchemy as sa

from helpdesk.accounts.enums import OrganisationKind, Role
from helpdesk.accounts.models import Person
from helpdesk.kb.enums import OPEN_STAGES, READABLE_STATES, ArticleState, Stage, Visibility
from helpdesk.kb.models import Article, ArticleVersion
from helpdesk.tickets import perms as ticket_perms
from helpdesk.tickets.enums import MessageKind
from helpdesk.tickets.models import ConflictOfInterest, Message, Ticket


def visibilities_of(person: Person | None) -> frozenset[Visibility]:
    """What somebody may read: the staff everything, members and PTCE their own, everyone the public entries.

    A partner jurist reads what PTCE read.
    """
    if person is None or not person.is_active:
        return frozenset({Visibility.PUBLIC})
    if person.is_staff:
        return frozenset(Visibility)
    kinds = {mandate.organisation.kind for mandate in person.active_mandates}
    seen = {Visibility.PUBLIC}
    if OrganisationKind.PTCE in kinds or person.has_role(Role.PARTNER_JURIST):
        seen.add(Visibility.PTCE)
    if OrganisationKind.MEMBER in kinds:
        seen.add(Visibility.MEMBERS)
    return frozenset(seen)


def can_read(person: Person | None, article: Article) -> bool:
    """Whoever its visibility names, while it is published or under review."""
    return article.state in READABLE_STATES and article.visibility in visibilities_of(person)


def visible_to(person: Person | None) -> sa.ColumnElement[bool]:
    """The condition of :func:`can_read`, for lists, searches, suggestions and feeds."""
    return visible_within(visibilities_of(person))


def visible_within(visibilities: frozenset[Visibility]) -> sa.ColumnElement[bool]:
    """:func:`visible_to` whoever reads these, for what is made once for all of them."""
    return sa.and_(Article.state.in_(READABLE_STATES), Article.visibility.in_(sorted(visibilities)))


def can_know_of(person: Person | None, article: Article) -> bool:
    """That an entry was withdrawn is told to whoever could read it."""
    return can_read(person, article) or (
        article.state is ArticleState.WITHDRAWN and article.visibility in visibilities_of(person)
    )


def can_be_suggested(person: Person | None, article: Article) -> bool:
    """Readable and not under review: an entry being revised is never offered as a solution."""
    return article.state is ArticleState.PUBLISHED and can_read(person, article)


def sources_of(article: Article) -> list[Ticket]:
    """The questions whose words went into an entry: the one it was born from, and those that completed it."""
    tickets = [article.source_ticket]
    tickets += [version.source_message.ticket for version in article.versions if version.source_message is not None]
    return [ticket for ticket in dict.fromkeys(tickets) if ticket is not None]


def is_conflicted(person: Person, article: Article) -> bool:
    """Made from a question in which the person has a conflict of interest: its drafts are not theirs to see."""
    return any(ticket_perms.is_conflicted(person, ticket) for ticket in sources_of(article))


def can_work_on(person: Person, article: Article) -> bool:
    """The pole, drafts included; not on an entry made from a question in conflict of interest."""
    return person.is_active and person.is_pole and not is_conflicted(person, article)


def workable_by(person: Person) -> sa.ColumnElement[bool]:
    """The SQL twin of :func:`can_work_on`."""
    if not (person.is_active and person.is_pole):
        return sa.false()
    shut_out = sa.select(ConflictOfInterest.ticket_id).where(ConflictOfInterest.person_id == person.id)
    completed = (
        sa.select(ArticleVersion.article_id)
        .join(Message, Message.id == ArticleVersion.source_message_id)
        .where(Message.ticket_id.in_(shut_out))
    )
    is_born = sa.and_(Article.source_ticket_id.is_not(None), Article.source_ticket_id.in_(shut_out))
    return ~sa.or_(is_born, Article.id.in_(completed))


def can_read_version(person: Person | None, version: ArticleVersion) -> bool:
    """The version in force: whoever reads the entry. Any other: the pole, unless its text was erased."""
    if version.stage is Stage.PUBLISHED and can_read(person, version.article):
        return True
    if person is None or version.redacted_at is not None:
        return False
    return can_work_on(person, version.article)


def can_see_source(person: Person, article: Article) -> bool:
    """The questions an entry was made from: the pole, under its rights on them."""
    tickets = sources_of(article)
    return bool(tickets) and person.is_pole and all(ticket_perms.can_view(person, ticket) for ticket in tickets)


def can_create(person: Person) -> bool:
    """The pole: an entry from nothing."""
    return person.is_active and person.is_pole


def can_propose(person: Person, ticket: Ticket, message: Message) -> bool:
    """The staff of the question, from an answer that could be read; never from a sensitive one."""
    return (
        not ticket.is_sensitive
        and message.kind in (MessageKind.ANSWER, MessageKind.CORRECTION)
        and message.published_at is not None
        and ticket_perms.is_staff_on(person, ticket)
    )


def can_edit(person: Person, version: ArticleVersion) -> bool:
    """The pole, while the version is a draft or its marks are being decided."""
    return version.stage in (Stage.DRAFT, Stage.ANONYMISATION) and can_work_on(person, version.article)


def can_send_back(person: Person, version: ArticleVersion) -> bool:
    """The pole, a version that waits for its marks or its approval."""
    return version.stage in (Stage.ANONYMISATION, Stage.APPROVAL) and can_work_on(person, version.article)


def can_approve(person: Person, version: ArticleVersion) -> bool:
    """A second jurist: of the pole, and not one who wrote a word of this version, decided a mark or submitted it."""
    return (
        version.stage is Stage.APPROVAL
        and can_work_on(person, version.article)
        and person.id not in {version.author_id, *version.editor_ids}
    )


def can_abandon(person: Person, version: ArticleVersion) -> bool:
    """The pole, a version that was never published."""
    return version.stage in OPEN_STAGES and can_work_on(person, version.article)


def can_revise(person: Person, article: Article) -> bool:
    """The pole: a new draft of an entry, whatever its state."""
    return can_work_on(person, article)


def can_open_review(person: Person, article: Article) -> bool:
    """The pole, a published entry."""
    return article.state is ArticleState.PUBLISHED and can_work_on(person, article)


def can_confirm(person: Person, article: Article) -> bool:
    """The pole: the entry is still true as it stands."""
    return article.state in READABLE_STATES and can_work_on(person, article)


def can_withdraw(person: Person, article: Article) -> bool:
    """The pole, an entry that readers see."""
    return article.state in READABLE_STATES and can_work_on(person, article)


def can_redact(person: Person, version: ArticleVersion) -> bool:
    """The pole: erase for good the words of a version that nobody reads, the last one of a withdrawn entry included."""
    is_withdrawn = version.stage is Stage.PUBLISHED and version.article.state is ArticleState.WITHDRAWN
    return (
        (is_withdrawn or version.stage in (Stage.SUPERSEDED, Stage.ABANDONED))
        and version.redacted_at is None
        and can_work_on(person, version.article)
    )


def can_vote(person: Person, article: Article) -> bool:
    """Whoever is signed in and reads the entry."""
    return can_read(person, article)


def can_report(person: Person, article: Article) -> bool:
    """Whoever is signed in and reads the entry."""
    return can_read(person, article)


def can_deal_with_reports(person: Person) -> bool:
    """The pole."""
    return person.is_active and person.is_pole


def can_cite(person: Person, article: Article) -> bool:
    """The staff, an entry that is true today."""
    return person.is_staff and can_be_suggested(person, article)


def can_cite_in(person: Person, article: Article, ticket: Ticket) -> bool:
    """Who may answer or correct the question, with an entry that is true today and that its structure reads."""
    return can_cite(person, article) and article.visibility in citable_in(person, ticket)


def citable_in(person: Person, ticket: Ticket) -> frozenset[Visibility]:
    """The entries that an answer to *ticket* may cite: what its structure reads; none for who cannot write it."""
    if not (ticket_perms.can_answer(person, ticket) or ticket_perms.can_correct(person, ticket)):
        return frozenset()
    return _read_by_asker(ticket)


def sendable_in(person: Person, ticket: Ticket) -> frozenset[Visibility]:
    """The entries that may be sent instead of an answer: the same, for the desk of first level."""
    return _read_by_asker(ticket) if ticket_perms.can_close_by_faq(person, ticket) else frozenset()


def _read_by_asker(ticket: Ticket) -> frozenset[Visibility]:
    return frozenset({Visibility.PUBLIC, *_OF_KIND.get(ticket.organisation.kind, ())})


_OF_KIND = {
    OrganisationKind.MEMBER: (Visibility.MEMBERS,),
    OrganisationKind.PTCE: (Visibility.PTCE,),
}
"""What the people of a structure read, beside the public entries."""
