"""Cards of the demo customers: some that work and were used, one that is on its way.

Tokens are those the simulator gives to the same ids, so that the uses can be posted before it has started; the worker
passes the orders on to it as soon as it has.
"""

import uuid
from datetime import timedelta
from decimal import Decimal

from django.db import transaction

from accounts.cards import authorising, ordering, reports
from accounts.cards.asking import Use
from accounts.cards.rules import Channel
from accounts.ledger import money_operation
from accounts.models import BranchCustomer, Card
from wekeza_portal import calendar, clock
from wekeza_portal.branch.demobank.bank import DemoBank, DemoCustomer
from wekeza_portal.rails import cards as processor
from wekeza_portal.rails.simulator.cards import plastic

CASH_A_DAY = Decimal("50000.00")


def seed(bank: DemoBank) -> None:
    """Runs in the transaction that fills the demo bank; the uses follow once it is committed.

    None where nothing plays the processor: such a bank could not have a card made.
    """
    if not processor.may_be_asked():
        return
    emmanuel, nuria = bank.customer("emmanuel"), bank.customer("nuria")
    plain, virtual = _card(bank, emmanuel, Card.Kind.PHYSICAL), _card(bank, emmanuel, Card.Kind.VIRTUAL)
    hers = _card(bank, nuria, Card.Kind.PHYSICAL)
    _card(bank, nuria, Card.Kind.VIRTUAL, is_ordered=True)
    transaction.on_commit(lambda: _use_all(plain, virtual, hers))


def _card(bank: DemoBank, who: DemoCustomer, kind: str, *, is_ordered: bool = False) -> Card:
    card_id = uuid.uuid5(uuid.NAMESPACE_OID, f"demo:{who.person.email}:{kind}")
    made, customer = plastic(card_id, clock.today()), BranchCustomer.objects.get(pk=who.user_id)
    account = who.accounts[0]
    ordered = clock.now() if is_ordered else max(bank.now - timedelta(days=40), customer.created_at)
    works: dict[str, object] = {
        "token": made.token,
        "last_four": made.number[-4:],
        "expires_on": made.expires_on,
        "state": Card.State.ACTIVE,
        "activated_at": ordered + timedelta(days=6),
    }
    return Card.objects.create(
        id=card_id,
        customer_id=who.user_id,
        account_id=account.account_id,
        account_number=account.number,
        kind=kind,
        name_on_card=ordering.name_on_card(customer.full_name),
        branch_code="",
        promised_on=calendar.add_business_days(clock.today(), 7) if is_ordered else None,
        ordered_at=ordered,
        due_at=clock.now(),
        atm_daily=CASH_A_DAY,
        abroad=kind == Card.Kind.VIRTUAL,
        **({} if is_ordered else works),
    )


def _use_all(plain: Card, virtual: Card, hers: Card) -> None:
    _use(plain, Channel.SHOP, "2480.00", "NAIVAS", "5411")
    _use(plain, Channel.ATM, "3000.00", "WEKEZA ATM MOI AVENUE", "6011")
    _use(plain, Channel.CONTACTLESS, "650.00", "JAVA HOUSE", "5814")
    _use(plain, Channel.ONLINE, "1000.00", "LUCKY BETS", "7995")
    _use(virtual, Channel.ONLINE, "1299.00", "NETFLIX", "4899", country="NL", original=("9.99", "USD"))
    taken = _use(virtual, Channel.ONLINE, "1850.00", "JUMIA KENYA", "5311")
    money_operation(reports.take_back)(taken)
    _use(hers, Channel.SHOP, "1745.00", "QUICKMART", "5411")
    _use(hers, Channel.CONTACTLESS, "320.00", "ARTCAFFE", "5814")
    _use(hers, Channel.SHOP, "900.00", "CARREFOUR OASIS", "5411", country="UG")


def _use(
    card: Card,
    channel: Channel,
    amount: str,
    merchant: str,
    category: str,
    *,
    country: str = "KE",
    original: tuple[str, str] | None = None,
) -> Use:
    """As the processor would ask it."""
    use = Use(
        id=f"demo-{card.pk.hex[:12]}-{category}-{amount.replace('.', '')}",
        card=card.token or "",
        channel=channel,
        amount=Decimal(amount),
        merchant=merchant,
        city="NAIROBI" if country == "KE" else "",
        country=country,
        category=category,
        original_amount=Decimal(original[0]) if original else None,
        original_currency=original[1] if original else "",
    )
    authorising.authorise(use)
    return use
