"""Writes the demo bank into the branch's tables: plain inserts, in the order of time, nothing else touched."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from hashlib import sha256
from typing import Any

from django.db import connection

from wekeza_portal import clock
from wekeza_portal.branch import introspection
from wekeza_portal.branch.demobank.bank import DemoAccount, DemoBank, DemoCustomer
from wekeza_portal.branch.demobank.diary import working_day
from wekeza_portal.branch.demobank.history import AccountPlan, History, first_day, play
from wekeza_portal.branch.demobank.holdings import months_after
from wekeza_portal.branch.demobank.people import BUSINESSES, DIRECTORS, PEOPLE, Person
from wekeza_portal.branch.demobank.rows import Row
from wekeza_portal.money import ZERO

_BATCH = 5_000

BRANCHES = (
    ("HQ001", "Head Office", "Upper Hill, Nairobi"),
    ("BR001", "Main Branch", "Nairobi"),
    ("NBO001", "Nairobi CBD Branch", "Kenyatta Avenue, Nairobi"),
    ("WST001", "Westlands Branch", "Westlands Square, Nairobi"),
    ("MSA001", "Mombasa Branch", "Digo Road, Mombasa"),
    ("KSM001", "Kisumu Branch", "Oginga Odinga Street, Kisumu"),
)
STAFF = (
    ("STAFF001", "Ruth Wairimu", "BRANCH_MANAGER"),
    ("TELLER001", "Brian Kiptoo", "TELLER"),
    ("TELLER002", "Mercy Achieng", "TELLER"),
    ("REL001", "Salim Mbarak", "RELATIONSHIP_MANAGER"),
    ("SUP001", "Esther Nduta", "SUPERVISOR"),
    ("ADMIN001", "Collins Wanyama", "ADMIN"),
    ("CREDIT001", "Joyce Mutindi", "SUPERVISOR"),
    ("CASH001", "Daniel Sigei", "TELLER"),
    # The portal's own staff, two for each role: wekeza_portal.staff.demo.
    ("SUPPORT001", "Amina Barasa", "TELLER"),
    ("SUPPORT002", "George Kamau", "TELLER"),
    ("RISK001", "Lilian Chebet", "SUPERVISOR"),
    ("RISK002", "Hassan Omar", "SUPERVISOR"),
    ("OPS001", "Naomi Wafula", "ADMIN"),
    ("OPS002", "Kevin Muriuki", "ADMIN"),
    ("AUDIT001", "Janet Moraa", "ADMIN"),
    ("AUDIT002", "Samuel Ekiru", "ADMIN"),
)


def write_bank(now: datetime) -> DemoBank:
    """Fill the empty branch tables; the caller holds the transaction. All ids are ours, so a refill is the same."""
    today = now.date()
    plans = plan_accounts(today)
    _write_branches(first_day(today))
    _write_businesses(today)
    _write_users(today)
    _write_cif(today)
    history = play(plans, now)
    ids = _write_accounts(history)
    _write_transactions(history.rows, ids)
    return _as_seen(now, plans, ids)


def plan_accounts(today: date) -> dict[str, AccountPlan]:
    """Every account by its key, in the order of their ids: first accounts, second accounts, businesses."""
    plans = {}
    for user_id, person in enumerate(PEOPLE, start=1):
        opened = opened_at(person, today)
        number = f"ACC{1_000_000 + user_id}"
        plans[person.key] = AccountPlan(person.key, number, person.key, opened, Decimal(person.gift), person.status)
    for person in PEOPLE:
        if person.second_account:
            opened = clock.midnight(months_after(first_day(today), 1)) + timedelta(days=8, hours=11)
            number = f"ACC{opened:%Y%m%d}{sha256(person.key.encode()).hexdigest()[:6].upper()}"
            plans[f"{person.key}:current"] = AccountPlan(f"{person.key}:current", number, person.key, opened, ZERO)
    for business_id, business in enumerate(BUSINESSES, start=1):
        key, opened = f"biz:{business.key}", clock.midnight(first_day(today)) - timedelta(days=900)
        opening = Decimal(business.payroll * 2)
        plans[key] = AccountPlan(key, f"BIZ{1_000_000 + business_id}", key, opened, opening)
    return plans


def opened_at(person: Person, today: date) -> datetime:
    """When the customer joined, at the counter, on a working day."""
    month = months_after(today.replace(day=1), -person.opened)
    return datetime.combine(working_day(month.replace(day=7)), time(10, 15, len(person.key)), tzinfo=clock.NAIROBI)


def insert(table: str, rows: Iterable[dict[str, Any]]) -> None:
    """Insert rows of one shape, leaving out the columns that this database does not have."""
    rows = list(rows)
    if not rows:
        return
    there = introspection.columns(table)
    names = [name for name in rows[0] if name in there]
    _insert_many(table, names, [[_stored(row[name]) for name in names] for row in rows])


def _insert_many(table: str, names: Sequence[str], values: Sequence[Sequence[Any]]) -> None:
    quote = connection.ops.quote_name
    columns = ", ".join(quote(name) for name in names)
    places = ", ".join(["%s"] * len(names))
    statement = f"INSERT INTO {quote(table)} ({columns}) VALUES ({places})"  # noqa: S608 - names are our own
    with connection.cursor() as cursor:
        for start in range(0, len(values), _BATCH):
            cursor.executemany(statement, values[start : start + _BATCH])


def _stored(value: Any) -> Any:
    if isinstance(value, datetime):
        return connection.ops.adapt_datetimefield_value(value)
    if isinstance(value, date):
        return connection.ops.adapt_datefield_value(value)
    return str(value) if isinstance(value, Decimal) else value


def _write_branches(since: date) -> None:
    made = clock.midnight(since) - timedelta(days=1_500)
    insert(
        "branches",
        (
            {"branch_id": number, "branch_code": code, "branch_name": name, "location": location,
             "phone_number": "+254700123456", "email": f"{code.lower()}@wekeza.com", "is_active": 1,
             "created_at": made, "updated_at": made}
            for number, (code, name, location) in enumerate(BRANCHES, start=1)
        ),
    )  # fmt: skip
    insert(
        "staff",
        (
            {"staff_id": number, "staff_code": code, "full_name": name, "email": f"{code.lower()}@wekeza.com",
             "phone_number": f"0700000{800 + number}", "national_id": str(80_000_000 + number), "role": role,
             "branch_id": 1 if code == "ADMIN001" else 2, "password_hash": "password123", "is_active": 1,
             "hire_date": made.date(), "created_at": made, "updated_at": made}
            for number, (code, name, role) in enumerate(STAFF, start=1)
        ),
    )  # fmt: skip


def _write_businesses(today: date) -> None:
    made = clock.midnight(first_day(today)) - timedelta(days=900)
    insert(
        "businesses",
        (
            {"business_id": number, "business_name": business.name, "registration_no": business.registration_no,
             "kra_pin": business.kra_pin, "sector": business.sector, "created_at": made}
            for number, business in enumerate(BUSINESSES, start=1)
        ),
    )  # fmt: skip


def _write_users(today: date) -> None:
    rows = [
        _user(number, person.name, person.email, person.phone, person.national_id, opened_at(person, today))
        | {"password_hash": person.secret, "kyc_tier": person.tier, "is_active": int(person.is_active)}
        for number, person in enumerate(PEOPLE, start=1)
    ]
    firms = [business.key for business in BUSINESSES]
    made = clock.midnight(first_day(today)) - timedelta(days=900)
    for number, (firm, name, email) in enumerate(DIRECTORS, start=1):
        director = _user(len(PEOPLE) + number, name, email, f"0722000{900 + number}", str(90_000_000 - number), made)
        rows.append(director | {"business_id": firms.index(firm) + 1})
    insert("users", rows)


def _write_cif(today: date) -> None:
    """The customers' files at the branch: tied to `users` by national ID alone, and not everybody has one."""
    towns = ("Ngong Road, Nairobi", "Nyali, Mombasa", "Milimani, Kisumu", "Section 58, Nakuru", "Elgon View, Eldoret")
    rows = []
    for number, person in enumerate(PEOPLE[::2], start=1):
        made = opened_at(person, today)
        born = date(made.year - 21 - number * 7 % 38, number % 12 + 1, number * 5 % 28 + 1)
        rows.append(
            {"customer_id": number, "cif_number": f"CIF{made:%Y%m%d}{number:04d}", "full_name": person.name,
             "national_id": person.national_id, "phone_number": person.phone, "email": person.email,
             "date_of_birth": born, "physical_address": towns[number % len(towns)],
             "postal_address": f"P.O. Box {1000 + number * 37}-00100 Nairobi", "kyc_tier": person.tier,
             "occupation": person.life.capitalize(), "employer": person.employer or None,
             "monthly_income": person.income, "customer_type": "individual", "status": "ACTIVE",
             "created_at": made, "updated_at": made, "created_by": "REL001"}
        )  # fmt: skip
    insert("customers", rows)


def _user(user_id: int, name: str, email: str, phone: str, national_id: str, made: datetime) -> dict[str, Any]:
    return {
        "user_id": user_id,
        "full_name": name,
        "email": email,
        "phone_number": phone,
        "national_id": national_id,
        "password_hash": "password123",
        "kyc_tier": "TIER_2",
        "is_active": 1,
        "created_at": made,
        "updated_at": made,
        "business_id": None,
    }


def _write_accounts(history: History) -> dict[str, int]:
    """Insert every account with its final balance; gives the account ids by key."""
    users = {person.key: number for number, person in enumerate(PEOPLE, start=1)}
    firms = {f"biz:{business.key}": number for number, business in enumerate(BUSINESSES, start=1)}
    ids = {key: number for number, key in enumerate(history.accounts, start=1)}
    insert(
        "accounts",
        (
            {"account_id": ids[key], "account_number": plan.number, "balance": history.balances[key],
             "currency": "KES", "status": plan.status, "user_id": users.get(plan.owner),
             "business_id": firms.get(plan.owner), "created_at": plan.opened_at}
            for key, plan in history.accounts.items()
        ),
    )  # fmt: skip
    return ids


def _write_transactions(rows: Sequence[Row], ids: dict[str, int]) -> None:
    names = ("transaction_id", "account_id", "txn_type", "amount", "reference_code", "description", "created_at")
    values = [
        (number, ids[row.account], row.txn_type, str(row.amount), row.reference, row.description, _stored(row.at))
        for number, row in enumerate(rows, start=1)
    ]
    _insert_many("transactions", names, values)


def _as_seen(now: datetime, plans: dict[str, AccountPlan], ids: dict[str, int]) -> DemoBank:
    customers = {}
    for number, person in enumerate(PEOPLE, start=1):
        held = tuple(DemoAccount(ids[plan.key], plan.number) for plan in plans.values() if plan.owner == person.key)
        customers[person.key] = DemoCustomer(person, number, held)
    return DemoBank(now, customers)
