"""The period of the figures, in the address."""

from datetime import date
from typing import Any

from wtforms import StringField
from wtforms.validators import ValidationError

from helpdesk.accounts.forms import FilterForm
from helpdesk.reporting import Period
from helpdesk.tickets.forms.member import CivilDayField, number_or_zero

EARLIEST_YEAR, LATEST_YEAR = 2000, 2100
BACKWARDS = "La période va du premier jour au dernier, sur cinq ans au plus. Corrigez une des deux dates."
OUT_OF_RANGE = f"Écrivez une date entre {EARLIEST_YEAR} et {LATEST_YEAR}."
BOTH = "Indiquez les deux dates, ou choisissez une année."


class PeriodDayField(CivilDayField):
    """A day of this century: the calendar has an end, and no question came before."""

    def process_formdata(self, valuelist: list[str]) -> None:
        super().process_formdata(valuelist)
        if self.data is not None and not EARLIEST_YEAR <= self.data.year <= LATEST_YEAR:
            self.data = None
            raise ValueError(OUT_OF_RANGE)


class PeriodForm(FilterForm):
    """Two days, or a year; neither: the present year. What is wrong is given back, with the present year beside."""

    du = PeriodDayField("Du")
    au = PeriodDayField("Au")
    annee = StringField()

    def validate_au(self, field: Any) -> None:
        """Both or none, forward."""
        if self.du.errors or field.errors:
            return
        if (self.du.data is None) != (field.data is None):
            raise ValidationError(BOTH)
        if self.du.data is not None:
            try:
                Period(self.du.data, field.data)
            except ValueError:
                raise ValidationError(BACKWARDS) from None

    def period(self, today: date) -> Period:
        """What to show; what is wrong counts as nothing."""
        if self.validate() and self.du.data is not None and self.au.data is not None:
            return Period(self.du.data, self.au.data)
        year = number_or_zero(self.annee.data)
        return Period.of_year(year if EARLIEST_YEAR <= year <= today.year else today.year)
