"""Every message of every form is ours, in French."""

import pytest
from flask_wtf import FlaskForm
from werkzeug.datastructures import MultiDict

from helpdesk.accounts import forms

FORMS = [
    form
    for form in vars(forms).values()
    if isinstance(form, type) and issubclass(form, FlaskForm) and form.__module__ == forms.__name__
]
ENGLISH = ("this field", "invalid", "not a valid", "required", "must be", "cannot", "longer", "choice")
VALUES = ["", " ", "x", "\x00", "x" * 5000, "-1", "é@é", "=1+1", "2026-02-31", "<b>"]


def messages(form: FlaskForm) -> list[str]:
    return [str(message) for found in form.errors.values() for message in found]


@pytest.mark.parametrize("form_class", FORMS, ids=lambda form: form.__name__)
@pytest.mark.parametrize("value", VALUES, ids=range(len(VALUES)))
@pytest.mark.sqlite_only
def test_bad_values_are_answered_in_french(app, form_class, value):
    with app.test_request_context(method="POST"):
        names = [field.name for field in form_class(formdata=None)]
        form = form_class(formdata=MultiDict(dict.fromkeys(names, value)))
        for field in form:
            if field.type == "SelectField" and field.choices is None:
                field.choices = {"": "Toutes"}
        form.validate()
        for message in messages(form):
            assert message[0].isupper() or message[0].isdigit()
            assert message.endswith(".")
            assert not any(word in message.lower() for word in ENGLISH), message


@pytest.mark.sqlite_only
def test_a_line_is_put_in_order(app):
    with app.test_request_context(method="POST"):
        form = forms.ContactForm(formdata=MultiDict({"first_name": "  Anne  \n Marie ", "email": " A@B.example "}))
        assert form.first_name.data == "Anne Marie"
        assert form.email.data == "a@b.example"
