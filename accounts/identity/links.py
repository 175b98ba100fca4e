"""The tie between a portal login and its row in the branch's `users`.

Branch scripts drop rows and reuse ids, so a link is trusted only while the row is still the same person's.
"""

from accounts.models import BranchCustomer, User
from wekeza_portal import clock, crypto


def fingerprint(customer: BranchCustomer) -> str:
    """Digest of what stays the same about a person: id, national ID, when the row was made."""
    made = customer.created_at.astimezone(clock.NAIROBI).isoformat() if customer.created_at else ""
    return crypto.keyed_digest("fingerprint", f"{customer.user_id}|{customer.national_id}|{made}")


def secret_digest(customer: BranchCustomer) -> str:
    """Digest of the branch's password_hash, to notice when the branch resets it."""
    return crypto.keyed_digest("branch-secret", f"{customer.user_id}|{customer.password_hash}")


def link_is_intact(user: User, customer: BranchCustomer) -> bool:
    """Whether the branch row is still the person who enrolled."""
    return user.fingerprint == fingerprint(customer)
