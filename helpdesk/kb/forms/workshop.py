"""What the workshop takes in: a version's words, the marks decided, and one small form for each act."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from flask_wtf.file import MultipleFileField
from wtforms import FieldList, RadioField, SelectMultipleField, StringField, TextAreaField
from wtforms.widgets import CheckboxInput, ListWidget

from helpdesk.accounts.forms import Form, LineField
from helpdesk.accounts.models import Person
from helpdesk.kb.enums import ArticleKind, ArticleState, MarkChoice, Visibility
from helpdesk.kb.models import Article, ArticleVersion
from helpdesk.kb.operations.anonymising import Decision
from helpdesk.kb.operations.words import REFERENCES_MAX_COUNT, TOPICS_MAX_COUNT, Traits, Words, line_of
from helpdesk.reference import get_reference
from helpdesk.tickets import queries as tickets
from helpdesk.tickets.forms.filters import ListField, topic_choices
from helpdesk.tickets.forms.member import CivilDayField

CHOICE_PREFIX, REPLACEMENT_PREFIX = "choix-", "par-"
MARKS_MAX_COUNT = 400
KINDS = tuple(kind for kind in ArticleKind if kind is not ArticleKind.REVIEW)
"""Written by hand; an issue of the review is built from its entries."""
NO_STRUCTURE = frozenset({"PARTENAIRE", "ETAT", "AUTRE"})
"""Typologies of organisations that no entry is written for."""
TEXTS = ("title", "in_brief", "explanation", "example", "actions", "change_note")


class BoxesField(SelectMultipleField):
    """Boxes to tick; values that nobody offered are dropped by the operation, with a French message."""

    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()

    def __init__(self, label: str, **options: Any) -> None:
        super().__init__(label, **{"validate_choice": False, "choices": {}, **options})


class VersionForm(Form):
    """A version of an entry, in the same parts as an answer."""

    title = StringField("La question, comme la pose un adhérent")
    in_brief = TextAreaField("En bref")
    explanation = TextAreaField("L’explication")
    example = TextAreaField("Un exemple")
    actions = TextAreaField("Ce que vous pouvez faire")
    references = FieldList(StringField("Référence"), "Références juridiques", max_entries=REFERENCES_MAX_COUNT)
    topics = FieldList(ListField("Thème"), "Thèmes", min_entries=TOPICS_MAX_COUNT, max_entries=TOPICS_MAX_COUNT)
    typologies = BoxesField("Vaut pour")
    up_to_date_on = CivilDayField("À jour au")
    change_note = StringField("Ce qui a changé")
    kind = ListField("Nature", choices={kind.value: kind.label for kind in ArticleKind})
    visibility = RadioField(
        "Qui pourra la lire",
        choices={one.value: one.label for one in Visibility},
        default=Visibility.MEMBERS.value,
        validate_choice=False,
    )
    review_on = CivilDayField("À relire avant le")
    attachments = MultipleFileField("Documents joints")

    def offer(self) -> None:
        """Fill the lists of the form."""
        choices = topic_choices("Aucun")
        for row in self.topics:
            row.choices = choices
        known, ticked = get_reference().typologies.values(), self.typologies.data or ()
        self.typologies.choices = {
            one.code: one.short_label for one in known if one.code not in NO_STRUCTURE or one.code in ticked
        }
        self.kind.choices = {kind.value: kind.label for kind in KINDS} | (
            {ArticleKind.REVIEW.value: ArticleKind.REVIEW.label} if self.kind.data == ArticleKind.REVIEW else {}
        )
        self.kind.data = self.kind.data or ArticleKind.FAQ.value

    def fill(self, version: ArticleVersion) -> None:
        """Give what the version says now."""
        for name in TEXTS:
            self[name].data = getattr(version, name)
        self.set_references(map(line_of, version.references))
        for row, code in zip(self.topics, version.topics, strict=False):
            row.data = code
        self.typologies.data = list(version.typologies)
        self.up_to_date_on.data = version.up_to_date_on
        article = version.article
        self.kind.data, self.visibility.data = article.kind.value, article.visibility.value
        self.review_on.data = article.review_on

    def set_references(self, lines: Iterable[str]) -> None:
        while self.references.entries:
            self.references.pop_entry()
        for line in lines:
            self.references.append_entry(line)
        self.add_row()

    def add_row(self) -> None:
        """One more line for a reference, for browsers without script."""
        if len(self.references.entries) < REFERENCES_MAX_COUNT:
            self.references.append_entry("")

    def words(self) -> Words:
        """The words as the operation takes them."""
        return Words(
            **{name: self[name].data or "" for name in TEXTS},
            references=tuple(row.data or "" for row in self.references),
            topics=tuple(row.data or "" for row in self.topics),
            typologies=tuple(self.typologies.data or ()),
            up_to_date_on=self.up_to_date_on.data,
        )

    def traits(self, article: Article | None = None) -> Traits | None:
        """What the entry is; nothing once it was published, when the form does not ask."""
        if article is not None and article.state is not ArticleState.UNPUBLISHED:
            return None
        visibility = self.visibility.data
        return Traits(
            kind=ArticleKind(self.kind.data or ArticleKind.FAQ),
            visibility=Visibility(visibility) if visibility in set(Visibility) else Visibility.MEMBERS,
            review_on=self.review_on.data,
        )


def decisions_of(values: Mapping[str, str]) -> dict[str, Decision]:
    """The marks decided in the form received, by fingerprint; a row without a choice is left for later."""
    found: dict[str, Decision] = {}
    for name, value in values.items():
        if not name.startswith(CHOICE_PREFIX) or value not in set(MarkChoice) or len(found) >= MARKS_MAX_COUNT:
            continue
        fingerprint = name.removeprefix(CHOICE_PREFIX)
        choice = MarkChoice(value)
        found[fingerprint] = Decision(choice, values.get(REPLACEMENT_PREFIX + fingerprint, ""))
    return found


# --- acts


class ActForm(Form):
    """An act without anything to fill in."""

    @property
    def inputs(self) -> list[Any]:
        """What there is to fill in."""
        return [field for field in self if field.type != "CSRFTokenField"]

    def offer(self, reader: Person, article: Article) -> None:
        """Fill the lists of the form."""

    def prefill(self, article: Article) -> None:
        """Give the present values, before anything is typed."""


class RemarkForm(ActForm):
    reason = TextAreaField("Ce qui est à reprendre")


class WithdrawForm(ActForm):
    reason = TextAreaField("Pourquoi, en une phrase que les lecteurs verront")
    replaced_by = LineField("Adresse de la fiche qui la remplace (facultatif)")


class VisibilityForm(ActForm):
    visibility = ListField("Qui peut la lire", choices={one.value: one.label for one in Visibility})

    def prefill(self, article: Article) -> None:
        self.visibility.data = article.visibility.value


class OwnerForm(ActForm):
    owner = ListField("Qui la tient à jour")

    def offer(self, reader: Person, article: Article) -> None:  # noqa: ARG002 (the signature of every act's form)
        names = {str(person.id): person.full_name for person in tickets.jurists()}
        self.owner.choices = {"": "Personne pour l’instant"} | names

    def prefill(self, article: Article) -> None:
        self.owner.data = str(article.owner_id or "")


class ReviewDayForm(ActForm):
    review_on = CivilDayField("À relire avant le")

    def prefill(self, article: Article) -> None:
        self.review_on.data = article.review_on

    @property
    def day(self) -> date | None:
        day: date | None = self.review_on.data
        return day
