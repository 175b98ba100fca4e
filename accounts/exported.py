"""The customer's data in the tables of accounts and of the platform, for the export."""

from typing import Any

from accounts.models import (
    Account,
    AccountTerms,
    AccountTransaction,
    ApprovalRequest,
    BranchCustomer,
    CifRecord,
    Instruction,
    KnownDevice,
    LimitUsage,
    Posting,
    PostingLeg,
    RiskScore,
    SignedInSession,
    SignInAttempt,
    User,
)
from wekeza_portal.audit.models import AuditEvent
from wekeza_portal.documents.models import IssuedPaper
from wekeza_portal.export import columns_of, labels, rows
from wekeza_portal.notifications.models import InboxItem, OutboxMessage
from wekeza_portal.registry import Exporter, exporters, not_exported
from wekeza_portal.uploads.models import Upload

_SECRET = "Secrets and traces of secrets: they protect the customer, and tell nothing about them."  # noqa: S105 - a sentence

LEFT_OUT = {
    "accounts.AuthorizationItem": "The branch's working queue, about staff; what was asked for stands in requests.",
    "accounts.CodeDevice": _SECRET,
    "accounts.KeptForm": "Half-filled forms, encrypted and deleted within 24 hours, given back on the page itself.",
    "accounts.OneTimeCode": _SECRET,
    "accounts.ProofBalance": "The bank's proof of a day; the same balances stand in the statement of the account.",
    "uploads.UploadTurn": "Only whose turn it is to hand something in.",
    "staff.StaffTotp": "The bank's staff, not its customers.",
    "admin.LogEntry": "What the bank's staff did; where it concerns the customer it stands in events.",
}


def register_all() -> None:
    exporters.register("profile", Exporter(labels([BranchCustomer, CifRecord, RiskScore]), _profile))
    exporters.register("accounts", Exporter(labels([Account, AccountTerms, AccountTransaction]), _accounts))
    exporters.register("payments", Exporter(labels([Instruction, Posting, PostingLeg, LimitUsage]), _payments))
    exporters.register("requests", Exporter(labels([ApprovalRequest]), _requests))
    sign_ins = labels([User, SignInAttempt, SignedInSession, KnownDevice])
    exporters.register("online_access", Exporter(sign_ins, _online_access))
    exporters.register("messages", Exporter(labels([OutboxMessage, InboxItem]), _messages))
    exporters.register("papers", Exporter(labels([IssuedPaper]), _papers))
    exporters.register("uploads", Exporter(labels([Upload]), _uploads))
    exporters.register("events", Exporter(labels([AuditEvent]), _events))
    for label, reason in LEFT_OUT.items():
        not_exported.register(label, reason)


def _profile(customer: BranchCustomer) -> dict[str, Any]:
    own = BranchCustomer.objects.filter(pk=customer.user_id)
    cif = (
        CifRecord.objects.filter(national_id=customer.national_id) if customer.national_id else CifRecord.objects.none()
    )
    return {
        "customer": rows(own, *columns_of(BranchCustomer, "password_hash")),
        "customer_file": rows(cif, *columns_of(CifRecord)),
        "credit_scores": rows(RiskScore.objects.filter(customer=customer), *columns_of(RiskScore)),
    }


def _accounts(customer: BranchCustomer) -> dict[str, Any]:
    own = Account.objects.filter(customer_id=customer.user_id, business__isnull=True)
    ids = list(own.values_list("account_id", flat=True))
    movements = AccountTransaction.objects.filter(account_id__in=ids)
    return {
        "accounts": rows(own, *columns_of(Account)),
        "kinds": rows(AccountTerms.objects.filter(account_id__in=ids), *columns_of(AccountTerms)),
        "movements": rows(movements, *columns_of(AccountTransaction)),
    }


def _payments(customer: BranchCustomer) -> dict[str, Any]:
    own = Instruction.objects.filter(customer=customer)
    ids = list(own.values_list("pk", flat=True))
    accounts = list(Account.objects.filter(customer=customer, business__isnull=True).values_list("pk", flat=True))
    legs = PostingLeg.objects.filter(account_id__in=accounts)
    return {
        "instructions": rows(own, *columns_of(Instruction, "content_hash", "payee_key", "fee_row_id")),
        "postings": rows(
            Posting.objects.filter(instruction_id__in=ids), "instruction_id", "reference", "kind", "posted_at"
        ),
        "on_own_accounts": rows(
            legs, "posting__reference", "posting__posted_at", "account_id", "amount", "balance_after"
        ),
        "limits_used": rows(LimitUsage.objects.filter(customer=customer), "code", "period", "used"),
    }


def _requests(customer: BranchCustomer) -> list[dict[str, Any]]:
    inner = ("instruction_id", "problem", "look_again_at", "flips", "decided_by", "customer_id")
    return rows(ApprovalRequest.objects.filter(customer=customer), *columns_of(ApprovalRequest, *inner))


def _online_access(customer: BranchCustomer) -> dict[str, Any]:
    users = User.objects.filter(customer=customer)
    sessions = SignedInSession.objects.filter(user__customer=customer)
    known = KnownDevice.objects.filter(user__customer=customer)
    tries = SignInAttempt.objects.filter(user__customer=customer)
    return {
        "login": rows(
            users, "username", "known_phone", "known_phone_since", "language", "hide_amounts", "is_active", "created_at"
        ),
        "sign_ins": rows(tries, "at", "outcome", "ip", "user_agent", "is_new_device"),
        "sessions": rows(sessions, "started_at", "last_seen_at", "ended_at", "ip", "user_agent"),
        "known_browsers": rows(known, "first_seen_at", "last_seen_at"),
    }


def _messages(customer: BranchCustomer) -> dict[str, Any]:
    """What was said. A code is left out: its row says only that one was sent."""
    sent = OutboxMessage.objects.filter(customer_id=customer.user_id)
    about = ("channel", "to", "created_at", "sent_at", "state")
    inbox = InboxItem.objects.filter(customer_id=customer.user_id)
    return {
        "sent": rows(sent.filter(is_secret=False), *about, "subject", "body"),
        "codes_sent": rows(sent.filter(is_secret=True), *about),
        "inbox": rows(inbox, "created_at", "category", "title", "text", "read_at", "archived_at"),
    }


def _papers(customer: BranchCustomer) -> list[dict[str, Any]]:
    papers = IssuedPaper.objects.filter(customer_id=customer.user_id)
    return rows(papers, "code", "kind", "subject", "language", "edition", "issued_at", "facts", "revoked_at")


def _events(customer: BranchCustomer) -> list[dict[str, Any]]:
    """What happened to the customer's data and money: when and what; who of the staff it was is the bank's to know."""
    return rows(AuditEvent.objects.filter(customer_id=customer.user_id), "at", "verb", "actor_kind", "subject")


def _uploads(customer: BranchCustomer) -> list[dict[str, Any]]:
    """What was handed in, by name; the files themselves are given back on the pages they belong to."""
    return rows(Upload.objects.filter(customer_id=customer.user_id), *columns_of(Upload, "file_name", "looked_by"))
