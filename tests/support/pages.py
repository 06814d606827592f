"""Read a page as a person does, and send its forms with their token."""

import html
import re
from typing import Any

from werkzeug.test import TestResponse

_TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')
_TAGS = re.compile(r"<[^>]*>")
_SPACES = re.compile(r"\s+")
_HIDDEN = re.compile(r'<input type="hidden" name="([^"]+)" value="([^"]*)"')


def csrf_token(page: TestResponse) -> str:
    """Return the token of the forms of *page*."""
    match = _TOKEN.search(page.get_data(as_text=True))
    assert match, f"no form on the page ({page.status})"
    return match[1]


def post(client: Any, url: str, data: dict[str, Any] | None = None, *, page: str = "") -> TestResponse:
    """Open *page* (by default *url* itself), then send the form to *url*. Redirects are not followed."""
    token = csrf_token(client.get(page or url))
    response: TestResponse = client.post(url, data={"csrf_token": token, **(data or {})})
    return response


def hidden_fields(page: TestResponse, action: str) -> dict[str, str]:
    """Return the hidden fields of the form that posts to *action*, as a browser would send them."""
    forms = re.findall(r"<form\b.*?</form>", page.text, re.DOTALL)
    form = next(form for form in forms if f'action="{action}"' in form)
    return {name: html.unescape(value) for name, value in _HIDDEN.findall(form)}


def text_of(page: TestResponse) -> str:
    """Return the words of a page without tags, every kind of space as one ordinary space."""
    return _SPACES.sub(" ", html.unescape(_TAGS.sub(" ", page.get_data(as_text=True)))).strip()


def error_summary(page: TestResponse) -> list[str]:
    """Return what the page asks to correct."""
    source = page.get_data(as_text=True)
    block = re.search(r"data-error-summary.*?</ul>", source, re.DOTALL)
    items = re.findall(r"<li>(.*?)</li>", block[0], re.DOTALL) if block else []
    return [_SPACES.sub(" ", html.unescape(_TAGS.sub("", item))).strip() for item in items]
