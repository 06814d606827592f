"""The wait between tries."""

import threading

import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from helpdesk.accounts import throttle
from helpdesk.accounts.models import SignInAttempt
from helpdesk.db import db
from helpdesk.errors import TooManyAttempts

LIMIT = throttle.Limit(free_count=5, first_wait_seconds=30, longest_wait_seconds=900)


def buckets(email="claire@ges.example", address="192.0.2.7"):
    return throttle.buckets("password", email=email, address=address, secret="s")


def test_the_wait_doubles_up_to_its_limit():
    assert [LIMIT.wait_seconds(count) for count in (0, 4, 5, 6, 7, 9, 10, 10_000)] == [
        0,
        0,
        30,
        60,
        120,
        480,
        900,
        900,
    ]


@given(st.integers(0, 1000))
def test_one_more_try_never_shortens_the_wait(count):
    assert LIMIT.wait_seconds(count) <= LIMIT.wait_seconds(count + 1) <= LIMIT.longest_wait_seconds


def test_capitals_and_spaces_are_the_same_account():
    assert buckets(email=" Claire@GES.example ")[0] == buckets()[0]


def test_an_ipv6_subscriber_is_one_address():
    assert buckets(address="2001:db8:1:2::1")[1] == buckets(address="2001:db8:1:2:ffff::9")[1]
    assert buckets(address="2001:db8:1:3::1")[1] != buckets(address="2001:db8:1:2::1")[1]
    assert buckets(address=None)[1] == buckets(address="nonsense")[1]


def test_neither_address_is_kept(app):
    throttle.admit(*buckets())
    keys = " ".join(db.session.scalars(sa.select(SignInAttempt.bucket)))
    assert "claire" not in keys
    assert "192.0.2.7" not in keys


def test_simultaneous_tries_do_not_all_slip_through(app):
    outcomes: list[str] = []

    def attempt() -> None:
        with app.app_context():
            try:
                throttle.admit(*buckets())
                outcomes.append("admitted")
            except TooManyAttempts:
                outcomes.append("refused")

    db.session.rollback()
    threads = [threading.Thread(target=attempt) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["admitted"] * 5 + ["refused"] * 7
