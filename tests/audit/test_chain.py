"""The seal of each row."""

from datetime import UTC, date, datetime

import pytest

from helpdesk.accounts.enums import Role
from helpdesk.audit.chain import START, only_ids, sealed

ROW = {
    "at": datetime(2026, 12, 1, 9, 0, tzinfo=UTC),
    "actor_id": 7,
    "action": "mandate.ended",
    "object_type": "mandate",
    "object_id": 12,
    "data": {"person_id": 3},
}


@pytest.mark.parametrize(
    "change",
    [
        {"at": datetime(2026, 12, 1, 9, 1, tzinfo=UTC)},
        {"actor_id": None},
        {"action": "mandate.started"},
        {"object_type": "role"},
        {"object_id": 13},
        {"data": {"person_id": 4}},
        {"data": {}},
    ],
)
def test_every_column_is_under_the_seal(change):
    assert sealed(START, **{**ROW, **change}) != sealed(START, **ROW)


def test_the_seal_depends_on_the_row_before():
    assert sealed("1" * 64, **ROW) != sealed(START, **ROW)


def test_ids_dates_codes_and_enums_are_kept():
    values = {"person_id": 3, "is_new": True, "on": date(2026, 12, 1), "role": Role.DELEGATE, "to": None}
    assert only_ids(values) == {
        "person_id": 3,
        "is_new": True,
        "on": "2026-12-01",
        "role": "delegate",
        "to": None,
    }


@pytest.mark.parametrize("value", ["Claire Morvan", "claire@ges.example", "", "é", "a" * 61, ["x"], 1.5])
def test_words_are_refused(value):
    with pytest.raises(ValueError, match="ids and codes only"):
        only_ids({"name": value})
