"""The processor's key: without one nothing is believed."""

import pytest
from pytest_django import Settings


@pytest.fixture(autouse=True)
def _key(settings: Settings) -> None:
    settings.CARDS_KEY = settings.RAILSIM_SECRET
