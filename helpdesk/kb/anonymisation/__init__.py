"""The anonymisation assistant: marks what tells whose question it was. It proposes, people decide. Pure rules."""

from helpdesk.kb.anonymisation.enums import KnownKind, MarkKind, RiskKind
from helpdesk.kb.anonymisation.marks import find_marks
from helpdesk.kb.anonymisation.replacing import replaced
from helpdesk.kb.anonymisation.risks import small_number_risk
from helpdesk.kb.anonymisation.types import KnownRecord, Mark, Risk

__all__ = [
    "KnownKind",
    "KnownRecord",
    "Mark",
    "MarkKind",
    "Risk",
    "RiskKind",
    "find_marks",
    "replaced",
    "small_number_risk",
]
