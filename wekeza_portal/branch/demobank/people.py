"""The demo bank's customers: invented persons of many Kenyan communities, and the two firms that pay some of them."""

from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256

from wekeza_portal.branch.demobank.cast import CAST, PASSWORD


@dataclass(frozen=True, slots=True)
class LoanHeld:
    """A loan taken `months_ago`, in KES, with its yearly rate in percent and its term in months."""

    product: str
    principal: int
    rate: str
    months: int
    months_ago: int
    missed: int = 0


@dataclass(frozen=True, slots=True)
class PolicyHeld:
    """A policy bought `months_ago`; cover and yearly premium in KES, paid monthly."""

    product: str
    cover: int
    annual_premium: int
    months_ago: int
    beneficiary: str
    relationship: str
    status: str = "ACTIVE"


@dataclass(frozen=True, slots=True)
class DepositHeld:
    """A fixed deposit opened `months_ago`, in KES, with its yearly rate in percent and its term in months."""

    principal: int
    rate: str
    months: int
    months_ago: int


@dataclass(frozen=True, slots=True)
class Business:
    key: str
    name: str
    registration_no: str
    kra_pin: str
    sector: str
    payroll: int


@dataclass(frozen=True, slots=True)
class Person:
    """One demo customer. `income` is KES a month; `opened` months before today, `gift` an opening without a row."""

    key: str
    name: str
    life: str
    income: int
    email: str
    phone: str
    national_id: str
    employer: str = ""
    tier: str = "TIER_2"
    opened: int = 30
    gift: int = 10_000
    status: str = "ACTIVE"
    is_active: bool = True
    enrolled: bool = False
    secret: str = PASSWORD
    second_account: bool = False
    target: str = ""
    loans: tuple[LoanHeld, ...] = ()
    policies: tuple[PolicyHeld, ...] = ()
    deposits: tuple[DepositHeld, ...] = ()


BUSINESSES = (
    Business("mlima", "Mlima Logistics Ltd", "PVT-2Y8UK1X7", "P051000011Q", "Transport", 2_600_000),
    Business("tausi", "Tausi Textiles Ltd", "PVT-7AAJ4Q9L", "P051000012R", "Manufacturing", 2_900_000),
)
DIRECTORS = (
    ("mlima", "Stephen Kariuki Mbugua", "stephen.mbugua@example.com"),
    ("mlima", "Zainab Noor Farah", "zainab.farah@example.com"),
    ("tausi", "Priya Nandini Shah", "priya.shah@example.com"),
)

# name, life, income a month, months since opening, opening gift without a row (0 = an INITIAL_DEPOSIT row), employer
_CROWD = (
    ("Wanjiku Kamau", "salaried", 58_000, 40, 10_000, "tausi"),
    ("Mwangi Gathogo", "trader", 74_000, 26, 10_000, ""),
    ("Akinyi Odhiambo", "salaried", 66_500, 15, 0, "mlima"),
    ("Kipchoge Rotich", "farmer", 48_000, 34, 10_000, ""),
    ("Chebet Langat", "salaried", 43_200, 14, 0, "Teachers Service Commission"),
    ("Mutua Kilonzo", "boda", 36_000, 12, 0, ""),
    ("Mwende Musyoka", "salaried", 92_000, 37, 10_000, "tausi"),
    ("Nafula Wekesa", "trader", 51_000, 20, 10_000, ""),
    ("Barasa Simiyu", "pensioner", 31_500, 60, 10_000, ""),
    ("Kerubo Nyaboke", "salaried", 54_800, 16, 0, "Kisii Level Five Hospital"),
    ("Omwenga Momanyi", "farmer", 39_000, 28, 10_000, ""),
    ("Amina Mohamed", "trader", 83_000, 31, 10_000, ""),
    ("Juma Mwakio", "salaried", 47_500, 13, 0, "mlima"),
    ("Mkamburi Mwadime", "student", 14_000, 9, 0, ""),
    ("Ole Ntutu Sankan", "farmer", 62_000, 44, 10_000, ""),
    ("Naserian Lemein", "trader", 41_000, 11, 0, ""),
    ("Abdirahman Osman", "trader", 96_000, 23, 10_000, ""),
    ("Muthoni Njeru", "salaried", 71_000, 17, 0, "tausi"),
    ("Gitonga Mbaabu", "farmer", 57_000, 35, 10_000, ""),
    ("Kagendo Mwiti", "salaried", 38_900, 10, 0, "mlima"),
    ("Ekai Lokuruka", "boda", 28_000, 8, 0, ""),
    ("Akiru Ewoi", "student", 12_000, 7, 0, ""),
    ("Hellen Cherono", "salaried", 118_000, 48, 10_000, "Rift Valley Water Works"),
    ("Rajesh Patel", "trader", 140_000, 52, 10_000, ""),
    ("Anyango Owuor", "salaried", 49_600, 12, 0, "tausi"),
    ("Wafula Khaemba", "boda", 33_000, 19, 10_000, ""),
    ("Njoki Waweru", "pensioner", 27_800, 70, 10_000, ""),
    ("Hamisi Bakari", "trader", 46_000, 9, 0, ""),
    ("Kadzo Karisa", "student", 11_500, 6, 0, ""),
    ("Makena Kirimi", "salaried", 64_000, 22, 10_000, "mlima"),
)
_PREFIXES = ("0711", "0722", "0733", "0745", "0757", "0768", "0110", "0790", "0101", "0706")


def _phone(index: int) -> str:
    """A valid number in one of the three ways the branch's forms let through."""
    local = f"{_PREFIXES[index % len(_PREFIXES)]}000{index:03d}"
    return (local, f"+254{local[1:]}", f"254{local[1:]}")[index % 3]


def _national_id(key: str) -> str:
    """Eight digits above every number issued, so that nobody real is meant."""
    return str(90_000_000 + int(sha256(key.encode()).hexdigest(), 16) % 9_999_999)


def _crowd() -> Iterator[Person]:
    secrets = ("password123", "karibu2024", "newpass123", sha256(b"password123").hexdigest(), "no_password_needed")
    for index, (name, life, income, opened, gift, employer) in enumerate(_CROWD):
        key = name.lower().replace(" ", ".")
        yield Person(
            key=key,
            name=name,
            life=life,
            income=income,
            email=f"{key}@example.com",
            phone=_phone(100 + index),
            national_id=_national_id(key),
            employer=employer,
            tier=("TIER_1", "TIER_2", "TIER_2", "TIER_3")[index % 4],
            opened=opened,
            gift=gift,
            secret=secrets[index % len(secrets)],
            loans=_CROWD_LOANS.get(key, ()),
        )


_CROWD_LOANS = {
    "hellen.cherono": (LoanHeld("Asset Finance", 300_000, "14.00", 36, 9),),
    "rajesh.patel": (LoanHeld("Personal Loan", 250_000, "15.00", 24, 6, missed=2),),
}


def _named(key: str, life: str, income: int, **more: object) -> Person:
    member = next(member for member in CAST if member.key == key)
    index = [one.key for one in CAST].index(key)
    values: dict[str, object] = {
        "phone": _phone(index + 1),
        "national_id": _national_id(key),
        "enrolled": member.enrolled,
        "secret": member.password,
    }
    return Person(key, member.name, life, income, member.email, **(values | more))  # type: ignore[arg-type] # the values are the fields


PEOPLE: tuple[Person, ...] = (
    _named(
        "emmanuel",
        "salaried",
        96_500,
        employer="mlima",
        tier="TIER_3",
        opened=32,
        gift=38_250,
        second_account=True,
        target="84406.50",
        loans=(LoanHeld("Personal Loan", 100_000, "15.00", 12, 7),),
        policies=(PolicyHeld("Life Insurance", 500_000, 25_000, 10, "Mercy Jepkosgei", "Spouse"),),
        deposits=(DepositHeld(50_000, "9.00", 6, 3),),
    ),
    _named(
        "nuria",
        "salaried",
        154_000,
        employer="tausi",
        tier="TIER_3",
        opened=29,
        gift=61_400,
        second_account=True,
        loans=(LoanHeld("Personal Loan", 60_000, "15.00", 6, 12),),
        policies=(
            PolicyHeld("Health Insurance", 300_000, 24_000, 14, "Idris Hassan", "Sibling"),
            PolicyHeld("Education Plan", 150_000, 9_000, 5, "Samira Hassan", "Child"),
        ),
        deposits=(DepositHeld(200_000, "10.00", 12, 8),),
    ),
    _named("grace", "salaried", 61_000, employer="Lakeside Girls High School", opened=16, gift=0),
    _named("peter", "salaried", 52_400, employer="Kenya Power Staff Sacco", opened=13, gift=0),
    _named("fatuma", "trader", 45_000, status="FROZEN", opened=24),
    _named("dickson", "quiet", 22_000, status="DORMANT", opened=50, tier="TIER_1"),
    _named("otieno", "salaried", 44_700, employer="Lake Basin Fisheries", opened=27),
    _named("halima", "shop", 180_000, tier="TIER_3", opened=36, gift=212_000),
    _named("rose", "quiet", 26_000, is_active=False, opened=45),
    *_crowd(),
)
