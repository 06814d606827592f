"""The list in docs/courriels.md is the code's."""

import re
from pathlib import Path

from helpdesk.jobs import registry
from helpdesk.mail.enums import Notice
from tests.tickets.test_mails import CAN_WAIT

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "docs" / "courriels.md").read_text()


def section(number: int) -> str:
    return TEXT.split(f"## {number}. ")[1].split("\n## ")[0]


def test_every_notice_is_listed_with_whether_it_can_wait() -> None:
    rows = dict(re.findall(r"^\| `(\w+)` \|.*\| ([^|]+) \|$", section(1), re.MULTILINE))
    assert set(rows) == set(Notice)
    assert {notice for notice, waits in rows.items() if waits == "oui"} == CAN_WAIT


def test_every_notice_has_its_template_and_no_template_is_left_over() -> None:
    files = {path.stem for path in (ROOT / "helpdesk" / "templates" / "mails").glob("[!_]*.txt")}
    assert files == set(Notice)


def test_every_periodic_task_is_listed() -> None:
    registry.load()
    assert set(re.findall(r"^\| `(\w+)` \|", section(4), re.MULTILINE)) == set(registry.TASKS)
