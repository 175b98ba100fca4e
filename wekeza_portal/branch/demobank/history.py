"""Eighteen months of the whole bank, played in time order: whose money moved, and what every balance came to."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from functools import partial
from random import Random

from wekeza_portal import clock
from wekeza_portal.branch.demobank import holdings
from wekeza_portal.branch.demobank.diary import Diary, Event, working_day
from wekeza_portal.branch.demobank.holdings import months_after
from wekeza_portal.branch.demobank.lives import live
from wekeza_portal.branch.demobank.people import BUSINESSES, PEOPLE, Business, Person
from wekeza_portal.branch.demobank.rows import Book, Row
from wekeza_portal.money import ZERO

SEED = "wekeza"
MONTHS = 18
UNEXPLAINED = "amina.mohamed"
"""The customer with a word nobody knows among their rows: their balance does not tie, and need not."""


@dataclass(frozen=True, slots=True)
class AccountPlan:
    """An account of the demo bank before it has an id. `opening` is what it held before its first row."""

    key: str
    number: str
    owner: str
    opened_at: datetime
    opening: Decimal
    status: str = "ACTIVE"


@dataclass(frozen=True, slots=True)
class History:
    accounts: dict[str, AccountPlan]
    rows: list[Row]
    balances: dict[str, Decimal]


def play(accounts: dict[str, AccountPlan], now: datetime) -> History:
    """Everything up to `now`. The same accounts and the same day give the same history, whatever the hour."""
    today = now.date()
    book = Book(
        Random(SEED),  # noqa: S311 - a demo that must come out the same
        {key: plan.opening for key, plan in accounts.items()},
        {key: plan.number for key, plan in accounts.items()},
    )
    events = [event for person in PEOPLE for event in _events_of(person, accounts[person.key], today)]
    events += [event for business in BUSINESSES for event in _events_of_business(business, today)]
    events += _between_people(today)
    for event in sorted(events, key=lambda event: event.at):
        event.act(book, event.at)
    _today(book, today)
    _meet_targets(book, today)
    rows = sorted(book.rows, key=lambda row: row.at)
    return History(accounts, _squeeze(rows, now), book.balances)


def first_day(today: date) -> date:
    return months_after(today.replace(day=1), -MONTHS)


def _events_of(person: Person, plan: AccountPlan, today: date) -> list[Event]:
    start = max(first_day(today), plan.opened_at.date())
    if person.is_active is False or person.status == "DORMANT":
        start = first_day(today)
    diary = Diary(Random(f"{SEED}:{person.key}"), start, today)  # noqa: S311 - a demo that is the same each time needs no secret
    if not person.gift:
        opening = max(person.income // 4 // 500 * 500, 2_000)
        act = partial(Book.initial_deposit, account=person.key, amount=opening)
        diary.events.append(Event(plan.opened_at, 0, act))
    live(diary, person, person.key)
    _held(diary, person)
    if person.life not in ("quiet", "shop"):
        _sweep(diary, person)
    if person.key == "wanjiku.kamau":
        _first_version(diary, person.key)
    if person.key == "otieno":
        _overdraw(diary, person.key)
    if person.key == UNEXPLAINED:
        _unknown_word(diary, person.key)
    if person.status == "FROZEN":
        stopped = clock.midnight(today - timedelta(days=40))
        return [event for event in diary.events if event.at < stopped]
    return diary.events


def _held(diary: Diary, person: Person) -> None:
    """Money of loans, policies and fixed deposits, on the days their tables name."""
    account = person.key
    for loan in holdings.loans_of(person, diary.today):
        paid_out = partial(
            Book.loan, account=account, amount=loan.credited, loan_id=loan.loan_id, product=loan.held.product
        )
        diary.at(loan.starts, time(11, 20, 5), paid_out)
        for paid in loan.paid:
            repaid = partial(Book.repayment, account=account, amount=paid.amount, loan_id=loan.loan_id)
            diary.at(paid.on, time(9, 0, 20), repaid)
    for policy in holdings.policies_of(person, diary.today):
        for number, day in enumerate(policy.paid_on):
            premium = partial(
                Book.premium, account=account, amount=policy.premium, policy=policy.number, first=number == 0
            )
            diary.at(day, time(9, 5, 40), premium)
    for deposit in holdings.deposits_of(person, diary.today):
        placed = partial(
            Book.fixed_deposit,
            account=account,
            amount=Decimal(deposit.held.principal),
            fd_number=deposit.number,
        )
        diary.at(deposit.starts, time(10, 12, 0), placed)


def _sweep(diary: Diary, person: Person) -> None:
    """What is left over goes elsewhere on the sixth: to the second account, or to shares in a sacco.

    Not in the months before a fixed deposit is opened, which needs the money.
    """
    held = holdings.deposits_of(person, diary.today)
    busy = {months_after(deposit.starts.replace(day=1), -back) for deposit in held for back in (0, 1, 2)}
    keep = person.income * (9 if person.second_account else 22) // 10
    for month in diary.months():
        if month not in busy:
            diary.at(month.replace(day=6), time(18, 31, 9), partial(_set_aside, person=person, keep=keep))
        if person.second_account:
            spend = diary.pick(person.income // 10, person.income // 5, 500)
            diary.some_day(month, partial(_build, account=f"{person.key}:current", amount=spend), 9, 26)


def _build(book: Book, at: datetime, *, account: str, amount: int) -> None:
    book.mobile(at, account, amount, "254722000606", "Mjengo Hardware", "Building materials")


def _set_aside(book: Book, at: datetime, *, person: Person, keep: int) -> None:
    spare = int(book.balances[person.key] - keep) // 500 * 500
    if spare < 500:
        return
    if person.second_account:
        book.to_wekeza(at, person.key, spare, f"{person.key}:current", "Set aside")
    else:
        book.to_bank(at, person.key, spare, "01128003344100", "Sacco shares")


def _first_version(diary: Diary, account: str) -> None:
    """Words of the branch's first version, left in old rows."""
    for days, word, amount, text, out in (
        (3, "DISBURSEMENT", 15_000, "Loan disbursement", False),
        (31, "REPAYMENT", 7_800, "Loan repayment", True),
        (31, "FEE", 120, "Ledger fee", True),
        (62, "REPAYMENT", 7_800, "Loan repayment", True),
    ):
        act = partial(Book.old_word, account=account, txn_type=word, amount=amount, text=text, out=out)
        diary.at(working_day(diary.start + timedelta(days=days + 4)), time(10, 30, 0), act)


def _unknown_word(diary: Diary, account: str) -> None:
    act = partial(
        Book.old_word, account=account, txn_type="CLEARING_ITEM", amount=1_850, text="Clearing item 4471", out=False
    )
    diary.at(working_day(diary.today - timedelta(days=75)), time(14, 2, 0), act)


def _overdraw(diary: Diary, account: str) -> None:
    """The branch executes a transfer without looking at the balance."""
    diary.at(
        working_day(diary.today - timedelta(days=2)), time(15, 47, 30), partial(_beyond_the_balance, account=account)
    )


def _beyond_the_balance(book: Book, at: datetime, *, account: str) -> None:
    amount = int(book.balances[account]) + 3_250
    book.to_bank(at, account, amount, "0110284417000", "Plot instalment", unchecked=True)


def _events_of_business(business: Business, today: date) -> list[Event]:
    """Customers' cheques come in, wages and suppliers' bills go out."""
    diary = Diary(Random(f"{SEED}:{business.key}"), first_day(today), today)  # noqa: S311 - a demo that is the same each time needs no secret
    account = f"biz:{business.key}"
    for month in diary.months():
        for first, last in ((2, 8), (11, 16), (18, 23)):
            amount = Decimal(diary.pick(business.payroll // 4, business.payroll // 2, 1_000))
            number = f"{diary.rng.randint(1_000, 999_999):06d}"
            diary.counter_day(month, partial(Book.cheque, account=account, amount=amount, number=number), first, last)
        for _ in range(3):
            amount_out = diary.pick(business.payroll // 4, business.payroll // 3, 1_000)
            pay = partial(Book.to_bank, account=account, amount=amount_out, payee="0100774102300", note="Supplies")
            diary.counter_day(month, pay)
    return diary.events


def _between_people(today: date) -> list[Event]:
    """Customers send each other money; nobody sends any to or from Grace, who is a stranger to all."""
    diary = Diary(Random(f"{SEED}:between"), first_day(today), today)  # noqa: S311 - a demo that is the same each time needs no secret
    friends = [person.key for person in PEOPLE if person.email.endswith("@example.com")]
    pairs = [("emmanuel", "nuria", 3_000), ("nuria", "emmanuel", 4_500), ("nuria", friends[0], 2_500)]
    pairs += [(a, b, 1_200) for a, b in zip(friends, friends[5:], strict=False)]
    opened = {person.key: months_after(today.replace(day=1), -person.opened) for person in PEOPLE}
    for month in diary.months():
        for payer, payee, usual in pairs:
            amount = diary.pick(usual // 2, usual * 3 // 2, 50)
            note = diary.rng.choice(("Chama", "Lunch", "Thank you", "Harambee", "Refund"))
            act = partial(Book.to_wekeza, account=payer, amount=amount, payee=payee, note=note)
            if diary.rng.random() < 0.6 and max(opened[payer], opened[payee]) < month:
                diary.some_day(month, act)
    return diary.events


def _meet_targets(book: Book, today: date) -> None:
    """Bring the named balances to the shillings and cents that the demo is told with, by one plausible movement."""
    for person in PEOPLE:
        if not person.target:
            continue
        missing = Decimal(person.target) - book.balances[person.key]
        if missing > ZERO:
            at = datetime.combine(working_day(today - timedelta(days=12)), time(10, 41, 8), tzinfo=clock.NAIROBI)
            book.cheque(at, person.key, missing, "004827")
        elif missing < ZERO:
            at = datetime.combine(today - timedelta(days=1), time(19, 46, 31), tzinfo=clock.NAIROBI)
            book.to_wekeza(at, person.key, -missing, f"{person.key}:current", "Set aside")


def _today(book: Book, today: date) -> None:
    """Yesterday evening and today of the two whom everybody meets first."""
    yesterday = today - timedelta(days=1)

    def at(day: date, hour: int, minute: int, second: int) -> datetime:
        return datetime.combine(day, time(hour, minute, second), tzinfo=clock.NAIROBI)

    book.mobile(at(yesterday, 13, 10, 27), "emmanuel", 540, "254790000234", "Mama Otis Kiosk", "Lunch")
    book.mobile(at(yesterday, 17, 52, 14), "nuria", 2_340, "254757000149", "Quickmart Kilimani", "Shopping")
    book.mobile(at(today, 6, 48, 3), "emmanuel", 650, "254711000906", "Super Metro Sacco", "Fare")
    book.bill(at(today, 7, 15, 40), "emmanuel", 1_200, "Kenya Power (KPLC)", "14905512347")
    book.to_wekeza(at(today, 7, 31, 22), "nuria", 2_500, "emmanuel", "Chama")
    book.mobile(at(today, 7, 44, 55), "nuria", 480, "254110000725", "Java House Valley Arcade", "Breakfast")


def _squeeze(rows: list[Row], now: datetime) -> list[Row]:
    """Before eight in the morning, today's rows move closer to midnight: nothing may happen in the future."""
    start = clock.midnight(now.date())
    share = min((now - start) / timedelta(hours=8), 1.0)
    return [
        row if row.at < start else row._replace(at=start + timedelta(seconds=int((row.at - start).seconds * share)))
        for row in rows
    ]
