"""Demo data of transfers: every biller and broker can be paid, at accounts that exist in the rail simulator alone."""

from transfers import seeding
from transfers.models import Bank, Biller, Broker, PhonePrefix
from wekeza_portal.branch.demobank.bank import DemoBank

DEMO_BANK = "99"
"""A code no Kenyan bank has."""


def seed(bank: DemoBank) -> None:
    """Runs once, in the transaction that fills the demo bank."""
    seeding.install(bank=Bank, prefix=PhonePrefix, biller=Biller, broker=Broker)
    for model in (Biller, Broker):
        for row in model._default_manager.filter(paybill="", bank_account=""):
            row.bank_code, row.bank_account = DEMO_BANK, f"9900{row.pk:06d}"
            row.save(update_fields=["bank_code", "bank_account"])
    Biller.objects.filter(code="SCHOOL_FEES").update(is_active=False)
    Biller.objects.get_or_create(
        code="SCHOOL_TUMAINI",
        defaults={
            "name": "Tumaini Academy (demo school)",
            "category": Biller.Category.SCHOOL,
            "bank_code": DEMO_BANK,
            "bank_account": "9900999999",
            "account_label_en": "Admission number",
            "account_label_sw": "Nambari ya mwanafunzi",
            "account_pattern": "[A-Za-z0-9/-]{2,20}",
            "account_example": "ADM/1234/26",
            "minimum": "1.00",
            "maximum": "100000.00",
        },
    )
