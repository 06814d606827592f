"""The bytes, under their hash in the data folder: whole or not at all, the same content once."""

import hashlib
import os
import tempfile
from collections.abc import Collection, Iterator
from contextlib import suppress
from datetime import datetime
from pathlib import Path


def digest(content: bytes) -> str:
    """The name under which *content* is kept."""
    return hashlib.sha256(content).hexdigest()


def path_of(root: Path, sha256: str) -> Path:
    """Where the content of this hash lies, whether it is there or not.

    :raises ValueError: for what is no SHA-256 in hexadecimal: no other path can be made of it.
    """
    if len(sha256) != 64 or not set(sha256) <= set("0123456789abcdef"):
        raise ValueError("not a SHA-256")
    return root / sha256[:2] / sha256[2:4] / sha256


def put(root: Path, content: bytes) -> str:
    """Keep *content* and return its hash; once this returns, a power cut does not take it away."""
    sha256 = digest(content)
    target = path_of(root, sha256)
    if target.exists():
        os.utime(target)  # Young again: a sweep under way leaves it alone.
        return sha256
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor, draft = tempfile.mkstemp(dir=target.parent, prefix=".")
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        Path(draft).replace(target)
    except BaseException:
        with suppress(FileNotFoundError):
            Path(draft).unlink()
        raise
    _sync_folder(target.parent)
    return sha256


def remove(root: Path, sha256: str) -> None:
    """Erase the content of this hash, if it is there."""
    path_of(root, sha256).unlink(missing_ok=True)


def sweep(root: Path, kept: Collection[str], *, before: datetime) -> int:
    """Erase the files last touched before *before* that no hash of *kept* names; returns their number.

    What an interrupted write left behind goes too. A younger file may belong to a transaction still open.
    """
    limit = before.timestamp()
    count = 0
    for path in _files(root):
        if path.name in kept:
            continue
        with suppress(FileNotFoundError):
            if path.stat().st_mtime < limit:
                path.unlink()
                count += 1
    return count


def _files(root: Path) -> Iterator[Path]:
    for folder, _folders, names in os.walk(root):
        yield from (Path(folder) / name for name in names)


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
