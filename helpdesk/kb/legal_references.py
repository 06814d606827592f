"""How a legal reference is read: « Code du travail, article L. 5132-15-1 » and the like. Pure."""

import re
import unicodedata
from dataclasses import dataclass

_ARTICLE = re.compile(
    r"\b(?:articles?\s+|art\.\s*)?(?P<letter>[LRDA])\.?\s*\*?\s?(?P<number>\d{1,4}(?:-\d+)*)\b(?!\s*(?:€|heures|jours))"
)
_PLAIN_ARTICLE = re.compile(
    r"\b(?:articles?|art\.)\s+(?P<number>\d{1,4}(?:-\d+)*(?:\s(?:bis|ter|quater))?(?:\s[A-Z]{1,2})?)\b"
)
_CODE = re.compile(
    r"\b[Cc]ode\s+(?:du|de la|de l’|de l'|des|général des|de)\s?[^,;.()\d]+?(?=\s*(?:,|;|\(|\)|\.|$|\bart))"
)
_TEXT = re.compile(
    r"\b(?:loi|décret|ordonnance|arrêté|directive|règlement)\b[^,;]{0,30}?\bn\s?[°o]\s*(?P<number>\d{2,4}[-/]\d+)",
    re.IGNORECASE,
)


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
    text = unicodedata.normalize("NFKC", article).upper().replace("ART.", " ").replace("ARTICLE", " ")
    found = re.search(
        r"(?:\b([LRDA])\s*\.?\s*\*?\s*)?(\d{1,4}(?:-\d+)*)(?:\s(BIS|TER|QUATER))?(?:\s([A-Z]{1,2})\b)?", text
    )
    if found is None:
        return ""
    letter, number, latin, suffix = (part or "" for part in found.groups())
    return f"{letter}{number}{latin.lower()}{suffix}"


def parse(line: str) -> LegalReference:
    """Read one line as jurists write it in an answer; what is not recognised stays in the label."""
    line = " ".join(line.split())
    number = _ARTICLE.search(line) or _PLAIN_ARTICLE.search(line)
    code = _CODE.search(line)
    text = _TEXT.search(line)
    if text is not None and code is None:
        return LegalReference(label=line, text_id=text["number"])
    if number is None:
        return LegalReference(label=line)
    printed = number["number"]
    if "letter" in number.re.groupindex:
        printed = f"{number['letter']}.\u00a0{printed}"
    name = code[0].strip() if code else ""
    label = _rest(line, number[0], name)
    return LegalReference(code=name[:1].upper() + name[1:], article=printed, label=label)


def _rest(line: str, *taken: str) -> str:
    for part in filter(None, taken):
        line = line.replace(part, "", 1)
    line = re.sub(r"\b(?:du|de la|des)\s*$", "", line.strip(" ,;:.–—-()")).strip(" ,;:.–—-()")
    return line if any(character.isalpha() for character in line) else ""
