"""What the pages take in: who cites a text, why a review, files to take over, an issue to compose."""

from typing import Any

from flask_wtf.file import MultipleFileField
from wtforms import SelectMultipleField, TextAreaField
from wtforms.widgets import CheckboxInput

from helpdesk.accounts.forms import FilterForm, Form, LineField
from helpdesk.kb.forms.workshop import ActForm
from helpdesk.tickets.forms.filters import ListField

REASON_LABEL = "Ce qui a changé, en une phrase que les lecteurs verront"


class CitedTextForm(FilterForm):
    """Which text is looked for; the address holds it."""

    article = LineField("Article ou texte")
    code = ListField("Code")

    def offer(self, codes: list[str]) -> None:
        """The codes in which entries cite the article; the one asked for stays, whatever it is."""
        asked = [self.code.data] if self.code.data and self.code.data not in codes else []
        self.code.choices = {"": "Tous les codes"} | {code: code for code in (*codes, *asked)}


class EntriesField(SelectMultipleField):
    """Entries ticked, by their identifiers."""

    option_widget = CheckboxInput()

    def __init__(self, label: str, **options: Any) -> None:
        super().__init__(label, **{"coerce": _number, "validate_choice": False, "choices": [], **options})


def _number(value: object) -> int:
    text = str(value)
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0


class OpenReviewsForm(Form):
    entries = EntriesField("Fiches à mettre en révision")
    reason = TextAreaField(REASON_LABEL)


class ReviewReasonForm(ActForm):
    reason = TextAreaField(REASON_LABEL)


class ImportForm(Form):
    files = MultipleFileField("Fichiers à reprendre")


class IssueForm(Form):
    entries = EntriesField("Fiches de la revue")
