"""Names and numbers in what is sent: the writer is warned, may send all the same, and the history keeps that."""

from collections.abc import Iterable

from helpdesk.accounts.models import Person
from helpdesk.errors import BadInput
from helpdesk.tickets import personal_data
from helpdesk.tickets.models import Ticket
from helpdesk.tickets.personal_data import Finding, FindingKind
from helpdesk.tickets.texts import fold

SHOWN_MAX_COUNT = 5


class PersonalDataFound(BadInput):
    """Names or numbers stand in the text; sending needs a word of the writer."""

    def __init__(self, text: str, findings: tuple[Finding, ...]) -> None:
        words = dict.fromkeys(f"{one.label_fr} « {text[one.start : one.end]} »" for one in findings)
        shown = ", ".join(list(words)[:SHOWN_MAX_COUNT])
        super().__init__(
            f"Votre texte semble désigner une personne : {shown}. Corrigez-le, ou cochez « J’envoie quand même ».",
            field="keeps_personal_data",
        )
        self.findings = findings


def check_personal_data(text: str, *, is_kept: bool, ticket: Ticket | None = None) -> bool:
    """Whether *text* holds names or numbers, which its writer sends on purpose.

    :param ticket: the people who deal with it may be named: « Bonjour Mme Le Bihan ».
    :raises PersonalDataFound: before a confirmation.
    """
    known = [fold(person.last_name) for person in _people_of(ticket)] if ticket else []
    findings = tuple(one for one in personal_data.find(text) if not _names_one_of(known, text, one))
    if findings and not is_kept:
        raise PersonalDataFound(text, findings)
    return bool(findings)


def _people_of(ticket: Ticket) -> Iterable[Person]:
    return filter(None, (ticket.asker, ticket.entered_by, ticket.delegate, ticket.jurist))


def _names_one_of(known: Iterable[str], text: str, found: Finding) -> bool:
    words = f" {fold(text[found.start : found.end])} "
    return found.kind is FindingKind.PERSON and any(f" {name} " in words for name in known)
