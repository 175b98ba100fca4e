"""What these tests begin with."""

from collections.abc import Iterator
from typing import Any

import pytest
import time_machine

from accounts.models import Account
from transfers.tests.life.scenes import NOON
from transfers.tests.scripted import (
    ScriptedRail,
    scripted,
)
from transfers.tests.support import an_account


@pytest.fixture
def at() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(NOON, tick=False) as traveller:
        yield traveller


@pytest.fixture
def sender(at: Any) -> Account:
    return an_account("Emmanuel Odenyire", "200000.00")


@pytest.fixture
def played() -> Iterator[dict[str, ScriptedRail]]:
    with scripted() as rails_by_name:
        yield rails_by_name


@pytest.fixture
def mpesa(played: dict[str, ScriptedRail]) -> ScriptedRail:
    return played["mpesa"]
