"""The fee of the year: reminded, late, never blocking."""

from datetime import date

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from helpdesk.accounts.enums import MembershipState, OrganisationKind
from helpdesk.accounts.membership import membership_state
from helpdesk.accounts.models import Organisation
from helpdesk.accounts.queries import membership_condition
from helpdesk.db import db
from tests.factories.accounts import OrganisationFactory

MEMBER = OrganisationKind.MEMBER


@pytest.mark.parametrize(
    ("paid_year", "today", "state"),
    [
        (2026, date(2026, 12, 1), MembershipState.UP_TO_DATE),
        (2027, date(2026, 12, 1), MembershipState.UP_TO_DATE),
        (2025, date(2026, 1, 1), MembershipState.GRACE),
        (2025, date(2026, 3, 31), MembershipState.GRACE),
        (2025, date(2026, 4, 1), MembershipState.LATE),
        (None, date(2026, 2, 1), MembershipState.GRACE),
        (None, date(2026, 4, 1), MembershipState.LATE),
        (2024, date(2026, 1, 1), MembershipState.LATE),
    ],
)
def test_a_member_is_reminded_until_the_end_of_march_then_late(paid_year, today, state):
    assert membership_state(MEMBER, paid_year, today) is state


@pytest.mark.parametrize("kind", [kind for kind in OrganisationKind if kind is not MEMBER])
def test_others_owe_nothing(kind):
    assert membership_state(kind, None, date(2026, 12, 1)) is MembershipState.NOT_CONCERNED


@given(
    paid_year=st.none() | st.integers(2020, 2030),
    today=st.dates(date(2022, 1, 1), date(2028, 12, 31)),
    grace=st.tuples(st.integers(1, 12), st.integers(1, 28)),
)
def test_paying_never_makes_it_worse(paid_year, today, grace):
    order = [MembershipState.LATE, MembershipState.GRACE, MembershipState.UP_TO_DATE]
    before = membership_state(MEMBER, paid_year, today, grace)
    after = membership_state(MEMBER, max(paid_year or 0, today.year), today, grace)
    assert after is MembershipState.UP_TO_DATE
    assert order.index(before) <= order.index(after)


def test_sql_and_python_agree_on_every_state(app):
    for kind in OrganisationKind:
        for paid_year in (None, 2024, 2025, 2026, 2027):
            OrganisationFactory(kind=kind, membership_paid_year=paid_year)
    grace = (3, 31)
    for today in (date(2026, 3, 31), date(2026, 4, 1)):
        for state in MembershipState:
            query = sa.select(Organisation.id).where(membership_condition(state, today, grace))
            expected = {
                row.id
                for row in db.session.scalars(sa.select(Organisation))
                if membership_state(row.kind, row.membership_paid_year, today, grace) is state
            }
            assert set(db.session.scalars(query)) == expected
