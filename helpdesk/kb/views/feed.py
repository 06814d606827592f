"""The public entries as an Atom feed: what anyone may read, and nothing else."""

import re
from xml.etree import ElementTree as ET

from flask import Response, current_app

from helpdesk import clock, settings_of
from helpdesk.kb import queries
from helpdesk.kb.models import Article, ArticleVersion
from helpdesk.kb.plain import plain_words
from helpdesk.kb.views import entry_parts as parts
from helpdesk.kb.views.blueprint import blueprint
from helpdesk.web import public

ENTRIES_MAX_COUNT = 50
ATOM = "http://www.w3.org/2005/Atom"
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@blueprint.get("/faq/flux.atom")
@public
def feed() -> Response:
    """The latest public entries; one under review is no solution, and left out until it is revised."""
    entries = queries.entries_with_words(None, limit=ENTRIES_MAX_COUNT)
    ET.register_namespace("", ATOM)
    root = ET.Element(f"{{{ATOM}}}feed", {"{http://www.w3.org/XML/1998/namespace}lang": "fr"})
    home, own = _address("/faq"), _address("/faq/flux.atom")
    published = [article.published_at for article, _version in entries if article.published_at]
    _add(root, "title", f"{settings_of(current_app).service_name} : questions fréquentes")
    _add(root, "id", own)
    _add(root, "link", href=own, rel="self", type="application/atom+xml")
    _add(root, "link", href=home, rel="alternate", type="text/html")
    _add(root, "updated", max(published, default=clock.now()).isoformat())
    for article, version in entries:
        _add_entry(root, article, version)
    xml: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return Response(xml, content_type="application/atom+xml; charset=utf-8")


def _add_entry(root: ET.Element, article: Article, version: ArticleVersion) -> None:
    entry = _add(root, "entry")
    address = _address(f"/faq/{article.slug}")
    _add(entry, "title", version.title)
    _add(entry, "id", _address(f"/faq#fiche-{article.id}"))
    _add(entry, "link", href=address, rel="alternate", type="text/html")
    _add(entry, "published", (article.first_published_at or version.created_at).isoformat())
    _add(entry, "updated", (article.published_at or version.updated_at).isoformat())
    _add(_add(entry, "author"), "name", "Pôle juridique")
    for code in version.topics:
        _add(entry, "category", term=code, label=parts.topic_label(code) or code)
    _add(entry, "summary", plain_words(version.in_brief), type="text")


def _add(parent: ET.Element, name: str, text: str = "", **attributes: str) -> ET.Element:
    """An element under *parent*; characters that XML cannot hold are left out."""
    safe = {key: _NOT_XML.sub("", value) for key, value in attributes.items()}
    child = ET.SubElement(parent, f"{{{ATOM}}}{name}", safe)
    child.text = _NOT_XML.sub("", text) or None
    return child


def _address(path: str) -> str:
    return settings_of(current_app).public_url + path
