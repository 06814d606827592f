"""Pieces of pages that are written once and kept: macros of plain words, lists of choices."""

from collections.abc import Callable, Hashable, Iterable
from functools import lru_cache
from typing import Any

from markupsafe import Markup, escape
from wtforms import BooleanField, DateTimeField, Field, FieldList, FileField, SelectField, StringField
from wtforms.meta import DefaultMeta
from wtforms.widgets import Select, html_params

_NONE = "\0"
"""The value of no option."""
Choices = tuple[tuple[str, Any], ...]
KEPT_COUNT = 512
"""Of one macro; a choice or a label too many, and it begins again."""
_PLAIN = frozenset({str, Markup, int, bool, type(None)})


def kept(macro: Callable[..., Markup]) -> Callable[..., Markup]:
    """*macro*, whose HTML depends on its parameters alone, written once for each of them as long as they are plain:
    words, figures, collections of them, fields in which nothing is typed.
    """
    written: dict[Hashable, Markup] = {}

    def write(*parameters: Any, **named: Any) -> Markup:
        key = _look((parameters, named))
        html = written.get(key)
        if html is None:
            html = macro(*parameters, **named)
            if key is not None:
                if len(written) >= KEPT_COUNT:
                    written.clear()
                written[key] = html
        return html

    return write


def _look(value: Any) -> Hashable:
    """What decides how *value* is written; none: more than can be told.

    With its type: a safe text and the same text still to be escaped are equal, and must not stand for one another.
    """
    kind = type(value)
    if kind in _PLAIN:
        return kind, value
    if kind is tuple or kind is list:
        parts = tuple(map(_look, value))
    elif kind is dict:
        parts = (*value, *map(_look, value.values()))
    elif isinstance(value, Field):
        return _face(value)
    else:
        return None
    return None if None in parts else parts


def _face(field: Field) -> Hashable:
    """:func:`_look` of a field, as long as nobody has typed anything in it or made a mistake."""
    if field.errors or field.render_kw:
        return None
    content: Hashable = None
    if isinstance(field, StringField | DateTimeField):
        content = None if field._value() else ""  # noqa: SLF001 (what its widget prints)
    elif isinstance(field, BooleanField):
        content = bool(field.data)
    elif isinstance(field, FileField):
        content = ""
    elif isinstance(field, FieldList):
        content = _look(field.entries)
    elif isinstance(field, SelectField) and _are_plain(field.choices):
        content = (str(field.data), _frozen(field.choices or ()))
    flags = tuple(vars(field.flags).items())
    return None if content is None else (type(field), field.id, field.name, field.label.text, flags, content)


def is_plain_list(field: Any) -> bool:
    """A ``<select>`` of one value, whose choices are plain texts."""
    if not isinstance(field, SelectField) or type(field.widget) is not Select or field.widget.multiple:
        return False
    return _are_plain(field.choices)


def _are_plain(choices: Any) -> bool:
    return isinstance(choices, dict) or all(type(choice) is tuple for choice in choices or ())


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
