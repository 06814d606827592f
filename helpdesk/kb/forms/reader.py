"""What readers send: a word on an entry. Every message is ours, in French, and says what to do."""

from typing import Any

from wtforms import HiddenField, TextAreaField
from wtforms.validators import AnyOf

from helpdesk.accounts.forms import Form
from helpdesk.kb.enums import ReportKind
from helpdesk.kb.operations.reading import READERS_KINDS


class ReportForm(Form):
    """What is missing, or which word identifies somebody."""

    kind = HiddenField(
        "Ce que vous signalez",
        [AnyOf([kind.value for kind in READERS_KINDS], message="Choisissez ce que vous signalez.")],
    )
    comment = TextAreaField("Que vous manque-t-il ?")

    def __init__(self, kind: ReportKind | None = None, **values: Any) -> None:
        """Without *kind*, the form as it was sent."""
        super().__init__(**({"formdata": None, "kind": kind.value} if kind else {}), **values)
        if self.kind.data == ReportKind.IDENTIFYING:
            self.comment.label.text = "Quel mot ou quelle phrase désigne quelqu’un ?"

    @property
    def report_kind(self) -> ReportKind:
        return ReportKind(self.kind.data)
