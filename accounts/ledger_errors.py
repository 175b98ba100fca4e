"""Why the ledger refuses, in the customer's words."""

from decimal import Decimal

from django.utils.translation import gettext_lazy as _

from wekeza_portal.errors import PortalError
from wekeza_portal.money import ZERO, format_kes


class AccountCannotPay(PortalError):
    """The account to be debited is frozen, dormant or disabled."""

    code = "account_cannot_pay"
    field = "from_account"
    message = _("Money can't leave this account now. Call us or visit a branch and we will sort it out with you.")


class AccountCannotReceive(PortalError):
    """The account to be credited is not active, not personal, or gone. Says no more: it is somebody else's."""

    code = "account_cannot_receive"
    field = "to_account"
    message = _(
        "That account can't receive money now. Nothing was sent. Check the number with the person you are paying."
    )


class InsufficientFunds(PortalError):
    """Not enough. `left` is the largest amount that would work, fee already taken off; `minimum` what must stay."""

    code = "insufficient_funds"
    field = "amount"
    message = _("You can send up to %(left)s from this account now.")
    with_minimum = _(
        "You can send up to %(left)s from this account now. %(minimum)s always stays on a savings account."
    )

    def __init__(self, *, available: Decimal, fee: Decimal, minimum: Decimal) -> None:
        self.left = max(available - fee, ZERO)
        self.minimum = minimum
        super().__init__(left=format_kes(self.left), minimum=format_kes(minimum))

    def __str__(self) -> str:
        return str(self.with_minimum if self.minimum else self.message) % self.values


class MayOnlyLook(PortalError):
    """The customer's tier moves no money: the bank has not identified them."""

    code = "may_only_look"
    message = _("You can look at your money, but not move it yet. Your profile says what we still have to see.")


class ContentChanged(PortalError):
    """The instruction is not what was reviewed, or was done before with other content."""

    code = "content_changed"
    message = _("This payment is not the one you reviewed. Nothing was sent. Please start again.")


class BankIsBusy(PortalError):
    """Eight tries met a deadlock or a lock that did not come free; nothing was changed."""

    code = "bank_is_busy"
    message = _("The bank is very busy just now. Nothing was sent. Please try again in a minute.")
