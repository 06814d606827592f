"""Bytes kept under their hash."""

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from helpdesk.attachments import storage

NOW = datetime(2026, 12, 1, tzinfo=UTC)
DAY = timedelta(days=1)


def set_age(path: Path, at: datetime) -> None:
    os.utime(path, (at.timestamp(), at.timestamp()))


def test_content_lies_under_its_hash(tmp_path: Path) -> None:
    sha256 = storage.put(tmp_path, b"bonjour")
    path = storage.path_of(tmp_path, sha256)
    assert path.read_bytes() == b"bonjour"
    assert path.relative_to(tmp_path).parts == (sha256[:2], sha256[2:4], sha256)


def test_the_same_content_is_kept_once_and_made_young_again(tmp_path: Path) -> None:
    path = storage.path_of(tmp_path, storage.put(tmp_path, b"a"))
    set_age(path, NOW - 9 * DAY)
    storage.put(tmp_path, b"a")
    assert len(list(path.parent.iterdir())) == 1
    assert path.stat().st_mtime > (NOW - 9 * DAY).timestamp()


def test_a_write_that_fails_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_descriptor: int) -> None:
        raise OSError("no space left on device")

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(OSError, match="no space"):
        storage.put(tmp_path, b"a")
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_files_are_private_to_the_service(tmp_path: Path) -> None:
    path = storage.path_of(tmp_path, storage.put(tmp_path, b"a"))
    assert path.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("name", ["", "../../etc/passwd", "A" * 64, "a" * 63, "a" * 63 + "/"])
def test_no_other_path_can_be_made(tmp_path: Path, name: str) -> None:
    with pytest.raises(ValueError, match="SHA-256"):
        storage.path_of(tmp_path, name)


def test_a_sweep_erases_old_files_that_nobody_names(tmp_path: Path) -> None:
    kept, old, young = (storage.put(tmp_path, content) for content in (b"kept", b"old", b"young"))
    for sha256 in (kept, old):
        set_age(storage.path_of(tmp_path, sha256), NOW - 2 * DAY)
    left_behind = storage.path_of(tmp_path, old).parent / ".tmpabc"
    left_behind.write_bytes(b"half")
    set_age(left_behind, NOW - 2 * DAY)
    set_age(storage.path_of(tmp_path, young), NOW)
    assert storage.sweep(tmp_path, {kept}, before=NOW - DAY) == 2
    assert storage.path_of(tmp_path, kept).exists()
    assert storage.path_of(tmp_path, young).exists()
    assert not storage.path_of(tmp_path, old).exists()


def test_a_sweep_of_a_folder_not_yet_made_finds_nothing(tmp_path: Path) -> None:
    assert storage.sweep(tmp_path / "attachments", set(), before=NOW) == 0
