"""What rails report of payments on their own: matched to our row by its id and amount, then noted like any answer.

A callback proves nothing by itself: its address is a secret, and what it says has to fit a payment that we sent.
"""

from collections.abc import Callable
from typing import Any

from accounts.ledger import money_operation
from transfers.models import Payment
from transfers.outside import working
from wekeza_portal.rails.base import Report, Status, rails
from wekeza_portal.rails.reading import read
from wekeza_portal.registry import CallbackHandler, CallbackIgnored, callback_handlers

REPORTS = {
    "bills.result": False,
    "cdsc.result": False,
    "mpesa.result": False,
    "mpesa.status": True,
    "mpesa.timeout": False,
    "pesalink.result": False,
    "tkash.result": False,
}
"""Callbacks that speak of payments out of the bank, and whether each answers an enquiry of ours."""


def register() -> None:
    """Once, when the apps are ready."""
    for name, asked in REPORTS.items():
        callback_handlers.register(
            name, CallbackHandler(parse=_reader(name), handle=_noter(name, asked), operation=money_operation)
        )


def _reader(name: str) -> Callable[[bytes, dict[str, str]], Report]:
    def parse(body: bytes, headers: dict[str, str]) -> Report:
        return rails.get(name.partition(".")[0]).parse(name, read(body))

    return parse


def _noter(name: str, asked: bool) -> Callable[[Any], str]:
    def handle(report: Report) -> str:
        return note(name.partition(".")[0], report, asked=asked)

    return handle


def note(rail: str, report: Report, *, asked: bool) -> str:
    """Note a report inside a money operation; a remark for staff. Raises CallbackIgnored for what is not ours."""
    if report.order_id is None:
        raise CallbackIgnored("names no order of ours")
    payment = Payment.objects.filter(pk=report.order_id, rail=rail.upper()).first()
    if payment is None:
        raise CallbackIgnored("no payment with this id on this rail", look_again=True)
    if not payment.sends:
        raise CallbackIgnored("speaks of a payment that was not sent yet", look_again=True)
    outcome = report.outcome
    working.note(payment, outcome, asked=asked)
    if outcome.status is Status.PAID and outcome.amount not in (None, payment.amount):
        return f"{payment.reference}: says {outcome.amount} where we sent {payment.amount}"
    return f"{outcome.status.value} {payment.reference}"
