"""A list written fast is the list that WTForms writes."""

from typing import Any

import pytest
from werkzeug.datastructures import MultiDict
from wtforms import Form, SelectField
from wtforms.widgets import Select

from helpdesk.widgets import Rendering, is_plain_list, select

GROUPED = {"": "Tous", "Droit social": {"social/a": "L’embauche", "social/b": "A & <b>"}, "seul": "Un seul"}


def form_with(choices: Any, value: str | None, **options: Any) -> Form:
    class OneList(Form):
        class Meta(Rendering):
            pass

        chosen = SelectField("Thème", choices=choices, **options)

    return OneList(MultiDict({} if value is None else {"chosen": value}))


@pytest.mark.parametrize("value", [None, "", "social/b", "inconnue", '"><script>'])
@pytest.mark.parametrize("choices", [GROUPED, {"": "Tous"}, {"1": "Un", "2": "Deux"}, {}])
def test_a_list_is_written_as_the_library_writes_it(choices, value):
    field = form_with(choices, value).chosen
    expected = Select()(field, class_="saisie", **{"aria-invalid": "true"})
    assert select(field, {"class_": "saisie", "aria-invalid": "true"}) == expected


def test_whole_numbers_are_chosen_by_their_text():
    field = form_with({1: "Un", 12: "Douze"}, "12", coerce=int).chosen
    assert '<option selected value="12">' in field()
    assert field() == Select()(field)


def test_two_lists_of_the_same_choices_keep_each_their_own_value():
    first, second = form_with(GROUPED, "seul"), form_with(GROUPED, "social/a")
    assert '<option selected value="seul">' in first.chosen()
    assert '<option selected value="social/a">' in second.chosen()
    assert second.chosen().count("selected") == 1


def test_a_list_of_several_values_is_left_to_the_library():
    field = form_with(GROUPED, "seul").chosen
    assert is_plain_list(field)
    field.widget = Select(multiple=True)
    assert not is_plain_list(field)
