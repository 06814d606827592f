"""The folder of one test run, and the promise that nothing outlives it.

The process that started pytest makes the folder and holds a lock on a file in it for as long as it lives. A
keeper process (see ``keeper.py``) waits for that lock: it gets it when pytest ends, however it ends, stops
its server and removes the folder.
"""

import contextlib
import fcntl
import os
import shutil
import tempfile
import time
from pathlib import Path

import pytest

FOLDER = pytest.StashKey[Path]()
LOCK = pytest.StashKey[int]()
KEEPER_STOP_SECONDS = 20
PREFIX = "appui-tests-"
LEFT_SECONDS = 3600


def open_folder(config: pytest.Config) -> None:
    worker = getattr(config, "workerinput", None)
    if worker is not None:
        config.stash[FOLDER] = Path(worker["run_folder"])
        return
    config.stash[FOLDER], config.stash[LOCK] = owned_folder(Path(tempfile.gettempdir()))


def owned_folder(parent: Path) -> tuple[Path, int]:
    """Make a folder, and hold its lock; what killed runs have left in *parent* is removed first."""
    for left in parent.glob(f"{PREFIX}*"):
        _remove_if_left(left)
    folder = Path(tempfile.mkdtemp(prefix=PREFIX, dir=parent))
    descriptor = os.open(folder / "owner.lock", os.O_CREAT | os.O_RDWR | os.O_CLOEXEC)
    fcntl.flock(descriptor, fcntl.LOCK_EX)
    return folder, descriptor


def _remove_if_left(folder: Path) -> None:
    """Remove a folder that is old and that no living process holds."""
    with contextlib.suppress(OSError), (folder / "owner.lock").open() as lock:
        if time.time() - folder.stat().st_ctime > LEFT_SECONDS:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            shutil.rmtree(folder, ignore_errors=True)


def close_folder(config: pytest.Config) -> None:
    """Release the lock, and wait until the keeper is gone."""
    descriptor = config.stash.get(LOCK, None)
    if descriptor is None:
        return
    folder = config.stash[FOLDER]
    os.close(descriptor)
    end = time.monotonic() + KEEPER_STOP_SECONDS
    while (folder / "keeper.pid").exists() and time.monotonic() < end:
        time.sleep(0.02)
    shutil.rmtree(folder, ignore_errors=True)


def worker_name() -> str:
    """Return ``gw0``, ``gw1``… under xdist, ``main`` otherwise."""
    return os.environ.get("PYTEST_XDIST_WORKER", "main")
