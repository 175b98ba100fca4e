"""Walking the pages of Move with Django's test client."""

from django.test import Client
from django.urls import reverse

from accounts.models import Account, Instruction, User
from tests.support import sign_in


def signed_in(user: User) -> Client:
    """A browser of its own that has passed password and code."""
    client = Client()
    sign_in(client, user)
    return client


def page(client: Client, address: str) -> str:
    response = client.get(address)
    assert response.status_code == 200
    return response.content.decode()


def fill_in(client: Client, sender: Account, receiver: Account, **changes: str) -> tuple[int, str, str]:
    """Send the form; the status, where it leads, and the page."""
    typed = {
        "from_account": sender.account_number,
        "to_account": receiver.account_number,
        "amount": "500",
        "note": "Rent",
        **changes,
    }
    response = client.post(reverse("move_wekeza"), typed)
    return response.status_code, response.headers.get("Location", ""), response.content.decode()


def address(name: str, instruction: Instruction) -> str:
    return reverse(name, args=[instruction.id])
