"""How a legal reference is read: « Code du travail, article L. 5132-15-1 » and the like. Pure.

A line may cite several articles, abbreviate its code, or hold an identifier of Légifrance. What is not recognised
stays in the label: nothing that a jurist wrote is lost.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from helpdesk.reference.letters import without_accents

NBSP = "\u00a0"
_CODES = {
    "Code du travail": ("C. trav.", "C. du travail", "CT"),
    "Code civil": ("C. civ.",),
    "Code de commerce": ("C. com.",),
    "Code de la sécurité sociale": ("CSS", "C. séc. soc."),
    "Code général des impôts": ("CGI",),
    "Livre des procédures fiscales": ("LPF",),
    "Code de la commande publique": ("CCP",),
    "Code de justice administrative": ("CJA",),
    "Code des relations entre le public et l’administration": ("CRPA",),
    "Code général des collectivités territoriales": ("CGCT",),
    "Code de l’action sociale et des familles": ("CASF",),
    "Code de la santé publique": ("CSP",),
    "Code de procédure civile": ("CPC",),
    "Code pénal": ("C. pén.",),
    "Code de la consommation": ("C. consom.",),
    "Code de l’environnement": ("C. env.",),
    "Code monétaire et financier": ("CMF",),
    "Code rural et de la pêche maritime": ("CRPM", "C. rur."),
    "Code de l’entrée et du séjour des étrangers et du droit d’asile": ("Ceseda",),
}
"""The codes that our answers cite, and how jurists abbreviate them; another code is read by its full name."""

_SPACES = re.compile(r"\s+")
_LATIN = (
    r"(?:(?:un|duo|ter|quater|quin|sex|sept|octo|novo)?(?:decies|vicies)"
    r"|bis|ter|quater|quinquies|sexies|septies|octies|nonies)"
)
_NUMBER = rf"\d{{1,4}}(?:-\d{{1,4}}){{0,6}}(?: {_LATIN}\b)?(?: [A-Z]{{1,2}}(?![\w.]))?"
_LETTER = r"(?:LO|[LRDA])(?![a-zà-ÿ])|[lrda](?=\.? ?\d{3,4}-)"
# An ordinal, an amount, a count or a date is no article.
_NO_COUNT = r"(?! ?[°º€%/.]\d?)(?! (?!(?:du|de|des|et|ou|à|au|al|bis|ter|quater)\b)[a-zà-ÿ])"
_ITEM = rf"(?:(?P<letter>{_LETTER})\.? ?\*? ?)?(?P<number>{_NUMBER})(?![\w-])"
_ITEM_RE = re.compile(_ITEM)
_LETTERED = rf"(?:{_LETTER})\.? ?\*? ?{_NUMBER}(?![\w-])"
_PLAIN_ITEM = rf"(?:(?:{_LETTER})\.? ?\*? ?)?{_NUMBER}(?![\w-])"
_WORD_SEPARATOR = r"(?:,? et | ou | à )(?:(?:articles?|art\.) )?"
_MORE = rf"(?:{_WORD_SEPARATOR}{_PLAIN_ITEM}{_NO_COUNT}|, (?:(?:articles?|art\.) )?{_LETTERED})"
_LIST = re.compile(
    # « articles 1103, 1104 » are two; « article 206, 1 bis » is one, and a part of it.
    rf"\b[Aa](?:rticles|rts\.) ?{_PLAIN_ITEM}(?:{_MORE}|, {_PLAIN_ITEM}{_NO_COUNT}){{0,40}}"
    rf"|(?:\b[Aa](?:rticle|rt\.?) ?{_PLAIN_ITEM}|(?<![\w.-]){_LETTERED}(?! ?[€%])){_MORE}{{0,40}}"
)
_BARE = re.compile(rf"(?P<letter>{_LETTER}) ?(?P<number>\d{{1,2}})(?![\w-])")
_FULL_CODE = re.compile(
    r"\b[Cc]ode (?:(?:général|du|de|des|de la|civil|pénal|monétaire|rural)\b|de l’|[dl]’)[^,;.()\d]{0,80}?"
    r"(?=\s*(?:[,;().]|$|\d|\b[Aa]rt|[LRDA]\.|–|-|:| et | ou ))"
)
_TEXT_WORD = r"(?:loi|décret(?:-loi)?|ordonnance|arrêté|circulaire|instruction|directive|règlement|Ord\.|Décr\.)"
_TEXT = re.compile(
    rf"\b{_TEXT_WORD}[^,;]{{0,40}}?"
    r"(?:\bn ?[°ºo] ?(?P<number>\d{2,4}[-/]\d{1,6})|(?P<union>\d{2,4}/\d{1,4}/(?:UE|CE|CEE)))"
    r"|\b(?:L|D)\. n ?[°º] ?(?P<short>\d{2,4}-\d{1,6})",
    re.IGNORECASE,
)
_CUT = re.compile(rf" ?; ?|,? et (?=(?:le |la |l’|les )?{_TEXT_WORD} )")
_CASE = re.compile(r"^(?:Cass|CE|CAA|CJUE|CJCE|CEDH|TA|CA|Cons\. (?:const|État)|Conseil d’État|Crim|Soc|Civ)\b[ .,]")
_IDENTIFIER = re.compile(r"\b(?:LEGIARTI|JORFTEXT)\d{12}\b")
_LINK = re.compile(r"<?https?://(?:www\.)?legifrance\.gouv\.fr/\S*>?")
_EDGES = " ,;:.–—-()"


@dataclass(frozen=True)
class LegalReference:
    """One cited text; ``key`` and ``text_id`` are what two citations of the same text share."""

    code: str = ""
    article: str = ""
    label: str = ""
    url: str = ""
    text_id: str = ""

    @property
    def key(self) -> str:
        return key_of(self.article)

    @property
    def title(self) -> str:
        """As printed: « Code du travail, article L. 5132-15-1 », or the name of the text."""
        if not self.article:
            return self.label
        return f"{self.code}, article {self.article}" if self.code else f"Article {self.article}"


def key_of(article: str) -> str:
    """« L. 5132-15-1 », « L5132-15-1 », « art. l 5132-15-1 » → « L5132-15-1 »; empty for what is no article."""
    text = _SPACES.sub(" ", unicodedata.normalize("NFKC", article)).strip()
    text = re.sub(r"^(?:articles?|art\.?) ?", "", text, flags=re.IGNORECASE)
    found = re.match(
        rf"(?P<letter>LO|[LRDA])?\.? ?\*? ?(?P<number>\d{{1,4}}(?:-\d{{1,4}}){{0,6}})(?P<latin> {_LATIN}\b)?"
        r"(?P<suffix> [A-Z]{1,2}\b)?(?![\w-])",
        text,
        re.IGNORECASE,
    )
    if found is None:
        return ""
    latin = (found["latin"] or "").strip().lower()
    return f"{(found['letter'] or '').upper()}{found['number']}{latin}{(found['suffix'] or '').strip().upper()}"


def canonical_code(name: str) -> str:
    """« CSS », « c. trav. », « code du travail » → the name in full; an unknown code with a capital, as it stands."""
    name = _tidy(name)
    known = _BY_FOLDED.get(_fold(name))
    return known or name[:1].upper() + name[1:]


def official_url(text_id: str, *, is_in_code: bool) -> str:
    """The address at Légifrance of an identifier; none for anything else: a guessed link would mislead."""
    if not _IDENTIFIER.fullmatch(text_id):
        return ""
    if text_id.startswith("JORFTEXT"):
        return f"https://www.legifrance.gouv.fr/jorf/id/{text_id}"
    return f"https://www.legifrance.gouv.fr/{'codes' if is_in_code else 'loda'}/article_lc/{text_id}"


def parse(line: str) -> LegalReference:
    """The first reference of a line; empty for a blank one. See :func:`parse_all`."""
    return next(iter(parse_all(line)), LegalReference())


def parse_lines(lines: Iterable[str]) -> list[LegalReference]:
    """Every reference of several lines, each once, in their order."""
    return list(dict.fromkeys(reference for line in lines for reference in parse_all(line)))


def parse_all(line: str) -> list[LegalReference]:
    """Read one line as jurists write it in an answer; what is not recognised stays in the label."""
    found: list[LegalReference] = []
    code = ""
    for part in filter(None, (part.strip(" ,") for part in _CUT.split(_tidy(line)))):
        references, code = _read(part, code)
        found += references
    return found


def _read(part: str, last_code: str) -> tuple[list[LegalReference], str]:
    """The references of one part; and the code that the next part may go on with."""
    identifier = _IDENTIFIER.search(part)
    text_id = identifier[0] if identifier else ""
    words = _tidy(_IDENTIFIER.sub("", _LINK.sub("", part))).strip(_EDGES if text_id else " ,;")
    codes = list(_codes(words))
    text = _TEXT.search(words)
    if not codes and text is not None:
        number = text_id or text["number"] or text["union"] or text["short"]
        return [LegalReference(label=words, text_id=number, url=official_url(number, is_in_code=False))], ""
    articles = [] if _CASE.match(words) else list(_articles(words, is_bare_allowed=bool(codes)))
    if not articles:
        url = official_url(text_id, is_in_code="/codes/" in part)
        return [LegalReference(label=words or text_id, text_id=text_id, url=url)], ""
    is_code_first = bool(codes) and codes[0][0] < articles[0][0]
    label = _rest(words, [(start, end) for start, end, _ in (*codes, *articles)]) if len(articles) == 1 else ""
    references = [
        LegalReference(
            code=(name := _code_of(start, codes, is_code_first) or last_code),
            article=printed,
            label=label,
            # One identifier names one article: that of the first.
            text_id=text_id if not rank else "",
            url=official_url(text_id, is_in_code=bool(name)) if not rank else "",
        )
        for rank, (start, _, printed) in enumerate(articles)
    ]
    return references, references[-1].code if is_code_first or not codes else ""


def _codes(words: str) -> Iterator[tuple[int, int, str]]:
    """Where codes stand, in full or abbreviated, and their names."""
    found = [
        (match.start(), rank, match.end(), canonical_code(match[0]))
        for rank, pattern in enumerate((_KNOWN_CODE, _FULL_CODE))
        for match in pattern.finditer(words)
    ]
    last_end = 0
    for start, _, end, name in sorted(found):
        if start >= last_end:
            yield start, end, name
            last_end = end


def _articles(words: str, *, is_bare_allowed: bool) -> Iterator[tuple[int, int, str]]:
    """Where articles stand, and how they are printed; « D 2 » alone is one beside a code only."""
    for cited in _LIST.finditer(words):
        bare = _BARE.fullmatch(cited[0])
        if bare is not None and not is_bare_allowed:
            continue
        for match in _ITEM_RE.finditer(words, cited.start(), cited.end()):
            letter, number = (match["letter"] or "").upper(), match["number"]
            yield match.start(), match.end(), f"{letter}.{NBSP}{number}" if letter else number


def _code_of(start: int, codes: list[tuple[int, int, str]], is_code_first: bool) -> str:
    """« Code A, art. 1 ; Code B, art. 2 », or « art. 1 du Code A et art. 2 du Code B »."""
    if is_code_first:
        return next((name for at, _, name in reversed(codes) if at < start), "")
    return next((name for at, _, name in codes if at > start), codes[-1][2] if codes else "")


def _rest(words: str, taken: list[tuple[int, int]]) -> str:
    """What a line says besides its code and its article."""
    for start, end in sorted(taken, reverse=True):
        words = f"{words[:start]}\x00{words[end:]}"
    words = re.sub(r"\b(?:[Aa]rticles?|[Aa]rts?\.) ?(?=\x00)", "", words)
    words = re.sub(r"(?:\b(?:du|de la|des)|\bde l’)? ?\x00", " ", words)
    words = _balanced(_tidy(words).strip(" ,;:.–—-"))
    return words if any(character.isalpha() for character in words) else ""


def _balanced(words: str) -> str:
    """« (temps partiel) » without its parentheses; « 2° (jours) » with them."""
    if words.startswith("(") and words.find(")") == len(words) - 1:
        return words[1:-1].strip()
    return words


def _tidy(text: str) -> str:
    kept = "".join(char for char in text if not unicodedata.category(char).startswith("C") or char.isspace())
    return _SPACES.sub(" ", kept.replace("'", "’")).strip()


def _fold(text: str) -> str:
    return without_accents(text.casefold()).replace(".", "").strip()


_BY_FOLDED = {_fold(form): name for name, forms in _CODES.items() for form in (name, *forms)}
_FORMS = sorted((form for name, forms in _CODES.items() for form in (name, *forms)), key=len, reverse=True)
# « CT » and « CSP » are also a committee and a category of staff: as a code, beside an article only.
_KNOWN_CODE = re.compile(
    "|".join(rf"(?<!\w){re.escape(form)}(?!\w)" for form in _FORMS if form not in ("CT", "CSP"))
    + r"|(?<!\w)(?:CT|CSP)(?=,? (?:art|[LRD]\.))",
    re.IGNORECASE,
)
