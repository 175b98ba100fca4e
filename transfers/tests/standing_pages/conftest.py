"""All of it happens on a Monday morning."""

from typing import Any

import pytest
import time_machine

from transfers.tests.standing_pages.scenes import MONDAY


@pytest.fixture(autouse=True)
def now() -> Any:
    with time_machine.travel(MONDAY, tick=False) as traveller:
        yield traveller
