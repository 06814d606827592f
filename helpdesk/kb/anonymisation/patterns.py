"""Finds what may tell who a text is about although no record knows it.

Every pattern is bounded: time grows with the length of the text and never faster. What is cited in any legal text
is left alone: articles, numbers of laws and decrees, IDCC, years, official sites, « M. X », legal thresholds.
"""

import re
from collections.abc import Callable, Iterator, Mapping

from helpdesk.kb.anonymisation import lists
from helpdesk.kb.anonymisation.enums import MarkKind
from helpdesk.kb.anonymisation.folding import fold_word, folded_words
from helpdesk.kb.anonymisation.names import find_initials, find_lower_case_people, find_named
from helpdesk.kb.anonymisation.types import Span
from helpdesk.personal_data import numbers, people
from helpdesk.personal_data.people import UPPER

_Spans = Iterator[tuple[int, int]]

_SPACE = r"[ \t\u00a0\u202f]"
_WORD = r"[^\W\d_]{1,30}"
_CAPITALISED = rf"[{UPPER}][^\W\d_]{{0,30}}"
_LINK = rf"(?:d[eu]|des|la|les?|l['’]|d['’]|et|à|aux?|en|sur|sous|&|{_SPACE}){_SPACE}?"
# A name of several words: « Terres d’Ici », « Façades du Nord », « Châlons-en-Champagne ».
_NAME = rf"{_CAPITALISED}(?:(?:['’\-]{_WORD}|{_SPACE}(?:{_LINK}){{0,2}}{_CAPITALISED})){{0,6}}"


def find_patterns(text: str) -> Iterator[Span]:
    """Everything found, in any order and with overlaps."""
    for kind, searches in _SEARCHES.items():
        for search in searches:
            yield from (Span(start, end, kind) for start, end in search(text))
    for start, end, has_surname in find_named(text):
        yield Span(start, end, MarkKind.PERSON if has_surname else MarkKind.FIRST_NAME)


# --- web addresses ---

_TOP_LEVEL = "fr|org|com|net|eu|coop|asso|bzh|re|yt|gp|mq|gf|nc|pf|corsica|alsace|bio|io|info|pro|be|ch|lu"
_URL = re.compile(
    r"(?<![\w@])https?://[^\s<>\"«»()\[\]]{1,400}"
    rf"|(?<![\w@.\-/])(?:[A-Za-z0-9à-ÿ][A-Za-z0-9à-ÿ\-]{{0,62}}\.){{1,5}}(?:{_TOP_LEVEL})(?![\w@\-]|\.\w)(?:/[^\s<>\"«»()\[\]]{{0,300}})?"
)
_HOST = re.compile(r"(?:https?://)?(?:www\.)?([^/?#:]+)", re.IGNORECASE)


def _find_website(text: str) -> _Spans:
    for match in _URL.finditer(text):
        address = match[0].rstrip(".,;:!?…’'*_")
        host = _HOST.match(address)
        if host and not _is_official(host[1].casefold()):
            yield match.start(), match.start() + len(address)


def _is_official(host: str) -> bool:
    return any(host == official or host.endswith(f".{official}") for official in lists.entries("official_hosts"))


# --- births ---

_MONTH = "janvier|février|fevrier|mars|avril|mai|juin|juillet|août|aout|septembre|octobre|novembre|décembre|decembre"
_DAY = (
    rf"(?:\d{{1,2}}(?:er)?{_SPACE}(?:{_MONTH}){_SPACE}\d{{2,4}}"
    r"|\d{1,2}[/.\-]\d{1,2}[/.\-]\d{2,4}|\d{4}-\d\d-\d\d)"
)
_BORN = r"(?<!\w)(?i:n[ée](?:\(?e\)?)?s?)"
_BIRTH = re.compile(
    rf"{_BORN}{_SPACE}(?:à{_SPACE}{_NAME}{_SPACE}?,?{_SPACE}?)?"
    rf"(?:le{_SPACE}(?i:{_DAY})|en{_SPACE}(?:(?i:{_MONTH}){_SPACE})?(?:19|20)\d\d)(?:,?{_SPACE}à{_SPACE}{_NAME})?"
    rf"|(?i:(?:date|année)s?{_SPACE}de{_SPACE}naissance{_SPACE}?:?{_SPACE}?(?:{_DAY}|(?:19|20)\d\d))(?!\d)"
)


def _find_birth(text: str) -> _Spans:
    yield from (match.span() for match in _BIRTH.finditer(text))


# --- postal addresses ---

_STREET = "rue|avenue|av\\.?|boulevard|bd\\.?|impasse|allée|allee|chemin|quai|square|faubourg|venelle|ruelle|rond-point"
# These are everyday words too: the name after them must have a capital, or be a usual one.
_DOUBTFUL_STREET = (
    "place|pl\\.?|route|rte\\.?|cours|cour|passage|esplanade|résidence|sentier|traverse|montée|cité|hameau|parvis|mail"
)
_USUAL = "mairie|gare|poste|église|république|marché|halle|école|liberté|fontaine|château|victoire|poste|port|plage"
_PLAIN_STREET = (
    "rue|avenue|boulevard|bd|impasse|allée|chemin|quai|faubourg|venelle|lieu-dit|Z\\.?[AI]\\.?C?\\.?"
    "|zone (?:artisanale|industrielle|d['’]activités?)"
)
_STREET_LINK = (
    rf"(?:d[eu]{_SPACE}(?:la{_SPACE}|l['’])?|des{_SPACE}|d['’]|la{_SPACE}|le{_SPACE}|les{_SPACE}|l['’]|aux?{_SPACE}"
    rf"|à{_SPACE})"
)
_POSTAL_CODE = r"(?:0[1-9]|[1-8]\d|9[0-8])\d{3}"
_TOWN = rf"{_POSTAL_CODE}{_SPACE}{{1,2}}{_NAME}(?:{_SPACE}(?:cedex|Cedex|CEDEX)(?:{_SPACE}\d\d?)?)?"
_BOX = rf"(?:B\.?P\.?|C\.?S\.?){_SPACE}?\d{{2,5}}"
_ADDRESS_END = rf"(?:{_SPACE}?,?[ \n\u00a0]?{_BOX})?(?:{_SPACE}?,?[ \n\u00a0]?(?:{_TOWN}|{_POSTAL_CODE}(?!\d)))?"
_NUMBER_IN_STREET = rf"\d{{1,4}}{_SPACE}?(?:bis|ter|quater|[A-D](?!\w))?{_SPACE}?,?{_SPACE}?"
_MORE = rf"(?:['’\-]{_WORD}){{0,4}}(?:{_SPACE}{_STREET_LINK}{{0,2}}{_CAPITALISED}(?:['’\-]{_WORD}){{0,4}}){{0,4}}"
_ADDRESS = re.compile(
    rf"(?<![\w.\-/])(?:{_NUMBER_IN_STREET}(?:(?i:{_STREET}){_SPACE}{_STREET_LINK}{{0,2}}{_WORD}"
    rf"|(?i:{_DOUBTFUL_STREET}){_SPACE}{_STREET_LINK}{{0,2}}(?:{_CAPITALISED}|(?:{_USUAL})(?!\w))){_MORE}{_ADDRESS_END}"
    rf"|(?i:{_PLAIN_STREET}){_SPACE}{_STREET_LINK}{{0,2}}{_NAME}{_ADDRESS_END}|{_TOWN}|{_BOX}(?!\d))"
)


def _find_address(text: str) -> _Spans:
    for match in _ADDRESS.finditer(text):
        if not match[0][0].isdigit() and _is_acronym(match[0].split()[-1]):
            continue
        yield match.span()


# --- structures and places named after what they are ---

_ARTICLE = rf"(?:l['’]|[Ll]a{_SPACE}|[Ll]e{_SPACE}|[Ll]es{_SPACE}|L['’]|[Uu]ne?{_SPACE})?"
_QUOTE = r"(?:«[ \u00a0\u202f]?|\"|“)?"
_STRUCTURE = re.compile(
    rf"(?<!\w){_ARTICLE}(?:(?i:association|société|entreprise|coopérative|fondation|cabinet|groupe|garage|agence|start-up)"
    rf"(?:{_SPACE}(?:SARL|SAS|SASU|EURL|SCIC|SCOP))?|SARL|SAS|SASU|EURL|SCIC|SCOP|GIE){_SPACE}{_QUOTE}(?P<name>{_NAME})"
    rf"|(?<!\w)[Cc]hez{_SPACE}{_QUOTE}(?P<at>{_NAME})"
)
_PLACE = re.compile(
    rf"(?<!\w){_ARTICLE}(?i:commune|ville|mairie|métropole|agglomération|communauté{_SPACE}de{_SPACE}communes|CCAS|"
    rf"village|bourg|préfecture|sous-préfecture){_SPACE}(?:de{_SPACE}(?:la{_SPACE}|l['’])?|d['’]|du{_SPACE}|des{_SPACE})(?P<name>{_NAME})"
)


def _find_structure(text: str) -> _Spans:
    for match in _STRUCTURE.finditer(text):
        words = folded_words(match["name"] or match["at"])
        if words[0] not in lists.words("not_structures") and words[0] not in lists.acronyms():
            yield match.span("at") if match["at"] else match.span()


def _find_place(text: str) -> _Spans:
    for match in _PLACE.finditer(text):
        if not _is_acronym(match["name"].split()[0]):
            yield match.span()


# --- amounts and headcounts ---

_SMALL_NUMBERS = (
    "un|une|deux|trois|quatre|cinq|six|sept|huit|neuf|dix|onze|douze|treize|quatorze|quinze|seize|vingt|trente|quarante|"
    "cinquante|soixante|septante|huitante|nonante|cents?|mille"
)
_AND = rf"(?:{_SPACE}|-|{_SPACE}et{_SPACE}|-et-)"
_IN_LETTERS = rf"(?:{_SMALL_NUMBERS}|quatre-vingts?)(?:{_AND}(?:{_SMALL_NUMBERS}|vingts?|millions?)){{0,6}}"
_FIGURES = r"(?:\d{1,3}(?:[ .\u00a0\u202f]\d{3}(?!\d)){1,4}|\d{1,9})(?:[,.]\d{1,3})?"
_PERIOD = rf"(?:/{_SPACE}?|par{_SPACE}|la{_SPACE})(?:mois|an|jour|semaine|heure|personne|salarié)"
_AMOUNT = re.compile(
    rf"(?<![\w,.\-])(?:{_FIGURES}{_SPACE}?(?:[kKM]€|€|[kK]?euros?\b|EUR\b|[Mm]illions?{_SPACE}d['’]euros|[Mm]illiers{_SPACE}d['’]euros"
    rf"|F{_SPACE}?CFP|XPF)|(?i:{_IN_LETTERS}){_SPACE}euros?)"
    rf"(?:{_SPACE}(?:HT|TTC|bruts?|nets?|mensuels?|annuels?)\b)?(?:{_SPACE}?{_PERIOD}\b)?"
)
_THRESHOLD_WORDS = re.compile(
    rf"(?i:au{_SPACE}moins|moins{_SPACE}de|plus{_SPACE}de|à{_SPACE}partir{_SPACE}de|seuil{_SPACE}de|jusqu['’]à|au-dessous{_SPACE}de"
    rf"|au-delà{_SPACE}de|effectif{_SPACE}de|dès|(?:cap|seuil){_SPACE}des){_SPACE}\Z"
)
_PEOPLE = (
    "salari[ée]e?s|personnes|ETP|équivalents?|postes|employ[ée]e?s|bénévoles|adhérente?s|permanente?s|membres|collaborat(?:eur|rice)s|"
    "agents|cadres|intérimaires|associ[ée]e?s|élue?s|habitante?s|stagiaires|apprentie?s|aides|compagnons|témoins|temoins|"
    "contrats|reçus|clients|clientes|bénéficiaires|volontaires|tuteurs|familles|usagers|usagères|places|ouvriers|ouvrières|"
    "élèves|résidente?s|femmes|hommes|mandats|cdi|cdd|cddi|CDI|CDD|CDDI|sur{_SPACE}le{_SPACE}chantier"
).replace("{_SPACE}", _SPACE)
_TRADE = r"[^\W\d_]{2,14}(?:iers|ières|chers|gers|gères|eurs|euses|istes|trices|ants|antes|iens|iennes|giaires)"
_ABOUT = rf"(?:une{_SPACE})?(?:di|dou|quin|ving|tren|cinquan)[a-z]{{1,4}}aine{_SPACE}de"
_COUNT = rf"\d{{1,3}}(?:[ \u00a0\u202f]\d{{3}}|\d)?(?:,\d{{1,2}})?|(?i:{_IN_LETTERS}|{_ABOUT})"
_PRECISION = (
    rf"(?:équivalents?{_SPACE}temps{_SPACE}plein|à{_SPACE}domicile|en{_SPACE}(?:parcours|insertion|CDDI?|CDI)"
    "|permanente?s)"
)
_HEADCOUNT = re.compile(
    rf"(?<![\w,.\-])(?P<number>{_COUNT}){_SPACE}(?:(?:autres|premiers|nouveaux|anciens|jeunes){_SPACE})?"
    rf"(?P<noun>(?:{_PEOPLE})(?!\w)(?:{_SPACE}{_PRECISION})?|{_TRADE}(?!\w))"
)
# « Un CDI », « une personne » count nobody.
_NOT_COUNTS = frozenset({"un", "une", "1", "cent", "mille"})


def _find_amount(text: str) -> _Spans:
    yield from (match.span() for match in _AMOUNT.finditer(text))


def _find_headcount(text: str) -> _Spans:
    for match in _HEADCOUNT.finditer(text):
        number = re.sub(r"\s", "", match["number"]).casefold()
        if number in _NOT_COUNTS or fold_word(match["noun"].split()[0]) in lists.words("not_people"):
            continue
        if number in lists.words("thresholds") and _THRESHOLD_WORDS.search(
            text, max(0, match.start() - 20), match.start()
        ):
            continue
        yield match.span()


def _is_acronym(word: str) -> bool:
    return word.isupper() and fold_word(word) in lists.acronyms()


_SEARCHES: Mapping[MarkKind, tuple[Callable[[str], _Spans], ...]] = {
    MarkKind.NIR: (numbers.find_nir,),
    MarkKind.IBAN: (numbers.find_iban,),
    MarkKind.EMAIL: (numbers.find_mail,),
    MarkKind.PHONE: (numbers.find_phone,),
    MarkKind.SIRET: (numbers.find_siret,),
    MarkKind.SIREN: (numbers.find_siren,),
    MarkKind.PLATE: (numbers.find_plate,),
    MarkKind.WEBSITE: (_find_website,),
    MarkKind.ADDRESS: (_find_address,),
    MarkKind.BIRTH: (_find_birth,),
    MarkKind.PERSON: (people.find_person, find_initials, find_lower_case_people),
    MarkKind.STRUCTURE: (_find_structure,),
    MarkKind.TOWN: (_find_place,),
    MarkKind.AMOUNT: (_find_amount,),
    MarkKind.HEADCOUNT: (_find_headcount,),
}
