"""One customer, and a provider that takes everything."""

import pytest

from accounts.models import User
from accounts.notices.tests.scenes import Sent, somebody
from wekeza_portal.notifications import channels


@pytest.fixture
def user(db: None) -> User:
    return somebody()


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> Sent:
    """What leaves the bank."""
    found: Sent = []
    monkeypatch.setattr(channels, "send", lambda **one: found.append((one["channel"], one["to"], one["body"])))
    return found
