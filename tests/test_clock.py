"""The day in Paris, told without asking the time zone at each call."""

from datetime import UTC, datetime

import time_machine
from hypothesis import example, given
from hypothesis import strategies as st

from helpdesk import clock
from helpdesk.reference.zones import PARIS

SECONDS = st.integers(min_value=1_577_836_800, max_value=2_208_988_800)
"""From 2020 to 2040."""


@given(SECONDS.map(lambda seconds: datetime.fromtimestamp(seconds, UTC)))
@example(datetime(2027, 3, 27, 22, 59, 59, tzinfo=UTC))
@example(datetime(2027, 3, 27, 23, 0, tzinfo=UTC))
@example(datetime(2027, 10, 30, 21, 59, 59, tzinfo=UTC))
@example(datetime(2027, 10, 30, 22, 0, tzinfo=UTC))
def test_today_is_the_day_of_paris_at_every_moment(moment: datetime) -> None:
    with time_machine.travel(moment, tick=False):
        assert clock.today() == clock.now().astimezone(PARIS).date()
