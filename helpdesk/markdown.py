"""The little markup that jurists may write, made safe twice: by the parser, then by an allow-list."""

import nh3
from markdown_it import MarkdownIt
from markupsafe import Markup

from helpdesk.formats import fr

MAX_CHARS = 1_000_000
_parser = MarkdownIt("zero", {"html": False, "breaks": True, "typographer": False, "maxNesting": 20}).enable(
    ["list", "emphasis", "link", "newline", "escape"]
)
_TAGS = {"p", "br", "ul", "ol", "li", "strong", "em", "a"}
_ATTRIBUTES = {"a": {"href"}, "ol": {"start"}}
_REL = "noopener noreferrer nofollow"


def render(text: str) -> Markup:
    """*text* (paragraphs, lists, bold, links to http or https) as safe markup with French typography.

    Anything else is shown as it was typed. Text past ``MAX_CHARS`` is cut: forms refuse it long before.
    """
    html = _parser.render(text[:MAX_CHARS].replace("\x00", ""))
    clean = nh3.clean(
        html,
        tags=_TAGS,
        attributes=_ATTRIBUTES,
        url_schemes={"http", "https"},
        link_rel=_REL,
        strip_comments=True,
    )
    return fr(Markup(clean))  # noqa: S704 - cleaned by the allow-list above
