"""The little markup that jurists may write, made safe twice: by the parser, then by an allow-list."""

import re
from functools import lru_cache

import nh3
from markdown_it import MarkdownIt
from markupsafe import Markup

from helpdesk.formats import fr, paragraphs

MAX_CHARS = 100_000
"""Past this length a text is shown without markup: its parsing would hold a web process for seconds."""

KEPT_COUNT = 256
"""An answer is read many times, and its markup costs as much as the rest of its page."""

_parser = MarkdownIt("zero", {"html": False, "breaks": True, "maxNesting": 20}).enable(
    ["list", "emphasis", "link", "newline", "escape"]
)
_WEB_ADDRESS = re.compile(r"https?://", re.IGNORECASE)
_parser.validateLink = lambda url: bool(_WEB_ADDRESS.match(url))  # type: ignore[method-assign]
_cleaner = nh3.Cleaner(
    tags={"p", "br", "ul", "ol", "li", "strong", "em", "a"},
    attributes={"*": set(), "a": {"href"}, "ol": {"start"}},
    url_schemes={"http", "https"},
    url_relative="deny",
    link_rel="noopener noreferrer nofollow",
    strip_comments=True,
)


@lru_cache(maxsize=KEPT_COUNT, typed=True)
def render(text: str) -> Markup:
    """*text* (paragraphs, lists, bold, links to http or https) as safe markup with French typography.

    Anything else is shown as it was typed.
    """
    plain = text.replace("\x00", "")
    if len(plain) > MAX_CHARS:
        return paragraphs(plain)
    return fr(Markup(_cleaner.clean(_parser.render(plain))))  # noqa: S704 - cleaned by the allow-list above
