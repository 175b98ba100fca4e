"""Privacy in the demo: accepted terms, consents with a history, requests in every state, a look of the staff's."""

from datetime import timedelta
from typing import Any

from accounts.models import Consent, DataRequest, LegalText, TermsAcceptance, User
from accounts.privacy import figures, seeds
from wekeza_portal import identifiers
from wekeza_portal.actors import Actor
from wekeza_portal.audit.services import record
from wekeza_portal.branch.demobank.bank import DemoBank

Kind, State = DataRequest.Kind, DataRequest.State
HISTORY = (
    ("MARKETING_SMS", True, 60),
    ("MARKETING_EMAIL", True, 60),
    ("MARKETING_SMS", False, 21),
    ("OFFERS", True, 9),
)
"""Purpose, yes or no, how many days ago."""
CLERK = "SUPPORT001"


def seed(bank: DemoBank) -> None:
    """Runs once, in the transaction that fills the demo bank."""
    for user in User.objects.filter(accepted_terms=seeds.FIRST, customer__isnull=False):
        text = LegalText.objects.get(kind=LegalText.Kind.TERMS, version=seeds.FIRST)
        at = user.customer.created_at if user.customer is not None else bank.now
        TermsAcceptance.objects.create(user=user, text=text, accepted_at=at, language=user.language, ip="41.90.64.12")
    emmanuel, nuria = (bank.customer(key).user_id for key in ("emmanuel", "nuria"))
    for purpose, is_given, days in HISTORY:
        text = LegalText.objects.get(kind=purpose, version=seeds.FIRST)
        at = bank.now - timedelta(days=days)
        about = {"purpose": purpose, "is_given": is_given, "text": text, "at": at, "how": Consent.How.PORTAL}
        Consent.objects.create(customer_id=emmanuel, ip="41.90.64.12", **about)
    _request(bank, emmanuel, Kind.REVIEW, 3, "My loan was refused by the computer. Please have a person look at it.")
    clerk = User.objects.get(username=CLERK)
    for subject in ("accounts.branchcustomer:", "accounts.account:"):
        record(
            "staff.viewed", actor=Actor("staff", str(clerk.pk)), customer_id=emmanuel, subject=f"{subject}{emmanuel}"
        )
    words = "Your town is Nairobi now, in our file and on your profile."
    _request(bank, emmanuel, Kind.CORRECTION, 30, "I moved from Nakuru to Nairobi.", State.GRANTED, words)
    words = (
        "The law against money laundering makes us keep your payments for seven years (POCAMLA, section 46). We use "
        "them for nothing else."
    )
    _request(bank, nuria, Kind.ERASURE, 40, "Please delete all my old payments.", State.REFUSED, words)


def _request(
    bank: DemoBank, customer_id: int, kind: str, days: int, details: str, state: str = State.OPEN, answer: str = ""
) -> None:
    """One request of so many days ago; what was ended was answered two days later."""
    at, figure = bank.now - timedelta(days=days), figures.row(kind)
    ended: dict[str, Any] = {}
    if answer:
        ended = {"answer": answer, "answered_by": CLERK, "ended_at": at + timedelta(days=2)}
        ended |= {"claimed_by": CLERK, "claimed_at": at + timedelta(days=1)}
    DataRequest.objects.create(
        reference=identifiers.new_reference(),
        customer_id=customer_id,
        kind=kind,
        details=details,
        state=state,
        made_at=at,
        due_on=at.date() + timedelta(days=int(figure.value)),
        figure=figure,
        **ended,
    )
