"""Demo data of looks: Emmanuel asked yesterday where a payment is, and agreed that support looks; it is over."""

from datetime import timedelta

from accounts.models import BankCall, SupportLook, SupportView
from wekeza_portal.branch.demobank.bank import DemoBank

HELPER_CODE, HELPER = "SUPPORT001", "Amina Barasa"
LOOKED_AT = (("home", "/", 2), ("view", "/view/", 3), ("standing", "/move/standing/", 5))


def seed(bank: DemoBank) -> None:
    """Runs once, in the transaction that fills the demo bank."""
    asked = bank.now - timedelta(days=1, hours=2)
    view = SupportView.objects.create(
        customer_id=bank.customer("emmanuel").user_id,
        reference="604 718",
        staff_id=0,
        staff_code=HELPER_CODE,
        helper=HELPER,
        department=BankCall.Department.SUPPORT,
        why="You asked where your payment to Nairobi Water is",
        asked_at=asked,
        answer_by=asked + timedelta(minutes=10),
        approved_at=asked + timedelta(minutes=1),
        ends_at=asked + timedelta(minutes=31),
        ended_at=asked + timedelta(minutes=8),
        ended_by=SupportView.EndedBy.STAFF,
    )
    for page, address, minutes in LOOKED_AT:
        SupportLook.objects.create(view=view, at=asked + timedelta(minutes=minutes), page=page, address=address)
