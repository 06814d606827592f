"""How dates, figures and French text are written for their readers.

Pure functions first; :func:`register` makes them filters and functions of the templates. A moment is shown
in Europe/Paris unless another IANA zone is given. Functions named ``…_text`` and ``french_text`` return plain
text (mails, titles, attributes); their namesakes return markup.
"""

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from datetime import date, datetime, timedelta
from functools import lru_cache
from math import ceil
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from flask import Flask, request, url_for
from markupsafe import Markup, escape

from helpdesk import assets, charts, clock, icons, widgets
from helpdesk.months import MONTHS, SHORT_MONTHS

NBSP = "\u00a0"
NNBSP = "\u202f"
PARIS = "Europe/Paris"

WEEKDAYS = ("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche")


# --- French typography

_UNITS = (
    "jours?|mois|ans?|années?|semaines?|heures?|h|min|minutes?|euros?|[KMG]o|salariée?s?|questions?|"
    "réponses?|créneaux?|articles?|fichiers?|caractères|" + "|".join(MONTHS)
)
_TYPOGRAPHY = re.compile(
    r"(?P<article>\b(?:[Aa]rticles?[ \u00a0]|[Aa]rt\.[ \u00a0]?)?"
    r"(?:[LRDA]\.[ \u00a0]?\d{2,5}(?:-\d+)*|[LRDA]\d{3,5}(?:-\d+)+))"
    r"|(?P<narrow>(?<![ \u00a0\u202f])[ \u00a0\u202f]+(?=[;!?]))"
    r"|(?P<colon>(?<=\S)[ \u00a0\u202f]+(?=:(?:[\s»]|$)))"
    r"|(?P<opening>«[ \u00a0\u202f]*)"
    r"|(?P<closing>(?<![ \u00a0\u202f«])[ \u00a0\u202f]*»)"
    r"|(?P<apostrophe>(?<=[^\W\d_])'(?=[\w«“]))"
    r"|(?P<ellipsis>\.\.\.)"
    r"|(?P<together>\b0\d(?: \d\d){4}\b|\b(?:M\.|Mmes?|Me) (?=[A-ZÀÂÄÇÉÈÊËÎÏÔÖÙÛÜ])|\bPASS (?=IAE\b)|n° (?=\d)"
    rf"|\b(?:{'|'.join(MONTHS)}) (?=\d{{4}}\b)|(?<=\d) (?=(?:{_UNITS})\b|[€%])|(?<=\bh) (?=\d\d\b))"
    r"|(?P<thousands>(?<=\d) (?=\d{3}\b(?![-/])))"
    r"|(?P<rank>(?<=\b1)(?:er|re)\b|(?<=\d)e\b(?=[ \u00a0]))"
)
_FIXED = {
    "narrow": NNBSP,
    "colon": NBSP,
    "opening": "«" + NNBSP,
    "closing": NNBSP + "»",
    "apostrophe": "’",
    "ellipsis": "…",
    "thousands": NNBSP,
}
# Places for tags while the text is still raw: characters of the private use area, refused from the input.
_OPEN_SPAN, _OPEN_SUP, _CLOSE_SPAN, _CLOSE_SUP = "\ue000", "\ue001", "\ue002", "\ue003"
_TAGS = {
    _OPEN_SPAN: '<span class="insec">',
    _CLOSE_SPAN: "</span>",
    _OPEN_SUP: "<sup>",
    _CLOSE_SUP: "</sup>",
}
_PLACES = re.compile("[\ue000-\ue003]")
_TAG = re.compile(r"(<[^>]*>)")
_CACHED_CHARS = 400


def _set_plain(match: re.Match[str]) -> str:
    group = match.lastgroup or ""
    return _FIXED.get(group) or match[0].replace(" ", NBSP)


def _set_marked(match: re.Match[str]) -> str:
    if match.lastgroup == "article":
        return f"{_OPEN_SPAN}{match[0].replace(' ', NBSP)}{_CLOSE_SPAN}"
    if match.lastgroup == "rank":
        return f"{_OPEN_SUP}{match[0]}{_CLOSE_SUP}"
    return _set_plain(match)


def french_text(text: object) -> str:
    """*text* with the spaces and apostrophes of French typography, as plain text."""
    return _TYPOGRAPHY.sub(_set_plain, str(text))


def _mark(text: str) -> str:
    marked = _TYPOGRAPHY.sub(_set_marked, _PLACES.sub("", text))
    return _PLACES.sub(lambda place: _TAGS[place[0]], str(escape(marked)))


_mark_short = lru_cache(maxsize=2048)(_mark)


def fr(text: object) -> Markup:
    """*text* as safe markup with French typography; only the text nodes of a ``Markup`` are touched."""
    if isinstance(text, Markup):
        parts = _TAG.split(str(text))
        parts[::2] = [str(_set_in_markup(part)) for part in parts[::2]]
        return Markup("".join(parts))  # noqa: S704 - tags of a Markup, text nodes without any new "<"
    if text is None:
        return Markup("")
    plain = str(text)
    return Markup(_mark_short(plain) if len(plain) <= _CACHED_CHARS else _mark(plain))  # noqa: S704 - escaped


def _set_in_markup(part: str) -> str:
    marked = _TYPOGRAPHY.sub(_set_marked, _PLACES.sub("", part).replace("&#39;", "'"))
    return _PLACES.sub(lambda place: _TAGS[place[0]], marked)


_ADDRESS = re.compile(r"https?://[^\s<>\"«»]*[^\s<>\"«».,;:!?)]")


def linked(text: object) -> Markup:
    """A line of plain text through :func:`fr`, its web addresses as links."""
    plain, parts, last = str(text or ""), [], 0
    for match in _ADDRESS.finditer(plain):
        parts += [fr(plain[last : match.start()]), _LINK.format(match[0], match[0])]
        last = match.end()
    return Markup("").join([*parts, fr(plain[last:])])


_LINK = Markup('<a href="{}" rel="noopener noreferrer nofollow">{}</a>')
_BLANK_LINES = re.compile(r"\n[ \t]*\n\s*")


def paragraphs(text: object) -> Markup:
    """Plain text cut into ``<p>`` at blank lines, line breaks kept; a ``Markup`` goes through :func:`fr`."""
    if isinstance(text, Markup):
        return fr(text)
    blocks = _BLANK_LINES.split(str(text or "").replace("\r\n", "\n").strip())
    lines = (Markup("<br>").join(fr(line) for line in block.split("\n")) for block in blocks if block)
    return Markup("").join(Markup("<p>{}</p>").format(block) for block in lines)


# --- Dates and durations


@lru_cache(maxsize=64)
def _zone(name: str) -> ZoneInfo:
    return ZoneInfo(name)


def _local(value: date, zone: str) -> date:
    return value.astimezone(_zone(zone)) if isinstance(value, datetime) else value


def _ordinal_day(day: int) -> str:
    return "1er" if day == 1 else str(day)


def _time(value: date, words: str) -> Markup:
    machine = value.isoformat(timespec="minutes") if isinstance(value, datetime) else value.isoformat()
    return Markup(f'<time datetime="{machine}">{fr(words)}</time>')  # noqa: S704 - a date and safe markup


def day_text(value: date, zone: str = PARIS) -> str:
    """« 1er décembre 2026 », without the day of the week."""
    local = _local(value, zone)
    return f"{_ordinal_day(local.day)}{NBSP}{MONTHS[local.month - 1]}{NBSP}{local.year}"


def long_date_text(value: date, zone: str = PARIS) -> str:
    """« mardi 1er décembre 2026 »."""
    return f"{WEEKDAYS[_local(value, zone).weekday()]}{NBSP}{day_text(value, zone)}"


def long_date(value: date | None, zone: str = PARIS) -> Markup:
    """« mardi 1er décembre 2026 » in a ``<time>``; nothing for ``None``."""
    return _time(_local(value, zone), long_date_text(value, zone)) if value else Markup("")


def day(value: date | None, zone: str = PARIS) -> Markup:
    """:func:`day_text` in a ``<time>``; nothing for ``None``."""
    return _time(_local(value, zone), day_text(value, zone)) if value else Markup("")


def short_date_text(value: date, zone: str = PARIS) -> str:
    """« 3 déc. 2026 », for tables."""
    local = _local(value, zone)
    return f"{_ordinal_day(local.day)}{NBSP}{SHORT_MONTHS[local.month - 1]}{NBSP}{local.year}"


def short_date(value: date | None, zone: str = PARIS) -> Markup:
    """« 3 déc. 2026 » in a ``<time>``; nothing for ``None``."""
    return _time(_local(value, zone), short_date_text(value, zone)) if value else Markup("")


def clock_text(value: datetime, zone: str = PARIS) -> str:
    """« 9 h 12 », « 14 h »."""
    local = value.astimezone(_zone(zone))
    minutes = f"{NBSP}{local.minute:02d}" if local.minute else ""
    return f"{local.hour}{NBSP}h{minutes}"


def date_time_text(value: datetime, zone: str = PARIS) -> str:
    """« mardi 1er décembre 2026 à 9 h 12 »."""
    return f"{long_date_text(value, zone)} à {clock_text(value, zone)}"


def date_time(value: datetime | None, zone: str = PARIS) -> Markup:
    """« mardi 1er décembre 2026 à 9 h 12 » in a ``<time>``; nothing for ``None``."""
    return _time(_local(value, zone), date_time_text(value, zone)) if value else Markup("")


def relative_time_text(value: datetime, zone: str = PARIS, *, now: datetime | None = None) -> str:
    """« aujourd’hui à 9 h 12 », « hier à 8 h 50 », « demain à 14 h »; past that, « le 3 déc. 2026 »."""
    today = (now or clock.now()).astimezone(_zone(zone)).date()
    local = value.astimezone(_zone(zone))
    near = {0: "aujourd’hui", -1: "hier", 1: "demain"}.get((local.date() - today).days)
    return f"{near} à {clock_text(value, zone)}" if near else f"le {short_date_text(value, zone)}"


def relative_time(value: datetime | None, zone: str = PARIS, *, now: datetime | None = None) -> Markup:
    """:func:`relative_time_text` in a ``<time>``; nothing for ``None``."""
    return _time(_local(value, zone), relative_time_text(value, zone, now=now)) if value else Markup("")


def duration_days(value: timedelta | float) -> str:
    """« 7 jours »: whole days elapsed for a ``timedelta``, one decimal at most for a number."""
    if isinstance(value, timedelta):
        return count(value.days, "jour") if value.days else f"moins d’un{NBSP}jour"
    return count(value, "jour")


# --- Figures


def number(value: float) -> str:
    """« 1 200 », « 2,5 »: thousands by a narrow space, a decimal comma, one decimal at most."""
    rounded = round(value, 1)
    whole = rounded == int(rounded)
    text = f"{int(rounded):,}" if whole else f"{rounded:,.1f}"
    return text.replace(",", NNBSP).replace(".", ",").replace("-", "−")


def percent(share: float, target: float | None = None) -> str:
    """« 88 % » for 0.88; never rounded onto a *target* that it misses: 0.896 beside 0.9 is « 89 % »."""
    rounded = round(share * 100)
    if target is not None and share < target:
        rounded = min(rounded, ceil(round(target * 100, 6)) - 1)
    return f"{number(rounded)}{NBSP}%"


def count(value: float, noun: str, plural: str | None = None) -> str:
    """« 1 question », « 12 questions »; the default plural adds an s to the first word of *noun*."""
    first, *rest = noun.split(" ")
    many = plural or " ".join([first if first[-1] in "sxz" else first + "s", *rest])
    return f"{number(value)}{NBSP}{many if abs(value) >= 2 else noun}"


def ordinal_text(value: int, *, feminine: bool = False) -> str:
    """« 1er », « 1re », « 7e »."""
    suffix = ("re" if feminine else "er") if value == 1 else "e"
    return f"{value}{suffix}"


def ordinal(value: int, *, feminine: bool = False) -> Markup:
    """:func:`ordinal_text` with the letters raised."""
    text = ordinal_text(value, feminine=feminine)
    digits = str(value)
    return Markup("{}<sup>{}</sup>").format(digits, text[len(digits) :])


def file_size(size_bytes: int) -> str:
    """« 184 Ko », « 1,2 Mo », in powers of 1,024 as people's computers show them."""
    if size_bytes < 1024:
        return f"{number(size_bytes)}{NBSP}octet{'s' if size_bytes >= 2 else ''}"
    if size_bytes < 1024**2:
        return f"{number(round(size_bytes / 1024))}{NBSP}Ko"
    return f"{number(size_bytes / 1024**2)}{NBSP}Mo"


def initials(name: str) -> str:
    """« ML » for « Maïwenn Le Bihan »: the first two words, whatever the hyphens."""
    words = [word for word in re.split(r"[\s’']+", name) if word[:1].isalpha()]
    return "".join(unicodedata.normalize("NFC", word)[0].upper() for word in words[:2]) or "?"


# --- Deadlines, in words

WARNING_DAYS = 2


def days_left_label(days: int, waiting: bool = False) -> str:
    """The wording of a deadline: *days* left, negative once late; *waiting* for the asker stops the count."""
    if waiting:
        return f"En attente de l’adhérent (compte{NBSP}arrêté)"
    if days < 0:
        return f"{count(-days, 'jour')} de retard"
    if days == 0:
        return "À rendre aujourd’hui"
    if days == 1:
        return "À rendre demain"
    return f"{days}{NBSP}jours restants"


def deadline_tone(days: int, waiting: bool = False) -> str:
    """``"ok"``, ``"veille"`` from two days left, ``"retard"``, ``""`` while waiting: for staff only."""
    if waiting:
        return ""
    return "retard" if days < 0 else "veille" if days <= WARNING_DAYS else "ok"


@lru_cache(maxsize=256)
def stones(day: int, target: int) -> Markup:
    """The ruler of the days: one stone a day out of *target*, at most five more for the days past it."""
    done, late = min(max(day, 0), target), min(max(day - target, 0), 5)
    left = target - done
    return Markup('<i class="fait"></i>') * done + Markup("<i></i>") * left + Markup('<i class="plus"></i>') * late


DEADLINE_ICONS = {"ok": "coche-rond", "veille": "alerte", "retard": "retard", "": "pause"}


# --- For the templates


def url_with(**changes: Any) -> str:
    """The address of the current page with some parameters changed; ``None`` removes one."""
    places: dict[str, Any] = dict(request.view_args or {})
    query: dict[str, Any] = request.args.to_dict(flat=False)
    for name, value in changes.items():
        (places if name in places else query)[name] = value
    # Joined by hand: the reader's parameters must not reach url_for, which knows _external, _scheme and others.
    asked = urlencode({name: value for name, value in query.items() if value is not None}, doseq=True)
    return f"{url_for(request.endpoint or '', **places)}{'?' if asked else ''}{asked}"


def form_errors(form: Any) -> list[tuple[str, str]]:
    """The errors of a WTForms form as (id of the input to go to, message), once each, in page order."""
    pairs = [("contenu", message) for message in getattr(form, "form_errors", [])]
    for field in form:
        pairs.extend(_field_errors(field))
    return list(dict.fromkeys(pairs))


def _field_errors(field: Any) -> Iterator[tuple[str, str]]:
    children: Iterable[Any] = ()
    if field.type in {"FieldList", "FormField"}:
        children = list(field)
    for child in children:
        yield from _field_errors(child)
    target = f"{field.id}-0" if field.type in {"RadioField", "SelectMultipleField", "FieldList"} else field.id
    yield from ((target, message) for message in field.errors if isinstance(message, str))


FILTERS: tuple[Callable[..., Any], ...] = (
    fr,
    paragraphs,
    linked,
    long_date,
    day,
    short_date,
    date_time,
    relative_time,
    duration_days,
    file_size,
    number,
    percent,
    initials,
    ordinal,
    days_left_label,
    deadline_tone,
    icons.with_sprite,
)
GLOBALS: tuple[Callable[..., Any], ...] = (
    count,
    url_with,
    form_errors,
    days_left_label,
    deadline_tone,
    stones,
    assets.static_url,
    assets.script_url,
    icons.icon,
    widgets.kept,
    charts.gauge,
)


def register(app: Flask) -> None:
    """Give *app* the filters and functions that its templates call."""
    app.add_template_filter(french_text, "fr_text")
    for filter_ in FILTERS:
        app.add_template_filter(filter_)
    for global_ in GLOBALS:
        app.add_template_global(global_)
    app.jinja_env.globals["DEADLINE_ICONS"] = DEADLINE_ICONS
    app.register_blueprint(assets.blueprint)
