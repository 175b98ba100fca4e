"""What has to be right on the payer's side of every payment, whoever receives it."""

from decimal import Decimal

from django.http import Http404

from accounts.ledger_errors import MayOnlyLook
from accounts.limits import RecoveryCapExceeded, Room
from accounts.models import Account, BranchCustomer, Limit
from accounts.selectors import AccountSummary, account_for
from transfers import errors
from transfers.selectors import find_account
from wekeza_portal.actors import Actor
from wekeza_portal.audit.services import record
from wekeza_portal.errors import PortalError
from wekeza_portal.money import ZERO, format_kes


def own_source(customer: BranchCustomer, number: str, actor: Actor) -> AccountSummary:
    """The customer's account that is to pay. Raises UnknownSource (and notes an attempt on another's), SourceFrozen,
    SourceDormant or SourceDisabled.
    """
    try:
        source = account_for(customer, number)
    except Http404:
        if number and find_account(number) is not None:
            record("access.denied", actor=actor, subject="account", data={"tried": "pay from another's account"})
        raise errors.UnknownSource() from None
    _refuse_unless_source_pays(source)
    return source


def _refuse_unless_source_pays(source: AccountSummary) -> None:
    refusals: dict[str, type[errors.TransferRefused]] = {
        Account.Status.FROZEN: errors.SourceFrozen,
        Account.Status.DORMANT: errors.SourceDormant,
    }
    if source.status != Account.Status.ACTIVE:
        raise refusals.get(source.status, errors.SourceDisabled)()


def sendable(source: AccountSummary, *, fee: Decimal, room: Room | None) -> Decimal:
    """The most that can be sent from this account now, in KES, never negative; `room` None where no limit counts."""
    most = max(source.available - fee, ZERO)
    return most if room is None else min(most, room.left)


def refuse_unless_affordable(source: AccountSummary, *, amount: Decimal, fee: Decimal, room: Room | None) -> None:
    """Raises the refusal that names the reason and the figure that would work, all reasons considered."""
    most = sendable(source, fee=fee, room=room)
    if amount <= most:
        return
    if amount + fee > source.available:
        raise _not_enough(source, amount, fee, most)
    if room is not None:
        raise _over_limit(room, amount, most)


def _over_limit(room: Room, amount: Decimal, most: Decimal) -> PortalError:
    if not room.daily_limit and Limit.Code.DAILY_OUT not in room.own:
        return MayOnlyLook()  # nothing a day is what the bank allows whom it has not identified
    if amount > room.daily_left:
        limit, is_own = format_kes(room.daily_limit), Limit.Code.DAILY_OUT in room.own
        if not most:
            return errors.DailyLimitReached(limit=limit)
        return (errors.OwnDailyLimit if is_own else errors.DailyLimit)(sendable=format_kes(most), limit=limit)
    if room.recovery is not None and amount > room.recovery.left:
        return RecoveryCapExceeded(left=most, limit=room.recovery.limit, until=room.recovery.until)
    limit, is_own = format_kes(room.monthly_limit), Limit.Code.MONTHLY_OUT in room.own
    if not most:
        return errors.MonthlyLimitReached(limit=limit)
    return (errors.OwnMonthlyLimit if is_own else errors.MonthlyLimit)(sendable=format_kes(most), limit=limit)


def _not_enough(source: AccountSummary, amount: Decimal, fee: Decimal, most: Decimal) -> errors.TransferRefused:
    minimum = format_kes(source.minimum)
    has_it = amount + fee <= source.booked
    if not most:
        return errors.OnlyMinimumLeft(minimum=minimum) if has_it else errors.NothingToSend()
    values = {"sendable": format_kes(most), "fee": format_kes(fee)}
    if has_it:
        return (errors.MinimumBalanceAndFee if fee else errors.MinimumBalance)(minimum=minimum, **values)
    return (errors.NotEnoughForTheFee if fee else errors.InsufficientFunds)(**values)
