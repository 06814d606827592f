"""The parts of ``docs/parcours.md`` that the code knows: written by this file, held to it by ``tests/test_docs.py``.

``python -m tests.support.parcours`` writes them anew.
"""

import re
from collections import defaultdict
from collections.abc import Callable, Iterable
from pathlib import Path

from helpdesk.formats import french_text
from helpdesk.reference import get_reference
from helpdesk.tickets.enums import Action, Status, Urgency
from helpdesk.tickets.response_time import tier_of
from helpdesk.tickets.workflow import DESKS, RETURNING, TRANSITIONS, next_status

FILE = Path(__file__).parents[2] / "docs" / "parcours.md"
GROUP = "bureaux"
"""The node of the four desks together."""
ROOM = '%%{init: {"flowchart": {"rankSpacing": 100, "nodeSpacing": 80}}}%%'
"""So that two labels never cover one another."""


def between_desks() -> str:
    """Mermaid: the moves from one desk to another."""
    return _diagram({status.value: status.label for status in DESKS}, moves(lambda status: status.value))


def around_desks() -> str:
    """Mermaid: the moves that leave the desks or come back to them, the four of them as one node."""
    outside = {status.value: status.label for status in Status if status not in DESKS}
    arrows = moves(lambda status: GROUP if status in DESKS else status.value)
    return _diagram({GROUP: "Les quatre bureaux", **outside}, arrows)


def moves(node: Callable[[Status], str]) -> dict[tuple[str, str], list[Action]]:
    """The actions that lead from a node to another; what leaves the status as it is has no arrow."""
    arrows: dict[tuple[str, str], list[Action]] = defaultdict(list)
    for action, transition in TRANSITIONS.items():
        for source in transition.sources:
            target = GROUP if action in RETURNING else node(next_status(source, action))
            if node(source) != target and action not in arrows[node(source), target]:
                arrows[node(source), target].append(action)
    return arrows


def _diagram(nodes: dict[str, str], arrows: dict[tuple[str, str], list[Action]]) -> str:
    lines = ["```mermaid", ROOM, "flowchart TB", *(f'  {name}["{label}"]' for name, label in nodes.items())]
    for (source, target), actions in sorted(arrows.items()):
        if actions and {source, target} <= nodes.keys():
            label = "<br/>".join(french_text(action.label) for action in actions)
            lines.append(f'  {source} -->|"{label}"| {target}')
    return "\n".join([*lines, "```"])


def statuses() -> str:
    """Each status, the same in the words of the asker, and who holds the time."""
    return _table(
        ("État", "Identifiant", "Mots de l’adhérent", "Le temps est à"),
        ((status.label, f"`{status.name}`", status.member_label, _holder(status)) for status in Status),
    )


def _holder(status: Status) -> str:
    regional, national = (tier_of(status, has_delegation=has) for has in (True, False))
    if regional is None:
        return "personne, le compte est arrêté"
    if national is not None and national is not regional:
        return f"{regional.label} (file nationale\u00a0: {national.label})"
    return regional.label


def actions() -> str:
    """Each action, from where to where, and the roles that ever play it."""
    return _table(
        ("Action", "Identifiant", "De", "Vers", "Qui"),
        (
            (
                french_text(action.label),
                f"`{action.name}`",
                _origin(action),
                _target(action),
                ", ".join(role.label for role in transition.roles),
            )
            for action, transition in TRANSITIONS.items()
        ),
    )


def _origin(action: Action) -> str:
    sources = TRANSITIONS[action].sources
    if not set(DESKS) <= set(sources):
        return ", ".join(status.label for status in sources)
    return ", ".join(["*les quatre bureaux*", *(status.label for status in sources if status not in DESKS)])


def _target(action: Action) -> str:
    if action in RETURNING:
        return "*le bureau qui la reprend*"
    targets = {source: next_status(source, action) for source in TRANSITIONS[action].sources}
    if all(source is target for source, target in targets.items()):
        return "*inchangé*"
    return ", ".join(dict.fromkeys(target.label for target in targets.values()))


def urgencies() -> str:
    """Each level, and what makes the machine propose it."""
    triggers = get_reference().urgency_triggers
    return _table(
        ("Degré", "Nom", "Ce qui le fait proposer"),
        (
            (
                str(level.value),
                level.label,
                "\u202f; ".join(one.label for one in triggers if one.level == level) or "aucun des signes ci-dessous",
            )
            for level in Urgency
        ),
    )


PARTS: dict[str, Callable[[], str]] = {
    "entre-bureaux": between_desks,
    "autour-des-bureaux": around_desks,
    "etats": statuses,
    "actions": actions,
    "urgences": urgencies,
}
"""What stands between ``<!-- name -->`` and ``<!-- /name -->``."""


def written(text: str) -> str:
    """*text* with each part as the code has it today.

    :raises ValueError: when a part has no place in *text*.
    """
    for name, make in PARTS.items():
        begin, end = f"<!-- {name} -->\n\n", f"\n\n<!-- /{name} -->"
        if begin not in text or end not in text:
            raise ValueError(f"docs/parcours.md has no place for {name}")
        between = re.compile(re.escape(begin) + ".*?" + re.escape(end), re.DOTALL)
        part = f"{begin}{make()}{end}"
        text = between.sub(lambda _, part=part: part, text)
    return text


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    return "\n".join(f"| {' | '.join(cells)} |" for cells in (head, ("---",) * len(head), *rows))


if __name__ == "__main__":
    FILE.write_text(written(FILE.read_text()))
