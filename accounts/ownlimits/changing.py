"""Changing one's own limits.

Lowering is instant and needs nothing: whoever feels watched or robbed must not wait. Raising needs a code, is told to
the customer, and waits: a thief with the phone in hand has to come back a day later, and meets a customer who knows.
Whoever changes one takes the locks of a payment first, so that a payment is through or sees the new figure.
"""

from collections.abc import Mapping
from datetime import timedelta
from decimal import Decimal

from django.utils.translation import gettext_lazy as _

from accounts import instructions, limits
from accounts.freezing.state import refuse_if_frozen
from accounts.ledger import money_operation
from accounts.models import BranchCustomer, Instruction, Limit, OwnLimit
from accounts.ownlimits import telling
from wekeza_portal import clock, sql
from wekeza_portal.actors import Actor, system
from wekeza_portal.audit.services import record
from wekeza_portal.errors import PortalError
from wekeza_portal.money import ZERO, exact, format_kes

RAISE = "OWN_LIMITS"
"""The kind of the act."""

Wanted = Mapping[str, Decimal | None]
"""KES by code of the limit; None: no limit of one's own, the bank's alone."""


class AboveTheBanks(PortalError):
    """More than the bank lets anybody send. `limit_code` says which limit."""

    code = "above_the_banks_limit"
    message = _("The bank's limit is %(limit)s. Enter that or less.")

    def __init__(self, limit_code: str, limit: Decimal) -> None:
        super().__init__(limit=format_kes(limit))
        self.limit_code = limit_code


class ChangedMeanwhile(PortalError):
    code = "own_limit_changed"
    message = _("Your limits were changed in the meantime. Nothing was done. Please look at them again.")


@money_operation
def change(*, customer: BranchCustomer, wanted: Wanted, actor: Actor) -> Instruction | None:
    """Lower at once what is lower, and draft what is higher: it needs a code, and the draft is returned.

    A limit that is named with the figure it has stays as it is, with a raise that waits. Lowering gives that up.
    Raises AboveTheBanks; then nothing has changed.
    """
    _refuse_above_the_bank(customer, wanted)
    rows, now = _locked(customer, wanted), clock.now()
    before = {code: rows[code].in_force(now) for code in wanted}
    for code, figure in wanted.items():
        if figure != before[code] and not _is_looser(figure, before[code]):
            _write(rows[code], value=figure)
            record(
                "limit.lowered", actor=actor, customer_id=customer.user_id, data={"limit": code, "to": _text(figure)}
            )
    looser = {code: figure for code, figure in wanted.items() if _is_looser(figure, before[code])}
    if not looser:
        return None
    payload = {
        "before": {code: _text(before[code]) for code in looser},
        "to": {code: _text(figure) for code, figure in looser.items()},
    }
    return instructions.draft(
        customer=customer, kind=RAISE, payload=payload, amount=ZERO, fee=ZERO, fee_row_id=None, payee_key=""
    )


def execute(instruction: Instruction, actor: Actor) -> None:
    """Let the figures that were reviewed count from later on. Raises Frozen, AboveTheBanks, ChangedMeanwhile."""
    customer, payload = instruction.customer, instruction.payload
    wanted = figures_of(payload["to"])
    _refuse_above_the_bank(customer, wanted)
    rows, now = _locked(customer, wanted), clock.now()
    refuse_if_frozen(customer.user_id)  # whoever stops everything calls off under these rows' locks
    if {code: _text(rows[code].in_force(now)) for code in wanted} != payload["before"]:
        raise ChangedMeanwhile()
    begins = now + waiting_time(customer)
    for code, figure in wanted.items():
        _write(rows[code], value=rows[code].in_force(now), next_value=figure, next_at=begins)
        data = {"limit": code, "to": _text(figure), "from": begins.isoformat()}
        record("limit.raise_waits", actor=actor, customer_id=customer.user_id, data=data)
    telling.will_be_raised(customer, instruction.id, wanted, begins)


@money_operation
def keep(*, customer: BranchCustomer, code: str, actor: Actor) -> bool:
    """Give up a raise that waits; whether there was one. What counts already stays."""
    now = clock.now()
    row = OwnLimit.objects.select_for_update().filter(customer_id=customer.user_id, code=code).first()
    if row is None or not row.waits(now):
        return False
    _write(row, value=row.value)
    record("limit.raise_given_up", actor=actor, customer_id=customer.user_id, data={"limit": code})
    return True


def call_off(customer_id: int) -> int:
    """Give up every raise that waits, in the caller's transaction, as somebody may have begun it who is to be kept
    out; how many."""
    now = clock.now()
    rows = OwnLimit.objects.select_for_update().filter(customer_id=customer_id).order_by("id")
    waiting = [row for row in rows if row.waits(now)]
    for row in waiting:
        _write(row, value=row.value)
        record("limit.raise_given_up", actor=system("freeze"), customer_id=customer_id, data={"limit": row.code})
    return len(waiting)


def waiting_time(customer: BranchCustomer) -> timedelta:
    """How long a raise waits: the bank's figure in force today."""
    hours = limits.value(Limit.Code.OWN_LIMIT_HOURS, tier=customer.kyc_tier, on=clock.today())
    return timedelta(hours=int(hours))


def figures_of(texts: Mapping[str, str]) -> dict[str, Decimal | None]:
    """The figures as an act keeps them: "" is no limit of one's own."""
    return {code: Decimal(text) if text else None for code, text in texts.items()}


def _text(figure: Decimal | None) -> str:
    return "" if figure is None else str(exact(figure))


def _is_looser(figure: Decimal | None, before: Decimal | None) -> bool:
    if before is None:
        return False
    return figure is None or figure > before


def _refuse_above_the_bank(customer: BranchCustomer, wanted: Wanted) -> None:
    of_the_bank = limits.values(list(wanted), tier=customer.kyc_tier, on=clock.today())
    for code, figure in wanted.items():
        if figure is not None and figure > of_the_bank[code]:
            raise AboveTheBanks(code, of_the_bank[code])


def _locked(customer: BranchCustomer, wanted: Wanted) -> dict[str, OwnLimit]:
    """The rows, made where missing, behind the counters: no payment is between its look at them and its end."""
    limits.counters(customer, on=clock.today(), stepped_up=True)
    own = OwnLimit.objects.select_for_update().filter(customer_id=customer.user_id, code__in=wanted).order_by("id")
    found = {row.code: row for row in own}
    missing = [code for code in wanted if code not in found]
    if missing:
        fresh = [{"customer": customer.user_id, "code": code, "changed_at": clock.now()} for code in missing]
        sql.insert(OwnLimit, fresh, ignore=True)
        found = {row.code: row for row in own.all()}
    return found


def _write(row: OwnLimit, **figures: object) -> None:
    """The new figures; what is not named is emptied."""
    for name in ("value", "next_value", "next_at"):
        setattr(row, name, figures.get(name))
    row.changed_at = clock.now()
    row.save(update_fields=["value", "next_value", "next_at", "changed_at"])
