"""Where each ``[[table]]`` entry of a TOML file stands, and each of its keys: tomllib does not tell."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

# Strings and comments are blanked first, so that a bracket or a sign inside one is never taken for syntax.
_OPAQUE = re.compile(r'"""(?:\\.|[^\\])*?"{3,5}|\'\'\'.*?\'{3,5}|"(?:\\.|[^"\\\n])*"|\'[^\'\n]*\'|#[^\n]*', re.DOTALL)
_HEADER = re.compile(r"\s*\[\[\s*([\w-]+)\s*\]\]\s*")
_KEY = re.compile(r"\s*([\w-]+)\s*=")


@dataclass(frozen=True, slots=True)
class Position:
    """Line of the header of an entry, and of each key in it; the first line of a file is 1."""

    line: int
    keys: Mapping[str, int]

    def line_of(self, key: str) -> int:
        """The line of *key*, or of the header when the entry lacks it."""
        return self.keys.get(key, self.line)


@dataclass(frozen=True, slots=True)
class Positions:
    """The entries of each table in order, and the keys found before any header."""

    tables: Mapping[str, list[Position]]
    top_keys: Mapping[str, int]

    def line_of_table(self, name: str) -> int:
        entries = self.tables.get(name)
        return entries[0].line if entries else self.top_keys.get(name, 1)


def find_positions(text: str) -> Positions:
    """The positions in *text*, which must be valid TOML."""
    tables: dict[str, list[Position]] = {}
    top_keys: dict[str, int] = {}
    keys, depth = top_keys, 0
    for number, line in enumerate(_OPAQUE.sub(_blank, text).split("\n"), start=1):
        header = None if depth else _HEADER.fullmatch(line)
        if header:
            keys = {}
            tables.setdefault(header[1], []).append(Position(number, keys))
            continue
        if not depth and (key := _KEY.match(line)):
            keys[key[1]] = number
        depth += sum(map(line.count, "[{")) - sum(map(line.count, "]}"))
    return Positions(tables, top_keys)


def _blank(match: re.Match[str]) -> str:
    return "\n" * match[0].count("\n")
