"""For a WSGI server: ``gunicorn wsgi:app``."""

from helpdesk import create_app

app = create_app()
