"""What is filled in about a question in two parts: what each side is asked, and its text."""

from collections.abc import Iterable, Sequence

from wtforms import TextAreaField

from helpdesk.accounts.forms import Form
from helpdesk.accounts.models import Person
from helpdesk.juri_ptce.enums import PartSide
from helpdesk.juri_ptce.forms.fields import TicksField
from helpdesk.juri_ptce.models import QuestionPart
from helpdesk.juri_ptce.operations.parts import Brief
from helpdesk.tickets.forms.filters import ListField
from helpdesk.tickets.queries import FileRow


class SplitForm(Form):
    """Both parts at once: what each side is asked, by whom it is answered, and the files that RTES reads."""

    federation_question = TextAreaField("Ce que le pôle traite")
    federation_answerer = ListField("Juriste du pôle")
    rtes_question = TextAreaField("Ce que vous demandez au RTES")
    rtes_answerer = ListField("Juriste du RTES")
    files = TicksField("Documents partagés avec le RTES")

    def offer(self, jurists: Iterable[Person], partners: Iterable[Person], files: Sequence[FileRow]) -> None:
        self.federation_answerer.choices = {"": "Qui écrit en premier"} | _names(jurists)
        self.rtes_answerer.choices = {"": "Qui écrit en premier"} | _names(partners)
        self.files.choices = {str(file.id): file.name for file in files}

    def prefill(self, parts: Iterable[QuestionPart]) -> None:
        for part in parts:
            self[f"{part.side.value}_question"].data = part.question
            self[f"{part.side.value}_answerer"].data = str(part.answerer_id or "")
            if part.side is PartSide.RTES:
                self.files.data = [str(file.id) for file in part.attachments]

    def briefs(self, people: Iterable[Person]) -> dict[PartSide, Brief]:
        """What was typed, as the operation takes it; *people*: those who were offered."""
        found = {str(person.id): person for person in people}
        return {
            side: Brief(
                question=self[f"{side.value}_question"].data or "",
                answerer=found.get(self[f"{side.value}_answerer"].data or ""),
                attachment_ids=self.files.ids if side is PartSide.RTES else (),
            )
            for side in PartSide
        }


class PartForm(Form):
    text = TextAreaField("Votre texte")


def _names(people: Iterable[Person]) -> dict[str, str]:
    return {str(person.id): person.full_name for person in people}
