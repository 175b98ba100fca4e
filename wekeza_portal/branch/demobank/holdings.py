"""Loans, policies and fixed deposits of the demo people, worked out from what they hold and what day it is.

The history writes the money; lending, insurance and savings write their tables from the same figures.
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from hashlib import sha256

from wekeza_portal.branch.demobank.people import DepositHeld, LoanHeld, Person, PolicyHeld
from wekeza_portal.money import ZERO, round_half_up

PAYMENT_DAY, PREMIUM_DAY, DEPOSIT_DAY = 10, 12, 15


def months_after(day: date, months: int) -> date:
    """The same day of the month, `months` later; `day.day` must exist in every month."""
    index = day.year * 12 + day.month - 1 + months
    return day.replace(year=index // 12, month=index % 12 + 1)


def _identifier(prefix: str, on: date, *parts: object) -> str:
    """The branch's way: prefix, date, six hex digits."""
    digest = sha256(":".join(map(str, parts)).encode()).hexdigest()[:6].upper()
    return f"{prefix}{on:%Y%m%d}{digest}"


@dataclass(frozen=True, slots=True)
class Repayment:
    on: date
    amount: Decimal
    principal: Decimal
    interest: Decimal


@dataclass(frozen=True, slots=True)
class Loan:
    """A loan as of today: what was paid by the customer, what is left, when the next instalment falls due."""

    held: LoanHeld
    loan_id: str
    application_id: str
    starts: date
    ends: date
    monthly: Decimal
    paid: tuple[Repayment, ...]
    outstanding: Decimal
    next_payment: date | None
    days_overdue: int

    @property
    def credited(self) -> Decimal:
        """What the branch pays out: less 2.5 % processing, 0.8 % insurance and the legal fee."""
        principal = Decimal(self.held.principal)
        legal = 2_500 if principal > 100_000 else 1_500
        return round_half_up(principal * (1 - Decimal("0.033"))) - legal


@dataclass(frozen=True, slots=True)
class Policy:
    held: PolicyHeld
    number: str
    starts: date
    premium: Decimal
    paid_on: tuple[date, ...]


@dataclass(frozen=True, slots=True)
class Deposit:
    held: DepositHeld
    number: str
    starts: date
    matures: date
    maturity_amount: Decimal


def loans_of(person: Person, today: date) -> list[Loan]:
    return [_loan(person, held, today) for held in person.loans]


def _loan(person: Person, held: LoanHeld, today: date) -> Loan:
    starts = months_after(today.replace(day=PAYMENT_DAY), -held.months_ago)
    monthly_rate = Decimal(held.rate) / 1200
    monthly = round_half_up(held.principal * monthly_rate / (1 - (1 + monthly_rate) ** -held.months))
    due = [months_after(starts, number) for number in range(1, held.months + 1)]
    past = [day for day in due if day < today]
    paid, left = [], Decimal(held.principal)
    for day in past[: len(past) - held.missed]:
        interest = round_half_up(left * monthly_rate)
        principal = left if day == due[-1] else monthly - interest
        paid.append(Repayment(day, principal + interest, principal, interest))
        left -= principal
    upcoming = due[len(paid)] if len(paid) < len(due) else None
    return Loan(
        held=held,
        loan_id=_identifier("LN", starts, person.key, held),
        application_id=_identifier("LA", starts, person.key, held),
        starts=starts,
        ends=due[-1],
        monthly=monthly,
        paid=tuple(paid),
        outstanding=left if upcoming else ZERO,
        next_payment=upcoming,
        days_overdue=max((today - upcoming).days, 0) if upcoming else 0,
    )


def policies_of(person: Person, today: date) -> list[Policy]:
    """Each with the days on which a premium was paid: the first at the sale, then monthly."""
    policies = []
    for held in person.policies:
        starts = months_after(today.replace(day=PREMIUM_DAY), -held.months_ago)
        days = [months_after(starts, number) for number in range(held.months_ago + 1)]
        policies.append(
            Policy(
                held=held,
                number=_identifier("POL", starts, person.key, held),
                starts=starts,
                premium=round_half_up(Decimal(held.annual_premium) / 12),
                paid_on=tuple(day for day in days if day < today),
            )
        )
    return policies


def deposits_of(person: Person, today: date) -> list[Deposit]:
    """Simple interest: principal x rate x months / 12 (the branch's formula)."""
    deposits = []
    for held in person.deposits:
        starts = months_after(today.replace(day=DEPOSIT_DAY), -held.months_ago)
        interest = round_half_up(held.principal * Decimal(held.rate) * held.months / 1200)
        deposits.append(
            Deposit(
                held=held,
                number=_identifier("FD", starts, person.key, held),
                starts=starts,
                matures=months_after(starts, held.months),
                maturity_amount=held.principal + interest,
            )
        )
    return deposits
