"""The words of a little markup without its signs: for the index, the feed, excerpts. Pure."""

import re

_LINK = re.compile(r"\[([^\[\]\n]{0,500})\]\([^)\s]{0,2000}\)")
_MARKER = re.compile(r"^[ \t]*(?:[-*+]|\d{1,3}[.)])[ \t]+", re.MULTILINE)
_EMPHASIS = re.compile(r"(?<!\w)(\*{1,3}|_{1,3})(?=\S)(.{1,300}?)(?<=\S)\1(?!\w)")
"""Bounded, as all here: without, signs that nothing closes take a time that grows with the square of the text."""
_KEPT = 0xE100
"""Where escaped signs wait while the others are taken off: a private area of Unicode."""
_KEPT_CHARS = re.compile("[\ue121-\ue17e]")
_ESCAPE = re.compile(r"\\([!-/:-@\[-`{-~])")


def plain_words(text: str) -> str:
    """*text* (see :mod:`helpdesk.markdown`) as plain words: the addresses of links, stars and list signs left out."""
    text = _ESCAPE.sub(lambda match: chr(_KEPT + ord(match[1])), text)
    text = _LINK.sub(r"\1", _MARKER.sub("", text))
    for _ in range(3):
        text = _EMPHASIS.sub(r"\2", text)
    return _KEPT_CHARS.sub(lambda match: chr(ord(match[0]) - _KEPT), text)
