"""The folder of one test run, and the promise that nothing outlives it.

The process that started pytest makes the folder and holds a lock on a file in it for as long as it lives. A
keeper process (see ``keeper.py``) waits for that lock: it gets it when pytest ends, however it ends, stops
its server and removes the folder.
"""

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


def open_folder(config: pytest.Config) -> None:
    worker = getattr(config, "workerinput", None)
    if worker is not None:
        config.stash[FOLDER] = Path(worker["run_folder"])
        return
    folder = Path(tempfile.mkdtemp(prefix="appui-tests-"))
    descriptor = os.open(folder / "owner.lock", os.O_CREAT | os.O_RDWR | os.O_CLOEXEC)
    fcntl.flock(descriptor, fcntl.LOCK_EX)
    config.stash[FOLDER] = folder
    config.stash[LOCK] = descriptor


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
