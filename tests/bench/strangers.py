"""Can a stranger with a watch tell who is a customer? `python -m tests.bench.strangers` prints JSON.

Every form that takes a name from somebody who is not signed in, sent for people who are customers and for nobody, one
after the other in random order, in one process: the page itself and nothing of a network's noise. Beside it stands the
same comparison between two halves of nobodies: what chance makes of it.
"""

import json
import os
import random
import statistics
import time
from itertools import cycle
from typing import Any

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "wekeza_portal.settings")
django.setup()

from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.test import Client

from tests.chaos.names import count_from_our_own
from tests.factories import AccountFactory, CustomerFactory, UserFactory

EACH = 120
"""Requests for customers and for nobody, at each form."""
PEOPLE = 40
settings.ALLOWED_HOSTS.append("testserver")

FORMS: dict[str, tuple[str, str, dict[str, str]]] = {
    "sign-in, a wrong password": ("/login/", "email", {"password": "not the right one"}),
    "first activation, a wrong secret": ("/enrol/", "email", {"secret": "not the right one"}),
    "activation with a branch's code": ("/activate/", "email", {"code": "AAAA-AAAA-AAAA-AAAA"}),
    "forgotten password": ("/forgot/", "email", {}),
    "stop everything, a code by SMS": ("/freeze/", "who", {"way": "SMS"}),
    "stop everything, a code of the app": ("/freeze/", "who", {"way": "APP"}),
    "is the bank calling, a code by e-mail": ("/calling/", "who", {"way": "EMAIL"}),
}
"""What is asked: address, the field that names somebody, what else is typed."""


def compare() -> dict[str, Any]:
    """Median milliseconds of each form for customers and for nobody, their ratio, and what chance alone makes of it."""
    figures: dict[str, Any] = {}
    known, turn = cycle(_customers()), 0  # each as often as any other: no limiter meets one of them
    for name, (path, field, more) in FORMS.items():
        times: dict[str, list[float]] = {"customer": [], "nobody": [], "nobody again": []}
        asked = [*["customer"] * EACH, *["nobody"] * EACH, *["nobody again"] * EACH]
        random.shuffle(asked)
        for kind in asked:
            turn += 1
            who = next(known) if kind == "customer" else f"nobody{turn}@example.com"
            times[kind].append(_seconds(path, {field: who, **more}, turn))
        medians = {kind: statistics.median(seen) * 1000 for kind, seen in times.items()}
        figures[f"{name}: customer and nobody, ms"] = f"{medians['customer']:.2f} {medians['nobody']:.2f}"
        figures[f"{name}: of nobody"] = round(medians["customer"] / medians["nobody"], 3)
        figures[f"{name}: nobody of nobody"] = round(medians["nobody again"] / medians["nobody"], 3)
    return figures


def _customers() -> list[str]:
    """E-mail addresses of customers with online access."""
    people = [CustomerFactory() for _ in range(PEOPLE)]
    for customer in people:
        AccountFactory(customer=customer)
        UserFactory(customer=customer, password=make_password("a password of theirs"))
    return [customer.email for customer in people]


def _seconds(path: str, typed: dict[str, str], turn: int) -> float:
    """One request from a network that was never seen before, so that no limiter counts it together with another."""
    visitor = Client(REMOTE_ADDR=f"10.{turn >> 8 & 255}.{turn & 255}.1")
    started = time.perf_counter()
    answer = visitor.post(path, typed)
    took = time.perf_counter() - started
    assert answer.status_code in (200, 302), (path, answer.status_code)
    return took


if __name__ == "__main__":
    count_from_our_own()
    print(json.dumps(compare()))
