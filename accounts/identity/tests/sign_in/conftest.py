"""What these tests begin with."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
import time_machine

from accounts.models import User
from tests.factories import UserFactory

NINE = datetime(2026, 11, 23, 6, 0, tzinfo=UTC)


@pytest.fixture
def wanjiku() -> User:
    return UserFactory()


@pytest.fixture
def nine() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(NINE, tick=False) as traveller:
        yield traveller
