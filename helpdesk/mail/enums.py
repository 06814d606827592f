"""The notices that the service sends, and what becomes of a mail."""

from enum import StrEnum


class Notice(StrEnum):
    """Why a mail is sent; ``docs/courriels.md`` says to whom and when, and a test holds the two together."""

    RECEIVED = "received"
    CLARIFICATION_ASKED = "clarification_asked"
    ANSWERED = "answered"
    CORRECTED = "corrected"
    TARGET_PASSED = "target_passed"
    UNREAD_ANSWER = "unread_answer"
    CLOSED_OUT_OF_SCOPE = "closed_out_of_scope"
    CLOSED_AS_DUPLICATE = "closed_as_duplicate"
    CLOSED_BY_FAQ = "closed_by_faq"

    NEW_IN_DELEGATION = "new_in_delegation"
    URGENT = "urgent"
    CLARIFICATION_GIVEN = "clarification_given"
    TRANSMITTED = "transmitted"
    ASSIGNED = "assigned"
    ANSWER_COPY = "answer_copy"
    RELAY_WAITING = "relay_waiting"
    CORRECTION_REASON = "correction_reason"
    FOLLOWED_UP = "followed_up"
    DAY_EIGHT = "day_eight"
    UNTRIAGED = "untriaged"
    WRITTEN_CONFIRMATION_DUE = "written_confirmation_due"
    LAW_CHANGED = "law_changed"
    HANDED_OVER = "handed_over"
    SENSITIVE = "sensitive"

    REVIEW_DUE = "review_due"
    IDENTIFYING_REPORTED = "identifying_reported"
    ENTRY_TO_APPROVE = "entry_to_approve"

    JURI_CALL_OFFERED = "juri_call_offered"
    JURI_BOOKED = "juri_booked"
    JURI_CHANGED = "juri_changed"
    JURI_CANCELLED = "juri_cancelled"
    JURI_REMINDER = "juri_reminder"
    JURI_PLACE_OFFERED = "juri_place_offered"
    JURI_TO_CONFIRM = "juri_to_confirm"
    JURI_TO_VOUCH = "juri_to_vouch"
    JURI_TO_DECIDE = "juri_to_decide"
    JURI_UNHOSTED = "juri_unhosted"
    JURI_ACCOUNT_DUE = "juri_account_due"
    JURI_PART = "juri_part"

    WEEKLY_FIGURES = "weekly_figures"

    SIGN_IN_LINK = "sign_in_link"
    WELCOME = "welcome"
    DIGEST = "digest"

    @property
    def label(self) -> str:
        return _NOTICE_LABELS[self]

    @property
    def is_bare(self) -> bool:
        """Says when, and nothing of the question: it stays as it was written whatever becomes of the question, so
        that nobody waits for a call that is cancelled.
        """
        return self in _BARE


class CalendarMethod(StrEnum):
    """What an invitation asks of its reader's calendar (RFC 5546)."""

    REQUEST = "request"
    CANCEL = "cancel"

    @property
    def label(self) -> str:
        return {"request": "Invitation", "cancel": "Annulation"}[self.value]


class MailStatus(StrEnum):
    """``held`` waits for the day's digest; ``withdrawn`` was stopped before it left."""

    QUEUED = "queued"
    HELD = "held"
    SENT = "sent"
    FAILED = "failed"
    DIGESTED = "digested"
    WITHDRAWN = "withdrawn"

    @property
    def label(self) -> str:
        return _STATUS_LABELS[self]


_BARE = {
    Notice.JURI_BOOKED,
    Notice.JURI_CHANGED,
    Notice.JURI_CANCELLED,
    Notice.JURI_REMINDER,
    Notice.JURI_PLACE_OFFERED,
    Notice.JURI_TO_CONFIRM,
    Notice.JURI_UNHOSTED,
    Notice.JURI_ACCOUNT_DUE,
    Notice.JURI_PART,
}
_NOTICE_LABELS = {
    Notice.RECEIVED: "Accusé de réception",
    Notice.CLARIFICATION_ASKED: "Précision demandée",
    Notice.ANSWERED: "Réponse",
    Notice.CORRECTED: "Réponse corrigée",
    Notice.TARGET_PASSED: "Délai dépassé",
    Notice.UNREAD_ANSWER: "Réponse non lue",
    Notice.CLOSED_OUT_OF_SCOPE: "Question hors champ",
    Notice.CLOSED_AS_DUPLICATE: "Question en double",
    Notice.CLOSED_BY_FAQ: "Question à laquelle une fiche répond",
    Notice.NEW_IN_DELEGATION: "Question à trier",
    Notice.URGENT: "Question urgente",
    Notice.CLARIFICATION_GIVEN: "Précision reçue",
    Notice.TRANSMITTED: "Question transmise au pôle",
    Notice.ASSIGNED: "Question confiée",
    Notice.ANSWER_COPY: "Copie d’une réponse",
    Notice.RELAY_WAITING: "Réponse à relayer",
    Notice.CORRECTION_REASON: "Motif d’une correction",
    Notice.FOLLOWED_UP: "Suite donnée par l’adhérent",
    Notice.DAY_EIGHT: "Échéance proche",
    Notice.UNTRIAGED: "Question non triée",
    Notice.WRITTEN_CONFIRMATION_DUE: "Réponse à confirmer par écrit",
    Notice.LAW_CHANGED: "Réponse à relire",
    Notice.HANDED_OVER: "Questions confiées",
    Notice.SENSITIVE: "Du nouveau, dossier sensible",
    Notice.REVIEW_DUE: "Fiche à relire",
    Notice.IDENTIFYING_REPORTED: "Donnée identifiante signalée",
    Notice.ENTRY_TO_APPROVE: "Fiche à approuver",
    Notice.JURI_CALL_OFFERED: "Échange proposé",
    Notice.JURI_BOOKED: "Rendez-vous",
    Notice.JURI_CHANGED: "Rendez-vous déplacé",
    Notice.JURI_CANCELLED: "Rendez-vous annulé",
    Notice.JURI_REMINDER: "Rappel de rendez-vous",
    Notice.JURI_PLACE_OFFERED: "Place libérée",
    Notice.JURI_TO_CONFIRM: "Rendez-vous à confirmer",
    Notice.JURI_TO_VOUCH: "PTCE à vérifier",
    Notice.JURI_TO_DECIDE: "Séance à décider",
    Notice.JURI_UNHOSTED: "Rendez-vous sans juriste",
    Notice.JURI_ACCOUNT_DUE: "Compte rendu à écrire",
    Notice.JURI_PART: "Volet d’une question",
    Notice.WEEKLY_FIGURES: "Délais de la semaine",
    Notice.SIGN_IN_LINK: "Lien de connexion",
    Notice.WELCOME: "Bienvenue",
    Notice.DIGEST: "Récapitulatif du jour",
}
_STATUS_LABELS = {
    MailStatus.QUEUED: "À envoyer",
    MailStatus.HELD: "Gardé pour le récapitulatif",
    MailStatus.SENT: "Envoyé",
    MailStatus.FAILED: "Non remis",
    MailStatus.DIGESTED: "Envoyé dans un récapitulatif",
    MailStatus.WITHDRAWN: "Retiré avant l’envoi",
}
