"""Questions made through the operations, as people make them: nothing here writes a row by hand."""

from datetime import date, datetime
from typing import Any

from helpdesk import clock
from helpdesk.accounts.models import Organisation, Person
from helpdesk.tickets import operations
from helpdesk.tickets.enums import Channel, Status
from helpdesk.tickets.models import Ticket
from tests.factories.accounts import OrganisationFactory, PersonFactory, give_mandate

_keys = iter(range(10**9))

TOPIC = "social/formation-pmsmp"
"""A topic that a delegate may answer."""
RESERVED_TOPIC = "social/discipline"
ANSWER = operations.AnswerText(
    in_brief="Oui, à la demande du salarié.",
    explanation="Le code du travail le permet.",
    actions="1. Signez un avenant.",
    references=("Code du travail, article L. 5132-15-1",),
)


def key() -> str:
    """A form's key, new each time."""
    return f"cle-{next(_keys)}"


def make_asker(organisation: Organisation | None = None, **values: Any) -> Person:
    """Somebody with a mandate in *organisation*."""
    if organisation is None:
        return PersonFactory(member=True, **values)
    person = PersonFactory(**values)
    give_mandate(person, organisation, title="directrice")
    return person


def make_ticket(
    asker: Person | None = None,
    *,
    status: Status = Status.TRIAGE,
    title: str = "",
    facts: str = "Un salarié en CDDI part en immersion trois semaines.",
    topic: str | None = TOPIC,
    delegate: Person | None = None,
    jurist: Person | None = None,
    organisation: Organisation | None = None,
    **question: Any,
) -> Ticket:
    """A question of *asker* brought to *status* by a delegate and a jurist, both invented when none is given."""
    asker = asker or make_asker(organisation or OrganisationFactory())
    organisation = organisation or asker.mandates[0].organisation
    ticket = operations.ask(
        asker,
        operations.NewQuestion(
            organisation_id=organisation.id,
            title=title or f"Peut-on prolonger une immersion, cas {next(_keys)} ?",
            facts=facts,
            topic=topic,
            **question,
        ),
        key=key(),
    )
    if status is not Status.TRIAGE:
        bring_to(ticket, status, delegate=delegate, jurist=jurist)
    return ticket


def bring_to(ticket: Ticket, status: Status, *, delegate: Person | None = None, jurist: Person | None = None) -> None:
    """Lead a question from the triage to *status* by the usual path."""
    if status in (Status.REGIONAL, Status.WAITING, Status.POLE) or ticket.delegation is not None:
        delegate = delegate or PersonFactory(delegate=True, delegation=ticket.delegation, can_answer=True)
    match status:
        case Status.REGIONAL:
            operations.take_regional(delegate, ticket)
        case Status.WAITING:
            operations.ask_detail(delegate, ticket, text="À quelle date le contrat prend-il fin ?")
        case Status.CLOSED:
            operations.mark_out_of_scope(delegate, ticket, text="Adressez-vous à l’ADIL de votre département.")
        case _:
            if ticket.delegation is not None:
                operations.transmit(delegate, ticket)
            if status is Status.POLE:
                return
            jurist = jurist or PersonFactory(jurist=True)
            operations.take(jurist, ticket)
            if status in (Status.ANSWERED, Status.RELAY):
                operations.answer(jurist, ticket, ANSWER, seen_version=None)
    assert ticket.status is status, ticket.status


def type_in(actor: Person, organisation: Organisation, *, received_at: datetime | None = None, **values: Any) -> Ticket:
    """A question taken on the phone."""
    reception = operations.Reception(
        channel=values.pop("channel", Channel.PHONE),
        received_at=received_at or clock.now(),
        asker_id=values.pop("asker_id", None),
    )
    question = operations.NewQuestion(
        organisation_id=organisation.id, **{"title": "Question prise au téléphone", "topic": TOPIC} | values
    )
    return operations.type_in(actor, question, reception, key=key())


def day(text: str) -> date:
    return date.fromisoformat(text)
