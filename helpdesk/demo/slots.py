"""Templates of invented texts: « {d=jour_passe 3 9} », « {=un|deux} », « {un} {metier} ». Pure.

A slot is given its value at its first use in a question, and keeps it: the answer speaks of the same date. A
choice keeps its place in the list, so that « {lieu=atelier|boutique} » in a title becomes « {lieu=l’atelier|la
boutique} » in the facts. Articles, pronouns and agreements follow the person that the question is about.
"""

import re
from dataclasses import dataclass, field
from datetime import date, timedelta
from random import Random

from helpdesk.months import MONTHS

NBSP, NARROW = "\u00a0", "\u202f"
_LETTERS = [
    "zéro",
    "un",
    "deux",
    "trois",
    "quatre",
    "cinq",
    "six",
    "sept",
    "huit",
    "neuf",
    "dix",
    "onze",
    "douze",
    "treize",
    "quatorze",
    "quinze",
    "seize",
    "dix-sept",
    "dix-huit",
    "dix-neuf",
    "vingt",
]
_SLOT = re.compile(r"\{(\w*)(?:=([^{}]*))?\}")
_VOWEL = re.compile(r"[aeiouyàâéèêëîïôöûùœAEIOUÉÈÊÎÔ]")
_ELIDED = re.compile(r"\b([dD]|[qQ]u|jusqu|lorsqu|puisqu)e $")
_DAY_ARTICLE = re.compile(r"\b(?:(le|du|au) le|(d)e le|(à) le) (?=\d)")
_PRONOUN = re.compile("\ue010l[ea] (?=[aeiouyéêh])")
_CONDITION = re.compile(r"\b([sS])i (?=ils?\b)")


@dataclass(frozen=True)
class Wordings:
    """Words that the slots draw from: trades as (masculine, feminine), employers as they follow « chez »."""

    trades: tuple[tuple[str, str], ...]
    employers: tuple[str, ...]


@dataclass
class Filler:
    """The values of one question's slots; *day* is the day it came (Europe/Paris)."""

    rng: Random
    day: date
    wordings: Wordings
    _values: dict[str, str] = field(default_factory=dict)
    _places: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        is_woman = self.rng.random() < 0.45
        masculine, feminine = self.rng.choice(self.wordings.trades)
        employer = self.rng.choice(self.wordings.employers)
        self._values = {
            "metier": feminine if is_woman else masculine,
            "employeur": employer,
            "employeur_maj": employer[0].upper() + employer[1:],
            "le_pron": "\ue010la" if is_woman else "\ue010le",
            **dict(zip(_GENDERED, _FEMININE if is_woman else _GENDERED.values(), strict=True)),
        }

    def fill(self, template: str) -> str:
        """*template* with every slot filled.

        :raises KeyError: for a slot that neither the template nor an earlier one defines.
        """
        parts: list[str] = []
        end = 0
        for match in _SLOT.finditer(template):
            parts.append(template[end : match.start()])
            value = self._value(match[1], match[2])
            if _VOWEL.match(value) and _ELIDED.search(parts[-1]):
                parts[-1] = parts[-1][:-2] + "’"
            parts.append(value)
            end = match.end()
        text = "".join(parts) + template[end:]
        text = _DAY_ARTICLE.sub(_contracted, text)
        return _CONDITION.sub(r"\1’", _PRONOUN.sub("l’", text)).replace("\ue010", "")

    def set(self, name: str, value: str) -> None:
        """Give a slot its value before any text asks for it."""
        self._values[name] = value

    def _value(self, name: str, spec: str | None) -> str:
        if spec is None:
            return self._values[name]
        if "|" in spec:
            options = spec.split("|")
            place = self._places.get(name) if name else None
            if place is None:
                place = self.rng.randrange(len(options))
                if name:
                    self._places[name] = place
            return self._keep(name, options[place % len(options)])
        return self._values[name] if name in self._values else self._keep(name, self._drawn(spec))

    def _keep(self, name: str, value: str) -> str:
        if name:
            self._values[name] = value
        return value

    def _drawn(self, spec: str) -> str:
        kind, *bounds = spec.split()
        low, high, *step = (int(bound) for bound in bounds)
        number = self.rng.randrange(low, high + 1, *step)
        match kind:
            case "n":
                return _grouped(number) if number >= 10_000 else str(number)
            case "lettres":
                return _LETTERS[number]
            case "eur":
                return f"{_grouped(number)}{NBSP}€"
            case "jour_passe":
                return day_words(self.day - timedelta(days=number), self.day, is_near=low <= 1)
            case "jour_futur":
                return day_words(self.day + timedelta(days=number), self.day, is_near=low <= 1)
        raise ValueError(f"unknown slot: {spec}")


def day_words(day: date, today: date, *, is_near: bool) -> str:
    """« le 12 mars », with the year when it is another one; *is_near*: « hier », « demain » where they fit."""
    near = {-1: "hier", 0: "aujourd’hui", 1: "demain"}.get((day - today).days)
    if near and is_near:
        return near
    number = "1er" if day.day == 1 else str(day.day)
    year = "" if day.year == today.year else f"{NBSP}{day.year}"
    return f"le {number}{NBSP}{MONTHS[day.month - 1]}{year}"


def _contracted(match: re.Match[str]) -> str:
    kept, of, to = match.groups()
    return f"{kept or (of and 'du') or (to and 'au')} "


def _grouped(number: int) -> str:
    return f"{number:,}".replace(",", NARROW)


_GENDERED = {
    "un": "un",
    "Un": "Un",
    "le": "le",
    "Le": "Le",
    "ce": "ce",
    "du": "du",
    "au": "au",
    "il": "il",
    "Il": "Il",
    "lui": "lui",
    "e": "",
    "ne": "",
    "salarie": "salarié",
}
_FEMININE = ("une", "Une", "la", "La", "cette", "de la", "à la", "elle", "Elle", "elle", "e", "ne", "salariée")
