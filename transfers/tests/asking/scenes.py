"""What tests of asking for money share."""

import re
from decimal import Decimal

from django.test import Client

from accounts.models import Account, Instruction, User
from tests.support import sign_in
from transfers.asking import answers, asks
from transfers.asking.delivering import deliver
from transfers.models import MoneyRequest
from transfers.tests.support import as_actor, owner_of

State = MoneyRequest.State
NOBODY = "ACC9999999"


def browser(account: Account) -> Client:
    client = Client()
    sign_in(client, User.objects.get(customer=account.customer))
    return client


def ask(asker: Account, payer: str, amount: str = "500.00", note: str = "Lunch") -> MoneyRequest:
    customer = owner_of(asker)
    return asks.ask(
        customer, to_account=asker.account_number, payer=payer, amount=Decimal(amount), note=note,
        actor=as_actor(customer),
    )  # fmt: skip


def asked(asker: Account, payer: Account, **values: str) -> MoneyRequest:
    """A request that reached its payer."""
    request = ask(asker, payer.account_number, **values)
    deliver()
    request.refresh_from_db()
    return request


def draft(payer: Account, request: MoneyRequest) -> Instruction:
    customer = owner_of(payer)
    return answers.prepare(customer, request, from_number=payer.account_number, actor=as_actor(customer))


def form(asker: Account, **typed: str) -> dict[str, str]:
    return {"payer": NOBODY, "amount": "500", "note": "Lunch", "to_account": asker.account_number, **typed}


def plain(text: str) -> str:
    """A page without what differs from one request to another."""
    text = re.sub(r"[0-9a-f]{8}-[0-9a-f-]{27}|[0-9a-f]{32}", "ID", text)
    return re.sub(r'value="[A-Za-z0-9]{64}"|data-used="\d+">\d+ KB|ACC\d+', "X", text)
