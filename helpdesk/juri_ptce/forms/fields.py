"""The inputs that several forms of Juri-PTCE have."""

from typing import Any

from wtforms import SelectMultipleField
from wtforms.widgets import CheckboxInput, ListWidget

from helpdesk.tickets.forms.member import number_or_zero


class TicksField(SelectMultipleField):
    """People or files to tick; a number that nobody offered is refused by the operation, in French."""

    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()

    def __init__(self, label: str, **options: Any) -> None:
        super().__init__(label, validate_choice=False, choices={}, **options)

    @property
    def ids(self) -> list[int]:
        """The numbers ticked."""
        return [number_or_zero(value) for value in self.data or ()]
