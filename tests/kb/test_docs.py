"""``docs/fiches.md`` says what the code does: its diagrams, its rights."""

import re
from pathlib import Path

import pytest

from helpdesk.formats import french_text
from helpdesk.kb import perms
from helpdesk.kb.enums import ArticleState, Stage
from helpdesk.kb.workflow import ARTICLE_TRANSITIONS, VERSION_TRANSITIONS

TEXT = (Path(__file__).parents[2] / "docs" / "fiches.md").read_text()
DIAGRAMS = re.findall(r"```mermaid\n(.*?)```", TEXT, re.DOTALL)


@pytest.mark.parametrize(
    ("diagram", "transitions", "members"),
    [
        (DIAGRAMS[0], VERSION_TRANSITIONS, set(Stage) - {Stage.SUPERSEDED}),
        (DIAGRAMS[1], ARTICLE_TRANSITIONS, set(ArticleState)),
    ],
)
def test_each_move_is_an_arrow_and_no_arrow_is_more(diagram, transitions, members):
    drawn = re.findall(r'^  (\w+) -->\|"(.+)"\| (\w+)$', diagram, re.MULTILINE)
    arrows = {(source, target, label) for source, labels, target in drawn for label in labels.split("<br/>")}
    assert arrows == {
        (source.value, target.value, french_text(action.label))
        for action, (sources, target) in transitions.items()
        for source in sources
        if source is not target
    }
    nodes = dict(re.findall(r'^  (\w+)\["(.+)"\]$', diagram, re.MULTILINE))
    assert nodes == {member.value: member.label for member in members}


def test_every_right_over_an_entry_is_explained_and_exists():
    rights = {name for name in vars(perms) if name.startswith("can_")}
    assert set(re.findall(r"`(can_\w+)`", TEXT)) == rights


def test_the_spaces_and_apostrophes_are_french():
    text = re.sub(r"```.*?```|`[^`\n]*`|\]\([^)]*\)", "`", TEXT, flags=re.DOTALL)
    assert re.findall(r".{0,20}(?: [;!?»]|« | :(?=\s)|\w'\w).{0,20}", text) == []
