"""gunicorn on the loopback, and a reader that asks it one page at a time."""

import http.client
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

START_SECONDS, STOP_SECONDS = 30, 10
WORKERS = 2


@contextmanager
def served(environment: Mapping[str, str]) -> Iterator[int]:
    """Serve ``benchmarks.wsgi`` with the settings of the service, threads included; yields the port."""
    root = Path(__file__).parents[1]
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
        options = ["--config", "python:helpdesk.gunicorn_conf", "--workers", str(WORKERS)]
        options += ["--bind", f"fd://{listening.fileno()}", "--max-requests", "0"]
        process = subprocess.Popen(
            [sys.executable, "-m", "gunicorn", *options, "benchmarks.wsgi:app"],
            cwd=root,
            env=dict(environment),
            pass_fds=[listening.fileno()],
        )
    try:
        _wait(port, process)
        yield port
    finally:
        process.terminate()
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _wait(port: int, process: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + START_SECONDS
    while True:
        try:
            Browser(port, {}).read("/page-nue/")
            return
        except OSError:
            if time.monotonic() > end or process.poll() is not None:
                raise
            time.sleep(0.1)


class Browser:
    """Asks for pages, each on a connection of its own, opened before the measure."""

    def __init__(self, port: int, cookies: Mapping[str, str]) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        self._cookies = dict(cookies)

    def read(self, url: str, role: str = "") -> float:
        """Seconds from the request to the last byte of the page."""
        headers = {"Cookie": self._cookies[role]} if role else {}
        self._connection.connect()
        started = time.perf_counter()
        self._connection.request("GET", url, headers=headers)
        response = self._connection.getresponse()
        body = response.read()
        seconds = time.perf_counter() - started
        self._connection.close()
        given = response.getheader("Set-Cookie")
        if role and given:  # the first page completes the session, as in any browser
            self._cookies[role] = given.partition(";")[0]
        assert body
        assert response.status == http.client.OK, f"{url} : {response.status}"
        return seconds
