"""Between payments and the rails that carry them: what each needs to know of the receiver, and nothing about money."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

from django.utils import translation
from django.utils.translation import gettext_lazy as _

from transfers.destinations import Destination, Network
from transfers.models import Biller, Broker, Payment
from transfers.outside.errors import RailNotSetUp
from wekeza_portal.rails import credentials
from wekeza_portal.rails.base import Order, Outcome, Receiver, Status, rails

TITLES: Mapping[str, Any] = {
    "MPESA": "M-Pesa",
    "AIRTEL_MONEY": "Airtel Money",
    "TKASH": "T-Kash",
    "PESALINK": "PesaLink",
    "BILLS": _("The bill payment service"),
    "CDSC": _("The payment service for brokers"),
}


IN_A_SENTENCE: Mapping[str, Any] = {
    **TITLES,
    "BILLS": _("the bill payment service"),
    "CDSC": _("the payment service for brokers"),
}
"""The same where no sentence begins with them."""


def in_the_books(rail: str) -> str:
    """What a rail is called in the books and in the branch's rows, which are in English."""
    with translation.override("en"):
        return str(TITLES.get(rail, rail))


def send(payment: Payment, may_leave: Callable[[], bool] | None = None) -> Outcome:
    """Hand the payment to its rail, unless `may_leave` says no when all is ready. Outside any transaction."""
    name = payment.rail.lower()
    if name not in rails:
        return Outcome(Status.NOT_SENT, code="no rail", reason=f"no rail named {name}", customer="later")
    return rails.get(name).send(replace(order_of(payment), may_leave=may_leave))


def enquire(payment: Payment) -> Outcome:
    """Ask the rail what became of it. Outside any transaction."""
    name = payment.rail.lower()
    if name not in rails:
        return Outcome(Status.UNKNOWN, code="no rail", reason=f"no rail named {name}")
    return rails.get(name).enquire(order_of(payment), payment.rail_ids)


def order_of(payment: Payment) -> Order:
    """The payment as its rail wants it. The id is the payment's own, however often it is sent."""
    return Order(
        id=payment.pk, reference=payment.reference, amount=payment.amount, destination=dict(payment.destination)
    )


def words_for(rail: str, values: Mapping[str, str]) -> dict[str, str]:
    """The receiver in the rail's own words; see `wekeza_portal.rails.base.Order.destination`.

    With where the money of a biller or broker goes as the directory says now: kept when a payment is confirmed, so that
    a later change sends nothing elsewhere than was reviewed. ObjectDoesNotExist for one that is not in it any more,
    LookupError for a rail that nobody knows.
    """
    if rail in Network.values:
        return {"phone": values["msisdn"]}
    if rail == "PESALINK":
        if "msisdn" in values:
            return {"phone": values["msisdn"]}
        return {"bank": values["bank_code"], "account": values["account"]}
    if rail == "BILLS":
        biller = Biller.objects.get(code=values["biller"])
        exact = {"exact": "1"} if biller.is_exact else {}
        return {"biller": biller.code, "account": values["account"], **exact, **_settlement(biller)}
    if rail != "CDSC":
        raise LookupError(f"no words for the receiver of a payment over {rail}")
    broker = Broker.objects.get(code=values["broker"])
    return {"cds_number": values["cds_number"], "client_type": values["client_type"], **_settlement(broker)}


def _settlement(row: Biller | Broker) -> dict[str, str]:
    """Where the money of a biller or broker goes."""
    return {"paybill": row.paybill} if row.paybill else {"bank": row.bank_code, "bank_account": row.bank_account}


def ask_after(rail: str) -> tuple[timedelta, ...]:
    """When this rail wants to be asked about a payment of which nobody knows; () where it has no wish of its own."""
    name = rail.lower()
    found: tuple[timedelta, ...] = getattr(rails.get(name), "ask_after", ()) if name in rails else ()
    return found


def can_be_asked(rail: str) -> bool:
    """Whether this rail says who would be paid."""
    return rail.lower() in rails and hasattr(rails.get(rail.lower()), "look_up")


def look_up(rail: str, destination: Destination) -> Receiver | None:
    """Who would be paid; None where no answer came."""
    found: Receiver | None = rails.get(rail.lower()).look_up(words_for(rail, destination.values))  # type: ignore[attr-defined] # asked of rails that have it
    return found


def refuse_unless_set_up(rail: str) -> None:
    """Raises RailNotSetUp where the bank has no credentials for this rail."""
    if not credentials.may_be_offered(rail.lower()):
        raise RailNotSetUp(rail=TITLES[rail])
