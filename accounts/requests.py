"""The request as views get it behind the door."""

from django.http import HttpRequest

from accounts.models import BranchCustomer, SignedInSession, User


class CustomerRequest(HttpRequest):
    """A request that the sign-in middleware has let through. For annotations: Django makes plain ones."""

    user: User
    customer: BranchCustomer
    signed_in_session: SignedInSession


class OpenRequest(HttpRequest):
    """A request to a page that is open to everybody; `customer` is None when nobody is signed in."""

    customer: BranchCustomer | None
    signed_in_session: SignedInSession | None


class DoorRequest(OpenRequest):
    """A request at the door itself, which decides who is signed in."""

    sign_in_needed: bool
