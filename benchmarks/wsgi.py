"""What gunicorn serves for the measures: the real application, and beside it a bare Flask page."""

from flask import Flask
from werkzeug.middleware.dispatcher import DispatcherMiddleware

from helpdesk import create_app

bare = Flask("bare")


@bare.get("/")
def hello() -> str:
    """The floor: what any Flask page costs on this server."""
    return "bonjour"


app = create_app()
app.wsgi_app = DispatcherMiddleware(app.wsgi_app, {"/page-nue": bare.wsgi_app})  # type: ignore[method-assign]
