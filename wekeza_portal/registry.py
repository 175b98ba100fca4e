"""What crosses the import rules: each app registers here, in AppConfig.ready(), what others call by name."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, Generic, NamedTuple, TypeVar

from django.db import transaction
from django.db.models import Q, QuerySet

from wekeza_portal.jobs.schedules import Schedule

Entry = TypeVar("Entry")


class Registry(Generic[Entry]):
    """Named entries, each registered once. LookupError on a second registration or an unknown name."""

    def __init__(self, what: str) -> None:
        self._what = what
        self._entries: dict[str, Entry] = {}

    def register(self, name: str, entry: Entry) -> None:
        if name in self._entries:
            raise LookupError(f"{self._what} {name!r} is registered twice")
        self._entries[name] = entry

    def get(self, name: str) -> Entry:
        try:
            return self._entries[name]
        except KeyError:
            raise LookupError(f"no {self._what} named {name!r}") from None

    def __contains__(self, name: str) -> bool:
        return name in self._entries

    def items(self) -> list[tuple[str, Entry]]:
        """All entries in the order of their names."""
        return sorted(self._entries.items())


def nothing(*what: Any) -> None:
    """What a kind of instruction does where it has nothing of its own to do."""


@dataclass(frozen=True, slots=True)
class InstructionKind:
    """How one kind of instruction is done and shown. The callables take the accounts.Instruction."""

    execute: Callable[[Any, Any], Any]
    """(instruction, actor) -> accounts.ledger.Receipt, called inside the money operation; an act's returns None."""
    describe: Callable[[Any], str]
    """What it does in one phrase, in the active language: "KES 500.00 to WANJIKU M., ACC1000015"; an act's begins with
    its verb: "keep WANJIKU M., ACC1000015 as a payee"."""
    review_url: Callable[[Any], str]
    receipt_url: Callable[[Any], str]
    stops_with_a_freeze: bool = False
    """Whether it is refused while its customer has stopped everything: it sends money out or makes that easier."""
    opens: bool = False
    """Whether it lets more leave later, when nobody is asked any more: refused for 24 hours after a new password."""
    is_act: bool = False
    """Whether it changes what is guarded and moves no money: always with a code, by instructions.carry_out."""
    pays_later: bool = False
    """Whether nothing is paid when it is confirmed, as with a standing order: what it is described as begins with its
    verb, and no button nor code speaks of paying."""
    hold: Callable[[Any], None] = nothing
    """(instruction) -> raises accounts.instructions.Held while something has to be answered or waited for before a
    payment to somebody never paid before: asked before a code is sent and again when it is confirmed."""
    cancelled: Callable[[Any], None] = nothing
    """(instruction) -> its draft is being given up, in the transaction that does it."""
    given_back: Callable[[Any, Any], None] = nothing
    """(instruction, when it was posted) -> its money is being given back, in that money operation."""
    afterwards: Callable[[Any, Any], None] = nothing
    """(request, instruction) -> it was just done by the code that this request brought: what the browser needs now."""


@dataclass(frozen=True, slots=True)
class ApprovalExecutor:
    """What the portal does once the branch approves a customer's request. They take the accounts.ApprovalRequest.

    Called under the lock of that row, inside a money operation: what they write commits with the request's new state.
    """

    effect_of: Callable[[Any], str]
    """What shows that it is done already, by whomever, in a few words for staff; "" if nothing does."""
    apply: Callable[[Any], str]
    """Do it and say what was done; "" if people do it by hand. A PortalError means: not now, try again later."""
    describe: Callable[[Any], str]
    """What was asked for in one phrase, in the active language."""


def _free(_request: Any) -> str:
    return ""


@dataclass(frozen=True, slots=True)
class RequestPages:
    """How one kind of request to the branch is checked, sent and shown. They take the accounts.ApprovalRequest."""

    facts: Callable[[Any], Sequence[tuple[Any, str]]]
    """What was asked for: (label, value) in the active language."""
    send: Callable[[Any, Any, Any], Any]
    """(accounts.BranchCustomer, request, actor): put the reviewed draft into the branch's queue."""
    form_url: Callable[[Any], str]
    """Where it was filled in."""
    agreed: Any
    """Lazy words for the time between the branch's yes and the end."""
    done: Any
    """Lazy words for the end."""
    withdrawn: Any = ""
    """Lazy words for a request that was taken back; needed where that can be done."""
    is_guarded: bool = False
    """Whether it lets others at the customer's money or changes how they are reached: told as about security, which
    nobody can mute."""
    can_be_withdrawn: bool = False
    """Whether the customer may take it back while the branch has not decided. Only where the branch software does
    nothing by itself once it approves: the branch's row can't be taken back, its decision is then ignored here."""
    fee: Callable[[Any], str] = _free
    """What it costs, in words; "" where it is free."""
    template: str = ""
    """Shown below the facts, on the review and afterwards; gets `more`."""
    load: Callable[[Any], Any] = nothing
    """The value of `more` in that template; with a true `is_blocked` the review has no button to send it."""


@dataclass(frozen=True, slots=True)
class Job:
    """Work that is due at certain times: see wekeza_portal.jobs.engine."""

    title: Any
    """For staff, lazily translated."""
    schedule: Schedule
    run: Callable[[date], int]
    """(business date in Nairobi) -> how many rows it handled. Idempotent for its date; outside any transaction."""
    lease: timedelta = timedelta(minutes=5)
    """How long a claim holds without a sign of life (running.breathe, for_each_due): longer than a run without any."""


@dataclass(frozen=True, slots=True)
class EncryptedColumn:
    """Where encrypted values are stored, so that they can be put under a new key."""

    model: str
    """Its label: "staff.StaffTotp"."""
    column: str
    where: Q = field(default_factory=Q)
    """Which rows hold one: all, or those with something in it."""


@dataclass(frozen=True, slots=True)
class DashboardPanel:
    """A part of the home page that another app gives. A database error in `load` fails this panel alone."""

    heading: Any
    """The lazy text over it, also when it can't be shown."""
    template: str
    """Gets `heading` and `value`."""
    load: Callable[[Any, Sequence[Any]], Any]
    """(accounts.BranchCustomer, its accounts.selectors.AccountSummary list) -> the value; None: nothing to show."""


@dataclass(frozen=True, slots=True)
class FreezeStop:
    """What else stands still when a customer stops everything."""

    hold: Callable[[int], int]
    """(users.user_id) -> how many things it held back. Called in the money operation that stops, with every account of
    the customer locked."""
    template: str = ""
    """Shown on the customer's page about the stop; gets `value`."""
    load: Callable[[Any], Any] = nothing
    """(accounts.BranchCustomer) -> the value; None: nothing to show."""


@dataclass(frozen=True, slots=True)
class DueItem:
    """What falls due on a day: a loan instalment, a premium, a deposit reaching its end."""

    what: str
    """In the active language."""
    on: date
    amount: Decimal
    """KES, positive."""
    is_in: bool
    account_number: str
    address: str
    """The page that shows it."""


class DueRow(NamedTuple):
    """One row of a DueSource, each column of one type in every source, so that one query can read them all."""

    source: str
    number: str
    name: str
    account_number: str
    first_day: date | None
    last_day: date | None
    day: date | None
    amount: Decimal
    word: str


@dataclass(frozen=True, slots=True)
class DueSource:
    """What falls due in one app. `accounts.due` reads all sources in one query, which is built once per process."""

    rows: Callable[[Any], QuerySet[Any, Any]]
    """(accounts.due.Asked) -> the columns of DueRow, by `accounts.due.columns`, without `source`. No dates, no texts of
    a language: whatever differs from one time to the next belongs into `item`."""
    item: Callable[[DueRow, date], DueItem | None]
    """(row, today) -> what falls due next; None if nothing does."""


@dataclass(frozen=True, slots=True)
class Tie:
    """Something that hangs on an account, to be said before the account is closed."""

    what: str
    """In the active language, as is `then`: "Loan: Personal Loan". Without figures: those can be hidden."""
    then: str
    """What becomes of it, or what has to be done first."""
    account_number: str
    address: str
    """The page that shows it."""
    amount: Decimal | None = None
    """KES of it, where that says something."""
    is_in_the_way: bool = False
    """Whether the account can't be closed before this has ended."""


@dataclass(frozen=True, slots=True)
class TieSource:
    """What hangs on accounts in one app; read by accounts.due like what falls due, all sources in one query."""

    rows: Callable[[Any], QuerySet[Any, Any]]
    """(accounts.due.Asked) -> the columns of DueRow, as of a DueSource."""
    tie: Callable[[DueRow], Tie | None]
    """None where it has ended."""


@dataclass(frozen=True, slots=True)
class Exporter:
    """A customer's data from some tables, as they are handed over on request."""

    models: tuple[str, ...]
    """The tables it covers, by model label ("accounts.Instruction"): a test misses those nobody covers."""
    of: Callable[[Any], Any]
    """(accounts.BranchCustomer) -> JSON-able data, by `wekeza_portal.export.rows`."""


@dataclass(frozen=True, slots=True)
class MoneyTrail:
    """What one part of the portal knows about a payment, for the staff's page that follows one.

    A rail registers one: its own ids lead to a payment, and its requests and callbacks are shown beside it. Never give
    out a secret's text.
    """

    find: Callable[[str], Sequence[str]]
    """What was typed, as it was typed (receipt, callback id) -> references of ours or instruction ids; most likely
    first. Empty when it is none of this part's."""
    rows: Callable[[str, str], Sequence[tuple[Any, Any, bool]]]
    """(our reference or "", instruction id or "") -> (words, value, is it alarming?), in the order of time."""
    title: Any
    """Heading of those rows, such as "Callbacks from M-PESA"."""


ledger_checks: Registry[Callable[[], Iterator[tuple[str, str, str]]]] = Registry("ledger check")
"""What else `checkledger` compares with the books: yields (kind, subject, words for staff) for each difference."""
money_trails: Registry[MoneyTrail] = Registry("money trail")
instruction_kinds: Registry[InstructionKind] = Registry("instruction kind")
freeze_stops: Registry[FreezeStop] = Registry("part that a freeze stops")
worker_steps: Registry[Callable[[], int]] = Registry("worker step")
"""Work done by the worker in every round; each returns how many rows it handled."""
waiting_steps: Registry[Callable[[], int]] = Registry("worker step that waits for others")
"""Such work where it waits for other companies: each in a loop of its own, so that none waits for another's."""
jobs: Registry[Job] = Registry("job")
"""By the name under which their runs are kept, at most 60 characters."""
demo_seeders: Registry[Callable[[Any], None]] = Registry("demo seeder")
"""Called with the wekeza_portal.branch.demobank.DemoBank in the order of their names ("10-accounts", ...)."""
demo_codes: Registry[Callable[[], list[dict[str, str]]]] = Registry("codes of the demo")
"""What authenticators show now, for the demo phone: {to, channel, body, sent_at} each. Empty outside the demo."""
approval_executors: Registry[ApprovalExecutor] = Registry("approval executor")
"""By the `kind` of accounts.ApprovalRequest."""
request_pages: Registry[RequestPages] = Registry("pages of a request")
"""By the `kind` of accounts.ApprovalRequest."""
movement_listeners: Registry[Callable[[Any], None]] = Registry("movement listener")
"""Called once for each new row of the branch's `transactions` (accounts.AccountTransaction), whoever wrote it, in the
transaction that marks the row as seen."""


class CallbackIgnored(Exception):
    """Raised by a callback's handler: understood, but nothing of ours. The text says why; the callback is kept.

    `look_again`: what it speaks of may be committed a moment later, so it is tried twice more before that is final.
    """

    def __init__(self, reason: str, *, look_again: bool = False) -> None:
        super().__init__(reason)
        self.look_again = look_again


def _accepted(body: bytes) -> dict[str, Any]:
    return {"ResultCode": 0, "ResultDesc": "Accepted"}


@dataclass(frozen=True, slots=True)
class CallbackHandler:
    """What becomes of one kind of callback. Called by the worker, never by the request that brought it."""

    parse: Callable[[bytes, dict[str, str]], Any]
    """(body, headers) -> the message. ValueError, LookupError or TypeError: unreadable, closed as FAILED."""
    handle: Callable[[Any], str]
    """Do it once, in the transaction that closes the callback; returns a remark for staff or "". CallbackIgnored: not
    ours. Any other error: nothing is written and it is tried again later."""
    answer: Callable[[bytes], dict[str, Any]] = _accepted
    """What the caller is answered at once, as JSON."""
    operation: Callable[[Callable[..., int]], Callable[..., int]] = transaction.atomic
    """The transaction around it. What posts money names accounts.ledger.money_operation here."""


QuestionHandler = Callable[[bytes, dict[str, str]], tuple[int, dict[str, Any]]]
"""(body, headers) -> status and answer, as JSON, to a company that waits. Decides and writes before it returns."""
question_handlers: Registry[QuestionHandler] = Registry("question handler")
"""By name ("cards.authorise"), each with a secret address of its own like a callback's."""
callback_handlers: Registry[CallbackHandler] = Registry("callback handler")
"""By rail ("sms") or rail and kind ("mpesa.result"); each name has a secret address of its own."""
message_wishes: Registry[Callable[[Any, Any], Any]] = Registry("wishes of readers")
"""(notifications.OutboxMessage, now) -> notifications.events.Wish, asked by the sender under the message's lock each
time it takes one up that may be muted. One answers for all."""
message_links: Registry[Any] = Registry("message link")
"""Where a message of the inbox may lead: the name of an address, with the words of the link (lazy)."""
encrypted_columns: Registry[EncryptedColumn] = Registry("encrypted column")
"""Every column that holds what wekeza_portal.crypto encrypted; `manage.py renewkeys` walks them all."""
support_pages: Registry[Any] = Registry("support page")
"""The customer's pages that staff may look at with the customer's consent: the name of an address, with what it is
called (lazy). A page with a secret on it is none of them; what is secret on one of them is marked `data-secret`."""
dashboard_panels: Registry[DashboardPanel] = Registry("dashboard panel")
"""Shown on the home page in the order of their names ("10-coming-up", ...)."""
due_sources: Registry[DueSource] = Registry("due source")
account_ties: Registry[TieSource] = Registry("what hangs on an account")
exporters: Registry[Exporter] = Registry("exporter")
"""By the name under which the data stands in the export."""
not_exported: Registry[str] = Registry("reason not to export")
"""Tables with a customer's key that the export leaves out, by model label, each with the reason."""
