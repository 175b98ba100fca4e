"""Where did this shilling go: everything the portal and the branch know about one movement of money.

Starts from whatever a caller or a paper says: a reference (ours, with or without the number of its leg, or the
branch's), an instruction's id, a rail's receipt. Reads only; what differs between the journal and the branch's rows is
said in words and repaired by nobody.
"""

import re
import uuid
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _

from accounts.books import proving
from accounts.identity.contacts import international
from accounts.models import Account, AccountTransaction, BranchCustomer, Instruction, Posting, PostingLeg
from accounts.vocabulary import signed
from wekeza_portal.audit.models import AuditEvent, AuditSeal
from wekeza_portal.money import ZERO, format_kes
from wekeza_portal.notifications.models import OutboxMessage
from wekeza_portal.registry import money_trails

PAGE_SIZE = 25
MOST_TYPED = 100
MOST_ACCOUNTS = 50
MOST_EVENTS = 100
MESSAGES_AROUND = timedelta(days=2)
OURS = re.compile(r"([0-9A-HJKMNP-TV-Z]{4})-?([0-9A-HJKMNP-TV-Z]{4})-?([0-9A-HJKMNP-TV-Z]{4})(?:-[0-9]{1,5})?")


@dataclass(frozen=True, slots=True)
class LegRow:
    """A leg of ours beside the row of the branch's that belongs to it; either may be missing."""

    leg: PostingLeg | None
    row: AccountTransaction | None
    fault: str = ""

    @property
    def account_number(self) -> str:
        """The customer's account, or the name of the internal one."""
        if self.account is not None:
            return self.account.account_number
        return self.leg.internal_account if self.leg else ""

    @property
    def account(self) -> Account | None:
        """The customer's account, by our leg where there is one; None for an internal one."""
        if self.leg is not None:
            return self.leg.account
        return self.row.account if self.row else None


@dataclass(slots=True)
class Story:
    """One payment or one row of the branch's. `faults` are sentences for staff, in the active language."""

    instruction: Instruction | None = None
    posting: Posting | None = None
    legs: list[LegRow] = field(default_factory=list)
    reverses: Posting | None = None
    reversed_by: Posting | None = None
    events: list[tuple[AuditEvent, int | None]] = field(default_factory=list)
    messages: list[OutboxMessage] = field(default_factory=list)
    elsewhere: list[tuple[Any, list[tuple[Any, Any, bool]]]] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)

    @property
    def is_the_branchs(self) -> bool:
        """A row that the branch wrote, such as a teller's deposit: the portal had no part in it."""
        return self.posting is None and self.instruction is None

    def customer_ids(self) -> set[int]:
        """users.user_id of everybody the page shows something of."""
        ids = {line.account.customer_id for line in self.legs if line.account is not None}
        ids.add(self.instruction.customer_id if self.instruction else None)
        ids.update(message.customer_id for message in self.messages)
        return {customer_id for customer_id in ids if customer_id is not None}


@dataclass(frozen=True, slots=True)
class Movements:
    """The latest movements to choose from, newest first; `older` is the row to page on from, None at the end."""

    accounts: list[Account]
    rows: list[AccountTransaction]
    older: int | None

    def customer_ids(self) -> set[int]:
        return {account.customer_id for account in self.accounts if account.customer_id is not None}


def follow(typed: str) -> Story | None:
    """The payment or branch row that this reference, instruction id or rail's id belongs to; None for none."""
    text = typed.strip().replace("\0", "")[:MOST_TYPED]
    story = _by_our_own(text)
    if story is not None or not text:
        return story
    for _name, trail in money_trails.items():
        for found in trail.find(text):
            story = _by_our_own(found)
            if story is not None:
                return story
    return None


def movements(typed: str, *, before: int | None = None) -> Movements | None:
    """The movements on an account (by its number) or on all of a customer's (by phone); None when it is neither."""
    text = typed.strip().replace("\0", "")[:MOST_TYPED]
    accounts = list(Account.objects.filter(account_number=text)) or _accounts_of_phone(text)
    if not accounts:
        return None
    ids: list[int] = []
    for account in accounts:  # each by the index on its account_id; a joined question may walk the whole table
        rows = AccountTransaction.objects.filter(account_id=account.account_id)
        rows = rows.filter(transaction_id__lt=before) if before is not None else rows
        ids += rows.order_by("-transaction_id").values_list("transaction_id", flat=True)[: PAGE_SIZE + 1]
    page = sorted(ids, reverse=True)[: PAGE_SIZE + 1]
    found = AccountTransaction.objects.select_related("account").in_bulk(page[:PAGE_SIZE])
    older = page[PAGE_SIZE - 1] if len(page) > PAGE_SIZE else None
    return Movements(accounts, [found[row_id] for row_id in page[:PAGE_SIZE] if row_id in found], older)


def _accounts_of_phone(text: str) -> list[Account]:
    phone = international(text)
    if not phone:
        return []
    spellings = {phone, phone.removeprefix("+"), f"0{phone.removeprefix('+254')}", text}
    owners = BranchCustomer.objects.filter(phone_number__in=spellings).values_list("user_id", flat=True)
    return list(Account.objects.filter(customer_id__in=list(owners[:5])).order_by("account_id")[:MOST_ACCOUNTS])


def _by_our_own(text: str) -> Story | None:
    try:
        return _of_instruction(uuid.UUID(text))
    except ValueError:
        pass
    ours = OURS.fullmatch(text.upper())
    posting = Posting.objects.filter(reference="-".join(ours.groups())).first() if ours else None
    if posting is not None:
        return _of_posting(posting)
    row = AccountTransaction.objects.select_related("account").filter(reference_code=text).first()
    return _of_row(row) if row is not None else None


def _of_instruction(instruction_id: uuid.UUID) -> Story | None:
    posting = Posting.objects.filter(instruction_id=instruction_id).first()
    if posting is not None:
        return _of_posting(posting)
    instruction = Instruction.objects.filter(id=instruction_id).first()
    if instruction is None:
        return None
    story = Story(instruction=instruction)
    if instruction.state == Instruction.State.POSTED:
        story.faults.append(_("The instruction is marked as done, but nothing was posted."))
    return _completed(story)


def _of_posting(posting: Posting) -> Story:
    story = Story(
        posting=posting,
        instruction=Instruction.objects.filter(id=posting.instruction_id).first(),
        reverses=Posting.objects.filter(pk=posting.reverses_id).first() if posting.reverses_id else None,
        reversed_by=Posting.objects.filter(reverses_id=posting.pk).first(),
    )
    legs = list(posting.legs.select_related("account").order_by("position"))
    rows = AccountTransaction.objects.select_related("account").in_bulk([leg.transaction_id or 0 for leg in legs])
    story.legs = [_beside(posting, leg, rows.get(leg.transaction_id or 0)) for leg in legs]
    story.faults += [line.fault for line in story.legs if line.fault]
    if sum((leg.amount for leg in legs), ZERO) != ZERO:
        story.faults.append(_("The legs of the posting do not sum to zero."))
    story.faults += [str(judged.fault.label) for judged in proving.judge([posting])]
    if story.instruction is None:
        story.faults.append(_("It was posted without an instruction."))
    elif story.instruction.state != Instruction.State.POSTED:
        story.faults.append(_("It was posted, but the instruction is not marked as done."))
    return _completed(story)


def _of_row(row: AccountTransaction) -> Story:
    leg = PostingLeg.objects.filter(transaction_id=row.transaction_id).select_related("posting").first()
    if leg is not None:
        return _of_posting(leg.posting)
    story = Story(legs=[LegRow(None, row)])
    if OURS.fullmatch(row.reference_code):
        story.faults.append(_("The row carries a reference of the portal's form, but the portal posted no such thing."))
    return _completed(story)


def _beside(posting: Posting, leg: PostingLeg, row: AccountTransaction | None) -> LegRow:
    """The leg with its row, and in words what does not fit."""
    if leg.account_id is None:
        return LegRow(leg, None)
    reference = f"{posting.reference}-{leg.position}"
    if row is None:
        return LegRow(leg, None, _("%(reference)s: the branch's row is gone.") % {"reference": reference})
    says = signed(row.txn_type, row.amount)
    if (row.account_id, row.reference_code, says) == (leg.account_id, reference, leg.amount):
        return LegRow(leg, row)
    values = {
        "reference": reference,
        "ours": format_kes(leg.amount),
        "branchs": format_kes(says) if says is not None else row.txn_type,
        "account": row.account.account_number,
        "code": row.reference_code,
    }
    words = _("%(reference)s: posted as %(ours)s; the branch's row now says %(branchs)s on %(account)s as %(code)s.")
    return LegRow(leg, row, words % values)


def _completed(story: Story) -> Story:
    """Add what was written down beside the money: the trail, the messages, and what other parts know."""
    instruction_id = str(
        story.instruction.id if story.instruction else story.posting.instruction_id if story.posting else ""
    )
    reference = story.posting.reference if story.posting else ""
    story.events = _events(reference, instruction_id)
    story.messages = _messages(story, reference, instruction_id)
    for _name, trail in money_trails.items():
        rows = list(trail.rows(reference, instruction_id))
        if rows:
            story.elsewhere.append((trail.title, rows))
    return story


def _events(reference: str, instruction_id: str) -> list[tuple[AuditEvent, int | None]]:
    """What the trail holds about it, in order, each with its number in the sealed chain (None: not sealed yet)."""
    subjects = [f"posting:{reference}"] if reference else []
    subjects += [f"instruction:{instruction_id}"] if instruction_id else []
    events = list(AuditEvent.objects.filter(subject__in=subjects).order_by("pk")[:MOST_EVENTS]) if subjects else []
    seals = dict(
        AuditSeal.objects.filter(event_id__in=[event.pk for event in events]).values_list("event_id", "number")
    )
    return [(event, seals.get(event.pk)) for event in events]


def _messages(story: Story, reference: str, instruction_id: str) -> list[OutboxMessage]:
    """What its customers were sent about it: found among their own messages of those days by cause."""
    codes = [line.row.reference_code for line in story.legs if line.row is not None]
    about = Q(cause__in=[f"branch-credit:{code}" for code in codes])
    for name in filter(None, (reference, instruction_id)):
        about |= Q(cause__endswith=f":{name}") | Q(cause__contains=f":{name}:")
    began = story.instruction.created_at if story.instruction else story.posting.posted_at if story.posting else None
    if began is None:
        return list(OutboxMessage.objects.filter(about).order_by("created_at")[:PAGE_SIZE])
    ended = story.posting.posted_at if story.posting else began
    rows = OutboxMessage.objects.filter(customer_id__in=story.customer_ids(), created_at__gte=began)
    return list(rows.filter(about, created_at__lt=ended + MESSAGES_AROUND).order_by("created_at")[:PAGE_SIZE])
