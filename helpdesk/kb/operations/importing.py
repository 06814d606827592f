"""Past answers and sheets become drafts « à vérifier »: marked and approved like any other, never published here."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import sqlalchemy as sa

from helpdesk.accounts.models import Person
from helpdesk.db import db, transaction
from helpdesk.errors import BadInput
from helpdesk.kb import perms
from helpdesk.kb.enums import Origin
from helpdesk.kb.importing.files import MAX_SHEETS, read_sheets
from helpdesk.kb.importing.sheets import Sheet, SheetProblem
from helpdesk.kb.models import Article
from helpdesk.kb.operations.words import Traits, Words
from helpdesk.kb.operations.writing import create_article
from helpdesk.tickets.operations.history import require

CHUNK = 500


@dataclass
class ImportReport:
    """What was made, or would be; nothing is written while there is a problem."""

    titles: list[str] = field(default_factory=list)
    """Of the drafts made."""
    known_count: int = 0
    """Sheets taken over before: the same file again makes nothing twice."""
    problems: list[SheetProblem] = field(default_factory=list)
    is_applied: bool = False


class _Undo(Exception):
    """Undoes everything: the report is that of a real run."""


def import_sheets(actor: Person, files: Iterable[tuple[str, bytes]], *, is_applied: bool) -> ImportReport:
    """Make a draft of each sheet of *files* (names and contents), all or none.

    Without *is_applied* all is tried and undone.

    :raises NotAllowed: for anybody but the pole.
    """
    require(perms.can_create(actor))
    report = ImportReport()
    sheets = _read(files, report)
    try:
        with transaction():
            _make(actor, sheets, report)
            if report.problems or not is_applied:
                raise _Undo  # noqa: TRY301 - the exception is what undoes
            report.is_applied = True
    except _Undo:
        db.session.expire_all()
    return report


def _read(files: Iterable[tuple[str, bytes]], report: ImportReport) -> list[tuple[str, Sheet]]:
    sheets: list[tuple[str, Sheet]] = []
    for name, content in files:
        found = read_sheets(name, content)
        report.problems += found.problems
        sheets += [(name, sheet) for sheet in found.sheets]
    if not sheets and not report.problems:
        report.problems.append(SheetProblem("", 0, "", "Aucun fichier CSV, Markdown ou Word à reprendre."))
    if len(sheets) > MAX_SHEETS:
        reason = f"Plus de {MAX_SHEETS} fiches à la fois. Reprenez les fichiers en plusieurs fois."
        report.problems.append(SheetProblem("", 0, "", reason))
        return []
    return sheets


def _make(actor: Person, sheets: Sequence[tuple[str, Sheet]], report: ImportReport) -> None:
    known = _known([sheet.fingerprint for _name, sheet in sheets])
    for name, sheet in sheets:
        if sheet.fingerprint in known:
            report.known_count += 1
            continue
        known.add(sheet.fingerprint)
        try:
            _draft(actor, sheet)
        except BadInput as refusal:
            report.problems.append(SheetProblem(name, 0, sheet.title, refusal.message))
        else:
            report.titles.append(sheet.title)


def _known(fingerprints: Sequence[str]) -> set[str]:
    chunks = (fingerprints[start : start + CHUNK] for start in range(0, len(fingerprints), CHUNK))
    selects = (sa.select(Article.import_key).where(Article.import_key.in_(chunk)) for chunk in chunks)
    return {key for select in selects for key in db.session.scalars(select) if key}


def _draft(actor: Person, sheet: Sheet) -> None:
    words = Words(
        title=sheet.title,
        in_brief=sheet.in_brief,
        explanation=sheet.explanation,
        example=sheet.example,
        actions=sheet.actions,
        references=sheet.references,
        topics=sheet.topics,
        typologies=sheet.typologies,
        up_to_date_on=sheet.up_to_date_on,
    )
    traits = Traits(kind=sheet.kind, visibility=sheet.visibility)
    version = create_article(actor, words, traits, origin=Origin.IMPORT)
    version.article.import_key = sheet.fingerprint
    db.session.flush()
