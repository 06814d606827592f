"""The engines of the application, one for each corpus; which kind is a setting."""

from flask import current_app

from helpdesk.search.engines.base import Change, Engine, IndexBusy, IndexState, IndexUnavailable, Lookup
from helpdesk.settings import Settings

__all__ = ["Change", "Engine", "IndexBusy", "IndexState", "IndexUnavailable", "Lookup", "engine_for"]


def engine_for(corpus: str) -> Engine:
    """The engine of *corpus*, made at its first use: in each process its own."""
    engines: dict[str, Engine] = current_app.extensions.setdefault("search_engines", {})
    if corpus not in engines:
        engines[corpus] = _made(corpus, current_app.config["SETTINGS"])
    return engines[corpus]


def _made(corpus: str, settings: Settings) -> Engine:
    if settings.has_shared_search:
        from helpdesk.search.engines.postgresql import PostgreSQLEngine

        return PostgreSQLEngine(corpus)
    from helpdesk.search.engines.whoosh_folder import WhooshEngine

    return WhooshEngine(settings.data_dir / "search", corpus)
