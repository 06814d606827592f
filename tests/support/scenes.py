"""Scenes made once: what many tests of a file begin with is put back as it was first committed, not lived again.

``kept(Scene)`` in a fixture instead of ``Scene()``. A scene is a row, or a list, a tuple, a dictionary or an object
of the tests that holds rows; its rows are remembered by their keys and read anew by each test.
"""

import copy
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

import sqlalchemy as sa

from helpdesk.db import Base, db

T = TypeVar("T")


class Keep(Protocol):
    def __call__(self, make: Callable[[], T], /) -> T:
        """Make a scene, or put it back, before the test writes anything else."""


@dataclass(frozen=True)
class _Row:
    model: type[Base]
    key: tuple[Any, ...]


def described(value: Any) -> Any:
    """Return *value* with a mark in the place of each row."""
    return _mapped(value, Base, lambda row: _Row(type(row), sa.inspect(row).identity))


def read(told: Any) -> Any:
    """Return what *told* describes, with the rows as the database now holds them."""
    return _mapped(told, _Row, lambda mark: db.session.get_one(mark.model, mark.key))


def _mapped(value: Any, kind: type, change: Callable[[Any], Any]) -> Any:
    if isinstance(value, kind):
        return change(value)
    if isinstance(value, dict):
        return {key: _mapped(one, kind, change) for key, one in value.items()}
    if isinstance(value, (list, tuple)):
        return type(value)(_mapped(one, kind, change) for one in value)
    if type(value).__module__.startswith("tests."):
        other = copy.copy(value)
        for name, one in vars(value).items():
            object.__setattr__(other, name, _mapped(one, kind, change))
        return other
    return value
