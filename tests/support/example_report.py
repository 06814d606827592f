"""``docs/exemple-rapport-annuel.pdf``: the report of the present year of a demonstration, printed by Chromium.

``python -m tests.support.example_report docs/exemple-rapport-annuel.pdf`` makes it anew, in about a minute.
"""

import sys
import tempfile
import threading
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from flask import Flask
from flask_migrate import upgrade
from werkzeug.serving import make_server

from helpdesk import clock, create_app
from helpdesk.accounts.models import Person
from helpdesk.db import db
from helpdesk.demo.seed import seed
from helpdesk.settings import Settings
from tests.support import http
from tests.support.browsers import ARGUMENTS, browser_program

LEAD = "h.garnier@federation.example"


def make(path: Path) -> None:
    """Fill a demonstration in a temporary folder, sign the lead in, print the page."""
    with tempfile.TemporaryDirectory() as folder:
        app = create_app(Settings(data_dir=Path(folder), secret_key="exemple" * 6, is_demo=True))
        with app.app_context():
            upgrade()
            seed(today=clock.today())
            lead = db.session.scalars(sa.select(Person).where(Person.email == LEAD)).one()
            cookie = http.session_cookie(app, lead)
        path.write_bytes(_printed(app, cookie, f"/delais/rapport/{clock.today().year}/imprimer"))


def _printed(app: Flask, cookie: http.Cookie, address: str) -> bytes:
    from playwright.sync_api import sync_playwright

    server = make_server("127.0.0.1", 0, app, threaded=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    url = f"http://127.0.0.1:{server.port}"
    try:
        with sync_playwright() as playwright:
            browser: Any = playwright.chromium.launch(executable_path=browser_program(), args=ARGUMENTS)
            context = browser.new_context(locale="fr-FR")
            context.add_cookies([{"name": cookie.name, "value": cookie.value, "url": url}])
            page = context.new_page()
            page.goto(url + address)
            printed: bytes = page.pdf(format="A4", prefer_css_page_size=True, tagged=True)
            browser.close()
    finally:
        server.shutdown()
    return printed


if __name__ == "__main__":
    make(Path(sys.argv[1]))
