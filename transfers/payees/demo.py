"""Demo payees: those emmanuel and nuria keep, one kept today, a payment that waits, and what the question did."""

import uuid
from datetime import timedelta
from decimal import Decimal

from accounts.models import Account, BranchCustomer, Instruction
from transfers import destinations, services
from transfers.destinations import Destination
from transfers.models import Biller, Broker, KnownPayee, SavedPayee, ScamPause
from transfers.payees.guards import guard_key
from transfers.payees.keeping import WEKEZA
from transfers.rules import masked_name
from transfers.selectors import payee_key
from wekeza_portal.actors import system
from wekeza_portal.branch.demobank.bank import DemoBank

LONG_AGO = timedelta(days=40)
# Weeks ago, kind, answer, outcome.
PAUSES = (
    (1, "TRANSFER_INTERNAL", "OWN_IDEA", "PAID"),
    (1, "MOBILE_MONEY", "ASKED", "CANCELLED"),
    (2, "MOBILE_MONEY", "OWN_IDEA", "PAID"),
    (2, "BANK_TRANSFER", "ASKED", "PAID"),
    (3, "TRANSFER_INTERNAL", "", "CANCELLED"),
)


def seed(bank: DemoBank) -> None:
    """Runs once, in the transaction that fills the demo bank."""
    biller = Biller.objects.get(code="KPLC_PREPAID")
    broker = Broker.objects.order_by("name").first()
    assert broker is not None
    outside = [
        ("Mama", destinations.to_phone("0722123456", "MPESA").named("Joyce Kiprono"), Decimal("5000.00")),
        ("Rent", destinations.to_bank("01", "1234567890").named("Baraka Properties"), None),
        ("Aunt Amina", destinations.to_bank_by_phone("0711 456 789").named("Amina Hassan"), None),
        ("Tokens at home", destinations.to_biller(biller.code, biller.account_example), Decimal("3000.00")),
        ("Shares", destinations.to_broker(broker.code, "123456", "LI"), None),
    ]
    for nickname, destination, limit in outside:
        _keep(bank, "emmanuel", destination.kind, destination, nickname, limit=limit)
    _keep(bank, "emmanuel", WEKEZA, _account_of(bank, "nuria"), "Nuria")
    _keep(bank, "nuria", WEKEZA, _account_of(bank, "emmanuel"), "")
    _keep(bank, "nuria", WEKEZA, _account_of(bank, "grace"), "Grace, the tailor", ago=timedelta(hours=3))
    for weeks, kind, answer, outcome in PAUSES:
        _asked(bank, weeks, kind, answer, outcome)
    _waiting(bank)


def _account_of(bank: DemoBank, key: str) -> Destination:
    account = Account.objects.select_related("customer").get(pk=bank.customer(key).accounts[0].account_id)
    name = masked_name(account.customer.full_name) if account.customer else ""
    return Destination(WEKEZA, {}, payee_key(account), account.account_number, "", name)


def _keep(
    bank: DemoBank,
    key: str,
    kind: str,
    destination: Destination,
    nickname: str,
    *,
    limit: Decimal | None = None,
    ago: timedelta = LONG_AGO,
) -> None:
    who, since = bank.customer(key).user_id, bank.now - ago
    is_confirmed = kind == WEKEZA
    SavedPayee.objects.create(
        customer_id=who,
        kind=kind,
        payee_key=destination.key,
        guard_key=guard_key(destination.key),
        destination={
            "to_number": destination.number,
            "to_name": destination.name,
            "to_at": destination.at,
            "values": destination.values,
        },
        nickname=nickname,
        confirmed_name=destination.name if is_confirmed else "",
        confirmed_at=since if is_confirmed else None,
        own_limit=limit,
        created_at=since,
    )
    KnownPayee.objects.create(customer_id=who, guard_key=guard_key(destination.key), first_at=since)


def _asked(bank: DemoBank, weeks: int, kind: str, answer: str, outcome: str) -> None:
    """A question of the past whose payment is long forgotten."""
    at = bank.now - timedelta(weeks=weeks, hours=5)
    ScamPause.objects.create(
        instruction_id=uuid.uuid5(uuid.NAMESPACE_OID, f"wekeza-demo-pause:{weeks}:{kind}"),
        customer_id=bank.customer("emmanuel").user_id,
        kind=kind,
        payee_key="",
        shown_at=at,
        answer=answer,
        answered_at=at if answer else None,
        held_until=at + timedelta(minutes=30) if answer == ScamPause.Answer.ASKED else None,
        outcome=outcome,
    )


def _waiting(bank: DemoBank) -> None:
    """Nuria prepared a payment that somebody asked her for: it waits."""
    nuria = bank.customer("nuria")
    customer = BranchCustomer.objects.get(pk=nuria.user_id)
    draft: Instruction = services.prepare_transfer(
        customer,
        from_number=nuria.accounts[0].number,
        to_number=bank.customer("otieno").accounts[0].number,
        amount=Decimal("25000.00"),
        note="",
        actor=system("demo"),
    )
    ScamPause.objects.create(
        instruction_id=draft.id,
        customer_id=nuria.user_id,
        kind=draft.kind,
        payee_key=draft.payee_key,
        guard_key=guard_key(draft.payee_key),
        shown_at=bank.now,
        answer=ScamPause.Answer.ASKED,
        answered_at=bank.now,
        held_until=bank.now + timedelta(minutes=30),
    )
