"""What kinds of posting there are and what holds for each. A rail or a product adds its own in AppConfig.ready()."""

from dataclasses import dataclass

from django.db import models

from wekeza_portal.registry import Registry


class PostingKind(models.TextChoices):
    """The kinds the ledger itself knows; others are registered by name."""

    TRANSFER_INTERNAL = "TRANSFER_INTERNAL"
    TRANSFER_OWN = "TRANSFER_OWN"
    REVERSAL = "REVERSAL"
    SETTLEMENT = "SETTLEMENT"


@dataclass(frozen=True, slots=True)
class Kind:
    """The rules of one kind of posting.

    `counts`: it leaves the customer through Move and takes from the daily and monthly limits, and from the cap after a
    way back in. `is_capped`: it leaves some other way and takes from that cap alone. `follows`: no customer
    confirms it; the bank posts it after a payment (`ledger.follow_up`). `gives_back`: such a one that undoes it and
    returns the money to the customer, and to the limits what the payment took. `is_loss`: such a one that books what
    the bank lost by the payment, out of a `losses.` account, also after it was given back. `arrives`: nobody here
    confirms it; the bank posts it when money comes in from outside (`ledger.receive`). `verb`: its name in the trail.
    """

    counts: bool = False
    is_capped: bool = False
    follows: bool = False
    gives_back: bool = False
    is_loss: bool = False
    arrives: bool = False
    verb: str = "payment.posted"


LOSSES = "losses."
"""Internal accounts that only lose: what the bank bears itself."""

kinds: Registry[Kind] = Registry("posting kind")
kinds.register(PostingKind.TRANSFER_INTERNAL, Kind(counts=True))
kinds.register(PostingKind.TRANSFER_OWN, Kind())
kinds.register(PostingKind.REVERSAL, Kind(follows=True, gives_back=True, verb="payment.reversed"))
kinds.register(PostingKind.SETTLEMENT, Kind(follows=True, verb="payment.settled"))


def register_kind(name: str, kind: Kind) -> None:
    """Add a kind of posting. LookupError when the name is taken; ValueError for rules that contradict each other."""
    if (kind.gives_back or kind.is_loss) and not kind.follows:
        raise ValueError("what gives back or books a loss follows a payment")
    if kind.gives_back and kind.is_loss:
        raise ValueError("a loss is the bank's: nobody is given anything back by it")
    if kind.counts and kind.is_capped:
        raise ValueError("what counts against the limits is held against the cap already")
    if (kind.counts or kind.is_capped) and kind.follows:
        raise ValueError("what the bank posts afterwards takes nothing from the customer's limits")
    if kind.arrives and (kind.follows or kind.counts or kind.is_capped):
        raise ValueError("what comes in follows no payment and takes nothing from the customer's limits")
    kinds.register(name, kind)


def posted_afterwards() -> list[str]:
    """Names of the kinds that the bank posts after a payment."""
    return [name for name, kind in kinds.items() if kind.follows]


def arriving() -> list[str]:
    """Names of the kinds that the bank posts when money comes in from outside."""
    return [name for name, kind in kinds.items() if kind.arrives]


def losses() -> list[str]:
    """Names of the kinds that book what the bank lost."""
    return [name for name, kind in kinds.items() if kind.is_loss]


def counted() -> list[str]:
    """Names of the kinds that count against the limits."""
    return [name for name, kind in kinds.items() if kind.counts]
