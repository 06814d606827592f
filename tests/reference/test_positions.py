"""Lines of entries and keys in a TOML text."""

import tomllib

from hypothesis import given
from hypothesis import strategies as st

from helpdesk.reference.positions import find_positions

TRICKY = '''\
# [[rows]] in a comment
title = "[[rows]]"

[[rows]]
a = 1
list = [
  "[[rows]]", # ]
  'b = 2',
]
text = """
[[rows]]
c = 3
"""
after = 4
[[ rows ]] # spaced
a = { x = 1, y = [2] }
raw = \'\'\'
a = "
\'\'\'
b = 2
[[others]]
'''


def test_headers_and_keys_are_found_and_strings_are_not_taken_for_them() -> None:
    positions = find_positions(TRICKY)

    first, second = positions.tables["rows"]
    assert first.line == 4
    assert first.keys == {"a": 5, "list": 6, "text": 10, "after": 14}
    assert second.line == 15
    assert second.keys == {"a": 16, "raw": 17, "b": 20}
    assert positions.tables["others"][0].line == 21
    assert positions.top_keys == {"title": 2}
    assert len(tomllib.loads(TRICKY)["rows"]) == 2


def test_a_missing_key_is_on_the_line_of_its_header() -> None:
    position = find_positions("[[rows]]\na = 1\n").tables["rows"][0]

    assert position.line_of("a") == 2
    assert position.line_of("b") == 1


_entry = st.dictionaries(
    st.text("abc", min_size=1, max_size=3),
    st.sampled_from(['"[["', "[1, [2]]", '"""\n[[rows]]\n"""', "'''\"\n'''", '"\\""', "[\n 1,\n]", "3 # ["]),
    max_size=3,
)


@given(st.lists(_entry, min_size=1, max_size=5))
def test_every_entry_and_key_is_found_where_it_was_written(entries: list[dict[str, str]]) -> None:
    lines: list[str] = []
    expected = []
    for entry in entries:
        lines.append("[[rows]]")
        header = len(lines)
        keys = {}
        for key, value in entry.items():
            keys[key] = len(lines) + 1
            lines += f"{key} = {value}".split("\n")
        expected.append((header, keys))
    text = "\n".join(lines)

    assert len(tomllib.loads(text)["rows"]) == len(entries)
    found = find_positions(text).tables["rows"]
    assert [(position.line, dict(position.keys)) for position in found] == expected
