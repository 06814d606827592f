"""Questions of the mock-ups, in the state that each shows there."""

from dataclasses import dataclass

from helpdesk.demo.history import History
from helpdesk.tickets.enums import Status


@dataclass(frozen=True, kw_only=True)
class Staged:
    """*structure* and *pattern* are keys; received *working_days_ago*, *minute* minutes after midnight."""

    structure: str
    pattern: str
    working_days_ago: int
    minute: int
    status: Status
    is_unread: bool = False
    is_specialist: bool = False
    """It has to end on the desk of Nadia Benali, as in the mock-up."""

    def accepts(self, history: History) -> bool:
        """Whether this life ends as it should."""
        if history.status is not self.status:
            return False
        if self.status is Status.ANSWERED and history.round > 1:
            return False
        return not self.is_specialist or history.ticket["jurist_id"] == NADIA


NADIA = 2
"""Her identifier: the second of the cast."""

STAGED = (
    Staged(
        structure="jardins",
        pattern="cddi-24-mois",
        working_days_ago=9,
        minute=612,
        status=Status.ANSWERED,
        is_unread=True,
        is_specialist=True,
    ),
    Staged(
        structure="jardins",
        pattern="cddi-suspension-essai",
        working_days_ago=5,
        minute=552,
        status=Status.STUDY,
        is_specialist=True,
    ),
    Staged(
        structure="jardins", pattern="annualisation-sans-accord", working_days_ago=6, minute=945, status=Status.WAITING
    ),
    Staged(structure="tregor", pattern="conges-arret-maladie", working_days_ago=1, minute=530, status=Status.TRIAGE),
    Staged(structure="blosne", pattern="pmsmp-refus", working_days_ago=1, minute=570, status=Status.TRIAGE),
    Staged(structure="armor", pattern="visite-medicale-mad", working_days_ago=1, minute=965, status=Status.TRIAGE),
    Staged(structure="verts56", pattern="ag-convocation-tardive", working_days_ago=1, minute=492, status=Status.TRIAGE),
    Staged(
        structure="terres", pattern="cdd-remplacement-maternite", working_days_ago=1, minute=580, status=Status.TRIAGE
    ),
    Staged(structure="large", pattern="cddi-micro-entreprise", working_days_ago=1, minute=602, status=Status.TRIAGE),
    Staged(structure="verts56", pattern="journee-solidarite", working_days_ago=2, minute=870, status=Status.REGIONAL),
    Staged(structure="armor", pattern="ai-480h", working_days_ago=4, minute=640, status=Status.REGIONAL),
    Staged(structure="blosne", pattern="retards-absences", working_days_ago=3, minute=700, status=Status.POLE),
    Staged(structure="large", pattern="duerp-mise-a-jour", working_days_ago=7, minute=820, status=Status.RELAY),
    Staged(structure="terres", pattern="temps-trajet-chantier", working_days_ago=6, minute=555, status=Status.RELAY),
    Staged(structure="tregor", pattern="cse-effectif-cddi", working_days_ago=9, minute=1001, status=Status.WAITING),
    Staged(
        structure="ardennes",
        pattern="preavis-licenciement",
        working_days_ago=9,
        minute=590,
        status=Status.STUDY,
        is_specialist=True,
    ),
    Staged(
        structure="coupdmain", pattern="mad-particulier-assurance", working_days_ago=7, minute=665, status=Status.STUDY
    ),
    Staged(
        structure="lien",
        pattern="annualisation-sans-accord",
        working_days_ago=5,
        minute=880,
        status=Status.STUDY,
        is_specialist=True,
    ),
    Staged(structure="textile", pattern="marche-reserve", working_days_ago=6, minute=620, status=Status.STUDY),
    Staged(
        structure="vallee",
        pattern="cse-effectif-cddi",
        working_days_ago=3,
        minute=560,
        status=Status.STUDY,
        is_specialist=True,
    ),
    Staged(
        structure="rives-etti", pattern="etti-contrat-mission-24", working_days_ago=2, minute=930, status=Status.POLE
    ),
    Staged(structure="vilaine", pattern="at-48h", working_days_ago=1, minute=555, status=Status.STUDY),
    Staged(structure="fournaise", pattern="attouchement", working_days_ago=1, minute=490, status=Status.STUDY),
)
