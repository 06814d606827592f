"""Places on a page that another feature may fill: the page knows the place, never who fills it.

« tickets » imports neither « kb » nor « juri_ptce »; those add to its pages here. A template writes
``{{ panel("tickets.check", draft=draft) }}``; a feature declares ``@fills("tickets.check")`` in its views.
"""

from collections import defaultdict
from collections.abc import Callable
from typing import Any

from flask import Flask
from markupsafe import Markup

Filler = Callable[..., Markup]

PLACES = {
    "tickets.home_next": "l’accueil de l’adhérent, avant ses questions en cours",
    "tickets.home": "l’accueil de l’adhérent, sous ses questions en cours",
    "tickets.home_topics": "l’accueil de l’adhérent, en bas de page",
    "tickets.home_search": "l’accueil de l’adhérent, dans le bandeau",
    "tickets.ask": "la question en cours de rédaction, sous son titre",
    "tickets.check": "« Vérifiez avant d’envoyer », avant le formulaire",
    "tickets.check_form": "« Vérifiez avant d’envoyer », dans le formulaire ; les noms commencent par « plus- »",
    "tickets.sent": "la confirmation d’envoi, sous ce qui va suivre",
    "tickets.member_thread": "le fil de l’adhérent, avant les messages",
    "tickets.thread": "à côté du fil, pour l’équipe",
    "tickets.answer": "sous une réponse publiée, pour l’équipe",
    "tickets.triage": "à côté d’une question à trier",
}
"""Every place, and where it is."""

_FILLERS: dict[str, list[Filler]] = defaultdict(list)


def fills(place: str) -> Callable[[Filler], Filler]:
    """Declare what fills *place*; it is called with what the page knows, and returns safe HTML or none.

    :raises KeyError: for a place that no page has.
    """
    PLACES[place]

    def declare(filler: Filler) -> Filler:
        if filler not in _FILLERS[place]:
            _FILLERS[place].append(filler)
        return filler

    return declare


def panel(place: str, **context: Any) -> Markup:
    """What the features put at *place* of this page, in the order in which they were declared."""
    PLACES[place]
    return Markup("").join(filler(**context) for filler in _FILLERS[place])


def register(app: Flask) -> None:
    """Give templates ``panel``."""
    app.jinja_env.globals["panel"] = panel
