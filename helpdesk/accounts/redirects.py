"""Where to go after sign-in: a page of this service, or nowhere."""

from urllib.parse import unquote, urlsplit

from flask import current_app
from werkzeug.exceptions import HTTPException

MAX_CHARS = 2000
_NOT_AFTER_SIGN_IN = "accounts.sign_"


def safe_target(target: str | None) -> str | None:
    """Return *target* if it is the local address of a page that a GET opens; browsers see only that either."""
    if not target or len(target) > MAX_CHARS or not target.startswith("/") or target[1:2] in {"/", "\\"}:
        return None
    if "\\" in target or not target.isprintable():
        return None
    try:
        parts = urlsplit(target)
        endpoint, _arguments = current_app.url_map.bind("").match(unquote(parts.path), method="GET")
    except (ValueError, HTTPException):
        return None
    is_elsewhere = parts.scheme or parts.netloc or str(endpoint).startswith(_NOT_AFTER_SIGN_IN)
    return None if is_elsewhere else target
