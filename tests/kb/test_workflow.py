"""Every action × every stage or state: what the two tables allow, and nothing else."""

import itertools

import pytest

from helpdesk.errors import InvalidTransition
from helpdesk.kb.enums import OPEN_STAGES, ArticleAction, ArticleState, Stage, VersionAction
from helpdesk.kb.workflow import ARTICLE_TRANSITIONS, VERSION_TRANSITIONS, next_stage, next_state

LEADS_TO = {
    (Stage.DRAFT, VersionAction.ANONYMISE): Stage.ANONYMISATION,
    (Stage.ANONYMISATION, VersionAction.SUBMIT): Stage.APPROVAL,
    (Stage.APPROVAL, VersionAction.APPROVE): Stage.PUBLISHED,
    (Stage.ANONYMISATION, VersionAction.SEND_BACK): Stage.DRAFT,
    (Stage.APPROVAL, VersionAction.SEND_BACK): Stage.DRAFT,
    (Stage.DRAFT, VersionAction.ABANDON): Stage.ABANDONED,
    (Stage.ANONYMISATION, VersionAction.ABANDON): Stage.ABANDONED,
    (Stage.APPROVAL, VersionAction.ABANDON): Stage.ABANDONED,
}
TURNS_TO = {
    **{(state, ArticleAction.PUBLISH): ArticleState.PUBLISHED for state in ArticleState},
    (ArticleState.PUBLISHED, ArticleAction.OPEN_REVIEW): ArticleState.UNDER_REVIEW,
    (ArticleState.PUBLISHED, ArticleAction.CONFIRM): ArticleState.PUBLISHED,
    (ArticleState.UNDER_REVIEW, ArticleAction.CONFIRM): ArticleState.PUBLISHED,
    (ArticleState.PUBLISHED, ArticleAction.WITHDRAW): ArticleState.WITHDRAWN,
    (ArticleState.UNDER_REVIEW, ArticleAction.WITHDRAW): ArticleState.WITHDRAWN,
}


@pytest.mark.parametrize(("stage", "action"), list(itertools.product(Stage, VersionAction)))
def test_a_version_moves_as_the_table_says(stage, action):
    expected = LEADS_TO.get((stage, action))
    if expected is None:
        with pytest.raises(InvalidTransition):
            next_stage(stage, action)
    else:
        assert next_stage(stage, action) is expected


@pytest.mark.parametrize(("state", "action"), list(itertools.product(ArticleState, ArticleAction)))
def test_an_entry_moves_as_the_table_says(state, action):
    expected = TURNS_TO.get((state, action))
    if expected is None:
        with pytest.raises(InvalidTransition):
            next_state(state, action)
    else:
        assert next_state(state, action) is expected


def test_a_version_is_published_by_its_approval_alone():
    leading = [action for action, (_, target) in VERSION_TRANSITIONS.items() if target is Stage.PUBLISHED]
    assert leading == [VersionAction.APPROVE]
    assert VERSION_TRANSITIONS[VersionAction.APPROVE][0] == (Stage.APPROVAL,)


def test_every_open_stage_leads_out_and_what_is_over_stays_over():
    for stage in Stage:
        has_way_out = any(stage in sources for sources, _ in VERSION_TRANSITIONS.values())
        assert has_way_out is (stage in OPEN_STAGES)


def test_every_action_has_its_transition():
    assert set(VERSION_TRANSITIONS) == set(VersionAction)
    assert set(ARTICLE_TRANSITIONS) == set(ArticleAction)
