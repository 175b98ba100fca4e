"""Bills and airtime through one company that pays the billers.

The contract of `orders.py`, and before paying a question whom a number belongs to and what is due:

    POST {url}/v1/validate  {biller, account, ...} -> 200 {status: OK, name, amount_due} | {status: REJECTED, code}
"""

from collections.abc import Mapping

import httpx

from wekeza_portal.rails import credentials
from wekeza_portal.rails.base import Order, Receiver
from wekeza_portal.rails.orders import REJECTS, Orders
from wekeza_portal.rails.reading import UNREADABLE, amount_of, read, text_of
from wekeza_portal.rails.wire import NoAnswer


class Bills(Orders):
    """`destination` is {"biller", "account"} and where its money goes: {"paybill"} or {"bank", "bank_account"}.

    {"exact": "1"} beside it: this biller takes only what is due.
    """

    name, title, prefix = "bills", "The bill payment company", "BILLS"

    def receiver(self, order: Order) -> dict[str, str]:
        return _named(order.destination)

    def look_up(self, destination: Mapping[str, str]) -> Receiver | None:
        """Whose number it is, and what is due where the biller takes nothing else; None where no answer came."""
        if credentials.missing(self.name):
            return None
        try:
            address, asked = self.address("/v1/validate"), _named(destination)
            response = self.line().answer_soon("POST", address, headers=self.headers(), json=asked)
            return _receiver(response, is_exact=bool(destination.get("exact")))
        except (NoAnswer, *UNREADABLE):
            return None


def _named(destination: Mapping[str, str]) -> dict[str, str]:
    names = ("biller", "account", "paybill", "bank", "bank_account")
    return {name: destination[name] for name in names if destination.get(name)}


def _receiver(response: httpx.Response, *, is_exact: bool) -> Receiver | None:
    if response.status_code not in {200, 422}:
        return None
    found = read(response.content)
    if text_of(found, "status") == "REJECTED":
        return Receiver(refusal=REJECTS.get(text_of(found, "code", 30), ("", "not_possible"))[1])
    if text_of(found, "status") != "OK":
        return None
    due = amount_of(found.get("amount_due"))
    return Receiver(name=text_of(found, "name"), amount=due if is_exact else None)
