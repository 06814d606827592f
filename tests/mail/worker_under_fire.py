"""A worker that is started again each time it is killed: ``python worker_under_fire.py SETTINGS.json``.

The application is made once; each worker is a fork of this process, which has no thread and no open connection.
Its number is written to the file that the settings name, and changes with each new worker.
"""

import json
import os
import signal
import sys
import threading
from pathlib import Path

from helpdesk import create_app
from helpdesk.jobs import registry, run_worker
from helpdesk.settings import Settings


def main(order: dict[str, object]) -> None:
    app = create_app(Settings(**{**order["settings"], "data_dir": Path(order["settings"]["data_dir"])}))
    registry.load()
    if order["without_periodic_tasks"]:
        registry.TASKS.clear()
    pid_file = Path(str(order["pid_file"]))
    while True:
        child = os.fork()
        if child == 0:
            run_worker(app, threading.Event())
            os._exit(0)
        new = pid_file.with_suffix(".new")
        new.write_text(str(child))
        new.rename(pid_file)
        _, status = os.waitpid(child, 0)
        if not os.WIFSIGNALED(status) or os.WTERMSIG(status) != signal.SIGKILL:
            sys.exit("the worker ended by itself")


if __name__ == "__main__":
    main(json.loads(Path(sys.argv[1]).read_text()))
