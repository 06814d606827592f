"""Flask, less what each page would pay for anew: the addresses of its links, the globals of its templates."""

from collections.abc import MutableMapping
from functools import lru_cache
from types import FunctionType
from typing import Any

from flask import Flask, has_request_context, request
from flask.templating import Environment
from jinja2 import nodes
from jinja2.compiler import CodeGenerator, Frame
from jinja2.runtime import Context, Macro
from markupsafe import Markup, escape

ADDRESSES_KEPT_COUNT = 4096
_PLAIN = frozenset({str, int, type(None)})
_FUNCTIONS = frozenset({FunctionType, type(lru_cache(str))})


class Written(CodeGenerator):
    """Templates that write each value by :meth:`Templates.written`."""

    def _output_child_pre(self, node: nodes.Expr, frame: Frame, finalize: CodeGenerator._FinalizeInfo) -> None:
        if frame.eval_ctx.volatile or not frame.eval_ctx.autoescape:
            super()._output_child_pre(node, frame, finalize)
        else:
            self.write(f"environment.written({finalize.src or ''}")


class Scope(Context):
    """What a template sees, calling straight what asks for nothing of it: most of the thousand calls of a page."""

    def call(self, called: Any, /, *parameters: Any, **named: Any) -> Any:
        kind = type(called)
        if kind is not Macro and (kind not in _FUNCTIONS or "jinja_pass_arg" in called.__dict__):
            return super().call(called, *parameters, **named)
        named.pop("_loop_vars", None)
        named.pop("_block_vars", None)
        return called(self.eval_ctx, *parameters, **named) if kind is Macro else called(*parameters, **named)


class Templates(Environment):
    """The templates, whose globals are one plain dict.

    Jinja chains them anew for each template, and compares the chains name by name at each import of macros.
    """

    code_generator_class = Written
    context_class = Scope

    def make_globals(self, d: MutableMapping[str, Any] | None) -> MutableMapping[str, Any]:
        return {**self.globals, **d} if d else self.globals

    @staticmethod
    def written(value: Any) -> str:
        """As ``escape``, which would make another ``Markup`` of what is one."""
        return value if type(value) is Markup else escape(value)


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
