"""Icons of the interface; only those a page uses are sent with it, as one sprite.

They are drawn in ``static/img/icones.svg`` on a 24 × 24 grid, one symbol a line. An icon never stands alone:
a word, visible or for screen readers, goes with it.
"""

import re
from functools import lru_cache

from flask import g
from markupsafe import Markup

from helpdesk.assets import STATIC

_SYMBOL = re.compile(r'<symbol id="i-([\w-]+)".*</symbol>')
SYMBOLS = {
    match[1]: Markup(match[0])  # noqa: S704 - our own drawings
    for match in _SYMBOL.finditer((STATIC / "img" / "icones.svg").read_text("utf-8"))
}
# The sizes are for browsers that do not read the stylesheet: it sets its own.
_USE = Markup(
    '<svg class="ico{}" width="20" height="20" aria-hidden="true" focusable="false"><use href="#i-{}"/></svg>'
)
_SPRITE = Markup('<svg class="sprite" width="0" height="0" aria-hidden="true" focusable="false">{}</svg>')


@lru_cache(maxsize=256)
def _use(name: str, kind: str) -> Markup:
    if name not in SYMBOLS:
        raise ValueError(f"no icon {name!r} in icones.svg")
    return _USE.format(f" ico--{kind}" if kind else "", name)


def icon(name: str, kind: str = "") -> Markup:
    """A decorative icon; *kind* adds a class ``ico--kind``.

    :raises ValueError: when nobody drew an icon of this *name*.
    """
    drawing = _use(name, kind)
    g.setdefault("icons", set()).add(name)
    return drawing


def icon_sprite() -> Markup:
    """The drawings of the icons met so far on this page: to be printed last."""
    drawings = Markup("").join(SYMBOLS[name] for name in sorted(g.get("icons", ())))
    return _SPRITE.format(drawings)
