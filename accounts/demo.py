"""Demo data of accounts: logins of the enrolled demo customers, which accounts are current, what stands in inboxes."""

from datetime import timedelta
from decimal import Decimal

from django.contrib.auth.hashers import make_password

from accounts import demofactors, demomessages
from accounts.identity import links
from accounts.identity.backends import normalise_email
from accounts.models import (
    AccountTerms,
    BranchCustomer,
    CodeDevice,
    Currency,
    IndicativeRate,
    Limit,
    OwnLimit,
    SignInAttempt,
    TextSize,
    Theme,
    User,
)
from accounts.notices import demo as notices_demo
from accounts.privacy.seeds import FIRST
from wekeza_portal.branch.demobank.bank import DemoBank, DemoCustomer
from wekeza_portal.branch.demobank.cast import PASSWORD

INVENTED = "demo, invented"
RATES = {Currency.USD: "129.35", Currency.EUR: "149.80", Currency.GBP: "170.25"}
LAST_HERE = timedelta(days=2, hours=3)
THEIR_BROWSER = "Mozilla/5.0 (Linux; Android 13) AppleWebKit/537.36 Chrome/130.0 Mobile Safari/537.36"


def seed(bank: DemoBank) -> None:
    """Runs once, in the transaction that fills the demo bank."""
    encoded = make_password(PASSWORD)
    for customer in bank.customers.values():
        if customer.person.enrolled:
            _enrol(bank, customer, encoded)
        for second in customer.accounts[1:]:
            AccountTerms.objects.create(account_id=second.account_id, kind=AccountTerms.Kind.CURRENT)
    _limit(bank)
    _preferences(bank)
    _rates(bank)
    demomessages.seed(bank)
    notices_demo.seed(bank)
    demofactors.seed(bank)


def _limit(bank: DemoBank) -> None:
    """nuria made her month smaller, and asked yesterday to have more of it again: that counts in four hours."""
    OwnLimit.objects.create(
        customer_id=bank.customers["nuria"].user_id,
        code=Limit.Code.MONTHLY_OUT,
        value=Decimal("600000.00"),
        next_value=Decimal("900000.00"),
        next_at=bank.now + timedelta(hours=4),
        changed_at=bank.now - timedelta(hours=20),
    )


def _preferences(bank: DemoBank) -> None:
    """emmanuel sees dollars beside his balance and two years; nuria reads large letters on dark ground."""
    users = User.objects.filter
    users(customer_id=bank.customers["emmanuel"].user_id).update(display_currency=Currency.USD, history_years=2)
    users(customer_id=bank.customers["nuria"].user_id).update(theme=Theme.DARK, text_size=TextSize.LARGE)


def _rates(bank: DemoBank) -> None:
    """Invented for the demo, and marked so where staff see them; a bank enters its own. Figures outlive a reset."""
    there = set(IndicativeRate.objects.filter(effective_from=bank.now.date()).values_list("code", flat=True))
    IndicativeRate.objects.bulk_create(
        IndicativeRate(code=code, kes=Decimal(kes), effective_from=bank.now.date(), created_by=INVENTED)
        for code, kes in RATES.items()
        if code not in there
    )


def _enrol(bank: DemoBank, customer: DemoCustomer, encoded: str) -> None:
    row = BranchCustomer.objects.get(pk=customer.user_id)
    user = User.objects.create(
        username=f"customer:{row.user_id}",
        customer=row,
        password=encoded,
        fingerprint=links.fingerprint(row),
        branch_secret_digest=links.secret_digest(row),
        known_phone=row.phone_number or "",
        known_phone_since=row.created_at,
        known_email=normalise_email(row.email),
        language="en",
        accepted_terms=FIRST,
    )
    CodeDevice.objects.create(user=user, name="code", confirmed=True)
    # Whoever has had online access for a month has been here before.
    SignInAttempt.objects.create(
        user=user, at=bank.now - LAST_HERE, outcome=SignInAttempt.Outcome.SIGNED_IN, user_agent=THEIR_BROWSER
    )
