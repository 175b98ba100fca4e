"""PesaLink through a partner bank: to an account at any bank or to a phone, day and night.

The wire is that of the Co-operative Bank's open API: one message with one destination, acknowledged at once, its result
by callback in the same envelope, and a status enquiry under the same reference.
"""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any
from uuid import uuid4

from django.conf import settings

from wekeza_portal import http
from wekeza_portal.rails import callbacks, credentials, pesalink_messages
from wekeza_portal.rails.base import Limits, Order, Outcome, Receiver, Report, Status
from wekeza_portal.rails.reading import UNREADABLE
from wekeza_portal.rails.wire import Line, NoAnswer, token_from

TOKEN = "pesalink"  # noqa: S105 - the name under which it is shared
TO_ACCOUNT = "/FundsTransfer/External/A2A/PesaLink/1.0.0"
TO_PHONE = "/FundsTransfer/External/A2M/PesaLink/1.0.0"
STATUS = "/Enquiry/TransactionStatus/2.0.0"
NAME = "/Enquiry/Validation/IPSL/1.0.0"


def fetch_token() -> tuple[str, int]:
    """A token of the partner bank. Raises httpx.HTTPError or TokenRefused."""
    auth = (settings.PESALINK_CONSUMER_KEY, settings.PESALINK_CONSUMER_SECRET)
    form = {"grant_type": "client_credentials"}
    return token_from(http.call("POST", f"{settings.PESALINK_URL}/token", data=form, auth=auth))


class Messages:
    """Messages of the partner bank under one rail's name. `callback` is where their results come."""

    name: str
    title: str
    limits = Limits(Decimal(1), Decimal(999_999))

    @property
    def callback(self) -> str:
        return f"{self.name}.result"

    def receiver(self, order: Order) -> tuple[str, dict[str, str]]:
        """(path, what names the receiver) of the order."""
        raise NotImplementedError

    def send(self, order: Order) -> Outcome:
        """Pay. The order's id is their key against paying twice."""
        path, receiver = self.receiver(order)
        money = {"Amount": f"{order.amount:.2f}", "TransactionCurrency": "KES"}
        narration = receiver.pop("Narration", f"Wekeza {order.reference}")
        content = {
            "MessageReference": order.id.hex,
            "CallBackUrl": callbacks.address_for(self.callback),
            "Source": {"AccountNumber": settings.PESALINK_ACCOUNT, **money, "Narration": narration},
            "Destinations": [{"ReferenceNumber": order.reference, **receiver, **money, "Narration": narration}],
        }
        return self._ask(path, content, pesalink_messages.acknowledgement, order=order)

    def enquire(self, order: Order, rail_ids: Mapping[str, str]) -> Outcome:
        """What became of it, answered at once; NOT_FOUND when they never had it."""
        return self._ask(STATUS, {"MessageReference": order.id.hex}, pesalink_messages.state)

    def parse(self, kind: str, message: Mapping[str, Any]) -> Report:
        return pesalink_messages.result(message)

    def _ask(self, path: str, content: Mapping[str, Any], read: Any, order: Order | None = None) -> Outcome:
        if credentials.missing(self.name):
            return Outcome(Status.NOT_SENT, "no credentials", f"{self.title} is not set up", "later")
        return self._line().ask("POST", f"{settings.PESALINK_URL}{path}", read, json=dict(content), order=order)

    def _line(self) -> Line:
        return Line(self.name, self.title, fetch_token, TOKEN)


class PesaLink(Messages):
    """`destination` is {"bank": "01", "account": "1234567890"} or {"phone": "254711000111"}."""

    name, title = "pesalink", "PesaLink"

    def receiver(self, order: Order) -> tuple[str, dict[str, str]]:
        where = order.destination
        if "phone" in where:
            return TO_PHONE, {"PhoneNumber": where["phone"]}
        return TO_ACCOUNT, {"AccountNumber": where["account"], "BankCode": where["bank"]}

    def look_up(self, destination: Mapping[str, str]) -> Receiver | None:
        """Whose account or phone it is; None where no answer came."""
        if credentials.missing(self.name):
            return None
        content = {"MessageReference": uuid4().hex, **_named(destination)}
        url = f"{settings.PESALINK_URL}{NAME}"
        try:
            return pesalink_messages.receiver(self._line().answer_soon("POST", url, json=content))
        except (NoAnswer, *UNREADABLE):
            return None


def _named(destination: Mapping[str, str]) -> dict[str, str]:
    if "phone" in destination:
        return {"PhoneNumber": destination["phone"]}
    return {"AccountNumber": destination["account"], "RecipientBankIdentifier": destination["bank"].zfill(4)}
