"""Flask, less what each page would pay for anew: the addresses of its links, the globals of its templates."""

from collections.abc import MutableMapping
from functools import lru_cache
from typing import Any

from flask import Flask, has_request_context, request
from flask.templating import Environment

ADDRESSES_KEPT_COUNT = 4096
_PLAIN = frozenset({str, int, type(None)})


class Templates(Environment):
    """The templates, whose globals are one plain dict.

    Jinja chains them anew for each template, and compares the chains name by name at each import of macros.
    """

    def make_globals(self, d: MutableMapping[str, Any] | None) -> MutableMapping[str, Any]:
        return {**self.globals, **d} if d else self.globals


class Site(Flask):
    """The application."""

    jinja_environment = Templates

    def __init__(self, import_name: str) -> None:
        super().__init__(import_name)
        self._kept_address = lru_cache(maxsize=ADDRESSES_KEPT_COUNT)(self._address)

    def url_for(
        self,
        /,
        endpoint: str,
        *,
        _anchor: str | None = None,
        _method: str | None = None,
        _scheme: str | None = None,
        _external: bool | None = None,
        **values: Any,
    ) -> str:
        """As Flask's; an address inside the site depends on these values alone, and is written once."""
        is_usual = _method is None and _scheme is None and _external is None and not endpoint.startswith(".")
        if is_usual and has_request_context() and _PLAIN.issuperset(map(type, values.values())):
            return self._kept_address(request.script_root, endpoint, _anchor, tuple(values.items()))
        return super().url_for(
            endpoint, _anchor=_anchor, _method=_method, _scheme=_scheme, _external=_external, **values
        )

    def _address(self, _root: str, endpoint: str, anchor: str | None, values: tuple[tuple[str, Any], ...]) -> str:
        return super().url_for(endpoint, _anchor=anchor, **dict(values))
