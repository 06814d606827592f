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

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.kind.data in set(READERS_KINDS):  # two of them may stand on one page
            self.comment.id = f"{self.kind.data}-comment"

    @classmethod
    def about(cls, kind: ReportKind) -> "ReportForm":
        """The form before anything is typed."""
        return cls(formdata=None, kind=kind.value)

    @property
    def report_kind(self) -> ReportKind:
        return ReportKind(self.kind.data)
