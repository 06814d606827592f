"""Values of an entry's life, with the French words that people read."""

from enum import StrEnum


class ArticleKind(StrEnum):
    """What an entry is."""

    FAQ = "faq"
    NOTE = "note"
    GUIDE = "guide"
    NEWS = "news"
    REVIEW = "review"

    @property
    def label(self) -> str:
        return _KIND_LABELS[self]

    @property
    def plural(self) -> str:
        return _KIND_PLURALS[self]


class Visibility(StrEnum):
    """Who may read an entry once it is published."""

    PUBLIC = "public"
    PTCE = "ptce"
    MEMBERS = "members"
    INTERNAL = "internal"

    @property
    def label(self) -> str:
        return _VISIBILITY_LABELS[self]


class ArticleState(StrEnum):
    """Where an entry stands for its readers."""

    UNPUBLISHED = "unpublished"
    PUBLISHED = "published"
    UNDER_REVIEW = "under_review"
    WITHDRAWN = "withdrawn"

    @property
    def label(self) -> str:
        return _STATE_LABELS[self]


READABLE_STATES = (ArticleState.PUBLISHED, ArticleState.UNDER_REVIEW)


class Stage(StrEnum):
    """Where one version stands on its way to the readers."""

    DRAFT = "draft"
    ANONYMISATION = "anonymisation"
    APPROVAL = "approval"
    PUBLISHED = "published"
    SUPERSEDED = "superseded"
    ABANDONED = "abandoned"

    @property
    def label(self) -> str:
        return _STAGE_LABELS[self]


OPEN_STAGES = (Stage.DRAFT, Stage.ANONYMISATION, Stage.APPROVAL)
"""A version still being worked on; an entry has one at most."""


class VersionAction(StrEnum):
    """What moves a version from one stage to another."""

    ANONYMISE = "anonymise"
    SUBMIT = "submit"
    APPROVE = "approve"
    SEND_BACK = "send_back"
    ABANDON = "abandon"

    @property
    def label(self) -> str:
        """The button."""
        return _VERSION_ACTION_LABELS[self]


class ArticleAction(StrEnum):
    """What moves an entry from one state to another."""

    PUBLISH = "publish"
    OPEN_REVIEW = "open_review"
    CONFIRM = "confirm"
    WITHDRAW = "withdraw"

    @property
    def label(self) -> str:
        """The button."""
        return _ARTICLE_ACTION_LABELS[self]


class ArticleEventKind(StrEnum):
    """A line of an entry's history."""

    CREATED = "created"
    EDITED = "edited"
    ANONYMISED = "anonymised"
    SUBMITTED = "submitted"
    SENT_BACK = "sent_back"
    ABANDONED = "abandoned"
    PUBLISHED = "published"
    REVIEW_OPENED = "review_opened"
    CONFIRMED = "confirmed"
    WITHDRAWN = "withdrawn"
    RESTORED = "restored"
    REDACTED = "redacted"
    VISIBILITY_CHANGED = "visibility_changed"
    OWNER_CHANGED = "owner_changed"
    QUESTION_CUT = "question_cut"

    @property
    def past_label(self) -> str:
        """The line of the history."""
        return _EVENT_LABELS[self]


class Origin(StrEnum):
    """Where the first words of an entry come from."""

    WRITTEN = "written"
    ANSWER = "answer"
    IMPORT = "import"

    @property
    def label(self) -> str:
        return _ORIGIN_LABELS[self]


class MarkChoice(StrEnum):
    """What was decided of a mark of the anonymisation assistant."""

    REPLACE = "replace"
    KEEP = "keep"

    @property
    def label(self) -> str:
        return _CHOICE_LABELS[self]


class ReportKind(StrEnum):
    """What a reader or the clock tells the pole about an entry: a task until somebody has dealt with it."""

    MISSING = "missing"
    IDENTIFYING = "identifying"
    LAW_CHANGE = "law_change"

    @property
    def label(self) -> str:
        return _REPORT_LABELS[self]


_KIND_LABELS = {
    ArticleKind.FAQ: "Question fréquente",
    ArticleKind.NOTE: "Note juridique",
    ArticleKind.GUIDE: "Guide",
    ArticleKind.NEWS: "Actualité",
    ArticleKind.REVIEW: "Revue juridique",
}
_KIND_PLURALS = {
    ArticleKind.FAQ: "Questions fréquentes",
    ArticleKind.NOTE: "Notes juridiques",
    ArticleKind.GUIDE: "Guides",
    ArticleKind.NEWS: "Actualités",
    ArticleKind.REVIEW: "Revues juridiques",
}
_VISIBILITY_LABELS = {
    Visibility.PUBLIC: "Tout public",
    Visibility.PTCE: "PTCE",
    Visibility.MEMBERS: "Adhérents",
    Visibility.INTERNAL: "Équipe seulement",
}
_STATE_LABELS = {
    ArticleState.UNPUBLISHED: "Pas encore publiée",
    ArticleState.PUBLISHED: "Publiée",
    ArticleState.UNDER_REVIEW: "En cours de mise à jour",
    ArticleState.WITHDRAWN: "Retirée",
}
_STAGE_LABELS = {
    Stage.DRAFT: "Brouillon",
    Stage.ANONYMISATION: "À anonymiser",
    Stage.APPROVAL: "À approuver",
    Stage.PUBLISHED: "En ligne",
    Stage.SUPERSEDED: "Remplacée",
    Stage.ABANDONED: "Abandonnée",
}
_VERSION_ACTION_LABELS = {
    VersionAction.ANONYMISE: "Passer à l’anonymisation",
    VersionAction.SUBMIT: "Proposer à la relecture",
    VersionAction.APPROVE: "Approuver et publier",
    VersionAction.SEND_BACK: "Renvoyer au brouillon",
    VersionAction.ABANDON: "Abandonner ce brouillon",
}
_ARTICLE_ACTION_LABELS = {
    ArticleAction.PUBLISH: "Publier",
    ArticleAction.OPEN_REVIEW: "Mettre en révision",
    ArticleAction.CONFIRM: "Confirmer sans changement",
    ArticleAction.WITHDRAW: "Retirer la fiche",
}
_EVENT_LABELS = {
    ArticleEventKind.CREATED: "Brouillon créé",
    ArticleEventKind.EDITED: "Texte modifié",
    ArticleEventKind.ANONYMISED: "Anonymisation terminée",
    ArticleEventKind.SUBMITTED: "Proposée à la relecture",
    ArticleEventKind.SENT_BACK: "Renvoyée au brouillon",
    ArticleEventKind.ABANDONED: "Brouillon abandonné",
    ArticleEventKind.PUBLISHED: "Publiée",
    ArticleEventKind.REVIEW_OPENED: "Mise en révision",
    ArticleEventKind.CONFIRMED: "Relue, sans changement",
    ArticleEventKind.WITHDRAWN: "Retirée",
    ArticleEventKind.RESTORED: "Version reprise",
    ArticleEventKind.REDACTED: "Ancien texte effacé",
    ArticleEventKind.VISIBILITY_CHANGED: "Public modifié",
    ArticleEventKind.OWNER_CHANGED: "Responsable modifié",
    ArticleEventKind.QUESTION_CUT: "Lien avec la question coupé",
}
_ORIGIN_LABELS = {
    Origin.WRITTEN: "Écrite par le pôle",
    Origin.ANSWER: "Tirée d’une réponse",
    Origin.IMPORT: "Reprise d’un document",
}
_CHOICE_LABELS = {
    MarkChoice.REPLACE: "Remplacer",
    MarkChoice.KEEP: "Garder tel quel",
}
_REPORT_LABELS = {
    ReportKind.MISSING: "Il manque quelque chose",
    ReportKind.IDENTIFYING: "Donnée identifiante signalée",
    ReportKind.LAW_CHANGE: "Le droit a changé",
}
