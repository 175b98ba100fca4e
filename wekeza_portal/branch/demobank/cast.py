"""The demo people worth knowing by name: printed by `make run` and in the README, never shown outside the demo."""

from dataclasses import dataclass

PASSWORD = "password123"  # noqa: S105 - the requirement's demo password


@dataclass(frozen=True, slots=True)
class CastMember:
    """Who to sign in as, and what there is to see."""

    key: str
    name: str
    email: str
    password: str
    what: str
    enrolled: bool = True


CAST: tuple[CastMember, ...] = (
    CastMember(
        "emmanuel",
        "Emmanuel Kiprono",
        "emmanuel@wekeza.com",
        PASSWORD,
        "savings and current account, a loan, a policy and a fixed deposit",
    ),
    CastMember(
        "nuria",
        "Nuria Hassan",
        "nuria@wekeza.com",
        PASSWORD,
        "savings and current account, a repaid loan, two policies and a fixed deposit",
    ),
    CastMember("grace", "Grace Atieno", "grace@wekeza.com", PASSWORD, "a stranger to the two above"),
    CastMember(
        "peter",
        "Peter Mutiso",
        "peter@wekeza.com",
        PASSWORD,
        "not enrolled yet: start at /enrol/ with this password",
        enrolled=False,
    ),
    CastMember("fatuma", "Fatuma Mwinyi", "fatuma@wekeza.com", PASSWORD, "her account is frozen"),
    CastMember("dickson", "Dickson Lekuton", "dickson@wekeza.com", PASSWORD, "dormant account, ID never seen"),
    CastMember("otieno", "Otieno Ochieng", "otieno@wekeza.com", PASSWORD, "overdrawn by the branch"),
    CastMember("halima", "Halima Abdi", "halima@wekeza.com", PASSWORD, "a busy shop: 20,000 movements; all is stopped"),
    CastMember("rose", "Rose Nyambura", "rose@wekeza.com", PASSWORD, "closed by the bank: cannot sign in"),
)
