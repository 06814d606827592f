"""What the environment may say, and how a wrong value is told."""

from datetime import date
from pathlib import Path

import pytest

from helpdesk.settings import Settings

CHRISTMAS_WEEK = {date(2026, 12, day) for day in (24, 28, 29, 30, 31)}


@pytest.fixture(autouse=True)
def data_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("DATA_DIR", str(tmp_path))


@pytest.mark.parametrize(
    ("written", "days"),
    [
        ("", set()),
        ("2026-12-24", {date(2026, 12, 24)}),
        ("2026-12-24, 2026-12-28/2026-12-31", CHRISTMAS_WEEK),
        (" 2026-12-28 / 2026-12-31,2026-12-24,", CHRISTMAS_WEEK),
    ],
)
def test_the_poles_closing_days_are_days_and_periods(
    monkeypatch: pytest.MonkeyPatch, written: str, days: set[date]
) -> None:
    monkeypatch.setenv("POLE_CLOSING_DAYS", written)
    assert Settings.from_env().pole_closing_days == days


@pytest.mark.parametrize(
    "written", ["Noël", "2026-12-32", "2026-12-31/2026-12-24", "2026-12-24/", "/2026-12-24", "2026-01-01/2028-01-01"]
)
def test_a_closing_day_that_is_none_stops_the_start_and_is_named(monkeypatch: pytest.MonkeyPatch, written: str) -> None:
    monkeypatch.setenv("POLE_CLOSING_DAYS", f"2026-12-24,{written}")
    with pytest.raises(ValueError, match="POLE_CLOSING_DAYS"):
        Settings.from_env()
