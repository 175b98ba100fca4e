"""The request as views get it behind the door."""

from django.http import HttpRequest

from accounts.models import BranchCustomer, User


class CustomerRequest(HttpRequest):
    """A request that the sign-in middleware has let through. For annotations: Django makes plain ones."""

    user: User
    customer: BranchCustomer


class OpenRequest(HttpRequest):
    """A request to a page that is open to everybody; `customer` is None when nobody is signed in."""

    customer: BranchCustomer | None
