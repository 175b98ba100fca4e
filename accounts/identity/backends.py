"""Finding a login by the branch's e-mail and proving its password with the same work for everybody."""

import unicodedata
from typing import Any

from django.contrib.auth.backends import ModelBackend
from django.contrib.auth.hashers import make_password
from django.http import HttpRequest

from accounts.models import BranchCustomer, User


def normalise_email(text: str) -> str:
    """One spelling for one address: no blanks around it, compatible characters unified, case folded."""
    return unicodedata.normalize("NFKC", text).strip().casefold()


def customer_by_email(email: str) -> BranchCustomer | None:
    """The branch customer with exactly this address, ignoring case.

    The branch's collations also ignore accents and trailing blanks: without the comparison in Python one address
    would have many spellings, each with its own count of wrong tries.
    """
    wanted = normalise_email(email)
    for customer in BranchCustomer.objects.filter(email__iexact=wanted):
        if normalise_email(customer.email) == wanted:
            return customer
    return None


def user_by_email(email: str) -> User | None:
    """The login of the branch customer with this address, the customer beside it."""
    customer = customer_by_email(email)
    user = User.objects.filter(customer=customer).first() if customer is not None else None
    if user is not None:
        user.customer = customer
    return user


def proves(user: User | None, password: str) -> bool:
    """Whether this is the user's password. Nobody (None) costs the same work and is never right."""
    if user is None:
        make_password(password)
        return False
    return user.check_password(password)


class CustomerBackend(ModelBackend):
    """Proves a customer's password. Whether the customer may come in is `accounts.identity.guard`'s to say."""

    def authenticate(  # type: ignore[override] # Django lets backends name their own
        self, request: HttpRequest | None, email: str | None = None, password: str | None = None, **kwargs: Any
    ) -> User | None:
        """The user with this e-mail and password, or None after the same hashing work."""
        if email is None or password is None:
            return None
        user = user_by_email(email)
        return user if proves(user, password) else None

    def get_user(self, user_id: int) -> User | None:
        """The user with the branch row beside it, so that a page needs no further query for either."""
        user = User.objects.select_related("customer").filter(pk=user_id).first()
        return user if user is not None and self.user_can_authenticate(user) else None
