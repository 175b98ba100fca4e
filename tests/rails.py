"""The rail simulator in the tests: the real clients over a real socket, callbacks when the test says so."""

import functools
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

from django.test import Client
from pytest_django import Settings

from wekeza_portal.rails import callbacks
from wekeza_portal.rails.simulator import mpesa, mpesa_keys
from wekeza_portal.rails.simulator.server import Simulator


def into_the_portal(callback: dict[str, Any]) -> int:
    """Hand a callback to the portal in this process, on the test's own database."""
    path = urlsplit(callback["url"]).path
    headers = json.loads(callback["headers"])
    return Client().post(path, callback["body"], content_type=callback["content_type"], headers=headers).status_code


def ask_the_portal(url: str, body: bytes, headers: Mapping[str, str]) -> tuple[int, dict[str, Any]]:
    """Likewise a question that is answered at once."""
    answer = Client().post(urlsplit(url).path, body, content_type="application/json", headers=dict(headers))
    return answer.status_code, answer.json()


@functools.cache
def _pair() -> tuple[str, str]:
    """Making a key takes a while; one for all tests."""
    return mpesa_keys.make()


@contextmanager
def played(settings: Settings) -> Iterator[Simulator]:
    """A simulator without delay whose callbacks wait for `simulator.courier.deliver()`."""
    addresses = {name: callbacks.address_for(name) for name in callbacks.names()}
    simulator = Simulator(secret=settings.RAILSIM_SECRET, addresses=addresses)
    simulator.courier.send = into_the_portal
    simulator.desk("cards").ask = ask_the_portal
    settings.RAILS_NEED_CREDENTIALS = True
    settings.PESALINK_URL, settings.PESALINK_ACCOUNT = f"{simulator.url}/pesalink", "36001000001"
    settings.PESALINK_CONSUMER_KEY = settings.PESALINK_CONSUMER_SECRET = settings.RAILSIM_SECRET
    settings.AIRTEL_URL = f"{simulator.url}/airtel_money"
    settings.AIRTEL_CLIENT_ID = settings.AIRTEL_CLIENT_SECRET = settings.AIRTEL_PIN = settings.RAILSIM_SECRET
    settings.BILLS_URL, settings.BILLS_KEY = f"{simulator.url}/bills", settings.RAILSIM_SECRET
    settings.CARDS_URL, settings.CARDS_KEY = f"{simulator.url}/cards", settings.RAILSIM_SECRET
    settings.CARDS_PAGES = f"{simulator.url}/cards/looks"
    settings.TKASH_URL = f"{simulator.url}/tkash"
    settings.RAILSIM_URL = simulator.url
    settings.SMS_API_URL = f"{simulator.url}/sms/version1/messaging"
    settings.SMS_USERNAME, settings.SMS_API_KEY = "sandbox", settings.RAILSIM_SECRET
    settings.MPESA_URL = f"{simulator.url}/mpesa"
    for name in ("CONSUMER_KEY", "CONSUMER_SECRET", "PASSKEY", "INITIATOR_PASSWORD"):
        setattr(settings, f"MPESA_{name}", settings.RAILSIM_SECRET)
    settings.MPESA_NOT_FOUND_CODES = [mpesa.NOT_FOUND]
    simulator.store.remember("mpesa", "keys", "pair", _pair())
    settings.MPESA_CERTIFICATE = mpesa_keys.certificate(simulator.desk("mpesa"))
    simulator.start()
    try:
        yield simulator
    finally:
        simulator.stop()
