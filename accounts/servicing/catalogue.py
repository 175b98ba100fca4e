"""What can be asked of a branch: words, fee, promised days, and who may ask.

Which queue word: ACCOUNT_MAINTENANCE where it is free, OTHER where it costs money. For neither does the branch's
software do anything by itself, so nothing is charged and nothing happens before people see to it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext_lazy as _

from accounts import limits
from accounts.freezing.state import refuse_if_frozen
from accounts.models import BranchCustomer, Fee, Limit
from accounts.profile import rights
from accounts.servicing.pricing import Price
from wekeza_portal.staff import switches

NEW_ACCOUNT, CLOSE_ACCOUNT, WAKE_ACCOUNT = "NEW_ACCOUNT", "CLOSE_ACCOUNT", "WAKE_ACCOUNT"
MANDATE, CHEQUE_BOOK, REFERENCE = "MANDATE", "CHEQUE_BOOK", "REFERENCE_LETTER"


@dataclass(frozen=True, slots=True)
class Service:
    """One service of the branch. `right` is a code of accounts.profile.rights or "" where anybody may ask.

    `stops`: it lets others at the money or takes money out, so it is refused while everything is stopped and for 24
    hours after a new password, and a stop takes back what the branch has not decided; what costs money is refused too.
    """

    kind: str
    page: str
    """The name of the address of its form."""
    title: Any
    what: Any
    fee: str
    days: str
    right: str = ""
    stops: bool = False
    each: Any = ""
    """What the fee is for where it is not for the whole."""


SERVICES: Mapping[str, Service] = {
    service.kind: service
    for service in (
        Service(
            NEW_ACCOUNT,
            "service_new_account",
            _("Another account"),
            _("A second savings or current account in your name. The branch opens it."),
            Fee.Code.ACCOUNT_NEW,
            Limit.Code.ACCOUNT_NEW_DAYS,
            right=Limit.Code.MAY_OPEN_ACCOUNT,
        ),
        Service(
            CLOSE_ACCOUNT,
            "service_close",
            _("Close an account"),
            _("We show you first what stands against it. The branch pays out what is left."),
            Fee.Code.ACCOUNT_END,
            Limit.Code.ACCOUNT_END_DAYS,
            right=Limit.Code.MAY_PAY,
            stops=True,
        ),
        Service(
            WAKE_ACCOUNT,
            "service_wake",
            _("Wake a dormant account"),
            _("For an account that has not been used for a long time. The branch makes it active again."),
            Fee.Code.ACCOUNT_WAKE,
            Limit.Code.ACCOUNT_WAKE_DAYS,
        ),
        Service(
            MANDATE,
            "service_mandate",
            _("Let somebody else use an account"),
            _("A mandate for a person you trust. Both of you sign at the branch with your national IDs."),
            Fee.Code.MANDATE,
            Limit.Code.MANDATE_DAYS,
            right=Limit.Code.MAY_PAY,
            stops=True,
        ),
        Service(
            CHEQUE_BOOK,
            "service_cheques",
            _("Cheque book"),
            _("For a current account. You collect it at a branch."),
            Fee.Code.CHEQUE_LEAF,
            Limit.Code.CHEQUE_BOOK_DAYS,
            right=Limit.Code.MAY_PAY,
            stops=True,
            each=_("for each cheque"),
        ),
        Service(
            REFERENCE,
            "service_reference",
            _("Bank reference"),
            _("A letter in which the bank says how it knows you. People at the branch write and sign it."),
            Fee.Code.REFERENCE_LETTER,
            Limit.Code.REFERENCE_DAYS,
        ),
    )
}
DAYS = tuple(service.days for service in SERVICES.values())


def refuse_unless_open(customer: BranchCustomer, service: Service, price: Price) -> None:
    """Raises SwitchedOff, Frozen, limits.JustBackIn, or what `rights.require` refuses with."""
    switches.require_on(switches.SERVICES)
    if service.stops:
        limits.refuse_just_back_in(customer)
    if service.stops or not price.is_free:
        refuse_if_frozen(customer.user_id)
    if service.right:
        rights.require(customer, service.right)


def promised_days(customer: BranchCustomer, on: date) -> dict[str, int]:
    """Business days that the bank promises on `on`, by kind of service."""
    found: Mapping[str, Decimal] = limits.values(list(DAYS), tier=customer.kyc_tier, on=on)
    return {kind: int(found[service.days]) for kind, service in SERVICES.items()}
