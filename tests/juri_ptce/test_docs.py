"""``docs/juri-ptce.md`` says what the code does: its diagram, its rights, its settings, its definitions."""

import re
from dataclasses import fields
from pathlib import Path

import sqlalchemy as sa

from helpdesk.db import Base
from helpdesk.formats import french_text
from helpdesk.juri_ptce import ddl, perms
from helpdesk.juri_ptce.enums import AppointmentStatus
from helpdesk.juri_ptce.reporting import DEFINITIONS
from helpdesk.juri_ptce.workflow import TRANSITIONS
from helpdesk.settings import Settings

TEXT = (Path(__file__).parents[2] / "docs" / "juri-ptce.md").read_text()
[DIAGRAM] = re.findall(r"```mermaid\n(.*?)```", TEXT, re.DOTALL)


def test_each_move_is_an_arrow_and_no_arrow_is_more() -> None:
    drawn = re.findall(r'^  (\w+) -->\|"(.+)"\| (\w+)$', DIAGRAM, re.MULTILINE)
    arrows = {(source, target, label) for source, labels, target in drawn for label in labels.split("<br/>")}
    assert arrows == {
        (source.value, target.value, french_text(action.label))
        for action, (sources, target) in TRANSITIONS.items()
        for source in sources
    }
    nodes = dict(re.findall(r'^  (\w+)\["(.+)"\]$', DIAGRAM, re.MULTILINE))
    assert nodes == {status.value: status.label for status in AppointmentStatus}


def test_every_right_is_explained_and_exists() -> None:
    rights = {name for name in vars(perms) if name.startswith("can_")}
    assert set(re.findall(r"`(can_\w+)`", TEXT)) == rights


def test_every_setting_is_there_with_its_default_and_exists() -> None:
    rows = dict(re.findall(r"^\| `(JURI_\w+)` \| (?:`([^`]*)`|\*vide\*) \|", TEXT, re.MULTILINE))
    known = {one.name.upper(): str(one.default) for one in fields(Settings) if one.name.startswith("juri_")}
    assert rows == known
    assert set(re.findall(r"`(JURI_\w+)`", TEXT)) <= set(known)


def test_every_figure_is_defined_in_the_words_of_the_page() -> None:
    for label, meaning in DEFINITIONS:
        assert french_text(f"- **{label}** : {meaning}") in TEXT


def test_every_constraint_named_exists() -> None:
    tables = [table for name, table in Base.metadata.tables.items() if name.startswith("juri_")]
    names = {index.name for table in tables for index in table.indexes}
    named = set(re.findall(r"`((?:uq|ex)_juri_\w+)`", TEXT))
    assert named <= names | {ddl.NAME}
    assert ddl.NAME in named
    unique = {
        tuple(column.name for column in one.columns)
        for table in tables
        for one in table.constraints
        if isinstance(one, sa.UniqueConstraint)
    }
    assert {("month_on",), ("uid", "sequence")} <= unique


def test_the_spaces_and_apostrophes_are_french() -> None:
    text = re.sub(r"```.*?```|`[^`\n]*`|\]\([^)]*\)", "`", TEXT, flags=re.DOTALL)
    assert re.findall(r".{0,20}(?: [;!?»]|« | :(?=\s)|\w'\w).{0,20}", text) == []
