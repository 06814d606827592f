"""The documentation says what the code does: names, links, tables and diagrams."""

import importlib
import inspect
import re
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any

import pytest

from helpdesk.formats import french_text
from helpdesk.reference import get_reference
from helpdesk.settings import Settings
from helpdesk.tickets import perms
from helpdesk.tickets.enums import Action, Audience, Status, Urgency
from helpdesk.tickets.operations import clockwork
from helpdesk.tickets.workflow import DESKS, RETURNING, TRANSITIONS, next_status
from tests.support import parcours

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
TEXTS = sorted([*DOCS.glob("*.md"), ROOT / "README.md", ROOT / "CHANGELOG.md"])
PARCOURS = (DOCS / "parcours.md").read_text()
CODE_FENCE = re.compile(r"^```.*?^```", re.DOTALL | re.MULTILINE)
FOLDERS = ("helpdesk", "tests", "migrations", "docs", "benchmarks")

every_text = pytest.mark.parametrize("path", TEXTS, ids=lambda path: str(path.relative_to(ROOT)))


def prose(path: Path) -> str:
    return CODE_FENCE.sub("", path.read_text())


def code_spans(path: Path) -> list[str]:
    return re.findall(r"`([^`\n]+)`", prose(path))


def anchors(path: Path) -> set[str]:
    """The targets of the headings, as forges make them."""
    heads = re.findall(r"^#+ (.+)$", prose(path), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", head.lower()).replace(" ", "-") for head in heads}


# --- links and paths


@every_text
def test_every_link_leads_somewhere(path: Path) -> None:
    for target in re.findall(r"\]\(([^)\s]+)\)", prose(path)):
        if "://" in target or target.startswith("mailto:"):
            continue
        name, _, anchor = target.partition("#")
        linked = path.parent / name if name else path
        assert linked.exists(), target
        if anchor:
            assert anchor in anchors(linked), target


@every_text
def test_every_path_named_exists(path: Path) -> None:
    named = [span for span in code_spans(path) if span.startswith(tuple(f"{folder}/" for folder in FOLDERS))]
    missing = [span for span in named if not list(ROOT.glob(span))]
    assert missing == []


@every_text
def test_every_module_named_exists(path: Path) -> None:
    named = [span for span in code_spans(path) if re.fullmatch(r"(helpdesk|tests)(\.\w+)+", span)]
    named += re.findall(r"python -m ((?:tests|helpdesk|benchmarks)[\w.]*)", path.read_text())
    for name in named:
        assert resolve(name) is not None, name


def test_every_document_is_in_the_index() -> None:
    linked = set(re.findall(r"\]\(([\w-]+\.md)\)", (DOCS / "README.md").read_text()))
    assert linked == {path.name for path in DOCS.glob("*.md")} - {"README.md"}


def test_the_plan_of_the_architecture_names_every_part_of_the_package() -> None:
    plan = re.search(r"^```\nhelpdesk/\n(.*?)^```", (DOCS / "architecture.md").read_text(), re.DOTALL | re.MULTILINE)
    assert plan
    named = set(re.findall(r"(?:^|\s)(\w+(?:\.py|/))", plan[1]))
    package = ROOT / "helpdesk"
    modules = {path.name for path in package.glob("*.py")}
    folders = {f"{path.name}/" for path in package.iterdir() if path.is_dir() and path.name != "__pycache__"}
    outside = {f"{folder}/" for folder in (*FOLDERS, "instance")}
    assert (modules | folders) - named == set()
    assert {name for name in named if name.endswith(".py") or name not in outside} - modules - folders == set()


# --- the glossary


def glossary() -> list[tuple[str, str]]:
    """The rows: term and identifier."""
    return re.findall(r"^\| ([^|`]+) \| `([^`]+)` \|", (DOCS / "glossaire.md").read_text(), re.MULTILINE)


def resolve(name: str) -> Any:
    """What a dotted name stands for; None: nothing.

    The longest module of the name is imported, the rest are attributes or fields.
    """
    parts = name.split(".")
    for length in range(len(parts), 0, -1):
        try:
            found: Any = importlib.import_module(".".join(parts[:length]))
        except ModuleNotFoundError:
            continue
        for part in parts[length:]:
            declared = {field.name for field in fields(found)} if is_dataclass(found) else set()
            found = part if part in declared else getattr(found, part, None)
        return found
    return None


@pytest.mark.parametrize(("term", "identifier"), glossary())
def test_every_identifier_of_the_glossary_exists(term: str, identifier: str) -> None:
    code = re.fullmatch(r'(\w+)\["(.+)"\]', identifier)
    if code:
        assert code[2] in getattr(get_reference(), code[1]), term
    else:
        assert resolve(f"helpdesk.{identifier}") is not None, term


def test_the_glossary_is_read_whole_and_names_each_term_once() -> None:
    text = (DOCS / "glossaire.md").read_text()
    rows = [line for line in text.splitlines() if line.startswith("| ") and not line.startswith("| Terme |")]
    terms = [term for term, _ in glossary()]
    assert len(rows) == len(terms) == len(set(terms)) >= 60
    assert all(line.count("|") == 5 and "|  |" not in line for line in rows)


def test_a_name_that_does_not_exist_is_not_found() -> None:
    assert resolve("helpdesk.tickets.models.Ticket.colour") is None
    assert resolve("helpdesk.tickets.nothing") is None
    assert resolve("helpdesk.settings.Settings.response_target_days") is not None


# --- the life of a question


def test_the_diagrams_and_tables_are_those_of_the_code() -> None:
    assert parcours.written(PARCOURS) == PARCOURS, "run: python -m tests.support.parcours"


def arrows() -> set[tuple[str, str, str]]:
    """What the document draws: source, target and each label on the way."""
    drawn = re.findall(r'^  (\w+) -->\|"(.+)"\| (\w+)$', PARCOURS, re.MULTILINE)
    return {(source, target, label) for source, labels, target in drawn for label in labels.split("<br/>")}


def test_each_move_of_the_table_is_an_arrow_and_no_arrow_is_more() -> None:
    expected = set()
    for action, transition in TRANSITIONS.items():
        for source in transition.sources:
            for desk in DESKS if action in RETURNING else (None,):
                target = next_status(source, action, returns_to=desk)
                inside = source in DESKS and target in DESKS
                ends = [parcours.GROUP if end in DESKS and not inside else end.value for end in (source, target)]
                if ends[0] != ends[1]:
                    expected.add((*ends, french_text(action.label)))
    assert arrows() == expected


@pytest.mark.parametrize("enum", [Status, Action])
def test_no_status_and_no_action_is_missing_or_invented(enum: type[Status] | type[Action]) -> None:
    part = {Status: "etats", Action: "actions"}[enum]
    table = PARCOURS.partition(f"<!-- {part} -->")[2].partition(f"<!-- /{part} -->")[0]
    assert re.findall(r"`(\w+)`", table) == [member.name for member in enum]


def test_every_level_of_urgency_is_explained() -> None:
    assert [f"| {level.value} | {level.label} |" in PARCOURS for level in Urgency] == [True] * len(Urgency)


def test_every_audience_of_a_message_is_in_the_table() -> None:
    assert set(re.findall(r"`Audience\.(\w+)`", PARCOURS)) == {audience.name for audience in Audience}


def clock_rows() -> list[tuple[str, list[str], list[str]]]:
    """The rows of the clock: function, settings, defaults."""
    table = PARCOURS.partition("## 4.")[2].partition("## 5.")[0]
    rows = re.findall(r"^\| `(\w+)` \|[^|]+\|([^|]*)\|([^|]*)\|$", table, re.MULTILINE)
    return [(name, re.findall(r"`(\w+)`", names), re.findall(r"`(\w+)`", values)) for name, names, values in rows]


def test_everything_the_clock_does_is_in_its_table() -> None:
    done = re.findall(r": (\w+)\(\)", inspect.getsource(clockwork.run_all))
    assert sorted(name for name, _, _ in clock_rows()) == sorted(done)


def test_the_settings_of_the_clock_are_named_with_their_defaults() -> None:
    defaults = {field.name.upper(): str(field.default) for field in fields(Settings)}
    named = {name for _, names, _ in clock_rows() for name in names}
    for _, names, values in clock_rows():
        assert values == [defaults[name] for name in names]
    used = set(re.findall(r"settings\(\)\.(\w+)", inspect.getsource(clockwork)))
    assert {name.upper() for name in used} <= named


def test_every_setting_named_exists() -> None:
    known = {field.name.upper() for field in fields(Settings)}
    members = {member.name for enum in (Status, Action) for member in enum} | {"DESKS", "TRANSITIONS"}
    named = {span for span in code_spans(DOCS / "parcours.md") if re.fullmatch(r"[A-Z][A-Z_]{3,}", span)}
    assert named - members - known == set()


def test_every_right_over_a_question_is_explained_and_exists() -> None:
    rights = {name for name in vars(perms) if name.startswith("can_")}
    assert set(re.findall(r"`(can_\w+)`", PARCOURS)) == rights


# --- typography


@pytest.mark.parametrize(
    "name", ["architecture.md", "exports.md", "glossaire.md", "parcours.md", "README.md", "../CHANGELOG.md"]
)
def test_the_spaces_and_apostrophes_are_french(name: str) -> None:
    text = re.sub(r"`[^`\n]*`|<!--.*?-->|\]\([^)]*\)", "`", prose(DOCS / name))
    assert re.findall(r".{0,20}(?: [;!?»]|« | :(?=\s)|\w'\w).{0,20}", text) == []
