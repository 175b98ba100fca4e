"""How people of different walks of life earn and spend: what goes into their diary, month by month."""

from collections.abc import Callable
from datetime import date, datetime, time
from decimal import Decimal
from functools import partial

from wekeza_portal.branch.demobank.diary import Diary, pay_day
from wekeza_portal.branch.demobank.people import Person
from wekeza_portal.branch.demobank.rows import Book

SHOP_EVENTS = 14_290

_PAYEES = (
    ("254722000411", "Wambui Groceries", "Vegetables"),
    ("254711000528", "Kamakis Butchery", "Meat"),
    ("254733000617", "Baraka Chemist", "Medicine"),
    ("254790000234", "Mama Otis Kiosk", "Shopping"),
    ("254745000765", "Joseph Fundi", "Repairs"),
    ("254722000832", "Naivas Ngong Road", "Shopping"),
    ("254757000149", "Quickmart Kilimani", "Shopping"),
    ("254101000372", "Simon Boda", "Fare"),
    ("254711000906", "Super Metro Sacco", "Fare"),
    ("254768000583", "Shell Langata", "Fuel"),
    ("254722000057", "Mum", "Upkeep"),
    ("254733000291", "Baba Shiru", "Family"),
    ("254790000648", "St Monica Parish", "Offering"),
    ("254745000130", "Umoja Chama", "Contribution"),
    ("254110000725", "Java House Valley Arcade", "Lunch"),
    ("254768000416", "Carrefour Sarit", "Shopping"),
    ("254700000873", "Goodlife Pharmacy", "Medicine"),
    ("254722000360", "Kiboko Gas Point", "Cooking gas"),
)
_SUPPLIERS = (
    ("254722000501", "Gikomba Wholesalers", "Stock"),
    ("254711000502", "Twiga Fresh", "Stock"),
    ("254733000503", "Unga Distributors", "Stock"),
    ("254745000504", "Brookside Depot", "Milk"),
    ("254790000505", "Kapa Oil Stores", "Stock"),
)
_LANDLORDS = ("Mrs Kariuki", "Hassan Properties", "Mr Ouma", "Greenpark Agents", "Mama Njeri")
_AGENTS = ("AGT00231", "AGT00418", "AGT00577", "AGT00902")
_BROKERS = ("Genghis Capital", "Kestrel Capital", "Faida Investment Bank", "AIB Capital")


def live(diary: Diary, person: Person, account: str) -> None:
    """Fill the diary of this person from their first day to yesterday."""
    walk = _LIVES[person.life]
    for month in diary.months():
        walk(diary, person, account, month)


def _salaried(diary: Diary, person: Person, account: str, month: date) -> None:
    _salary(diary, person, account, month)
    _home(diary, person, account, month)
    _phone_money(diary, person, account, month, times=diary.rng.randint(9, 15))
    for _ in range(diary.rng.randint(1, 2)):
        amount = diary.pick(person.income // 40, person.income // 16, 500)
        diary.counter_day(month, _cash_out(account, amount))
    if diary.rng.random() < 0.25:
        diary.counter_day(month, _cash_in(account, diary.pick(2_000, person.income // 8, 500)), 8, 24)
    if person.income > 60_000 and diary.rng.random() < 0.5:
        cds, broker = str(diary.rng.randint(1_000_000, 1_999_999)), diary.rng.choice(_BROKERS)
        amount = diary.pick(3_000, person.income // 10, 1_000)
        diary.counter_day(month, lambda book, at: book.cdsc(at, account, amount, cds, broker), 3, 9)


def _salary(diary: Diary, person: Person, account: str, month: date) -> None:
    """By transfer from a firm that banks here, by the API's deposit from one that does not."""
    day = pay_day(month, 27 if person.employer == "mlima" else 26)
    moment = time(9, diary.rng.randint(5, 55), diary.rng.randint(0, 59))
    if person.employer in ("mlima", "tausi"):
        note = f"Salary {month:%B %Y}"
        diary.at(day, moment, partial(_wage, payer=f"biz:{person.employer}", account=account, person=person, note=note))
    else:
        text = f"Salary {month:%B %Y} - {person.employer}"
        diary.at(day, moment, lambda book, at: book.paid_in(at, account, person.income, text))


def _wage(book: Book, at: datetime, *, payer: str, account: str, person: Person, note: str) -> None:
    book.to_wekeza(at, payer, person.income, account, note)


def _home(diary: Diary, person: Person, account: str, month: date) -> None:
    """Rent, power, water, television, school: what leaves whether one likes it or not."""
    rng = diary.rng
    rent = max(person.income * 19 // 100 // 500 * 500, 2_500)
    landlord = _LANDLORDS[len(person.name) % len(_LANDLORDS)]
    if person.income > 60_000:
        payee = f"0110{len(person.name):04d}{person.income:06d}"
        diary.counter_day(month, lambda book, at: book.to_bank(at, account, rent, payee, f"Rent {month:%b}"), 1, 5)
    else:
        diary.some_day(month, lambda book, at: book.mobile(at, account, rent, "254722000099", landlord, "Rent"), 1, 5)
    meter, water = f"14{person.national_id}7"[:11].ljust(11, "0"), person.national_id[-7:]
    for _ in range(rng.randint(1, 2)):
        diary.some_day(month, _bill(account, diary.pick(500, 2_600, 100), "Kenya Power (KPLC)", meter))
    diary.some_day(month, _bill(account, diary.pick(650, 1_900, 50), "Nairobi Water", water), 8, 20)
    biller, price = (("DSTV", 3_100), ("GoTV", 1_199), ("Zuku", 2_799))[len(person.key) % 3]
    diary.some_day(month, _bill(account, price, biller, f"20{person.national_id}"), 3, 14)
    if month.month in (1, 5, 9) and person.income > 45_000:
        fees = person.income * 22 // 100 // 500 * 500
        diary.counter_day(
            month, _bill(account, fees, "School fees", f"ADM/{person.national_id[-4:]}/{month:%y}"), 4, 12
        )


def _phone_money(diary: Diary, person: Person, account: str, month: date, times: int) -> None:
    """Small sums to shops, family, fares."""
    for _ in range(times):
        phone, name, reason = diary.rng.choice(_PAYEES)
        amount = diary.pick(150, max(person.income // 22, 400), 50)
        diary.some_day(month, _mobile(account, amount, phone, name, reason))


def _trader(diary: Diary, person: Person, account: str, month: date) -> None:
    """Takings go in at agents and at the counter, stock is paid by phone."""
    takings = person.income // 9
    for _ in range(9):
        amount = diary.pick(takings // 2, takings * 3 // 2, 50)
        if diary.rng.random() < 0.6:
            agent = diary.rng.choice(_AGENTS)
            diary.some_day(month, _agency_in(account, amount, agent))
        else:
            diary.counter_day(month, _cash_in(account, amount))
    for _ in range(8):
        phone, name, reason = diary.rng.choice(_SUPPLIERS)
        amount = diary.pick(takings // 3, takings, 50)
        diary.some_day(month, _mobile(account, amount, phone, name, reason))
    _home(diary, person, account, month)
    diary.counter_day(month, _cash_out(account, diary.pick(2_000, takings, 500)))


def _farmer(diary: Diary, person: Person, account: str, month: date) -> None:
    """A monthly cheque from the factory or dairy, a bonus in October."""
    for pay, when in ((person.income, (14, 19)), (person.income * 2 if month.month == 10 else 0, (22, 26))):
        if pay:
            amount = diary.pick(pay * 8 // 10, pay * 12 // 10, 50)
            number = f"{diary.rng.randint(1_000, 999_999):06d}"
            diary.counter_day(month, partial(_cheque_in, account=account, amount=amount, number=number), *when)
    _phone_money(diary, person, account, month, times=diary.rng.randint(6, 10))
    diary.counter_day(month, _cash_out(account, diary.pick(3_000, person.income // 3, 500)), 16, 27)
    power = _bill(account, diary.pick(300, 1_200, 50), "Kenya Power (KPLC)", f"37{person.national_id}1"[:11])
    diary.some_day(month, power, 5, 25)


def _cheque_in(book: Book, at: datetime, *, account: str, amount: int, number: str) -> None:
    book.cheque(at, account, Decimal(amount), number)


def _boda(diary: Diary, person: Person, account: str, month: date) -> None:
    """Most evenings' takings go in at the nearest agent; fuel and the motorbike's hire go out by phone."""
    for _ in range(14):
        agent = diary.rng.choice(_AGENTS)
        amount = diary.pick(person.income // 20, person.income // 10, 50)
        diary.some_day(month, _agency_in(account, amount, agent))
    for _ in range(10):
        diary.some_day(month, _mobile(account, diary.pick(300, 1_500, 50), "254768000583", "Shell Langata", "Fuel"))
    hire = diary.pick(person.income // 5, person.income // 4, 100)
    diary.some_day(month, _mobile(account, hire, "254711000404", "Watu Hire", "Motorbike"))
    agent = diary.rng.choice(_AGENTS)
    amount = diary.pick(2_000, person.income // 3, 500)
    diary.some_day(month, lambda book, at: book.agency_withdrawal(at, account, amount, agent), 18, 28)


def _student(diary: Diary, person: Person, account: str, month: date) -> None:
    agent = diary.rng.choice(_AGENTS)
    amount = diary.pick(person.income * 8 // 10, person.income * 12 // 10, 100)
    diary.some_day(month, lambda book, at: book.agency_deposit(at, account, amount, agent), 1, 4)
    _phone_money(diary, person, account, month, times=diary.rng.randint(8, 13))


def _pensioner(diary: Diary, person: Person, account: str, month: date) -> None:
    text = f"Pension {month:%B %Y} - County Pension Fund"
    diary.at(pay_day(month, 24), time(8, 45, 12), lambda book, at: book.paid_in(at, account, person.income, text))
    diary.counter_day(month, _cash_out(account, diary.pick(5_000, person.income // 2, 500)), 25, 28)
    _phone_money(diary, person, account, month, times=diary.rng.randint(3, 6))


def _quiet(diary: Diary, person: Person, account: str, month: date) -> None:
    """A few movements in the first four months, then nothing."""
    if len({event.at.date().replace(day=1) for event in diary.events}) < 4:
        diary.counter_day(month, _cash_in(account, diary.pick(2_000, person.income // 2, 500)))
        _phone_money(diary, person, account, month, times=3)


def _shop(diary: Diary, person: Person, account: str, month: date) -> None:
    """Takings and stock all day long. Laid out over the whole time at once, in the first month."""
    if month != diary.start.replace(day=1):
        return
    days = (diary.today - diary.start).days
    for number in range(SHOP_EVENTS):
        day = date.fromordinal(diary.start.toordinal() + number * days // SHOP_EVENTS)
        moment = time(diary.rng.randint(7, 20), diary.rng.randint(0, 59), diary.rng.randint(0, 59))
        amount, spending = diary.pick(200, 2_800, 10), number % 5 > 2
        diary.at(day, moment, partial(_till, account=account, amount=amount, number=number, spending=spending))


def _till(book: Book, at: datetime, *, account: str, amount: int, number: int, spending: bool) -> None:
    """One till event: always one row for takings and two for stock, however the balance stands."""
    agent = _AGENTS[number % len(_AGENTS)]
    phone, name, reason = _SUPPLIERS[number % len(_SUPPLIERS)]
    rich = book.balances[account] > 300_000
    if not spending:
        book.agency_deposit(at, account, amount, agent)
    elif not book.mobile(at, account, amount * 2 if rich else amount, phone, name, reason):
        book.agency_deposit(at, account, amount, agent)
        book.agency_deposit(at, account, amount, agent)


def _bill(account: str, amount: int, biller: str, number: str) -> Callable[[Book, datetime], object]:
    return lambda book, at: book.bill(at, account, amount, biller, number)


def _mobile(account: str, amount: int, phone: str, name: str, reason: str) -> Callable[[Book, datetime], object]:
    return lambda book, at: book.mobile(at, account, amount, phone, name, reason)


def _agency_in(account: str, amount: int, agent: str) -> Callable[[Book, datetime], object]:
    return lambda book, at: book.agency_deposit(at, account, amount, agent)


def _cash_in(account: str, amount: int) -> Callable[[Book, datetime], object]:
    return lambda book, at: book.deposit(at, account, amount)


def _cash_out(account: str, amount: int) -> Callable[[Book, datetime], object]:
    return lambda book, at: book.withdrawal(at, account, amount)


_LIVES: dict[str, Callable[[Diary, Person, str, date], None]] = {
    "salaried": _salaried,
    "trader": _trader,
    "farmer": _farmer,
    "boda": _boda,
    "student": _student,
    "pensioner": _pensioner,
    "quiet": _quiet,
    "shop": _shop,
}
