"""Numbers and addresses that tell who somebody is: where they stand in a text. Pure.

Every pattern is bounded, so that time grows with the length of the text and never faster. Formats are French;
numbers with a key (NIR, IBAN, SIREN, SIRET) are checked, so that an amount or an article is rarely taken for one.
Each function yields positions (start, end excluded) in the text as given, in order.
"""

import re
from collections.abc import Iterator

Spans = Iterator[tuple[int, int]]

# One separator at most between two groups: spaces (also no-break), dots, hyphens.
_SEP = "[ .\\-\u00a0\u202f]?"
_NOT_DIGITS = re.compile(r"[^0-9]")
_NOT_ALPHANUMERIC = re.compile(r"[^0-9A-Za-z]")


# --- social security number ---

_NIR = re.compile(
    rf"(?<![\w])([12378]){_SEP}(\d\d){_SEP}(0[1-9]|1[0-2]|[2-9]\d){_SEP}(\d\d|2[AB]){_SEP}(\d{{3}}){_SEP}(\d{{3}})"
    rf"(?:{_SEP}/?{_SEP}(\d\d))?(?!\w)",
    re.ASCII | re.IGNORECASE,
)
_CORSICA = {"2A": "19", "2B": "18"}


def find_nir(text: str) -> Spans:
    for match in _NIR.finditer(text):
        if _is_nir(match):
            yield match.span()


def _is_nir(match: re.Match[str]) -> bool:
    """Thirteen digits of a plausible NIR, or fifteen with the right key (97 less the rest by 97)."""
    sex, year, month, departement, commune, order, key = match.groups()
    if key is None:
        return sex in "12" and (month <= "12" or month in ("20", "30", "50", "99"))
    number = int(sex + year + month + _CORSICA.get(departement.upper(), departement) + commune + order)
    return 97 - number % 97 == int(key)


# --- bank account ---

_IBAN_START = re.compile(r"(?<![A-Za-z0-9])[A-Za-z]{2}\d\d(?=[ .\-\u00a0\u202f]?[A-Za-z0-9])", re.ASCII)
_IBAN_LENGTHS = {
    "AT": 20, "BE": 16, "CH": 21, "CZ": 24, "DE": 22, "DK": 18, "ES": 24, "FI": 18, "FR": 27, "GB": 22, "GR": 27,
    "IE": 22, "IT": 27, "LT": 20, "LU": 20, "LV": 21, "MA": 28, "MC": 27, "MT": 31, "NL": 18, "NO": 15, "PL": 28,
    "PT": 25, "RO": 24, "SE": 24, "SK": 24, "TN": 24,
}  # fmt: skip


def find_iban(text: str) -> Spans:
    for match in _IBAN_START.finditer(text):
        length = _IBAN_LENGTHS.get(match[0][:2].upper(), 0)
        end = _end_of_characters(text, match.start(), length) if length else None
        if end and _is_iban(_NOT_ALPHANUMERIC.sub("", text[match.start() : end])):
            yield match.start(), end


def _end_of_characters(text: str, start: int, count: int) -> int | None:
    """Where *count* letters or digits from *start* end, with one separator at most between two."""
    at, was_separator = start, True
    while count and at < len(text):
        char = text[at]
        if char.isascii() and char.isalnum():
            count, was_separator = count - 1, False
        elif char in " .-\u00a0\u202f" and not was_separator:
            was_separator = True
        else:
            return None
        at += 1
    return None if count or text[at : at + 1].isalnum() else at


def _is_iban(iban: str) -> bool:
    """The rest by 97 of the number read with its country and key last is 1 (ISO 13616)."""
    return int("".join(str(int(char, 36)) for char in iban[4:] + iban[:4])) % 97 == 1


# --- mail ---

_LOCAL_PART_END = re.compile(r"[\w.%+\-]{1,64}\Z")
_DOMAIN = re.compile(r"[^\W_][\w\-]{0,62}(?:\.[\w\-]{1,63}){1,6}")


def find_mail(text: str) -> Spans:
    # From each @, looking back: a pattern tried at every letter would read a long word again and again.
    at, last_end = text.find("@"), 0
    while at != -1:
        domain = _DOMAIN.match(text, at + 1)
        local = _LOCAL_PART_END.search(text[max(at - 64, last_end) : at]) if domain else None
        if local and domain:
            last_end = domain.end()
            yield at - len(local[0]), last_end
        at = text.find("@", at + 1)


# --- phone ---

_NATIONAL = (
    r"0[1-9](?P<sep>[ .\-\u00a0\u202f]?)\d\d(?P=sep)\d\d(?P=sep)\d\d(?P=sep)\d\d"
    r"|0[1-9]\d\d(?P<four>[ .\-\u00a0\u202f])\d\d(?P=four)\d\d(?P=four)\d\d"
    r"|0[1-9]\d\d[ .\u00a0\u202f]\d{3}[ .\u00a0\u202f]\d{3}"
    r"|0[1-9][ \u00a0\u202f]\d{3}[ \u00a0\u202f]\d{3}[ \u00a0\u202f]\d\d"
)
# France, Réunion and Mayotte, Guadeloupe, Guyane, Martinique, Saint-Pierre, then the Pacific.
_INTERNATIONAL = (
    rf"(?:\+|00){_SEP}(?:(?:33|262|590|594|596|508){_SEP}(?:\(0\){_SEP}|0)?[1-9](?:{_SEP}\d){{8}}"
    rf"|(?:508|681|687){_SEP}\d(?:{_SEP}\d){{5}}|689{_SEP}\d(?:{_SEP}\d){{7}})"
)
_PHONE = re.compile(rf"(?<![\w+])(?<!\d[.,\-])(?:{_NATIONAL}|{_INTERNATIONAL})(?![\w])", re.ASCII)


def find_phone(text: str) -> Spans:
    yield from (match.span() for match in _PHONE.finditer(text))


# --- companies ---

_SIREN = rf"\d{{3}}{_SEP}\d{{3}}{_SEP}\d{{3}}"
_COMPANY = re.compile(
    rf"(?<![\w])(?<!\d[.,])(?P<siren>{_SIREN})(?P<nic>{_SEP}\d{{5}}|{_SEP}\d{{2}}{_SEP}\d{{3}}|{_SEP}\d{{3}}{_SEP}\d{{2}})?"
    rf"(?!\w|[.,]\d|{_SEP}(?:€|\$|%|euro|EUR|heure|jour))",
    re.ASCII,
)
_POST_OFFICE = "356000000"


def find_siret(text: str) -> Spans:
    yield from (match.span() for match in _COMPANY.finditer(text) if match["nic"] and _is_siret(match[0]))


def find_siren(text: str) -> Spans:
    for match in _COMPANY.finditer(text):
        if not match["nic"] and _passes_luhn(_NOT_DIGITS.sub("", match[0])):
            yield match.span()


def _is_siret(written: str) -> bool:
    digits = _NOT_DIGITS.sub("", written)
    # The offices of La Poste are many more than the key allows: a sum by five instead.
    is_post_office = digits.startswith(_POST_OFFICE) and sum(map(int, digits)) % 5 == 0
    return is_post_office or _passes_luhn(digits)


def _passes_luhn(digits: str) -> bool:
    doubled = (int(digit) * (1 + rank % 2) for rank, digit in enumerate(reversed(digits)))
    return int(digits) > 0 and sum(value - 9 * (value > 9) for value in doubled) % 10 == 0


# --- plates ---

_PLATE = re.compile(
    r"(?<![\w\-])(?:(?!SS|WW)[A-HJ-NP-TV-Z]{2}(?P<sep>[ \-\u00a0]?)\d{3}(?P=sep)(?!SS)[A-HJ-NP-TV-Z]{2}"
    r"|(?i:(?!ss|ww)[a-hj-np-tv-z]{2}-\d{3}-(?!ss)[a-hj-np-tv-z]{2}))(?![\w\-])",
    re.ASCII,
)
# The old form « 1234 AB 35 » looks like « 100 ETP 35 »: only where the text speaks of a plate.
_OLD_PLATE = re.compile(
    r"(?i:immatricul\w{0,8}|plaque|véhicule|voiture|camion|camionnette|fourgon)[^\w\n]{0,3}(?:[^\W\d]\w{0,12}[^\w\n]{1,3}){0,3}"
    r"(?P<plate>\d{1,4}[ \-]?[A-Z]{2,3}[ \-]?(?:\d\d|2[AB]|97\d))(?!\w)"
)


def find_plate(text: str) -> Spans:
    yield from (match.span() for match in _PLATE.finditer(text))
    yield from (match.span("plate") for match in _OLD_PLATE.finditer(text))
