"""What every page shares: default deny, security headers, error pages, health checks."""

import secrets
from collections.abc import Callable
from typing import Any

import sqlalchemy as sa
import structlog
from flask import Flask, Response, abort, current_app, g, make_response, redirect, render_template, request
from flask_login import current_user
from flask_wtf.csrf import CSRFError
from jinja2 import Template
from sqlalchemy.exc import IntegrityError
from werkzeug.exceptions import HTTPException, RequestEntityTooLarge
from werkzeug.middleware.proxy_fix import ProxyFix
from werkzeug.wrappers import Response as BaseResponse

from helpdesk.db import db, read_only
from helpdesk.errors import Conflict, HelpdeskError, NotAllowed
from helpdesk.settings import Settings

log = structlog.get_logger(__name__)

View = Callable[..., Any]

CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
SECURITY_HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
}
KEPT_TEXT_CHARS = 20_000


def _guarded(name: str) -> Callable[[View], View]:
    def mark(view: View) -> View:
        view._guard = name  # type: ignore[attr-defined]
        return view

    return mark


public = _guarded("public")
"""Anyone may open the page, signed in or not."""
signed_in = _guarded("signed_in")
"""Any person with an active mandate or role; the operation decides the rest."""
member_only = _guarded("member")
"""People with an active mandate in a structure."""
staff_only = _guarded("staff")
"""Delegates, jurists and the pole lead."""
delegate_only = _guarded("delegate")
"""Delegates of at least one delegation."""
pole_only = _guarded("pole")
"""Jurists and the pole lead."""
host_only = _guarded("host")
"""Those who hold the sessions of Juri-PTCE: the pole and the partner jurists."""
calendar_only = _guarded("calendar")
"""Those who read the calendar of the sessions: the staff and the partner jurists."""
lead_only = _guarded("lead")
"""The pole lead."""
admin_only = _guarded("admin")
"""Administrators: they run the service and read no content."""

GUARDS: dict[str, Callable[[Any], bool]] = {
    "signed_in": lambda person: True,
    "member": lambda person: person.is_member,
    "staff": lambda person: person.is_staff,
    "delegate": lambda person: person.is_delegate,
    "pole": lambda person: person.is_pole,
    "host": lambda person: person.is_pole or person.is_partner,
    "calendar": lambda person: person.is_staff or person.is_partner,
    "lead": lambda person: person.is_lead,
    "admin": lambda person: person.is_admin,
}


def init_web(app: Flask, settings: Settings) -> None:
    """Attach the request hooks and error pages to *app*."""
    if settings.proxy_hop_count:
        hops = settings.proxy_hop_count
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)  # type: ignore[method-assign]
    app.before_request(_begin_request)
    app.before_request(_check_guard)
    app.after_request(_add_headers)
    app.teardown_request(_end_request)
    app.register_error_handler(CSRFError, _csrf_error)
    app.register_error_handler(HelpdeskError, _helpdesk_error)
    app.register_error_handler(IntegrityError, _integrity_error)
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(Exception, _unexpected_error)
    app.add_url_rule("/healthz", "healthz", healthz)
    app.add_url_rule("/readyz", "readyz", readyz)


def _begin_request() -> None:
    g.request_id = secrets.token_hex(6)
    structlog.contextvars.clear_contextvars()
    structlog.contextvars.bind_contextvars(request_id=g.request_id)
    g.read_only_token = read_only.set(request.method in {"GET", "HEAD", "OPTIONS"})
    numbers = (value for value in (request.view_args or {}).values() if isinstance(value, int))
    if not request.path.isprintable() or any(number > LARGEST_NUMBER for number in numbers):
        abort(404)  # a NUL is an error of PostgreSQL, a number past its columns one of SQLite


def _end_request(_error: BaseException | None) -> None:
    token = g.pop("read_only_token", None)
    if token is not None:
        read_only.reset(token)


def _check_guard() -> BaseResponse | None:
    if request.endpoint is None or request.endpoint == "static":
        return None
    guard = getattr(current_app.view_functions[request.endpoint], "_guard", None)
    if guard == "public":
        return None
    if not current_user.is_authenticated:
        if request.method == "POST":
            return _error_page(419, SESSION_EXPIRED, kept_text=typed_text())
        return redirect(f"{current_app.url_for('accounts.sign_in')}?suite={_current_path()}", 303)
    if guard is None or not GUARDS[guard](current_user.person):
        raise NotAllowed("Cette page n’est pas accessible avec votre compte.")
    return None


LARGEST_NUMBER = 2**31 - 1
"""Of a row, in an address."""
ALREADY_THERE = "Cela vient d’être fait ailleurs, au même moment. Rechargez la page pour le voir."
SESSION_EXPIRED = "Votre session a expiré. Reconnectez-vous : votre texte est gardé."


def _current_path() -> str:
    from urllib.parse import quote

    return quote(request.full_path.rstrip("?"), safe="/")


def _add_headers(response: Response) -> Response:
    for name, value in SECURITY_HEADERS.items():
        response.headers.setdefault(name, value)
    if request.endpoint != "static":
        response.headers.setdefault("Cache-Control", "no-store")
    return response


def typed_text() -> dict[str, str]:
    """What the person had typed, to be given back on an error page: never the token nor a password."""
    hidden = {"csrf_token", "password", "new_password", "submission_key", "version", "seen"}
    return {
        name: "\n".join(values)[:KEPT_TEXT_CHARS]
        for name, values in request.form.lists()
        if name not in hidden and len("".join(values)) > 15
    }


def _error_page(status: int, message: str, *, kept_text: dict[str, str] | None = None) -> Response:
    if request.accept_mimetypes.best == "application/json":
        return make_response({"error": message}, status)
    template: list[str | Template] = [f"errors/{status}.html", "errors/error.html"]
    page = render_template(
        template, status=status, message=message, kept_text=kept_text or {}, request_id=g.get("request_id", "")
    )
    return make_response(page, status)


def _helpdesk_error(error: HelpdeskError) -> Response:
    db.session.rollback()
    return _error_page(error.status, error.message, kept_text=_kept_on_post())


def _integrity_error(error: IntegrityError) -> Response:
    """Two people added the same thing at once (a share, a copy): the second is told. Any other is our mistake."""
    if not _is_taken(error):
        return _unexpected_error(error)
    db.session.rollback()
    return _error_page(Conflict.status, ALREADY_THERE, kept_text=_kept_on_post())


def _is_taken(error: IntegrityError) -> bool:
    name = getattr(error.orig, "sqlite_errorname", "")
    is_unique_in_sqlite = name in ("SQLITE_CONSTRAINT_UNIQUE", "SQLITE_CONSTRAINT_PRIMARYKEY")
    return is_unique_in_sqlite or getattr(error.orig, "sqlstate", "") == "23505"


def _csrf_error(_error: CSRFError) -> Response:
    db.session.rollback()
    message = "Ce formulaire est resté ouvert trop longtemps. Votre texte est gardé : renvoyez-le depuis la page."
    return _error_page(400, message, kept_text=typed_text())


def _http_error(error: HTTPException) -> Response | HTTPException:
    db.session.rollback()
    if error.code is None or error.code < 400:
        return error
    if isinstance(error, RequestEntityTooLarge):
        return _error_page(413, "L’envoi est trop lourd : 5 fichiers de 10 Mo au plus.")
    page = _error_page(error.code, "", kept_text=_kept_on_post())
    # What the error itself tells the client: Allow, Retry-After.
    page.headers.extend([(name, value) for name, value in error.get_headers() if name != "Content-Type"])
    return page


def _unexpected_error(error: Exception) -> Response:
    log.exception("unexpected_error", path=request.path, kind=type(error).__name__)
    db.session.rollback()
    if current_app.testing and current_app.config.get("PROPAGATE_UNEXPECTED", True):
        raise error
    return _error_page(500, "", kept_text=_kept_on_post())


def _kept_on_post() -> dict[str, str]:
    return typed_text() if request.method == "POST" else {}


@public
def healthz() -> str:
    """The process answers."""
    return "ok\n"


@public
def readyz() -> Response:
    """The database answers."""
    try:
        db.session.execute(sa.text("SELECT 1"))
    except sa.exc.SQLAlchemyError:
        log.exception("database_unavailable")
        abort(503)
    return make_response("ok\n")
