"""When the partner network answers a part of a question."""

import pytest

from helpdesk.juri_ptce.models import PtceDetails
from helpdesk.juri_ptce.perms import brings_rtes_in
from helpdesk.reference import get_reference

WITH_AUTHORITIES = sorted(code for code, topic in get_reference().topics.items() if topic.is_rtes_for_ptce)
OTHER = "social/formation-pmsmp"


@pytest.mark.parametrize("topic", WITH_AUTHORITIES)
def test_a_topic_that_touches_local_authorities_brings_the_partner_in(topic: str) -> None:
    assert brings_rtes_in(topic, None)
    assert brings_rtes_in(topic, PtceDetails(involves_authority=False))


@pytest.mark.parametrize("topic", [OTHER, None, "n-existe/pas"])
def test_the_ptce_says_itself_that_an_authority_is_at_stake(topic: str | None) -> None:
    assert brings_rtes_in(topic, PtceDetails(involves_authority=True))
    assert not brings_rtes_in(topic, PtceDetails(involves_authority=False))
    assert not brings_rtes_in(topic, None)
