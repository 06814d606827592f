"""Values of a question's life, with the French words that people read."""

from enum import IntEnum, StrEnum


class Status(StrEnum):
    """Where a question stands; the value is stored, the label shown to the staff."""

    TRIAGE = "triage"
    REGIONAL = "regional"
    POLE = "pole"
    STUDY = "study"
    WAITING = "waiting"
    RELAY = "relay"
    ANSWERED = "answered"
    CLOSED = "closed"

    @property
    def label(self) -> str:
        return _STATUS_LABELS[self]

    @property
    def member_label(self) -> str:
        """The same state in the words of the person who asked."""
        return _STATUS_MEMBER_LABELS[self]

    @property
    def is_open(self) -> bool:
        return self not in (Status.ANSWERED, Status.CLOSED)


OPEN_STATUSES = tuple(status for status in Status if status.is_open)


class Tier(StrEnum):
    """Who holds the time of a question; the four add up to the gross response time."""

    DELEGATION = "delegation"
    POLE = "pole"
    WAITING = "waiting"
    RELAY = "relay"

    @property
    def label(self) -> str:
        return _TIER_LABELS[self]


class Action(StrEnum):
    """What moves a question from one status to another."""

    TAKE_REGIONAL = "take_regional"
    TRANSMIT = "transmit"
    TAKE = "take"
    HAND_OVER = "hand_over"
    RELEASE = "release"
    SEND_BACK = "send_back"
    ASK_DETAIL = "ask_detail"
    GIVE_DETAIL = "give_detail"
    RESUME = "resume"
    ANSWER = "answer"
    ANSWER_BY_RELAY = "answer_by_relay"
    RELAY = "relay"
    RETURN_FROM_RELAY = "return_from_relay"
    CORRECT = "correct"
    MARK_DUPLICATE = "mark_duplicate"
    MARK_OUT_OF_SCOPE = "mark_out_of_scope"
    CLOSE_BY_FAQ = "close_by_faq"
    WITHDRAW = "withdraw"
    CLOSE = "close"
    REOPEN = "reopen"

    @property
    def label(self) -> str:
        """The button."""
        return _ACTION_LABELS[self]

    @property
    def past_label(self) -> str:
        """The line of the timeline."""
        return _ACTION_PAST_LABELS[self]


class EventKind(StrEnum):
    """Lines of a question's history that change no status; an :class:`Action` is recorded under its own value."""

    RECEIVED = "received"
    RECEIVED_AGAIN = "received_again"
    MESSAGE_ADDED = "message_added"
    NOTE_ADDED = "note_added"
    CALL_NOTED = "call_noted"
    TOPIC_CHANGED = "topic_changed"
    URGENCY_CHANGED = "urgency_changed"
    DEADLINE_SET = "deadline_set"
    SENSITIVE_SET = "sensitive_set"
    SENSITIVE_UNSET = "sensitive_unset"
    POLE_ONLY_SET = "pole_only_set"
    POLE_ONLY_UNSET = "pole_only_unset"
    CONFLICT_DECLARED = "conflict_declared"
    CONFLICT_LIFTED = "conflict_lifted"
    STRUCTURE_CHANGED = "structure_changed"
    DELEGATION_CHANGED = "delegation_changed"
    DELEGATION_COPIED = "delegation_copied"
    DETAILS_COMPLETED = "details_completed"
    SHARED = "shared"
    PERSONAL_DATA_KEPT = "personal_data_kept"
    ATTACHMENT_PURGED = "attachment_purged"
    CONTENT_ERASED = "content_erased"
    ANSWER_READ = "answer_read"
    FEEDBACK_GIVEN = "feedback_given"
    WARNED = "warned"
    TARGET_PASSED = "target_passed"
    LINKED = "linked"
    LAW_CHANGED = "law_changed"
    CALL_OFFERED = "call_offered"
    CALL_BOOKED = "call_booked"
    CALL_CONFIRMED = "call_confirmed"
    CALL_MOVED = "call_moved"
    CALL_CANCELLED = "call_cancelled"
    CALL_HELD = "call_held"
    CALL_MISSED = "call_missed"
    PART_GIVEN = "part_given"
    PARTS_APPROVED = "parts_approved"

    @property
    def past_label(self) -> str:
        return _EVENT_LABELS[self]


class Channel(StrEnum):
    """How a question really arrived."""

    PORTAL = "portal"
    PHONE = "phone"
    WHATSAPP = "whatsapp"
    MAIL = "mail"
    WEBINAR = "webinar"
    MEETING = "meeting"

    @property
    def label(self) -> str:
        return _CHANNEL_LABELS[self]


class Nature(StrEnum):
    """Whose question it is."""

    STRUCTURE = "structure"
    REGION = "region"
    PARTNER = "partner"

    @property
    def label(self) -> str:
        return _NATURE_LABELS[self]


class Urgency(IntEnum):
    """Proposed by word triggers, confirmed by a person, never lowered by the machine."""

    NORMAL = 0
    WATCH = 1
    URGENT = 2
    CRITICAL = 3

    @property
    def label(self) -> str:
        return _URGENCY_LABELS[self]


class DeadlineKind(StrEnum):
    """The date the asker gave: imposed by a text, or by the structure's own calendar."""

    NONE = "none"
    LEGAL = "legal"
    INTERNAL = "internal"

    @property
    def label(self) -> str:
        return _DEADLINE_LABELS[self]


class ContactPreference(StrEnum):
    WRITTEN = "written"
    PHONE = "phone"
    VIDEO = "video"

    @property
    def label(self) -> str:
        return _PREFERENCE_LABELS[self]


class CloseReason(StrEnum):
    ANSWERED = "answered"
    FAQ = "faq"
    DUPLICATE = "duplicate"
    OUT_OF_SCOPE = "out_of_scope"
    WITHDRAWN = "withdrawn"

    @property
    def label(self) -> str:
        return _CLOSE_LABELS[self]


class MessageKind(StrEnum):
    QUESTION = "question"
    ADDITION = "addition"
    DETAIL_REQUEST = "detail_request"
    DETAIL = "detail"
    ANSWER = "answer"
    CORRECTION = "correction"
    ORIENTATION = "orientation"
    CALL = "call"
    NOTE = "note"

    @property
    def label(self) -> str:
        return _MESSAGE_LABELS[self]

    @property
    def is_answer(self) -> bool:
        return self in (MessageKind.ANSWER, MessageKind.CORRECTION)


class Audience(StrEnum):
    """Who may read a message of a question that they may see."""

    EVERYONE = "everyone"
    STAFF = "staff"
    POLE = "pole"

    @property
    def label(self) -> str:
        return _AUDIENCE_LABELS[self]


class DraftKind(StrEnum):
    QUESTION = "question"
    ANSWER = "answer"
    DETAIL_REQUEST = "detail_request"
    NOTE = "note"

    @property
    def label(self) -> str:
        return _DRAFT_LABELS[self]


class Verdict(StrEnum):
    """What the asker says of the answer."""

    USEFUL = "useful"
    NOT_APPLIED = "not_applied"
    CHANGED = "changed"

    @property
    def label(self) -> str:
        return _VERDICT_LABELS[self]


class ActorRole(StrEnum):
    """The role in which somebody acted, kept with the event as it was then."""

    MEMBER = "member"
    DELEGATE = "delegate"
    JURIST = "jurist"
    SYSTEM = "system"

    @property
    def label(self) -> str:
        return _ACTOR_LABELS[self]


_STATUS_LABELS = {
    Status.TRIAGE: "À trier",
    Status.REGIONAL: "Prise en charge par la délégation",
    Status.POLE: "Transmise au pôle",
    Status.STUDY: "À l’étude",
    Status.WAITING: "En attente de l’adhérent",
    Status.RELAY: "Réponse au relais",
    Status.ANSWERED: "Répondue",
    Status.CLOSED: "Close",
}
_STATUS_MEMBER_LABELS = {
    Status.TRIAGE: "Reçue",
    Status.REGIONAL: "À l’étude par votre délégation",
    Status.POLE: "Transmise à nos juristes",
    Status.STUDY: "À l’étude par nos juristes",
    Status.WAITING: "Une précision vous est demandée",
    Status.RELAY: "Réponse en préparation",
    Status.ANSWERED: "Réponse à lire",
    Status.CLOSED: "Close",
}
_TIER_LABELS = {
    Tier.DELEGATION: "Délégation",
    Tier.POLE: "Pôle juridique",
    Tier.WAITING: "Attente de l’adhérent",
    Tier.RELAY: "Relais",
}
_ACTION_LABELS = {
    Action.TAKE_REGIONAL: "Je m’en charge",
    Action.TRANSMIT: "Transmettre au pôle juridique",
    Action.TAKE: "Prendre la question",
    Action.HAND_OVER: "Confier à une autre personne",
    Action.RELEASE: "Remettre dans la file",
    Action.SEND_BACK: "Renvoyer à la délégation",
    Action.ASK_DETAIL: "Demander une précision",
    Action.GIVE_DETAIL: "Envoyer la précision",
    Action.RESUME: "Reprendre sans attendre",
    Action.ANSWER: "Envoyer la réponse",
    Action.ANSWER_BY_RELAY: "Envoyer la réponse à la délégation",
    Action.RELAY: "Transmettre la réponse à l’adhérent",
    Action.RETURN_FROM_RELAY: "Renvoyer la réponse au pôle",
    Action.CORRECT: "Publier le rectificatif",
    Action.MARK_DUPLICATE: "Clore comme doublon",
    Action.MARK_OUT_OF_SCOPE: "Clore : hors de notre champ",
    Action.CLOSE_BY_FAQ: "Clore : la FAQ répond",
    Action.WITHDRAW: "Retirer la question",
    Action.CLOSE: "Clore la question",
    Action.REOPEN: "Rouvrir la question",
}
_ACTION_PAST_LABELS = {
    Action.TAKE_REGIONAL: "Prise en charge par la délégation",
    Action.TRANSMIT: "Transmise au pôle juridique",
    Action.TAKE: "Prise par une ou un juriste",
    Action.HAND_OVER: "Confiée à une autre personne",
    Action.RELEASE: "Remise dans la file",
    Action.SEND_BACK: "Renvoyée à la délégation",
    Action.ASK_DETAIL: "Précision demandée",
    Action.GIVE_DETAIL: "Précision reçue",
    Action.RESUME: "Reprise sans attendre la précision",
    Action.ANSWER: "Réponse envoyée",
    Action.ANSWER_BY_RELAY: "Réponse rédigée, remise à la délégation",
    Action.RELAY: "Réponse transmise à l’adhérent",
    Action.RETURN_FROM_RELAY: "Réponse renvoyée au pôle",
    Action.CORRECT: "Réponse rectifiée",
    Action.MARK_DUPLICATE: "Close : déjà posée",
    Action.MARK_OUT_OF_SCOPE: "Close : hors de notre champ",
    Action.CLOSE_BY_FAQ: "Close : la FAQ répond",
    Action.WITHDRAW: "Retirée",
    Action.CLOSE: "Close",
    Action.REOPEN: "Rouverte",
}
_EVENT_LABELS = {
    EventKind.RECEIVED: "Question reçue",
    EventKind.RECEIVED_AGAIN: "Même question reçue une seconde fois",
    EventKind.MESSAGE_ADDED: "Complétée",
    EventKind.NOTE_ADDED: "Note interne ajoutée",
    EventKind.CALL_NOTED: "Échange téléphonique consigné",
    EventKind.TOPIC_CHANGED: "Thème modifié",
    EventKind.URGENCY_CHANGED: "Urgence modifiée",
    EventKind.DEADLINE_SET: "Date limite légale renseignée",
    EventKind.SENSITIVE_SET: "Marquée « dossier sensible »",
    EventKind.SENSITIVE_UNSET: "N’est plus un dossier sensible",
    EventKind.POLE_ONLY_SET: "Réservée au pôle",
    EventKind.POLE_ONLY_UNSET: "N’est plus réservée au pôle",
    EventKind.CONFLICT_DECLARED: "Conflit d’intérêts déclaré",
    EventKind.CONFLICT_LIFTED: "Conflit d’intérêts levé",
    EventKind.STRUCTURE_CHANGED: "Rattachée à une autre structure",
    EventKind.DELEGATION_CHANGED: "Rattachée à une autre délégation",
    EventKind.DELEGATION_COPIED: "Seconde délégation associée",
    EventKind.DETAILS_COMPLETED: "Saisie complétée",
    EventKind.SHARED: "Partagée avec une personne de la structure",
    EventKind.PERSONAL_DATA_KEPT: "Envoi malgré l’avertissement sur les données personnelles",
    EventKind.ATTACHMENT_PURGED: "Pièce jointe effacée",
    EventKind.CONTENT_ERASED: "Contenu effacé",
    EventKind.ANSWER_READ: "Réponse lue",
    EventKind.FEEDBACK_GIVEN: "Avis donné sur la réponse",
    EventKind.WARNED: "Alerte : deux jours restants",
    EventKind.TARGET_PASSED: "Délai indicatif dépassé, adhérent prévenu",
    EventKind.LINKED: "Suite d’une question close",
    EventKind.LAW_CHANGED: "Le droit a changé depuis la réponse, restée au relais",
    EventKind.CALL_OFFERED: "Échange proposé",
    EventKind.CALL_BOOKED: "Rendez-vous pris",
    EventKind.CALL_CONFIRMED: "Rendez-vous confirmé",
    EventKind.CALL_MOVED: "Rendez-vous déplacé",
    EventKind.CALL_CANCELLED: "Rendez-vous annulé",
    EventKind.CALL_HELD: "Échange tenu",
    EventKind.CALL_MISSED: "Absence au rendez-vous",
    EventKind.PART_GIVEN: "Volet confié au réseau partenaire",
    EventKind.PARTS_APPROVED: "Réponse commune approuvée",
}
_CHANNEL_LABELS = {
    Channel.PORTAL: "En ligne",
    Channel.PHONE: "Téléphone",
    Channel.WHATSAPP: "WhatsApp",
    Channel.MAIL: "Courriel",
    Channel.WEBINAR: "Webinaire",
    Channel.MEETING: "Réunion",
}
_NATURE_LABELS = {
    Nature.STRUCTURE: "Question de la structure",
    Nature.REGION: "Question générale de la région",
    Nature.PARTNER: "Question d’un partenaire ou de l’État",
}
_URGENCY_LABELS = {
    Urgency.NORMAL: "Normale",
    Urgency.WATCH: "À surveiller",
    Urgency.URGENT: "Urgente",
    Urgency.CRITICAL: "Critique",
}
_DEADLINE_LABELS = {
    DeadlineKind.NONE: "Aucune date à tenir",
    DeadlineKind.LEGAL: "Date fixée par un texte ou une autorité",
    DeadlineKind.INTERNAL: "Date interne (conseil, assemblée, rendez-vous)",
}
_PREFERENCE_LABELS = {
    ContactPreference.WRITTEN: "Par écrit",
    ContactPreference.PHONE: "Par téléphone, puis par écrit",
    ContactPreference.VIDEO: "En visio, puis par écrit",
}
_CLOSE_LABELS = {
    CloseReason.ANSWERED: "Répondue",
    CloseReason.FAQ: "Par la FAQ",
    CloseReason.DUPLICATE: "Doublon",
    CloseReason.OUT_OF_SCOPE: "Hors champ",
    CloseReason.WITHDRAWN: "Retirée",
}
_MESSAGE_LABELS = {
    MessageKind.QUESTION: "Question",
    MessageKind.ADDITION: "Complément",
    MessageKind.DETAIL_REQUEST: "Précision demandée",
    MessageKind.DETAIL: "Précision",
    MessageKind.ANSWER: "Réponse",
    MessageKind.CORRECTION: "Rectificatif",
    MessageKind.ORIENTATION: "Orientation",
    MessageKind.CALL: "Échange téléphonique",
    MessageKind.NOTE: "Note interne",
}
_AUDIENCE_LABELS = {
    Audience.EVERYONE: "Visible par l’adhérent",
    Audience.STAFF: "Note interne, invisible pour l’adhérent",
    Audience.POLE: "Note du pôle, invisible pour la délégation",
}
_DRAFT_LABELS = {
    DraftKind.QUESTION: "Question",
    DraftKind.ANSWER: "Réponse",
    DraftKind.DETAIL_REQUEST: "Demande de précision",
    DraftKind.NOTE: "Note interne",
}
_VERDICT_LABELS = {
    Verdict.USEFUL: "Oui, elle m’a été utile",
    Verdict.NOT_APPLIED: "Je ne l’ai pas appliquée",
    Verdict.CHANGED: "La situation a changé",
}
_ACTOR_LABELS = {
    ActorRole.MEMBER: "Adhérent",
    ActorRole.DELEGATE: "Délégation",
    ActorRole.JURIST: "Pôle juridique",
    ActorRole.SYSTEM: "Automatique",
}
