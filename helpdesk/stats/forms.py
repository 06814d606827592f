"""What « Délais » counts: the period and the filters, in the address."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from wtforms import BooleanField, HiddenField
from wtforms.validators import InputRequired, ValidationError

from helpdesk.accounts.forms import Form
from helpdesk.accounts.models import Person
from helpdesk.juri_ptce.forms.figures import BOTH, EARLIEST_YEAR, PeriodForm
from helpdesk.reference import get_reference
from helpdesk.reporting import Period
from helpdesk.stats import perms
from helpdesk.stats.periods import LAST_QUARTER, QUARTER, TWELVE_MONTHS, named_period
from helpdesk.stats.perms import NATIONAL, Selection
from helpdesk.tickets.enums import Channel, Tier
from helpdesk.tickets.forms.filters import NATIONAL_QUEUE, ListField, topic_choices
from helpdesk.tickets.forms.member import number_or_zero

DATES = "dates"
"""The period is two days, which the address holds too."""
ANSWERING_TIERS = (Tier.DELEGATION, Tier.POLE)


class LastListField(ListField):
    """The last value wins: that of the button comes after that of the list."""

    def process_formdata(self, valuelist: list[str]) -> None:
        super().process_formdata(valuelist[-1:])


class DelaysForm(PeriodForm):
    """``/delais?periode=2026&region=bretagne…``: a wrong value shows its message and counts nothing.

    Two days that were written go before a period that is named; but those that the page showed already (*vues*) were
    left for it.
    """

    annee = None  # here a year is one of the periods
    periode = LastListField("Période")
    vues = HiddenField()
    region = ListField("Région")
    theme = ListField("Thème")
    typologie = ListField("Typologie")
    canal = ListField("Canal", choices={"": "Tous"} | {channel.value: channel.label for channel in Channel})
    niveau = ListField("Niveau de réponse", choices={"": "Tous"} | {tier.value: tier.label for tier in ANSWERING_TIERS})

    def offer(self, reader: Person, today: date, years: Iterable[int]) -> None:
        """Fill the lists with what *reader* may choose from; *years* are those that have a report."""
        reference = get_reference()
        self._choose_period(today)
        self.periode.choices = self._periods(today, years)
        codes = [code for code in reference.delegations if perms.can_see_all(reader) or code in reader.delegations]
        self.region.choices = {"": "Toutes" if perms.can_see_all(reader) else "Toutes les miennes"} | {
            code: reference.delegations[code].name for code in codes
        }
        if perms.can_see_all(reader):
            self.region.choices[NATIONAL_QUEUE] = "File nationale (sans délégation)"
        self.theme.choices = topic_choices("Tous", with_domains=True)
        known = reference.typologies
        self.typologie.choices = {"": "Toutes"} | {code: known[code].short_label for code in known}
        for field in (self.region, self.theme, self.typologie, self.canal, self.niveau):
            field.data = field.data or ""

    def _choose_period(self, today: date) -> None:
        is_named = self.periode.data and self.periode.data != DATES
        if is_named and self.has_days and self.vues.data == self.shown_days:
            for field in (self.du, self.au):
                field.data, field.raw_data, field.process_errors = None, None, []
        elif self.has_days:
            self.periode.data = DATES
        self.periode.data = self.periode.data or str(today.year)

    def validate_au(self, field: Any) -> None:
        """The two days must be there when they are what is asked for."""
        if self.periode.data == DATES and not self.has_days:
            raise ValidationError(BOTH)
        super().validate_au(field)

    @property
    def shown_days(self) -> str:
        """The two days as they were written."""
        return "_".join((field.raw_data or [""])[0].strip() for field in (self.du, self.au))

    @property
    def has_days(self) -> bool:
        """Whether two days were asked for, or one, or something that is none."""
        return any((field.raw_data or [""])[0].strip() for field in (self.du, self.au))

    def _periods(self, today: date, years: Iterable[int]) -> dict[str, str | dict[str, str]]:
        days: dict[str, str | dict[str, str]] = {DATES: "Dates indiquées"} if self.periode.data == DATES else {}
        past = sorted((year for year in years if EARLIEST_YEAR <= year < today.year), reverse=True)
        return {
            **days,
            str(today.year): f"Année {today.year}",
            TWELVE_MONTHS: "12 derniers mois",
            QUARTER: "Trimestre en cours",
            LAST_QUARTER: "Trimestre dernier",
            **{str(year): f"Année {year}" for year in past},
        }

    def period(self, today: date) -> Period:
        """Of a form that has been validated."""
        starts_on, ends_on = self.du.data, self.au.data
        if self.periode.data == DATES and starts_on and ends_on:
            # What is still to come would be compared with what came the year before.
            return Period(starts_on, max(starts_on, min(ends_on, today)))
        return named_period(self.periode.data, today) or Period.of_year(today.year)

    def selection(self, reader: Person) -> Selection:
        """The questions to count, of those that *reader* may have counted; of a form that has been validated."""
        region = self.region.data
        chosen = frozenset({NATIONAL if region == NATIONAL_QUEUE else region}) if region else None
        return Selection(
            delegations=chosen or perms.widest(reader).delegations,
            topic=self.theme.data,
            typology=self.typologie.data,
            channel=Channel(self.canal.data) if self.canal.data else None,
            answered_by=Tier(self.niveau.data) if self.niveau.data else None,
        )

    @property
    def is_narrowed(self) -> bool:
        """Whether anything but a named period and a region chooses among the questions."""
        chosen = (self.theme, self.typologie, self.canal, self.niveau)
        return self.periode.data == DATES or any(field.data for field in chosen)

    def asked(self) -> Mapping[str, str]:
        """The parameters of the address again, without the empty ones."""
        named = {field.name: field.data for field in self if field not in (self.du, self.au, self.vues)}
        days = (self.du, self.au) if self.periode.data == DATES else ()
        named |= {field.name: field.data.isoformat() for field in days if field.data}
        return {name: value for name, value in named.items() if value}


class FreezeForm(Form):
    """« Figer l’année »; *seen*: how many times it had been frozen when the page was shown, *figures*: the digest of
    what it told.
    """

    seen = HiddenField()
    figures = HiddenField()
    confirmed = BooleanField(
        "J’ai relu ces chiffres : ce sont ceux que la fédération publie",
        [InputRequired("Cochez la case : une année figée ne s’efface pas.")],
    )

    @property
    def seen_number(self) -> int:
        return number_or_zero(self.seen.data)
