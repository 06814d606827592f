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


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ("JURI_SLOT_MINUTES", "0"),
        ("JURI_SLOT_MINUTES", "211"),
        ("JURI_BUFFER_MINUTES", "-1"),
        ("JURI_SEATS", "0"),
        ("JURI_CUT_OFF_WORKING_DAYS", "-1"),
        ("JURI_MONTHS_AHEAD", "0"),
        ("JURI_MONTHS_AHEAD", "37"),
        ("JURI_APPOINTMENTS_PER_SESSION", "0"),
        ("JURI_OFFER_HOURS", "0"),
        ("JURI_ACCOUNT_WORKING_DAYS", "0"),
        ("JURI_SESSION_START", "14h"),
        ("JURI_SESSION_START", "17:00"),
        ("JURI_SESSION_END", "25:00"),
        ("JURI_SESSION_END", "13:00"),
        ("JURI_VIDEO_URL", "http://visio.example"),
        ("JURI_CHARTER_URL", "javascript:alert(1)"),
        ("JURI_ENTITLEMENT", "tous"),
    ],
)
def test_settings_with_which_no_session_could_be_held_stop_the_start(
    monkeypatch: pytest.MonkeyPatch, name: str, written: str
) -> None:
    monkeypatch.setenv(name, written)
    with pytest.raises(ValueError, match="JURI_"):
        Settings.from_env()


def test_a_session_of_one_long_slot_is_allowed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JURI_SLOT_MINUTES", "210")
    assert Settings.from_env().juri_slot_minutes == 210
