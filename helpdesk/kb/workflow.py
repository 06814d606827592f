"""Two tables of transitions: how a version comes to its readers, and how an entry stays true or leaves.

``docs/fiches.md`` draws its diagram from these tables.
"""

from helpdesk.errors import InvalidTransition
from helpdesk.kb.enums import ArticleAction, ArticleState, Stage, VersionAction

TOO_LATE = "Cette action n’est plus possible : la fiche a changé d’état entre-temps."

VERSION_TRANSITIONS: dict[VersionAction, tuple[tuple[Stage, ...], Stage]] = {
    VersionAction.ANONYMISE: ((Stage.DRAFT,), Stage.ANONYMISATION),
    VersionAction.SUBMIT: ((Stage.ANONYMISATION,), Stage.APPROVAL),
    VersionAction.APPROVE: ((Stage.APPROVAL,), Stage.PUBLISHED),
    VersionAction.SEND_BACK: ((Stage.ANONYMISATION, Stage.APPROVAL), Stage.DRAFT),
    VersionAction.ABANDON: ((Stage.DRAFT, Stage.ANONYMISATION, Stage.APPROVAL), Stage.ABANDONED),
}
ARTICLE_TRANSITIONS: dict[ArticleAction, tuple[tuple[ArticleState, ...], ArticleState]] = {
    # Publishing a new version ends a review and brings a withdrawn entry back to its address.
    ArticleAction.PUBLISH: (tuple(ArticleState), ArticleState.PUBLISHED),
    ArticleAction.OPEN_REVIEW: ((ArticleState.PUBLISHED,), ArticleState.UNDER_REVIEW),
    ArticleAction.CONFIRM: ((ArticleState.PUBLISHED, ArticleState.UNDER_REVIEW), ArticleState.PUBLISHED),
    ArticleAction.WITHDRAW: ((ArticleState.PUBLISHED, ArticleState.UNDER_REVIEW), ArticleState.WITHDRAWN),
}


def next_stage(stage: Stage, action: VersionAction) -> Stage:
    """The stage of a version after *action*.

    :raises InvalidTransition: if *action* does not fit *stage*.
    """
    sources, target = VERSION_TRANSITIONS[action]
    if stage not in sources:
        raise InvalidTransition(TOO_LATE)
    return target


def next_state(state: ArticleState, action: ArticleAction) -> ArticleState:
    """The state of an entry after *action*.

    :raises InvalidTransition: if *action* does not fit *state*.
    """
    sources, target = ARTICLE_TRANSITIONS[action]
    if state not in sources:
        raise InvalidTransition(TOO_LATE)
    return target
