"""Two members of staff establish who a customer is: whether the ID was seen, and the date of birth on it.

It opens and closes all that a customer may do, so that one person alone can do neither.
"""

from datetime import date
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.identity import links
from accounts.models import BranchCustomer, CustomerIdentity
from accounts.profile.rights import age_on
from wekeza_portal import clock
from wekeza_portal.actors import Actor, system
from wekeza_portal.audit.services import record
from wekeza_portal.errors import PortalError
from wekeza_portal.staff import proposals
from wekeza_portal.staff.models import Proposal
from wekeza_portal.staff.proposals import Payload, ProposalKind

KIND = "identity"
PROPOSE, APPROVE, SEE = "accounts.propose_identity", "accounts.approve_identity", "accounts.view_customeridentity"
OLDEST = 120
NONE = CustomerIdentity.Standing.NONE


class NoSuchCustomer(PortalError):
    code = "no_such_customer"
    field = "customer"
    message = gettext_lazy("There is no personal customer with this number.")


class OddBirthDate(PortalError):
    code = "odd_birth_date"
    field = "born_on"
    message = gettext_lazy("Nobody with this date of birth can be a customer today. Read the ID again.")


class SomebodyElse(PortalError):
    code = "somebody_else"
    message = gettext_lazy("The branch's row is another person's than when this was proposed.")


def payload_of(customer: BranchCustomer, *, is_seen: bool, born_on: date | None) -> Payload:
    """What a proposal keeps: of whom, as well as by which number."""
    return {
        "customer": customer.user_id,
        "who": links.fingerprint(customer),
        "is_seen": is_seen,
        "born_on": born_on.isoformat() if born_on is not None else "",
    }


def customer_of(number: int) -> BranchCustomer | None:
    """The personal customer with this user_id."""
    return BranchCustomer.objects.filter(pk=number, business__isnull=True).first()


def refuse_if_wrong(payload: Payload) -> None:
    """Raises NoSuchCustomer, SomebodyElse or OddBirthDate."""
    customer = customer_of(payload["customer"])
    if customer is None:
        raise NoSuchCustomer()
    if links.fingerprint(customer) != payload["who"]:
        raise SomebodyElse()
    born = _born(payload)
    if born is not None and not 0 <= age_on(born, clock.today()) <= OLDEST:
        raise OddBirthDate()


def _born(payload: Payload) -> date | None:
    return date.fromisoformat(payload["born_on"]) if payload["born_on"] else None


def describe(payload: Payload) -> str:
    """ "Customer 7: ID seen, born on 14 March 1990"."""
    born = _born(payload)
    values: dict[str, Any] = {"customer": payload["customer"], "born": date_format(born) if born is not None else ""}
    if not payload["is_seen"]:
        return _("Customer %(customer)s: ID not seen, may only look") % values
    text = _("Customer %(customer)s: ID seen, born on %(born)s") if born else _("Customer %(customer)s: ID seen")
    return text % values


def apply(proposal: Proposal) -> None:
    """Write it down, naming maker and checker; in force for the next payment. A date already known stays."""
    establish(proposal.payload, proposal)


def establish(payload: Payload, proposal: Proposal, *, document: str = "") -> None:
    """Likewise one customer of `proposal`, in the approving transaction; `document` is what was seen, if it says so."""
    born = _born(payload)
    values: dict[str, Any] = {
        "standing": "" if payload["is_seen"] else NONE,
        "fingerprint": payload["who"],
        "decided_by": f"{proposal.made_by_code}, {proposal.decided_by_code}"[:60],
        "decided_at": clock.now(),
    }
    row = CustomerIdentity.objects.select_for_update().filter(customer_id=payload["customer"]).first()
    keeps_date = row is not None and row.fingerprint == payload["who"]
    values["born_on"] = born or (row.born_on if row is not None and keeps_date else None)
    CustomerIdentity.objects.update_or_create(customer_id=payload["customer"], defaults=values)
    _record(payload, system("identity"), document)


def _record(payload: Payload, actor: Actor, document: str) -> None:
    data = {"seen": payload["is_seen"], "birth_date": bool(payload["born_on"])}
    data |= {"document": document} if document else {}
    record("identity.decided", actor=actor, customer_id=payload["customer"], data=data)


def register() -> None:
    """Once, when the staff's pages are made."""
    proposals.kinds.register(
        KIND,
        ProposalKind(
            title=gettext_lazy("Who a customer is"),
            make_permission=PROPOSE,
            check_permission=APPROVE,
            describe=describe,
            refuse_if_wrong=refuse_if_wrong,
            apply=apply,
        ),
    )
