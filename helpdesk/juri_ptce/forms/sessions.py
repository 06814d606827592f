"""What the pole fills in about a session: one small form for each act. Every message is ours, in French."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from wtforms.validators import InputRequired

from helpdesk.accounts.forms import Form, LineField
from helpdesk.accounts.models import Person
from helpdesk.juri_ptce import calendar
from helpdesk.juri_ptce.forms.fields import TicksField
from helpdesk.juri_ptce.models import JuriSession
from helpdesk.tickets.forms.member import CivilDayField


class ActForm(Form):
    """An act without anything to fill in."""

    @property
    def inputs(self) -> list[Any]:
        """What there is to fill in."""
        return [field for field in self if field.type != "CSRFTokenField"]

    def offer(self, session: JuriSession, people: Sequence[Person]) -> None:
        """Fill the lists of the form, *people* being who may hold a session."""

    def prefill(self, session: JuriSession) -> None:
        """Give the present values, before anything is typed."""


class MoveForm(ActForm):
    day = CivilDayField("Nouveau jour", [InputRequired("Choisissez le nouveau jour de la séance.")])

    def prefill(self, session: JuriSession) -> None:
        self.day.data = calendar.proposed_day(calendar.paris_day(session.starts_at))

    @property
    def chosen(self) -> date | None:
        """The day, once the form is right."""
        day: date | None = self.day.data
        return day


class CancelForm(ActForm):
    reason = LineField("Pourquoi, en une phrase")


class HostsForm(ActForm):
    hosts = TicksField("Tiennent la séance")
    absent = TicksField("Sont finalement absents ou absentes")

    def offer(self, session: JuriSession, people: Sequence[Person]) -> None:
        expected = [host.person for host in session.hosts]
        named = {person.id: person for person in (*people, *expected)}
        self.hosts.choices = {str(person.id): _name(person) for person in named.values()}
        self.absent.choices = {str(person.id): _name(person) for person in expected}

    def prefill(self, session: JuriSession) -> None:
        self.hosts.data = [str(host.person_id) for host in session.hosts]
        self.absent.data = [str(host.person_id) for host in session.hosts if host.is_absent]


class PlaceForm(ActForm):
    place = LineField("Lieu où se trouvent les juristes")
    video_link = LineField("Lien de visioconférence commun")

    def prefill(self, session: JuriSession) -> None:
        self.place.data, self.video_link.data = session.place, session.video_link


def _name(person: Person) -> str:
    return f"{person.full_name} (RTES)" if person.is_partner else person.full_name
