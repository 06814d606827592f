"""The one table of transitions."""

import pytest

from helpdesk.errors import InvalidTransition
from helpdesk.tickets.enums import Action, ActorRole, Status
from helpdesk.tickets.workflow import DESKS, RETURNING, TRANSITIONS, may_play, next_status

EVERY_PAIR = [(status, action) for status in Status for action in Action]
RETURNS_TO = Status.STUDY


@pytest.mark.parametrize(("status", "action"), EVERY_PAIR)
def test_an_action_fits_the_statuses_of_the_table_and_no_other(status: Status, action: Action) -> None:
    if status in TRANSITIONS[action].sources:
        assert next_status(status, action, returns_to=RETURNS_TO) in Status
    else:
        with pytest.raises(InvalidTransition):
            next_status(status, action, returns_to=RETURNS_TO)


def test_every_action_has_a_transition_and_somebody_who_plays_it() -> None:
    assert set(TRANSITIONS) == set(Action)
    assert all(transition.roles for transition in TRANSITIONS.values())


def test_every_status_is_reached_and_left() -> None:
    reached = {
        next_status(status, action, returns_to=RETURNS_TO)
        for action, transition in TRANSITIONS.items()
        for status in transition.sources
    }
    left = {status for transition in TRANSITIONS.values() for status in transition.sources}
    assert reached == left == set(Status)


@pytest.mark.parametrize("action", RETURNING)
@pytest.mark.parametrize("desk", DESKS)
def test_a_question_returns_to_the_desk_it_came_from(action: Action, desk: Status) -> None:
    source = TRANSITIONS[action].sources[0]
    assert next_status(source, action, returns_to=desk) is desk


@pytest.mark.parametrize("returns_to", [None, Status.WAITING, Status.ANSWERED, Status.CLOSED, Status.RELAY])
def test_a_question_returns_to_a_desk_only(returns_to: Status | None) -> None:
    with pytest.raises(InvalidTransition):
        next_status(Status.WAITING, Action.GIVE_DETAIL, returns_to=returns_to)


def test_a_closed_question_cannot_be_answered() -> None:
    with pytest.raises(InvalidTransition):
        next_status(Status.CLOSED, Action.ANSWER)


def test_an_answered_question_cannot_be_answered_a_second_time() -> None:
    with pytest.raises(InvalidTransition):
        next_status(Status.ANSWERED, Action.ANSWER)


def test_a_question_handed_over_in_the_poles_queue_is_studied() -> None:
    assert next_status(Status.POLE, Action.HAND_OVER) is Status.STUDY
    assert next_status(Status.REGIONAL, Action.HAND_OVER) is Status.REGIONAL


def test_a_question_given_up_goes_back_to_the_queue_of_its_tier() -> None:
    assert next_status(Status.STUDY, Action.RELEASE) is Status.POLE
    assert next_status(Status.REGIONAL, Action.RELEASE) is Status.TRIAGE


def test_a_correction_leaves_the_status_alone() -> None:
    assert next_status(Status.ANSWERED, Action.CORRECT) is Status.ANSWERED
    assert next_status(Status.CLOSED, Action.CORRECT) is Status.CLOSED


def test_only_members_give_details_and_only_the_clock_and_the_staff_pass_on() -> None:
    assert may_play(Action.GIVE_DETAIL, ActorRole.MEMBER)
    assert not may_play(Action.GIVE_DETAIL, ActorRole.JURIST)
    assert may_play(Action.TRANSMIT, ActorRole.SYSTEM)
    assert not may_play(Action.TRANSMIT, ActorRole.MEMBER)
