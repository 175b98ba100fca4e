"""Why a date of an order was not paid, kept as a word and said in the reader's language.

No figures: messages are read by others, and what was left that day stands on the account.
"""

from typing import Any

from django.utils import translation
from django.utils.translation import gettext_lazy as _

from transfers.outside.errors import RailRests
from wekeza_portal.errors import PortalError

MONEY, DAY, MONTH, NEW_PAYEE, OWN_LIMIT, SIZE = "MONEY", "DAY", "MONTH", "NEW_PAYEE", "OWN_LIMIT", "SIZE"
HELD = "HELD"
ACCOUNT, RECEIVER, ACCESS, BANK, STOPPED, OTHER = "ACCOUNT", "RECEIVER", "ACCESS", "BANK", "STOPPED", "OTHER"
FROZEN = "FROZEN"
PASSES = (BANK, FROZEN)
"""No fault of the order's: the date is tried for some days, and three of them in a row pause nothing."""

WORDS: dict[str, Any] = {
    MONEY: _("There was not enough money on the account."),
    DAY: _("It was more than what was left of your daily limit."),
    MONTH: _("It was more than what was left of your monthly limit."),
    NEW_PAYEE: _("It was more than may go to somebody new in the first 24 hours."),
    HELD: _("There is a question to answer first, or a wait: pay it by itself to see it."),
    OWN_LIMIT: _("It was more than the limit you set for this payee."),
    SIZE: _("The amount does not fit what one payment of this kind may be."),
    ACCOUNT: _("Money can't leave that account now. Call us and we will explain."),
    RECEIVER: _("The receiver can't be paid now. Check with them, and set the payment up again if something changed."),
    ACCESS: _("Your online access is closed or has to be activated again."),
    BANK: _("The service was not available."),
    STOPPED: _("The order was paused, ended or changed before it was tried again."),
    FROZEN: _("You had stopped everything that leaves your accounts."),
    OTHER: _("Something stopped it on our side. Please call us."),
}
SHORT: dict[str, Any] = {
    MONEY: _("not enough money"),
    DAY: _("over your daily limit"),
    MONTH: _("over your monthly limit"),
    NEW_PAYEE: _("over the limit for new payees"),
    HELD: _("a question to answer first"),
    OWN_LIMIT: _("over your limit for this payee"),
    SIZE: _("amount not possible"),
    ACCOUNT: _("the account can't pay now"),
    RECEIVER: _("the receiver can't be paid"),
    ACCESS: _("your online access is closed"),
    BANK: _("service not available"),
    FROZEN: _("you stopped everything"),
    OTHER: _("please call us"),
}
"""The same in the room of an SMS."""
LANGUAGES = ("en", "sw")

_BY_CODE = {
    "insufficient_funds": MONEY,
    "minimum_balance": MONEY,
    "nothing_to_send": MONEY,
    "only_minimum_left": MONEY,
    "daily_limit": DAY,
    "daily_limit_reached": DAY,
    "monthly_limit": MONTH,
    "monthly_limit_reached": MONTH,
    "new_payee_cap": NEW_PAYEE,
    "held": HELD,
    "above_own_limit": OWN_LIMIT,
    "above_most": SIZE,
    "below_least": SIZE,
    "whole_shillings": SIZE,
    "account_cannot_pay": ACCOUNT,
    "unknown_source": ACCOUNT,
    "source_frozen": ACCOUNT,
    "source_dormant": ACCOUNT,
    "source_disabled": ACCOUNT,
    "account_cannot_receive": RECEIVER,
    "accounts_changed": RECEIVER,
    "business_payee": RECEIVER,
    "payee_unavailable": RECEIVER,
    "receiver_gone": RECEIVER,
    "unknown_payee": RECEIVER,
    "name_changed": RECEIVER,
    "owner_changed": RECEIVER,
    "access_closed": ACCESS,
    "switched_off": BANK,
    "rail_rests": BANK,
    "frozen": FROZEN,
}


def reason_of(refusal: PortalError) -> str:
    """The word for a refusal; OTHER for one that an order was not thought to meet."""
    return _BY_CODE.get(refusal.code, OTHER)


def notice_of(refusal: PortalError) -> dict[str, str]:
    """What the bank said of its own service, in both languages; empty for every other refusal."""
    if reason_of(refusal) != BANK:
        return {}
    said = {}
    for language in LANGUAGES:
        with translation.override(language):
            said[language] = refusal.afterwards if isinstance(refusal, RailRests) else str(refusal)
    return said


def words(reason: str, notice: dict[str, str]) -> str:
    """The reason in the active language: the bank's own notice where there is one."""
    language = "sw" if translation.get_language() == "sw" else "en"
    return notice.get(language) or str(WORDS.get(reason, ""))
