"""Lists of choices, written fast: what WTForms would print, its options kept from one page to the next."""

from collections.abc import Iterable
from functools import lru_cache
from typing import Any

from markupsafe import Markup, escape
from wtforms.fields import SelectField
from wtforms.meta import DefaultMeta
from wtforms.widgets import Select, html_params

_NONE = "\0"
"""The value of no option."""
Choices = tuple[tuple[str, Any], ...]


def is_plain_list(field: Any) -> bool:
    """A ``<select>`` of one value, whose choices are plain texts."""
    if not isinstance(field, SelectField) or type(field.widget) is not Select or field.widget.multiple:
        return False
    return isinstance(field.choices, dict) or all(type(choice) is tuple for choice in field.choices or ())


class Rendering:
    """For the ``Meta`` of a form."""

    def render_field(self, field: Any, render_kw: dict[str, Any]) -> Markup:
        if not field.render_kw and is_plain_list(field):
            return select(field, render_kw)
        rendered: Markup = DefaultMeta.render_field(self, field, render_kw)
        return rendered


def select(field: Any, attributes: dict[str, Any]) -> Markup:
    """The ``<select>`` of *field*: a hundred options cost as much as the rest of a page when written each time."""
    attributes = {"id": field.id, **attributes}
    if "required" not in attributes and field.flags.required:
        attributes["required"] = True
    chosen = str(field.data) if field.data is not None else _NONE
    pieces = [
        html.replace("<option", "<option selected", 1) if value == chosen else html
        for value, html in _options(_frozen(field.choices or ()))
    ]
    return Markup(f"<select {html_params(name=field.name, **attributes)}>{''.join(pieces)}</select>")  # noqa: S704


def _frozen(choices: Any) -> Choices:
    pairs: Iterable[tuple[Any, Any]] = choices.items() if isinstance(choices, dict) else choices
    return tuple((key, tuple(label.items()) if isinstance(label, dict) else label) for key, label in pairs)


@lru_cache(maxsize=512)
def _options(choices: Choices) -> tuple[tuple[str | None, str], ...]:
    """Value and markup of each option; the marks of a group have no value."""
    pieces: list[tuple[str | None, str]] = []
    for key, label in choices:
        if isinstance(label, tuple):
            pieces.append((None, f'<optgroup label="{escape(key)}">'))
            pieces += [_option(value, text) for value, text in label]
            pieces.append((None, "</optgroup>"))
        else:
            pieces.append(_option(key, label))
    return tuple(pieces)


def _option(value: object, label: object) -> tuple[str, str]:
    return str(value), f'<option value="{escape(value)}">{escape(label or value)}</option>'
