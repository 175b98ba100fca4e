"""Demo data of the profile: what two customers said of themselves, one address changed long ago, one ID never seen."""

from datetime import date, timedelta
from decimal import Decimal

from accounts.identity import links
from accounts.models import BranchCustomer, ContactChange, CustomerDetails, CustomerDocument, CustomerIdentity
from wekeza_portal.branch.demobank.bank import DemoBank

Kin, Work = CustomerDetails.Kin, CustomerDetails.Work
SAID = {
    "emmanuel": {
        "home_address": "House 4, Umoja Estate", "town": "Nairobi", "postal_address": "P.O. Box 1234-00100 Nairobi",
        "kin_name": "Chebet Kiprono", "kin_relation": Kin.SIBLING, "kin_phone": "+254722000222",
        "work": Work.EMPLOYED, "employer": "Mlima Tea Ltd", "occupation": "Accountant",
        "monthly_income": Decimal("85000.00"),
    },
    "nuria": {
        "home_address": "Nyali Road", "town": "Mombasa", "postal_address": "",
        "kin_name": "Hassan Omar", "kin_relation": Kin.PARENT, "kin_phone": "+254733000333",
        "work": Work.OWN, "employer": "Nuria Fabrics", "occupation": "", "monthly_income": Decimal("60000.00"),
    },
}  # fmt: skip
BORN = {"emmanuel": date(1988, 7, 12), "nuria": date(1991, 2, 3)}
LONG_AGO = timedelta(days=40)


def seed(bank: DemoBank) -> None:
    """Runs once, in the transaction that fills the demo bank."""
    for key, said in SAID.items():
        at = bank.now - LONG_AGO
        since = {"home_since": at, "kin_since": at, "work_since": at}
        customer_id = bank.customer(key).user_id
        CustomerDetails.objects.create(customer_id=customer_id, created_at=at, **since, **said)
        _identify(bank, key, standing="", born_on=BORN[key])
    _identify(bank, "dickson", standing=CustomerIdentity.Standing.NONE)
    _papers(bank)
    _changed_long_ago(bank)


def _identify(bank: DemoBank, key: str, *, standing: str, born_on: date | None = None) -> None:
    row = BranchCustomer.objects.get(pk=bank.customer(key).user_id)
    CustomerIdentity.objects.create(
        customer_id=row.user_id,
        standing=standing,
        born_on=born_on,
        fingerprint=links.fingerprint(row),
        decided_by="REL001, SUP001",
        decided_at=bank.now - LONG_AGO,
    )


def _papers(bank: DemoBank) -> None:
    """Shown at the branch: an ID that ends soon, a proof of income that ended, a photo that was no good."""
    kinds, states = CustomerDocument.Kind, CustomerDocument.State
    today = bank.now.date()
    for key, kind, state, ends, reason in (
        ("emmanuel", kinds.ID, states.VERIFIED, today + timedelta(days=25), ""),
        ("nuria", kinds.ID, states.VERIFIED, today + timedelta(days=900), ""),
        ("nuria", kinds.INCOME, states.VERIFIED, today - timedelta(days=3), ""),
        ("nuria", kinds.PHOTO, states.REFUSED, None, "Too dark: we can't see your face."),
    ):
        CustomerDocument.objects.create(
            customer_id=bank.customer(key).user_id,
            kind=kind,
            state=state,
            sent_at=bank.now - LONG_AGO,
            decided_at=bank.now - LONG_AGO,
            decided_by="REL001",
            expires_on=ends,
            reason=reason,
        )


def _changed_long_ago(bank: DemoBank) -> None:
    """Nuria's address, too long ago to be undone."""
    row = BranchCustomer.objects.get(pk=bank.customer("nuria").user_id)
    at = bank.now - LONG_AGO
    ContactChange.objects.create(
        customer_id=row.user_id,
        detail=ContactChange.Detail.EMAIL,
        old="nuria.old@example.com",
        new=row.email,
        state=ContactChange.State.IN_FORCE,
        created_at=at,
        prove_until=at + timedelta(hours=1),
        in_force_at=at,
        undo_until=at + timedelta(hours=72),
    )
