"""« Questions fréquentes »: searched, narrowed, browsed by topic, kind of structure and nature."""

from collections.abc import Mapping
from dataclasses import dataclass

from flask import render_template, request

from helpdesk.db import writing
from helpdesk.formats import url_with
from helpdesk.kb import operations, queries
from helpdesk.kb.enums import ArticleKind
from helpdesk.kb.queries import Census, EntryFilters
from helpdesk.kb.views import entry_parts as parts
from helpdesk.kb.views.blueprint import blueprint, reader
from helpdesk.reference import get_reference
from helpdesk.tickets.views.blueprint import page_number
from helpdesk.web import public

WORDS_MAX_CHARS = 1000
FACETS_SHOWN, TOPICS_SHOWN = 12, 12


@dataclass(frozen=True)
class Facet:
    """A link that narrows the list, or takes its filter off."""

    label: str
    url: str
    count: int
    is_on: bool


@dataclass(frozen=True)
class Topic:
    """A card of « Parcourir par thème »."""

    code: str
    label: str
    icon: str
    count: int


@blueprint.get("/faq")
@public
def browse() -> str:
    """Results for words, a narrowed list, or what there is to read."""
    words = " ".join(request.args.get("q", "")[:WORDS_MAX_CHARS].split())
    filters = _filters()
    if words:
        return _results(words, filters)
    if not filters.is_empty or request.args.get("toutes"):
        return _list(filters)
    return _front()


def topics_of(census: Census, limit: int | None = None) -> list[Topic]:
    """The topics that hold something to read, in the order of the reference data; the fullest with *limit*."""
    known = [code for code in get_reference().topics if code in census.topics]
    if limit is not None:
        fullest = sorted(known, key=lambda code: -census.topics[code])[:limit]
        known = [code for code in known if code in fullest]
    return [Topic(code, parts.topic_label(code), _icon(code), census.topics[code]) for code in known]


def _front() -> str:
    person = reader()
    since = queries.last_visit(person)
    if person is not None and request.method == "GET" and queries.is_first_visit_today(person):
        with writing():
            operations.note_visit(person)
    census = queries.census(person)
    fullest = topics_of(census, TOPICS_SHOWN)
    return render_template(
        "kb/front.html",
        words="",
        me=person,
        census=census,
        topics=fullest,
        more=[topic for topic in topics_of(census) if topic not in fullest],
        facets=_facets(census, EntryFilters()),
        since=since,
        new=queries.published_since(person, since) if since else [],
        most_read=queries.most_read(person),
        topic_label=parts.topic_label,
    )


def _list(filters: EntryFilters) -> str:
    census = queries.census(reader(), filters)
    return render_template(
        "kb/list.html",
        words="",
        me=reader(),
        filters=filters,
        page=queries.browse(reader(), filters, census.total, page_number()),
        facets=_facets(census, filters),
        **_row_words(),
    )


def _results(words: str, filters: EntryFilters) -> str:
    findings = queries.search(reader(), words, filters, page_number())
    results = findings.results
    if not results.total and filters.is_empty and request.method == "GET":
        with writing():
            operations.note_miss(words)
    counts = results.facets
    census = Census(results.total, *(dict(counts.get(name, {})) for name in ("topic", "typology", "kind")))
    return render_template(
        "kb/results.html",
        words=words,
        me=reader(),
        filters=filters,
        results=results,
        found=findings.entries,
        page=queries.EntryPage((), results.page, results.total),
        facets=_facets(census, filters),
        topics=[] if results.total else _topics_to_read(words),
        **_row_words(),
    )


def _topics_to_read(words: str) -> list[Topic]:
    """The topics that *words* speak of, and that hold something for the reader."""
    suggested = [one.code for one in get_reference().suggest_topics(words)]
    return [one for one in topics_of(queries.census(reader())) if one.code in suggested] if suggested else []


def _row_words() -> dict[str, object]:
    return {"topic_label": parts.topic_label, "short_scope": parts.short_scope}


def _filters() -> EntryFilters:
    """The filters of the address; one that names nothing is none."""
    reference = get_reference()
    topic, typology = request.args.get("theme", ""), request.args.get("typologie", "")
    kinds = {kind.value: kind for kind in ArticleKind}
    return EntryFilters(
        topic=topic if topic in reference.topics or topic in reference.topic_domains else "",
        typology=typology if typology in reference.typologies else "",
        kind=kinds.get(request.args.get("nature", "")),
    )


def _facets(census: Census, filters: EntryFilters) -> list[tuple[str, list[Facet]]]:
    """The links of each sort, those in use first, then the fullest."""
    typologies = {code: one.short_label for code, one in get_reference().typologies.items()}
    kind = filters.kind.value if filters.kind else ""
    topics = {code: parts.topic_label(code) for code in (*census.topics, filters.topic) if code}
    groups = (
        ("Thème", "theme", topics, census.topics, filters.topic),
        ("Type de structure", "typologie", typologies, census.typologies, filters.typology),
        ("Nature", "nature", {one.value: one.plural for one in ArticleKind}, census.kinds, kind),
    )
    shown = ((title, _group(name, labels, counts, chosen)) for title, name, labels, counts, chosen in groups)
    return [(title, facets) for title, facets in shown if facets]


def _group(name: str, labels: Mapping[str, str], counts: Mapping[str, int], chosen: str) -> list[Facet]:
    codes = sorted((code for code in labels if counts.get(code)), key=lambda code: -counts[code])
    if chosen:
        return [Facet(labels[chosen], url_with(**{name: None, "page": None}), counts.get(chosen, 0), is_on=True)]
    if len(codes) < 2:
        return []
    return [
        Facet(labels[code], url_with(**{name: code, "page": None, "toutes": None}), counts[code], is_on=False)
        for code in codes[:FACETS_SHOWN]
    ]


_ICONS = {
    "social/contrats": "contrat",
    "social/duree-conges": "duree",
    "social/paie-remuneration": "euro",
    "social/rupture": "porte",
    "social/sante-securite": "sante",
    "social/harcelement-discrimination": "alerte",
    "social/dialogue-social": "bulle",
    "social/formation-pmsmp": "livre",
    "social/etrangers": "drapeau",
    "iae/parcours-pass": "personne",
    "iae/aide-au-poste": "euro",
    "iae/mise-a-disposition": "echange",
    "affaires/baux": "batiment",
    "affaires/contrats-clients": "contrat",
    "affaires/rgpd-numerique": "cadenas",
    "associations": "cercle",
    "fiscal": "euro",
    "iae": "relais",
    "difficultes": "retard",
}
"""By topic, else by domain."""


def _icon(code: str) -> str:
    return _ICONS.get(code) or _ICONS.get(code.partition("/")[0], "balance")
