"""The entries that other tests start from."""

import pytest

from helpdesk.kb import perms
from helpdesk.kb.enums import ArticleState, Stage
from tests.factories import kb
from tests.factories.accounts import PersonFactory

pytestmark = pytest.mark.usefixtures("app")


@pytest.mark.parametrize("state", ArticleState)
def test_an_entry_can_be_made_in_every_state(state):
    entry = kb.article(state=state)

    assert entry.state is state
    assert len(entry.versions) == 1


def test_a_published_entry_is_read_by_a_jurist_and_an_old_version_beside_it():
    entry = kb.published()
    kb.add_version(entry, stage=Stage.SUPERSEDED)

    assert perms.can_read(PersonFactory(jurist=True), entry)
    assert kb.in_force(entry).number == 1
