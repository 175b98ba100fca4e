"""Who is doing this: carried from the request to the ledger and the audit trail."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Actor:
    """A person or process that changes something.

    `kind` is "customer", "staff" or "system"; `id` the portal user's id or the job's name; `customer_id` the
    branch's users.user_id when the actor is a customer.
    """

    kind: str
    id: str
    customer_id: int | None = None
    request_id: str = ""
    ip: str | None = None


def system(name: str) -> Actor:
    """The actor for work nobody asked for by hand."""
    return Actor(kind="system", id=name)
