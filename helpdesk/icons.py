"""Icons of the interface; only those a page uses are sent with it, as one sprite.

They are drawn in ``static/img/icones.svg`` on a 24 × 24 grid, one symbol a line. An icon never stands alone:
a word, visible or for screen readers, goes with it.
"""

import re
from functools import lru_cache

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
HATCHING = 'fill="url(#hachures)"'
"""What a drawing says to be hatched (``components/charts.html``): the page then carries the pattern, once."""
_HATCHES = Markup(
    '<pattern id="hachures" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">'
    '<rect class="hachure-fond" width="6" height="6"/><path class="hachure-trait" d="M0 0v6"/></pattern>'
)
_SPRITE = Markup('<svg class="sprite" width="0" height="0" aria-hidden="true" focusable="false">{}</svg>')


_USED = re.compile(r'<use href="#i-([\w-]+)"/>')


@lru_cache(maxsize=256)
def icon(name: str, kind: str = "") -> Markup:
    """A decorative icon; *kind* adds a class ``ico--kind``.

    :raises ValueError: when nobody drew an icon of this *name*.
    """
    if name not in SYMBOLS:
        raise ValueError(f"no icon {name!r} in icones.svg")
    return _USE.format(f" ico--{kind}" if kind else "", name)


def with_sprite(body: str) -> Markup:
    """The *body* of a page, then the drawings of the icons that it uses: nothing typed can look like one."""
    used = _sprite(frozenset(_USED.findall(body)), is_hatched=HATCHING in body)
    return Markup(body) + used  # noqa: S704 - what the templates wrote


@lru_cache(maxsize=256)
def _sprite(names: frozenset[str], *, is_hatched: bool) -> Markup:
    drawings = [SYMBOLS[name] for name in sorted(names)] + [_HATCHES] * is_hatched
    return _SPRITE.format(Markup("").join(drawings))
