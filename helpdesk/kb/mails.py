"""Who is told what about an entry. Called by the operations, inside their transaction.

Only the staff is written to, and only of what a person may work on. A mail names the entry by its title, which was
read for names before; never what a reader wrote, which may hold some. ``docs/courriels.md`` lists every notice.
"""

import sqlalchemy as sa

from helpdesk.accounts.enums import Role
from helpdesk.accounts.models import Person
from helpdesk.accounts.queries import holders
from helpdesk.db import db
from helpdesk.formats import day_text
from helpdesk.kb import perms
from helpdesk.kb.enums import ArticleState
from helpdesk.kb.models import Article, ArticleVersion
from helpdesk.mail.enums import Notice
from helpdesk.mail.operations import queue
from helpdesk.mail.rendering import link
from helpdesk.mail.wording import quoted, title


def review_due(article: Article, version: ArticleVersion) -> bool:
    """It is time to read an entry again: its owner, or the lead where nobody keeps it. False: nobody to tell."""
    is_under_review = article.state is ArticleState.UNDER_REVIEW
    subject = "À relire, le droit a changé" if is_under_review else "À relire"
    people = _keepers(article)
    for person in people:
        queue(
            Notice.REVIEW_DUE,
            person,
            subject=f"{subject} : « {title(version.title)} »",
            template=Notice.REVIEW_DUE.value,
            context={
                "title": title(version.title),
                "since": day_text(article.up_to_date_on or version.up_to_date_on),
                "reason": quoted(article.review_reason),
                "is_owner": person.id == article.owner_id,
                "link": link(f"/faq/atelier/{article.id}"),
            },
            can_wait=True,
        )
    return bool(people)


def identifying_reported(article: Article, version: ArticleVersion) -> None:
    """A reader says that an entry tells who somebody is: the lead at once, or the pole where there is none."""
    for person in _able(article, Role.LEAD) or _able(article, Role.JURIST):
        queue(
            Notice.IDENTIFYING_REPORTED,
            person,
            subject=f"Donnée identifiante signalée : « {title(version.title)} »",
            template=Notice.IDENTIFYING_REPORTED.value,
            context={"title": title(version.title), "link": link("/faq/atelier/signalements")},
        )


def entry_to_approve(article: Article, version: ArticleVersion) -> None:
    """An entry waits for a second jurist: those of the pole who did not write it."""
    for person in _able(article, Role.JURIST, Role.LEAD):
        if perms.can_approve(person, version):
            queue(
                Notice.ENTRY_TO_APPROVE,
                person,
                subject=f"À approuver : « {title(version.title)} »",
                template=Notice.ENTRY_TO_APPROVE.value,
                context={
                    "title": title(version.title),
                    "author": version.author.full_name if version.author else "",
                    "link": link(f"/faq/atelier/{article.id}"),
                },
                can_wait=True,
            )


def _keepers(article: Article) -> list[Person]:
    """The owner, while of the pole; the lead otherwise."""
    owner = article.owner
    if owner is not None and perms.can_work_on(owner, article):
        return [owner]
    return _able(article, Role.LEAD)


def _able(article: Article, *roles: Role) -> list[Person]:
    """People with one of *roles* today who may work on the entry."""
    able = sa.select(Person).where(Person.id.in_(holders(*roles)), Person.is_active)
    people = db.session.scalars(able.order_by(Person.id))
    return [person for person in people if perms.can_work_on(person, article)]
