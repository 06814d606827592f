"""The first command a person types: ``helpdesk up``, as ``make run`` calls it."""

import os
import re
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest

from helpdesk import up
from tests.support.processes import Processes

START_SECONDS = 120
STOP_SECONDS = 30


@dataclass
class Service:
    """One ``helpdesk up`` in a folder of its own."""

    data_dir: Path
    processes: Processes
    process: "subprocess.Popen[bytes]"

    @property
    def printed(self) -> str:
        return (self.data_dir.parent / "printed.txt").read_text()

    @property
    def url(self) -> str:
        found = re.search(r"est prêt : (http://127\.0\.0\.1:\d+)", self.printed)
        assert found, self.printed
        return found[1]

    def wait_until_ready(self) -> None:
        wait_for(lambda: "est prêt" in self.printed or self.process.poll() is not None, START_SECONDS)
        assert self.process.poll() is None, self.printed

    def family(self) -> list[psutil.Process]:
        """The supervisor and everything it has started."""
        supervisor = psutil.Process(self.process.pid)
        return [supervisor, *supervisor.children(recursive=True)]

    def get(self, path: str) -> int:
        with urllib.request.urlopen(self.url + path, timeout=30) as response:  # noqa: S310 (our own address)
            return int(response.status)


def wait_for(condition: Callable[[], bool], seconds: float) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.05)


def are_gone(family: list[psutil.Process]) -> bool:
    """A zombie has ended; whoever adopted it has not looked yet."""
    return not any(one.is_running() and one.status() != psutil.STATUS_ZOMBIE for one in family)


def environment(data_dir: Path) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if name in {"PATH", "HOME", "LANG"}}
    return kept | {"DATA_DIR": str(data_dir), "PYTHONUTF8": "1", "WORKER_POLL_SECONDS": "0.5"}


@pytest.fixture
def start(tmp_path: Path, processes: Processes) -> Callable[..., Service]:
    data_dir = tmp_path / "instance"

    def start(*options: str, is_ready: bool = True) -> Service:
        process = processes.start(
            [sys.executable, "-m", "helpdesk", "up", *options],
            env=environment(data_dir),
            log=tmp_path / "printed.txt",
        )
        service = Service(data_dir, processes, process)
        if is_ready:
            service.wait_until_ready()
        return service

    return start


def test_one_command_starts_a_service_that_answers_a_second_says_so_and_ctrl_c_ends_all_of_it(start) -> None:
    service = start()
    family = service.family()
    assert service.get("/healthz") == 200
    assert service.get("/readyz") == 200
    assert len(family) >= 4  # the supervisor, the web server and its workers, the background worker
    second = subprocess.run(
        [sys.executable, "-m", "helpdesk", "up"],
        env=environment(service.data_dir),
        capture_output=True,
        text=True,
        check=False,
    )
    assert second.returncode == up.ALREADY_RUNNING
    assert f"est déjà démarré : {service.url}" in second.stdout
    assert service.get("/healthz") == 200
    os.kill(service.process.pid, signal.SIGINT)
    assert service.process.wait(STOP_SECONDS) == 0, service.printed
    assert are_gone(family)
    assert "Arrêt" in service.printed


def test_nothing_outlives_a_killed_supervisor_and_what_dies_after_the_next_start_is_started_again(start) -> None:
    service = start()
    family = service.family()
    service.process.kill()
    service.process.wait()
    wait_for(lambda: are_gone(family), STOP_SECONDS)
    (service.data_dir.parent / "printed.txt").unlink()
    again = start()
    assert again.get("/readyz") == 200
    for dead in again.family()[1:]:
        dead.kill()
    wait_for(lambda: is_answering(again), STOP_SECONDS)
    wait_for(lambda: len(again.family()) >= 4, STOP_SECONDS)


def is_answering(service: Service) -> bool:
    try:
        return service.get("/readyz") == 200
    except (urllib.error.URLError, OSError):
        return False


def test_the_data_and_the_secret_are_kept_at_the_next_start(start) -> None:
    import sqlite3

    service = start()
    secret = (service.data_dir / "secret_key").read_bytes()
    assert (service.data_dir / "secret_key").stat().st_mode & 0o777 == 0o600
    stop(service)
    with sqlite3.connect(service.data_dir / "appui.sqlite3") as database:
        database.execute("CREATE TABLE kept (n INTEGER)")
    database.close()
    (service.data_dir.parent / "printed.txt").unlink()
    stop(start())
    with sqlite3.connect(service.data_dir / "appui.sqlite3") as database:
        assert database.execute("SELECT count(*) FROM kept").fetchone() == (0,)
    database.close()
    assert (service.data_dir / "secret_key").read_bytes() == secret


def stop(service: Service) -> None:
    os.kill(service.process.pid, signal.SIGINT)
    assert service.process.wait(STOP_SECONDS) == 0, service.printed


def test_the_demonstration_says_who_may_sign_in_and_is_made_once(start) -> None:
    service = start("--demo")
    roles = re.findall(r"^  (\S.*?)  +(\S+@\S+)$", service.printed, re.MULTILINE)
    password = re.search(r"Mot de passe de tous : (\S+)", service.printed)
    assert len(roles) >= 7, service.printed
    assert password, service.printed
    for _role, email in roles:
        assert signs_in(service.url, email, password[1]), email
    stop(service)
    (service.data_dir.parent / "printed.txt").unlink()
    again = start("--demo")
    assert "Création des données" not in again.printed
    assert signs_in(again.url, roles[0][1], password[1])


def signs_in(url: str, email: str, password: str) -> bool:
    """Sign in as a person does, and tell whether the page of one's account opens."""
    browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor())
    page = browser.open(f"{url}/connexion", timeout=30).read().decode()
    token = re.search(r'name="csrf_token" value="([^"]+)"', page)
    assert token, page
    data = urllib.parse.urlencode({"csrf_token": token[1], "email": email, "password": password})
    browser.open(f"{url}/connexion/mot-de-passe", data.encode(), timeout=30).close()
    with browser.open(f"{url}/mon-compte", timeout=30) as account:
        return bool(account.status == 200) and "/connexion" not in account.url and email in account.read().decode()


def test_a_port_that_is_taken_is_named(start) -> None:
    import socket

    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        service = start("--port", str(port), is_ready=False)
        assert service.process.wait(STOP_SECONDS) == 1
    assert f"Le port {port} n’est pas libre" in service.printed


def test_a_wrong_setting_is_named_and_nothing_starts(tmp_path: Path) -> None:
    wrong = environment(tmp_path / "instance") | {"MAIL_TRANSPORT": "pigeon"}
    done = subprocess.run(
        [sys.executable, "-m", "helpdesk", "up"], env=wrong, capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert "MAIL_TRANSPORT" in done.stderr
    assert "Traceback" not in done.stderr
