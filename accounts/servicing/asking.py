"""A wish for a service: looked at, kept as a draft with its price and promise, sent to the branch.

Everything is asked again when it is sent: between the two an account may close, a stop begin, a price change.
"""

import uuid
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.http import Http404

from accounts.approvals import services
from accounts.models import Account, AccountTerms, ApprovalRequest, Branch, BranchCustomer
from accounts.selectors import AccountSummary, accounts_of
from accounts.servicing import catalogue, errors, saying
from accounts.servicing.catalogue import SERVICES
from accounts.servicing.pricing import Price, price_of
from accounts.servicing.ties import in_the_way, ties_of
from accounts.servicing.words import CASH
from wekeza_portal import clock
from wekeza_portal.actors import Actor
from wekeza_portal.money import format_kes

FREE, COSTS = "ACCOUNT_MAINTENANCE", "OTHER"
Wish = Mapping[str, str]


def draft(customer: BranchCustomer, kind: str, wish: Wish) -> ApprovalRequest:
    """Store what the review page shows. `wish` is what the form of that kind gave, texts only.

    Raises SwitchedOff, Frozen, what rights refuse with, AlreadyAsked, or a ServiceRefused.
    """
    price = _refuse_unless_possible(customer, kind, wish)
    return services.draft(
        customer=customer,
        kind=kind,
        transaction_type=queue_type(price),
        payload=payload_of(customer, kind, wish, price),
        amount=price.amount,
    )


def redraft(customer: BranchCustomer, draft_id: uuid.UUID, kind: str, wish: Wish, actor: Actor) -> ApprovalRequest:
    """The same service put differently, its papers kept. Http404 or DraftIsGone, and what `draft` raises.

    What it costs may have changed with it, and then so has the queue's word: that needs a draft of its own.
    """
    price = _refuse_unless_possible(customer, kind, wish)
    old = services.get(customer, draft_id)
    if old.kind != kind:
        raise Http404
    if (old.amount, old.transaction_type) != (price.amount, queue_type(price)):
        services.cancel(customer=customer, request_id=old.id, actor=actor)
        return draft(customer, kind, wish)
    payload = payload_of(customer, kind, wish, price)
    return services.replace(customer=customer, request_id=draft_id, payload=payload, actor=actor)


def send(customer: BranchCustomer, request: ApprovalRequest, actor: Actor) -> ApprovalRequest:
    """Send the reviewed wish to the branch; nothing is charged. Raises what `draft` raises, PriceChanged, DraftIsGone,
    TooMany. StillInTheWay where an account can't be closed yet."""
    kind, wish = request.kind, request.payload
    if services.is_open_draft(request):
        price = _refuse_unless_possible(customer, kind, wish, but=request)
        if price.amount != Decimal(wish["fee"]):
            raise errors.PriceChanged(fee=format_kes(price.amount))
        if kind == catalogue.CLOSE_ACCOUNT:
            _refuse_while_in_the_way(customer, wish["account"])
    return services.send(
        customer=customer,
        request_id=request.id,
        data=saying.data_for_staff(customer, request),
        description=saying.words_for_staff(customer, request),
        typed=saying.typed_by_customer(request),
        actor=actor,
    )


def about(kind: str, wish: Wish) -> str:
    """What can be asked for once at a time."""
    if kind == catalogue.NEW_ACCOUNT:
        return kind
    return f"{wish['account']}:{wish['national_id']}" if kind == catalogue.MANDATE else wish["account"]


def price_for(kind: str, wish: Wish) -> Price:
    """KES that the branch takes for this very wish, by the figures of today. Raises NoPrice."""
    count = int(wish["leaves"]) if kind == catalogue.CHEQUE_BOOK else 1
    return price_of(SERVICES[kind].fee, clock.today(), count=count)


def queue_type(price: Price) -> str:
    """The word in the branch's queue."""
    return FREE if price.is_free else COSTS


def payload_of(customer: BranchCustomer, kind: str, wish: Wish, price: Price) -> dict[str, Any]:
    """All that a request keeps: what was typed, the price and the promise of today."""
    today = clock.today()
    own = [account.number for account in accounts_of(customer)] if kind == catalogue.NEW_ACCOUNT else []
    return {
        **wish,
        "about": about(kind, wish),
        "fee": str(price.amount),
        "excise": str(price.excise),
        "days": str(catalogue.promised_days(customer, today)[kind]),
        **({"had": own} if kind == catalogue.NEW_ACCOUNT else {}),
    }


def _refuse_unless_possible(
    customer: BranchCustomer, kind: str, wish: Wish, but: ApprovalRequest | None = None
) -> Price:
    """What it costs, where it can be asked for. `but` is the draft that is being sent."""
    price = price_for(kind, wish)
    catalogue.refuse_unless_open(customer, SERVICES[kind], price)
    if but is None and services.waits_already(customer, kind, about(kind, wish)):
        raise services.AlreadyAsked()
    if kind != catalogue.NEW_ACCOUNT:
        _refuse_unless_it_fits(customer, kind, wish)
    if "branch" in wish and not Branch.objects.filter(branch_code=wish["branch"], is_active=True).exists():
        raise errors.BranchGone()
    if kind == catalogue.MANDATE and wish["national_id"] == (customer.national_id or "").strip().upper():
        raise errors.OneselfIsNoHelper()
    return price


def _refuse_unless_it_fits(customer: BranchCustomer, kind: str, wish: Wish) -> None:
    own = {account.number: account for account in accounts_of(customer)}
    account = own.get(wish["account"])
    if account is None or not _fits(kind, account):
        raise errors.NotThisAccount()
    if kind == catalogue.CLOSE_ACCOUNT and wish["rest"] != CASH:
        other = own.get(wish["rest"])
        if other is None or not other.is_active or other.number == account.number:
            raise errors.NotTheRest()


def _fits(kind: str, account: AccountSummary) -> bool:
    status = Account.Status
    if kind == catalogue.WAKE_ACCOUNT:
        return account.status == status.DORMANT
    if kind == catalogue.CHEQUE_BOOK:
        return account.is_active and account.kind == AccountTerms.Kind.CURRENT
    if kind == catalogue.MANDATE:
        return account.is_active
    return account.status in {status.ACTIVE, status.DORMANT}


def _refuse_while_in_the_way(customer: BranchCustomer, number: str) -> None:
    ties = in_the_way(ties_of(customer, number))
    if ties:
        raise errors.StillInTheWay(what=ties[0].what)
