"""« Appui juridique »: the legal helpdesk of a federation of the social economy."""

from pathlib import Path

from flask import Flask

from helpdesk.settings import Settings

MIGRATIONS = Path(__file__).parents[1] / "migrations"


def create_app(settings: Settings | None = None) -> Flask:
    """Build the application: the only place that wires things together."""
    from helpdesk import cli, formats, logs, pages, panels, web
    from helpdesk.accounts import views as accounts_views
    from helpdesk.accounts.sessions import init_sessions
    from helpdesk.administration import views as administration_views
    from helpdesk.db import db, init_db
    from helpdesk.extensions import csrf, migrate
    from helpdesk.juri_ptce import views as juri_ptce_views
    from helpdesk.kb import views as kb_views
    from helpdesk.reference import get_reference
    from helpdesk.site import Site
    from helpdesk.stats import views as stats_views
    from helpdesk.tickets import views as tickets_views

    settings = (settings or Settings.from_env()).completed()
    logs.configure()
    app = Site(__name__)
    app.config.update(
        SETTINGS=settings,
        SECRET_KEY=settings.secret_key,
        SECRET_KEY_FALLBACKS=list(settings.secret_key_fallbacks),
        SQLALCHEMY_DATABASE_URI=settings.database_url,
        SQLALCHEMY_ENGINE_OPTIONS={"pool_pre_ping": not settings.database_url.startswith("sqlite")},
        MAX_CONTENT_LENGTH=settings.request_max_bytes,
        MAX_FORM_MEMORY_SIZE=4 * 1024 * 1024,
        TRUSTED_HOSTS=list(settings.trusted_hosts) or None,
        WTF_CSRF_TIME_LIMIT=None,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=settings.public_url.startswith("https://"),
        SESSION_COOKIE_NAME="__Host-session" if settings.public_url.startswith("https://") else "session",
        SEND_FILE_MAX_AGE_DEFAULT=31_536_000,
    )
    get_reference()
    init_db(app)
    migrate.init_app(app, db, directory=str(MIGRATIONS))
    csrf.init_app(app)
    init_sessions(app)
    formats.register(app)
    panels.register(app)
    web.init_web(app, settings)
    for feature in (pages, accounts_views, administration_views, tickets_views, kb_views, juri_ptce_views, stats_views):
        app.register_blueprint(feature.blueprint)
    cli.register(app)
    return app


def settings_of(app: Flask) -> Settings:
    """The settings that *app* was built with."""
    settings: Settings = app.config["SETTINGS"]
    return settings
