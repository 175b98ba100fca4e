"""A wish in words: to its owner in their language, to the branch's staff in English."""

from datetime import date
from decimal import Decimal
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from accounts import wording as accounts_wording
from accounts.cards.selectors import branch_name
from accounts.models import ApprovalRequest, BranchCustomer
from accounts.servicing import catalogue
from accounts.servicing.words import CASH, FOR_STAFF, POWERS
from wekeza_portal.money import format_kes

Facts = list[tuple[Any, str]]


def describe(request: ApprovalRequest) -> str:
    """In one phrase: "close account ACC1000015"."""
    wish = request.payload
    account = {"account": wish.get("account", "")}
    if request.kind == catalogue.NEW_ACCOUNT:
        return _("open another account for me")
    if request.kind == catalogue.CLOSE_ACCOUNT:
        return _("close account %(account)s") % account
    if request.kind == catalogue.WAKE_ACCOUNT:
        return _("make account %(account)s active again") % account
    if request.kind == catalogue.MANDATE:
        return _("let somebody else use account %(account)s") % account
    if request.kind == catalogue.CHEQUE_BOOK:
        return _("give me a cheque book for %(account)s") % account
    return _("write a bank reference for me")


def facts(request: ApprovalRequest) -> Facts:
    """What was asked for, line by line."""
    wish = request.payload
    rows: Facts = [(_("Service"), str(catalogue.SERVICES[request.kind].title))]
    if "account_kind" in wish:
        rows.append((_("Kind of account"), str(accounts_wording.KINDS.get(wish["account_kind"], wish["account_kind"]))))
    if "account" in wish:
        rows.append((_("Account"), wish["account"]))
    if "rest" in wish:
        rows.append((_("What is left goes to"), str(_("Cash at a branch")) if wish["rest"] == CASH else wish["rest"]))
    if request.kind == catalogue.MANDATE:
        rows += _mandate(wish)
    if "leaves" in wish:
        rows.append((_("Cheques in the book"), wish["leaves"]))
    if wish.get("addressee"):
        rows.append((_("Who is it for?"), wish["addressee"]))
    if wish.get("branch"):
        rows.append((_("To be collected at"), branch_name(wish["branch"])))
    if wish.get("purpose"):
        rows.append((_("You wrote"), wish["purpose"]))
    return rows


def _mandate(wish: dict[str, str]) -> Facts:
    until = date_format(date.fromisoformat(wish["until"]), "j F Y") if wish["until"] else str(_("No end"))
    return [
        (_("Person"), wish["name"]),
        (_("Their national ID"), wish["national_id"]),
        (_("Their phone"), wish["phone"]),
        (_("What they may do"), str(POWERS.get(wish["power"], wish["power"]))),
        (_("Until"), until),
    ]


def fee(request: ApprovalRequest) -> str:
    """What the branch takes, with the duty inside; "" where it is free."""
    amount = Decimal(request.payload["fee"])
    if not amount:
        return ""
    values = {"amount": format_kes(amount), "excise": format_kes(Decimal(request.payload["excise"]))}
    return _("%(amount)s, %(excise)s excise duty inside, at the branch") % values


_BY_HAND = {
    catalogue.NEW_ACCOUNT: "asks for another account ({account_kind}). Open it by hand",
    catalogue.CLOSE_ACCOUNT: "asks to close {account}, what is left to {rest}. Settle and close it by hand",
    catalogue.WAKE_ACCOUNT: "asks to make the dormant account {account} ACTIVE. Look at the ID and change it by hand",
    catalogue.MANDATE: "asks for a mandate on {account}: somebody {powers}. See both with their IDs and have it signed",
    catalogue.CHEQUE_BOOK: "asks for a cheque book of {leaves} for {account}, collected at {branch}. Order it by hand",
    catalogue.REFERENCE: "asks for a bank reference about {account}, collected at {branch}. Write it by hand",
}


def words_for_staff(customer: BranchCustomer, request: ApprovalRequest) -> str:
    """The line staff read in the branch's list; nothing in it was typed by the customer."""
    wish = request.payload
    values = {**wish, "powers": FOR_STAFF.get(wish.get("power", ""), "")}
    words = _BY_HAND[request.kind].format(**values)
    amount = Decimal(wish["fee"])
    money = f"The fee of {format_kes(amount)} is taken at the branch: nothing was charged." if amount else "It is free."
    return f"Customer {customer.user_id} {words}. {money} Promised within {wish['days']} business days."


def typed_by_customer(request: ApprovalRequest) -> str:
    """All that stands there in the customer's own words; shown to staff in quotes."""
    wish = request.payload
    named = [wish.get("name", ""), wish.get("national_id", ""), wish.get("phone", "")]
    return ", ".join(filter(None, [*named, wish.get("addressee", ""), wish.get("purpose", "")]))


def data_for_staff(customer: BranchCustomer, request: ApprovalRequest) -> dict[str, Any]:
    """What stands in the branch's row for whoever does it."""
    wish = request.payload
    told = {name: value for name, value in wish.items() if name not in {"about", "had", "fee", "excise", "days"}}
    if "account" in told:
        told["account_number"] = told.pop("account")
    return {
        "reference": str(request.id),
        "user_id": customer.user_id,
        "service": request.kind,
        **told,
        "fee": Decimal(wish["fee"]),
        "promised_days": int(wish["days"]),
    }
