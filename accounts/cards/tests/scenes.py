"""A card with its owner and money behind it, and the processor's questions about it."""

import json
import secrets
from datetime import date
from decimal import Decimal
from typing import Any

from django.test import Client

from accounts import instructions
from accounts.cards.asking import Use, read_use
from accounts.identity.links import fingerprint
from accounts.models import Account, AccountTerms, BranchCustomer, Card, CustomerIdentity, Instruction
from tests.factories import AccountFactory, CardFactory, CustomerIdentityFactory, UserFactory
from wekeza_portal.actors import Actor
from wekeza_portal.rails import callbacks
from wekeza_portal.rails.cards import AUTHORISE, REPORT, signed

D = Decimal


def a_card(balance: str = "100000.00", **changes: Any) -> Card:
    """An active card on a current account, so that all of its money can be spent; its owner can sign in."""
    customer = changes.pop("customer", None) or UserFactory().customer
    if not CustomerIdentity.objects.filter(customer_id=customer.user_id).exists():
        born(customer)
    account = changes.pop("account", None) or AccountFactory(customer=customer, balance=D(balance))
    AccountTerms.objects.get_or_create(account_id=account.account_id, defaults={"kind": AccountTerms.Kind.CURRENT})
    card: Card = CardFactory(customer=customer, account=account, account_number=account.account_number, **changes)
    return card


def born(customer: BranchCustomer, year: int = 1990) -> None:
    """The bank has read on the ID when the customer was born."""
    CustomerIdentityFactory(customer_id=customer.user_id, born_on=date(year, 1, 1), fingerprint=fingerprint(customer))


def question(card: Card, amount: str = "1000.00", **changes: Any) -> dict[str, Any]:
    """What the processor would ask."""
    return {
        "type": "AUTHORISE",
        "id": f"use-{secrets.token_hex(8)}",
        "card": card.token,
        "channel": "SHOP",
        "amount": amount,
        "currency": "KES",
        "merchant": "NAIVAS",
        "city": "NAIROBI",
        "country": "KE",
        "category": "5411",
        **changes,
    }


def use(card: Card, amount: str = "1000.00", **changes: Any) -> Use:
    return read_use(question(card, amount, **changes))


def ask(content: Any, *, name: str = AUTHORISE, headers: dict[str, str] | None = None) -> Any:
    """The answer over HTTP to a signed question; `headers` in the place of the signature's."""
    body = content if isinstance(content, bytes) else json.dumps(content).encode()
    signs = signed("POST", name, body) if headers is None else headers
    return Client().post(callbacks.path_for(name), body, content_type="application/json", headers=signs)


def report(content: dict[str, Any]) -> Any:
    """A report by the processor, stored and worked through."""
    answer = ask(content, name=REPORT)
    callbacks.work_through()
    return answer


def balance(card: Card) -> Decimal:
    return Account.objects.get(pk=card.account_id).balance or D("0.00")


def owner(card: Card) -> BranchCustomer:
    return BranchCustomer.objects.get(pk=card.customer_id)


def actor_of(card: Card) -> Actor:
    return Actor(kind="customer", id="1", customer_id=card.customer_id)


def with_a_code(instruction: Instruction) -> None:
    """The right code was given, and the act is done."""
    customer = instruction.customer
    actor = Actor(kind="customer", id="1", customer_id=customer.user_id)
    instructions.approve(customer=customer, instruction_id=instruction.id)
    instructions.carry_out(customer=customer, instruction_id=instruction.id, actor=actor)
