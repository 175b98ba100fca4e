"""Walking the profile's pages as a browser does, and reading what was sent."""

import re
from typing import Any

from django.test import Client
from django.urls import reverse

from accounts.models import BranchCustomer, ContactChange, Instruction, OneTimeCode
from wekeza_portal import crypto
from wekeza_portal.notifications.models import OutboxMessage

LINK = re.compile(r"/undo/([0-9a-f]{32})/")


def ask(browser: Client, detail: str, value: str) -> Any:
    return browser.post(f"{reverse('contact_change')}?what={detail}", {"value": value})


def pass_step_up(browser: Client, customer: BranchCustomer) -> ContactChange:
    """From the review over the code at the known number to the page that asks for the new one's."""
    act = Instruction.objects.get(kind="CONTACT_CHANGE", state="DRAFT")
    where = browser.post(reverse("contact_confirm", args=[act.id]))["Location"]
    assert where == f"/step-up/?for={act.id}"
    browser.get(where)
    answer = browser.post(where, {"code": code_out("STEP_UP", customer)})
    assert answer["Location"] == reverse("contact_prove", args=[act.id])
    return ContactChange.objects.get(pk=act.id)


def code_at_the_new(browser: Client, change: ContactChange) -> str:
    """Have the code sent and read it where it went."""
    browser.post(reverse("contact_send", args=[change.id]))
    sent = OneTimeCode.objects.get(binding=f"contact:{change.id}", used_at=None)
    message = OutboxMessage.objects.get(cause=f"code:{sent.id}")
    assert message.to == change.new, "the code proves whoever reads it"
    return crypto.decrypt(message.body)[:6]


def code_out(purpose: str, customer: BranchCustomer) -> str:
    """The one code that is out for this."""
    row = OneTimeCode.objects.get(customer_id=customer.user_id, purpose=purpose, used_at=None)
    return crypto.decrypt(OutboxMessage.objects.get(cause=f"code:{row.id}").body)[:6]


def change_it(browser: Client, customer: BranchCustomer, detail: str, value: str) -> ContactChange:
    """The whole way."""
    assert ask(browser, detail, value).status_code == 303
    change = pass_step_up(browser, customer)
    code = code_at_the_new(browser, change)
    answer = browser.post(reverse("contact_prove", args=[change.id]), {"code": code})
    assert answer.status_code == 303, answer.content.decode()
    change.refresh_from_db()
    return change


def undo_link(change: ContactChange) -> str:
    """The address in the message to the old one."""
    row = OutboxMessage.objects.get(cause=f"contact:{change.id}:old")
    found = LINK.search(crypto.decrypt(row.body))
    assert found is not None
    return found.group()
