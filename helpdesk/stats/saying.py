"""Figures in the words of a sentence: those told, those too small to be told, those of none at all. Pure.

A number that is left out because a difference would give another away has no words: its clause is dropped.
"""

from collections.abc import Iterator

from helpdesk.formats import count, number, percent
from helpdesk.stats.measures import FEWEST_ANSWERS
from helpdesk.stats.tables import Untold, Value

FEWEST_COMPARED = 50
"""Under it neither a change nor a part is told."""


def sentence(*clauses: str) -> Iterator[str]:
    """The clauses that say something, as one sentence; none, none."""
    said = " ; ".join(filter(None, clauses))
    if said:
        yield f"{said[0].upper()}{said[1:]}."


def is_said(value: Value) -> bool:
    return isinstance(value, int) or value is Untold.FEW


def many(value: Value, noun: str, plural: str | None = None) -> str:
    """« 12 questions », « moins de 5 questions »; empty for what is not told."""
    if isinstance(value, int):
        return count(value, noun, plural)
    return f"{value} {plural or noun + 's'}" if value is Untold.FEW else ""


def clause(value: Value, noun: str, one: str, more: str, *, none: str = "") -> str:
    """« 12 questions ont été closes », « 1 question a été close », « moins de 5 questions ont été closes ».

    *noun*: and its plural after a bar, where that takes more than an s; *none*: the words for a zero. Empty for what is
    not told.
    """
    if value == 0:
        return none
    said = many(value, *noun.split("|"))
    return f"{said} {one if value == 1 else more}" if said else ""


def days(value: Value) -> str:
    return count(value, "jour") if isinstance(value, int | float) else str(value or "–")


def share(part: float, target: float | None = None) -> str:
    """« 88 % »; « 100 % » is said of all of them alone, « 0 % » of none, and *target* of who reaches it."""
    if 0 < part <= 0.005:
        return f"moins de {percent(0.01)}"
    return f"plus de {percent(0.99)}" if 0.995 <= part < 1 else percent(part, target)


def share_words(part: Value, whole: Value) -> str:
    """« , soit 55 % »; nothing where it would say more of chance, or give a small number away."""
    if isinstance(part, int) and isinstance(whole, int) and part and whole >= FEWEST_ANSWERS:
        return f", soit {share(part / whole)}"
    return ""


def change(now: int, before: int, when: str, *, of: str) -> str:
    """« 12 % de plus qu’en 2025 », « plus du double de 2025 »; empty where there is too little to compare with.

    *when*: « en 2025 »; *of*: the same after a noun, « de 2025 ».
    """
    if before < FEWEST_COMPARED:
        return ""
    if now >= 2 * before:
        return f"{'le' if now == 2 * before else 'plus du'} double {of}"
    than = f"qu’{when}"
    if now == before:
        return f"autant {than}"
    if not round(abs(now - before) / before * 100):
        return f"presque autant {than}"
    return f"{percent(abs(now - before) / before)} {'de plus' if now > before else 'de moins'} {than}"


def listed(parts: list[str]) -> str:
    """« a, b et c »."""
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} et {parts[-1]}"


def figure(value: Value) -> str:
    return number(value) if isinstance(value, int | float) else str(value or "–")
