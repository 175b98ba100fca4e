"""Why a transfer is refused: one class for each reason, with the sentence the customer reads."""

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from wekeza_portal.errors import PortalError


class TransferRefused(PortalError):
    """Nothing has moved and nothing will."""


class UnknownSource(TransferRefused):
    """The paying account is not the customer's: a stale page, or somebody trying."""

    code = "unknown_source"
    field = "from_account"
    message = _("Choose one of your own accounts to pay from.")


class SourceFrozen(TransferRefused):
    code = "source_frozen"
    field = "from_account"
    message = _("This account is frozen, so no money can leave it. Call us on %(phone)s and we will explain.")

    def __init__(self) -> None:
        super().__init__(phone=settings.SUPPORT_PHONE)


class SourceDormant(TransferRefused):
    code = "source_dormant"
    field = "from_account"
    message = _("This account has not been used for a long time and is asleep. A visit to any branch wakes it up.")


class SourceDisabled(TransferRefused):
    code = "source_disabled"
    field = "from_account"
    message = _("This account is closed for payments. Call us on %(phone)s and we will explain.")

    def __init__(self) -> None:
        super().__init__(phone=settings.SUPPORT_PHONE)


class UnknownPayee(TransferRefused):
    code = "unknown_payee"
    field = "to_account"
    message = _("There is no Wekeza account with this number. Check it with the person you are paying.")


class BusinessPayee(TransferRefused):
    code = "business_payee"
    field = "to_account"
    message = _("This account can't be paid online.")


class PayeeUnavailable(TransferRefused):
    """Frozen, dormant, disabled: which of them is nobody's business but the owner's."""

    code = "payee_unavailable"
    field = "to_account"
    message = _("This account can't receive money now.")


class SameAccount(TransferRefused):
    code = "same_account"
    field = "to_account"
    message = _("Choose a different account: this is the one you are paying from.")


class PayeeLookupLimit(TransferRefused):
    """Strangers' accounts asked for too often: a name must not be had by trying numbers."""

    code = "payee_lookup_limit"
    field = "to_account"
    message = _(
        "You have checked %(limit)s new account numbers today, which is the most in one day. "
        "You can still pay people you paid before, and check new numbers tomorrow."
    )


class InsufficientFunds(TransferRefused):
    code = "insufficient_funds"
    field = "amount"
    message = _("There is not enough money in this account. You can send up to %(sendable)s now.")


class NotEnoughForTheFee(InsufficientFunds):
    """Likewise where the payment has a fee, which the amount that would work leaves room for."""

    message = _(
        "There is not enough money in this account. The fee is %(fee)s: with it you can send up to %(sendable)s now."
    )


class MinimumBalance(TransferRefused):
    """The money is there, but the savings minimum has to stay."""

    code = "minimum_balance"
    field = "amount"
    message = _("%(minimum)s must stay in a savings account. You can send up to %(sendable)s now.")


class MinimumBalanceAndFee(MinimumBalance):
    """Likewise where the payment has a fee."""

    message = _(
        "%(minimum)s must stay in a savings account. The fee is %(fee)s: with it you can send up to %(sendable)s now."
    )


class NothingToSend(TransferRefused):
    code = "nothing_to_send"
    field = "amount"
    message = _("There is no money to send in this account now.")


class OnlyMinimumLeft(TransferRefused):
    code = "only_minimum_left"
    field = "amount"
    message = _("%(minimum)s must stay in a savings account, so nothing can be sent from this one now.")


class DailyLimit(TransferRefused):
    code = "daily_limit"
    field = "amount"
    message = _("You can send up to %(sendable)s today. Your daily limit is %(limit)s.")


class MonthlyLimit(TransferRefused):
    code = "monthly_limit"
    field = "amount"
    message = _("You can send up to %(sendable)s this month. Your monthly limit is %(limit)s.")


class OwnDailyLimit(TransferRefused):
    """The customer made the limit lower than the bank's."""

    code = "own_daily_limit"
    field = "amount"
    message = _(
        "You can send up to %(sendable)s today. You set your daily limit to %(limit)s. You can raise it under Settings."
    )


class DailyLimitReached(TransferRefused):
    code = "daily_limit_reached"
    field = "amount"
    message = _("You have sent your daily limit of %(limit)s. You can send again tomorrow.")


class OwnMonthlyLimit(TransferRefused):
    """The customer made the limit lower than the bank's."""

    code = "own_monthly_limit"
    field = "amount"
    message = _(
        "You can send up to %(sendable)s this month. You set your monthly limit to %(limit)s. You can raise it under "
        "Settings."
    )


class MonthlyLimitReached(TransferRefused):
    code = "monthly_limit_reached"
    field = "amount"
    message = _("You have sent your monthly limit of %(limit)s. You can send again next month.")


class NoteTooLong(TransferRefused):
    code = "note_too_long"
    field = "note"
    message = _("The note can have up to %(limit)s characters.")


class AboveOwnLimit(TransferRefused):
    code = "above_own_limit"
    field = "amount"
    message = _("You set a limit of %(limit)s for this payee. You can change it on the payee's page.")


class NameChanged(TransferRefused):
    """The other side names somebody else than when the payee was kept."""

    code = "name_changed"
    message = _(
        "The name for this number was %(before)s and is now %(now)s. We stopped here: check with the person you are "
        "paying. If it is right, remove the payee and add it again."
    )


class OwnerChanged(TransferRefused):
    """A Wekeza account that was given to somebody else after it was kept."""

    code = "owner_changed"
    field = "to_account"
    message = _(
        "This number is not the same person's as when you kept it. We stopped here: check with the person you are "
        "paying. If it is right, remove the payee and add it again."
    )


class FeeChanged(TransferRefused):
    """The fee in force is not the one the customer saw."""

    code = "fee_changed"
    message = _("The fee has changed to %(fee)s since you checked. Nothing was sent. Please check again.")


class DutyChanged(TransferRefused):
    """The duty inside the fee is not what the customer saw; the fee is."""

    code = "duty_changed"
    message = _(
        "The excise duty inside the fee has changed to %(excise)s since you checked. The fee has not. Nothing was "
        "sent. Please check again."
    )


class AccountsChanged(TransferRefused):
    """One of the accounts is not what it was at the review: another owner, another number."""

    code = "accounts_changed"
    message = _("Something about these accounts has changed since you checked. Nothing was sent. Please start again.")
