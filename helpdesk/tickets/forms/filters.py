"""Filters of « Toutes les questions »: read from the address, checked, turned into values."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from wtforms import BooleanField, DateField, SelectField
from wtforms.validators import Length, Optional, ValidationError

from helpdesk.accounts.forms import FilterForm, SearchLineField
from helpdesk.accounts.models import Person
from helpdesk.reference import get_reference
from helpdesk.tickets.enums import Channel, Status
from helpdesk.tickets.queries import Filters, Order

UNKNOWN_CHOICE = "« {label} » : choisissez une valeur de la liste."
UNKNOWN_DAY = "« {label} » : écrivez une date qui existe, sous la forme 2026-12-31."
FIRST_YEAR, LAST_YEAR = 2000, 2100
NATIONAL_QUEUE = "nationale"
OPEN, LATE, DUE = "en-cours", "en-retard", "cette-semaine"
"""All the states of an open question; those of them that are late, and that are due before Monday."""
_OPEN_CHOICES = {OPEN: "En cours", LATE: "En retard", DUE: "À rendre cette semaine"}

_LATEST, _OLDEST = "Les plus récentes d’abord", "Les plus anciennes d’abord"
_DATED_ORDERS = {"": _LATEST, "anciennes": _OLDEST}
_ORDERS = {"": "Les plus proches d’abord", "recentes": _LATEST, "anciennes": _OLDEST}

GroupedChoices = dict[str, str | dict[str, str]]


class DayField(DateField):
    """A civil day; says in French what to write when it is none."""

    data: Any  # a date, or None

    def process_formdata(self, valuelist: list[str]) -> None:
        try:
            super().process_formdata(valuelist)
        except ValueError:
            self.data = None
            raise ValueError(UNKNOWN_DAY.format(label=self.label.text)) from None
        if self.data is not None and not FIRST_YEAR <= self.data.year <= LAST_YEAR:
            self.data = None
            raise ValueError(UNKNOWN_DAY.format(label=self.label.text))


class ListField(SelectField):
    """A list whose refusal is ours, in French."""

    def __init__(self, label: str, validators: Sequence[Any] = (), **options: Any) -> None:
        super().__init__(label, validators, **{"validate_choice": False, **options})

    def pre_validate(self, form: Any) -> None:  # noqa: ARG002 (the signature of WTForms)
        if (self.data or "") not in _values(self.choices):
            raise ValidationError(UNKNOWN_CHOICE.format(label=self.label.text))


def _values(choices: GroupedChoices | None) -> set[str]:
    values: set[str] = set()
    for value, label in (choices or {}).items():
        values |= set(label) if isinstance(label, dict) else {value}
    return values


def topic_choices(
    empty: str | None, *, include_out_of_scope: bool = True, with_domains: bool = False
) -> GroupedChoices:
    """The topics by domain for a grouped list; *with_domains* puts « tout le domaine » before its topics."""
    choices: GroupedChoices = {} if empty is None else {"": empty}
    for domain, topics in get_reference().topic_groups(include_out_of_scope=include_out_of_scope):
        whole = {domain.code: f"{domain.label} : tout"} if with_domains else {}
        choices[domain.label] = whole | {topic.code: topic.label for topic in topics}
    return choices


class FiltersForm(FilterForm):
    """``/questions?q=…&statut=…``: a wrong value shows its message and lists nothing."""

    q = SearchLineField("Mots de la question ou référence", [Length(max=100, message="100 caractères au plus.")])
    statut = ListField("État", choices={"": "Tous"} | _OPEN_CHOICES | {status.value: status.label for status in Status})
    theme = ListField("Thème")
    delegation = ListField("Délégation")
    juriste = ListField("Juriste")
    canal = ListField("Canal", choices={"": "Tous"} | {channel.value: channel.label for channel in Channel})
    du = DayField("Reçues à partir du", [Optional()])
    au = DayField("Reçues jusqu’au", [Optional()])
    urgentes = BooleanField("Urgentes seulement")
    tri = ListField("Ordre")

    def offer(self, reader: Person, jurists: Mapping[int, str]) -> None:
        """Fill the lists with what *reader* may choose from."""
        delegations = get_reference().delegations
        self.theme.choices = topic_choices("Tous", with_domains=True)
        codes = [code for code in delegations if reader.is_pole or code in reader.delegations]
        self.delegation.choices = {"": "Toutes"} | {code: delegations[code].name for code in codes}
        if reader.is_pole:
            self.delegation.choices[NATIONAL_QUEUE] = "File nationale (sans délégation)"
        self.tri.choices = dict(_ORDERS if self.q.data else _DATED_ORDERS)
        self.juriste.choices = {"": "Tous"} | {str(person_id): name for person_id, name in jurists.items()}
        for field in (self.statut, self.theme, self.delegation, self.juriste, self.canal, self.tri):
            field.data = field.data or ""

    def validate_au(self, field: DayField) -> None:
        if isinstance(self.du.data, date) and isinstance(field.data, date) and field.data < self.du.data:
            raise ValidationError("La fin de la période précède son début. Inversez les deux dates.")

    @property
    def order(self) -> Order:
        """How the list is sorted: by closeness when words are searched for, unless asked otherwise."""
        return {"anciennes": Order.OLDEST, "recentes": Order.LATEST}.get(self.tri.data or "", Order.CLOSEST)

    def filters(self) -> Filters:
        """The values of a form that has been validated."""
        return Filters(
            words=self.q.data or "",
            status=Status(self.statut.data) if self.statut.data not in ("", *_OPEN_CHOICES) else None,
            is_open=self.statut.data == OPEN,
            is_late=self.statut.data == LATE,
            is_due=self.statut.data == DUE,
            topic=self.theme.data,
            delegation=self.delegation.data,
            jurist_id=int(self.juriste.data) if self.juriste.data else None,
            channel=Channel(self.canal.data) if self.canal.data else None,
            is_urgent=self.urgentes.data,
            since_on=self.du.data,
            until_on=self.au.data,
        )
