"""A small application without database that shows every macro, for tests and for the eye.

``python -m tests.support.styleguide`` serves it on a free port of the loopback.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import jinja2
from flask import Flask, Response, current_app, jsonify, render_template, request
from flask_wtf import CSRFProtect, FlaskForm
from flask_wtf.file import MultipleFileField
from wtforms import (
    BooleanField,
    DateField,
    EmailField,
    FieldList,
    PasswordField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, Length
from wtforms.widgets import CheckboxInput, ListWidget

import helpdesk
from helpdesk import formats, pages
from helpdesk.settings import Settings
from tests.support import figures

TEMPLATES = Path(__file__).parent.parent / "styleguide"
SENT_AT = datetime(2026, 12, 1, 8, 12, tzinfo=UTC)
REQUIRED = "Écrivez votre question en une phrase."


@dataclass(frozen=True)
class MenuItem:
    label: str
    url: str
    icon: str
    is_current: bool = False
    count: int = 0
    count_label: str = ""


@dataclass(frozen=True)
class View:
    label: str
    url: str
    count: int | None = None
    is_current: bool = False


class SampleForm(FlaskForm):
    """One field of each kind."""

    title = StringField("Votre question, en une phrase", [DataRequired(REQUIRED), Length(max=200)])
    facts = TextAreaField("Que s’est-il passé ?")
    email = EmailField("Votre courriel")
    password = PasswordField("Mot de passe")
    limit_on = DateField("Date limite")
    topic = SelectField(
        "Thème",
        choices=[
            SelectChoice("cddi", "Contrats d’insertion (CDDI)", optgroup="Contrats"),
            SelectChoice("conges", "Congés payés", optgroup="Temps"),
        ],
    )
    urgency = RadioField(
        "Y a-t-il une date à ne pas dépasser ?",
        choices=[SelectChoice("non", "Non"), SelectChoice("oui", "Oui")],
        default="non",
    )
    next_step = RadioField(
        "Que faire de cette question ?",
        choices=[
            SelectChoice("faq", "Répondre avec cet article"),
            SelectChoice("pole", "Transmettre au pôle juridique"),
        ],
    )
    mode = RadioField(
        "Type de message",
        choices=[
            SelectChoice("r", "Répondre"),
            SelectChoice("p", "Demander une précision"),
            SelectChoice("n", "Note interne"),
        ],
        default="r",
    )
    kinds = SelectMultipleField(
        "Typologies",
        choices=[SelectChoice("aci", "ACI"), SelectChoice("ai", "AI")],
        option_widget=CheckboxInput(),
        widget=ListWidget(prefix_label=False),
    )
    for_faq = BooleanField("Proposer cette réponse pour la FAQ")
    files = MultipleFileField("Documents utiles")
    references = FieldList(StringField("Référence"), min_entries=2)


MENU = [
    MenuItem("Ma file", "/", "boite", is_current=True, count=9, count_label="questions à traiter"),
    MenuItem("Toutes les questions", "/q", "bulle"),
    MenuItem("FAQ", "/faq", "livre"),
    MenuItem("Juri-PTCE", "/ptce", "calendrier"),
    MenuItem("Délais", "/delais", "graphe"),
]
ACCOUNT = SimpleNamespace(
    name="Claire Morvan",
    detail="Les Jardins du Pré Commun",
    kind="adherent",
    url="/compte",
    sign_out_url="/deconnexion",
    has_shortcuts=True,
)
QUEUE = [
    SimpleNamespace(
        title="Licenciement d’un permanent : calcul du préavis",
        url="/q/1",
        detail="Tremplin Ardennes, EI",
        days_left=-2,
        is_waiting=False,
        is_current=False,
    ),
    SimpleNamespace(
        title="Suspendre un CDDI pendant une période d’essai en CDI",
        url="/q/2",
        detail="Les Jardins du Pré Commun, ACI",
        days_left=1,
        is_waiting=False,
        is_current=True,
    ),
    SimpleNamespace(
        title="Temps partiel à 20 heures : peut-on annualiser ?",
        url="/q/3",
        detail="Chantiers du Lien, ACI",
        days_left=5,
        is_waiting=True,
        is_current=False,
    ),
]
FILES = [
    SimpleNamespace(name="Promesse-embauche.pdf", url="/p/1", size_bytes=188_416),
    SimpleNamespace(
        name="Un nom de fichier vraiment très long qui ne tient pas sur une seule ligne de téléphone.pdf",
        url="/p/2",
        size_bytes=2_516_582,
    ),
]
VIEWS = [
    View("À trier", "/v/1", 6, is_current=True),
    View("Je réponds", "/v/2", 2),
    View("En attente d’un adhérent", "/v/3", 3),
    View("Toutes", "/v/4"),
]


PAGES = (
    "composants",
    "formulaire",
    "poste",
    "triage",
    "accueil",
    "graphiques",
    "graphiques-limites",
    "imprimable",
    "vide",
    "envoyee",
)
ERROR_CODES = (400, 403, 404, 405, 409, 413, 418, 419, 422, 429, 500, 503)


def build_styleguide() -> Flask:
    """The application; its pages are those of PAGES, ``/formulaire-erreurs`` and ``/erreur/<code>``.

    Drafts and presence posted to it are kept in ``app.config["POSTED"]``; ``app.config["ANSWER"]`` is the status
    they get.
    """
    app = Flask("helpdesk")
    app.config.update(SETTINGS=Settings(), SECRET_KEY="styleguide", POSTED=[], ANSWER=204, TESTING=True)
    own = jinja2.FileSystemLoader(TEMPLATES)
    app.jinja_env.loader = jinja2.ChoiceLoader(
        [jinja2.FileSystemLoader(Path(helpdesk.__file__).parent / "templates"), own]
    )
    CSRFProtect(app)
    formats.register(app)
    app.register_blueprint(pages.blueprint)
    app.context_processor(_context)
    for name in PAGES:
        app.add_url_rule(f"/{name}", name, _page(name), methods=["GET", "POST"])
    app.add_url_rule("/formulaire-erreurs", "refused", lambda: _render("formulaire", form=_refused_form()))
    app.add_url_rule("/erreur/<int:code>", "error", _error)
    app.add_url_rule("/brouillon", "draft", _draft, methods=["POST"])
    app.add_url_rule("/presence", "presence", _presence, methods=["POST"])
    return app


def _context() -> dict[str, Any]:
    return {"menu": MENU, "account": ACCOUNT, "area_name": "Pôle juridique", "search_url": "/recherche"}


def _render(name: str, **context: Any) -> str:
    listed = SimpleNamespace(page=2, pages=9, total=212, prev_num=1, next_num=3)
    shown = {"sent_at": SENT_AT, "due_on": date(2026, 12, 11), "page": listed, "form": SampleForm()}
    return render_template(
        f"{name}.html", views=VIEWS, queue=QUEUE, files=FILES, figures=figures, **{**shown, **context}
    )


def _page(name: str) -> Callable[[], str]:
    return lambda: _render(name)


def _error(code: int) -> str:
    names = [f"errors/{code}.html", "errors/error.html"]
    kept = {"Votre question": "Un salarié <b>arrêté</b>\nSuite", "Note": "Vu"}
    return render_template(names, status=code, message="", kept_text=kept, request_id="a1b2c3")


def _draft() -> Response:
    current_app.config["POSTED"].append(request.form.to_dict())
    return Response(status=current_app.config["ANSWER"])


def _presence() -> Response:
    current_app.config["POSTED"].append(request.form.to_dict())
    return jsonify(people=[{"name": "Marc Lefèvre", "is_writing": True}, {"name": "Inès <b>", "is_writing": False}])


def _refused_form() -> SampleForm:
    form = SampleForm(data={"facts": "Un texte gardé <b>", "references": ["L. 1243-6"]})
    for field in form:
        if field.type not in {"CSRFTokenField", "FieldList"} and field.name not in {"mode", "next_step"}:
            field.errors = [REQUIRED]
    form.references.entries[0].errors = ["Écrivez la référence avec son numéro."]
    return form


if __name__ == "__main__":
    build_styleguide().run(port=0)
