"""What most tests of calls begin with."""

from collections.abc import Iterator

import pytest
from flask import Flask

from helpdesk.accounts.models import Person
from helpdesk.juri_ptce.models import JuriSession
from tests.factories.accounts import PersonFactory
from tests.factories.juri_ptce import make_session
from tests.juri_ptce.support import FEBRUARY, on


@pytest.fixture
def in_february() -> Iterator[None]:
    with on(FEBRUARY):
        yield


@pytest.fixture
def jurist(app: Flask) -> Person:
    return PersonFactory(jurist=True)


@pytest.fixture
def session(jurist: Person) -> JuriSession:
    return make_session(hosts=(jurist,))
