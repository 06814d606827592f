"""A file of changed texts, CSV or TOML: what changed, since when, and what the readers are told. Pure."""

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from helpdesk.accounts.importing.reading import MAX_BYTES, Problem, read
from helpdesk.kb.legal_references import canonical_code, key_of

COLUMNS = frozenset({"identifiant", "code", "article", "en_vigueur", "motif"})
NEEDED_COLUMNS = frozenset({"en_vigueur", "motif"})
MAX_CHANGES = 2_000
REASON_MAX_CHARS = 200
_TEXT_ID = re.compile(r"[A-Z]{8}\d{12}|\d{2,4}[-/]\d{1,6}(?:/(?:UE|CE|CEE))?")
_DATES = ("%Y-%m-%d", "%d/%m/%Y")


@dataclass(frozen=True)
class LawChange:
    """A text known by its identifier (*text_id*), or an article of a code (*code* and *key*)."""

    in_force_on: date
    reason: str
    text_id: str = ""
    code: str = ""
    article: str = ""

    @property
    def key(self) -> str:
        return key_of(self.article)

    @property
    def title(self) -> str:
        """As the banner names it."""
        return f"{self.code}, article {self.article}" if self.article else f"Texte {self.text_id}"


@dataclass(frozen=True)
class LawFile:
    """The changes of the good lines, and what is wrong with the others."""

    changes: list[LawChange]
    problems: list[Problem]


def read_changes(content: bytes, *, is_toml: bool) -> LawFile:
    """Read *content*; every bad line is named. In TOML, lines are counted as entries ``[[changements]]``."""
    rows = _toml_rows(content) if is_toml else _csv_rows(content)
    changes: list[LawChange] = []
    problems: list[Problem] = []
    for number, cells in rows:
        if isinstance(cells, Problem):
            problems.append(cells)
            continue
        found = list(_problems(number, cells))
        problems += found
        if not found:
            changes.append(_change(cells))
    if not changes and not problems:
        problems = [Problem(0, "", "Le fichier ne contient aucun changement.")]
    return LawFile(list(dict.fromkeys(changes)), sorted(problems, key=lambda one: one.line))


Cells = dict[str, Any]


def _csv_rows(content: bytes) -> Iterator[tuple[int, Cells | Problem]]:
    found = read(content, COLUMNS, NEEDED_COLUMNS)
    yield from ((problem.line, problem) for problem in found.problems)
    yield from ((line.number, dict(line.cells)) for line in found.lines[:MAX_CHANGES])
    if len(found.lines) > MAX_CHANGES:
        yield 0, Problem(0, "", f"Le fichier a plus de {MAX_CHANGES} changements. Coupez-le en plusieurs.")


def _toml_rows(content: bytes) -> Iterator[tuple[int, Cells | Problem]]:
    if len(content) > MAX_BYTES:
        yield 0, Problem(0, "", f"Le fichier dépasse {MAX_BYTES // 1024 // 1024} Mo.")
        return
    try:
        entries = tomllib.loads(content.decode("utf-8-sig")).get("changements")
    except (UnicodeDecodeError, tomllib.TOMLDecodeError, RecursionError) as error:
        yield 0, Problem(0, "", f"Le fichier n’est pas du TOML lisible : {error}")
        return
    if not isinstance(entries, list) or len(entries) > MAX_CHANGES:
        yield 0, Problem(0, "", f"Le fichier attend de 1 à {MAX_CHANGES} entrées [[changements]].")
        return
    for number, entry in enumerate(entries, 1):
        if not isinstance(entry, dict):
            yield number, Problem(number, "", "entrée [[changements]] attendue.")
        elif unknown := sorted(set(entry) - COLUMNS):
            yield number, Problem(number, unknown[0], "champ inconnu.")
        else:
            yield number, {name: value.strip() if isinstance(value, str) else value for name, value in entry.items()}


def _problems(number: int, cells: Cells) -> Iterator[Problem]:
    for name in ("identifiant", "code", "article", "motif"):
        if not isinstance(cells.get(name, ""), str):
            yield Problem(number, name, "texte attendu.")
            return
    text_id, code, article = (cells.get(name, "") for name in ("identifiant", "code", "article"))
    if text_id and not _TEXT_ID.fullmatch(text_id):
        yield Problem(number, "identifiant", "attendu comme LEGIARTI000012345678 ou 2024-364.")
    if article and not key_of(article):
        yield Problem(number, "article", "article illisible : écrivez-le comme L. 5132-15-1.")
    if article and not code:
        yield Problem(number, "code", "à remplir : le même numéro se trouve dans plusieurs codes.")
    if not text_id and not article:
        yield Problem(number, "identifiant", "donnez l’identifiant du texte, ou le code et l’article.")
    if _day(cells.get("en_vigueur")) is None:
        yield Problem(number, "en_vigueur", "date attendue comme 2027-01-01 ou 01/01/2027.")
    if not cells.get("motif"):
        yield Problem(number, "motif", "à remplir : vos lecteurs le liront.")
    elif len(cells["motif"]) > REASON_MAX_CHARS:
        yield Problem(number, "motif", f"{REASON_MAX_CHARS} caractères au plus.")


def _change(cells: Cells) -> LawChange:
    in_force_on = _day(cells["en_vigueur"])
    if in_force_on is None:
        raise ValueError("checked before")
    return LawChange(
        in_force_on=in_force_on,
        reason=cells["motif"],
        text_id=cells.get("identifiant", ""),
        code=canonical_code(cells.get("code", "")) if cells.get("article") else "",
        article=cells.get("article", ""),
    )


def _day(value: object) -> date | None:
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    for form in _DATES:
        try:
            return datetime.strptime(str(value or ""), form).date()  # noqa: DTZ007 -- a day, in no zone
        except ValueError:
            continue
    return None
