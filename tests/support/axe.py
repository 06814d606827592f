"""Axe on a page of the browser. Its script is half a megabyte: it goes into a document once, not at each run."""

from collections.abc import Sequence
from typing import Any

from axe_playwright_python.base import AXE_SCRIPT

WIDTHS = (1280, 390, 320)
NARROWEST, TELEPHONE = 320, 390
"""Between them sizes change, and what the first hides the widest shows (``test_assets.py`` holds the stylesheet to
that): axe looks at the first.
"""
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "RGAAv4", "best-practice"]
COLOURS = ["color-contrast", "link-in-text-block"]
"""What the dark scheme alone can change."""
_RUN = "options => axe.run(options).then(found => found.violations)"


def violations(page: Any, *, has_styles: bool = True, **only: list[str]) -> list[dict[str, Any]]:
    """What breaks the rules of axe, or only those that carry one of *tag*, or only those of *rule*.

    :param has_styles: read the stylesheets anew, for the one rule that looks at their text (the orientation).
    """
    options: dict[str, Any] = {"resultTypes": ["violations"], "preload": has_styles}
    if only:
        ((kind, values),) = only.items()
        options["runOnly"] = {"type": kind, "values": values}
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE_SCRIPT)
    found: list[dict[str, Any]] = page.evaluate(_RUN, options)
    return found


def barriers(page: Any, *, widths: Sequence[int] = WIDTHS, is_dark_too: bool = True) -> list[tuple[int, str, object]]:
    """What bars somebody on the open page, in the light and in the dark, on each width of a screen.

    No script of ours looks at the width, so that a page made narrow is one that was opened narrow.
    """
    wrong: list[tuple[int, str, object]] = []
    for width in widths:
        page.set_viewport_size({"width": width, "height": 900})
        if page.evaluate("document.documentElement.scrollWidth > window.innerWidth"):
            wrong.append((width, "too wide", None))
        if NARROWEST < width <= TELEPHONE:
            continue
        page.emulate_media(color_scheme="light")
        found = violations(page, tag=TAGS, has_styles=width == widths[0])
        if is_dark_too:
            page.emulate_media(color_scheme="dark")
            found += violations(page, rule=COLOURS, has_styles=False)
        wrong += [(width, one["id"], node["target"]) for one in found for node in one["nodes"]]
    page.emulate_media(color_scheme="light")
    return wrong
