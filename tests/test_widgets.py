"""What is kept is what would be written again; a list written fast is the list that WTForms writes."""

from typing import Any

import pytest
from markupsafe import Markup, escape
from werkzeug.datastructures import MultiDict
from wtforms import BooleanField, FieldList, Form, RadioField, SelectField, StringField, TextAreaField
from wtforms.widgets import Select

from helpdesk.widgets import KEPT_COUNT, Rendering, is_plain_list, kept, select

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


class Written:
    """A macro that counts how often it is written."""

    def __init__(self) -> None:
        self.count = 0

    def __call__(self, *parameters: Any, **named: Any) -> Markup:
        self.count += 1
        return Markup(" ").join([*parameters, *named.values()])


def test_the_same_words_are_written_once():
    macro = Written()
    write = kept(macro)
    assert write("a & b", tone="ok") == write("a & b", tone="ok") == "a &amp; b ok"
    assert write("a & b", tone="retard") == "a &amp; b retard"
    assert macro.count == 2


@pytest.mark.parametrize("wrap", [lambda one: one, lambda one: [one], lambda one: {"x": [one]}])
def test_a_safe_text_never_stands_for_the_same_text_to_be_escaped(wrap):
    write = kept(lambda value: escape(value if isinstance(value, str) else str(value)))
    assert write(Markup("<b>")) == "<b>"
    assert write("<b>") == "&lt;b&gt;"
    assert write(wrap(Markup("<b>"))) is not write(wrap("<b>"))


def test_what_cannot_be_told_apart_is_written_each_time():
    macro = Written()
    write = kept(macro)
    for _ in range(2):
        write("a", caller=object())
    assert macro.count == 2


def test_what_is_kept_is_bounded():
    macro = Written()
    write = kept(macro)
    for number in range(KEPT_COUNT + 2):
        write(str(number))
    write("0")
    assert macro.count == KEPT_COUNT + 3


class Fields(Form):
    line = StringField("Ligne")
    text = TextAreaField("Texte")
    is_ticked = BooleanField("Coché")
    way = RadioField("Suite", choices={"a": "Une", "b": "Deux"})
    rows = FieldList(StringField("Rang"), min_entries=1)


NAMES = ("line", "text", "is_ticked", "way", "rows")
TYPED = MultiDict({"line": "x", "text": "y", "is_ticked": "1", "way": "b", "rows-0": "z"})


@pytest.mark.parametrize("name", NAMES)
def test_a_field_is_kept_until_something_is_typed_in_it(name):
    write = kept(lambda field: field())
    empty, typed = Fields(), Fields(TYPED)
    assert write(empty[name]) is write(Fields()[name])
    assert write(typed[name]) == typed[name]() != write(empty[name])
    assert write(Fields()[name]) == empty[name]()


@pytest.mark.parametrize("name", NAMES)
def test_a_field_with_a_mistake_is_written_anew(name):
    write = kept(lambda field: Markup(" ").join([field(), *field.errors]))
    form = Fields()
    write(form[name])
    form[name].errors = ["À corriger."]
    assert "À corriger." in write(form[name])


def test_two_fields_of_the_same_words_keep_each_their_own_name():
    write = kept(lambda field: field())
    assert 'name="a-line"' in write(Fields(prefix="a").line)
    assert 'name="b-line"' in write(Fields(prefix="b").line)
