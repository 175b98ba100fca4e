"""The customer's data in the tables of accounts and of the platform, for the export."""

from typing import Any

from django.db.models import Q, QuerySet

from accounts.identity import links
from accounts.models import (
    Account,
    AccountTerms,
    AccountTransaction,
    ApprovalRequest,
    AuthenticatorApp,
    BankCall,
    BranchCustomer,
    CifRecord,
    ContactChange,
    CustomerDetails,
    CustomerDocument,
    CustomerIdentity,
    Freeze,
    Instruction,
    KnownDevice,
    Limit,
    LimitUsage,
    LowBalanceTold,
    MessageChoice,
    MessageHabits,
    OwnLimit,
    Passkey,
    Posting,
    PostingLeg,
    RiskScore,
    SignedInSession,
    SignInAttempt,
    SupportLook,
    SupportView,
    User,
)
from wekeza_portal import clock
from wekeza_portal.audit.models import AuditEvent
from wekeza_portal.documents.models import IssuedPaper
from wekeza_portal.export import columns_of, labels, rows
from wekeza_portal.notifications.models import InboxItem, OutboxMessage
from wekeza_portal.registry import Exporter, exporters, not_exported
from wekeza_portal.uploads.models import Upload

_SECRET = "Secrets and traces of secrets: they protect the customer, and tell nothing about them."  # noqa: S105 - a sentence

LEFT_OUT = {
    "accounts.ActivationCode": _SECRET,
    "accounts.AuthorizationItem": "The branch's working queue, about staff; what was asked for stands in requests.",
    "accounts.BackupCode": _SECRET,
    "accounts.CodeDevice": _SECRET,
    "accounts.KeptForm": "Half-filled forms, encrypted and deleted within 24 hours, given back on the page itself.",
    "accounts.OneTimeCode": _SECRET,
    "accounts.PasskeyChallenge": _SECRET,
    "accounts.PendingPassword": _SECRET,
    "accounts.ProofBalance": "The bank's proof of a day; the same balances stand in the statement of the account.",
    "accounts.ResetLink": _SECRET,
    "uploads.UploadTurn": "Only whose turn it is to hand something in.",
    "staff.StaffPost": "The bank's staff, not its customers.",
    "staff.StaffTotp": "The bank's staff, not its customers.",
    "admin.LogEntry": "What the bank's staff did; where it concerns the customer it stands in events.",
}


def register_all() -> None:
    said = [ContactChange, CustomerDetails, CustomerDocument, CustomerIdentity]
    people = labels([BranchCustomer, CifRecord, RiskScore, *said])
    exporters.register("profile", Exporter(people, _profile))
    exporters.register("accounts", Exporter(labels([Account, AccountTerms, AccountTransaction]), _accounts))
    exporters.register(
        "payments", Exporter(labels([Instruction, Posting, PostingLeg, LimitUsage, OwnLimit]), _payments)
    )
    exporters.register("requests", Exporter(labels([ApprovalRequest]), _requests))
    sign_ins = labels([User, SignInAttempt, SignedInSession, KnownDevice, AuthenticatorApp, Passkey])
    exporters.register("online_access", Exporter(sign_ins, _online_access))
    exporters.register(
        "stops_and_calls", Exporter(labels([Freeze, BankCall, SupportView, SupportLook]), _stops_and_calls)
    )
    exporters.register(
        "messages",
        Exporter(labels([OutboxMessage, InboxItem, MessageHabits, MessageChoice, LowBalanceTold]), _messages),
    )
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
        "contact_changes": rows(_contact_changes(customer), *columns_of(ContactChange, "customer_id", "undo_digest")),
        "own_words": rows(_own_words(customer), *columns_of(CustomerDetails, "customer_id")),
        "identified": rows(
            _identity(customer), *columns_of(CustomerIdentity, "customer_id", "fingerprint", "decided_by")
        ),
        "sent_papers": rows(_sent_papers(customer), *columns_of(CustomerDocument, "customer_id", "decided_by")),
        "credit_scores": rows(RiskScore.objects.filter(customer=customer), *columns_of(RiskScore)),
    }


def _contact_changes(customer: BranchCustomer) -> QuerySet[ContactChange]:
    return _own_times(ContactChange.objects.filter(customer_id=customer.user_id), customer, "created_at")


def _own_words(customer: BranchCustomer) -> QuerySet[CustomerDetails]:
    return _own_times(CustomerDetails.objects.filter(customer_id=customer.user_id), customer, "created_at")


def _sent_papers(customer: BranchCustomer) -> QuerySet[CustomerDocument]:
    return _own_times(CustomerDocument.objects.filter(customer_id=customer.user_id), customer, "sent_at")


def _identity(customer: BranchCustomer) -> QuerySet[CustomerIdentity]:
    return CustomerIdentity.objects.filter(customer_id=customer.user_id, fingerprint=links.fingerprint(customer))


def _accounts(customer: BranchCustomer) -> dict[str, Any]:
    own = Account.objects.filter(customer_id=customer.user_id, business__isnull=True)
    ids = list(own.values_list("account_id", flat=True))
    movements = AccountTransaction.objects.filter(account_id__in=ids)
    return {
        "accounts": rows(own, *columns_of(Account)),
        "kinds": rows(AccountTerms.objects.filter(account_id__in=ids), *columns_of(AccountTerms)),
        "movements": rows(movements, *columns_of(AccountTransaction)),
    }


def _own_times(query: QuerySet[Any], customer: BranchCustomer, column: str) -> QuerySet[Any]:
    """Rows since the branch's row of this person: what is older was a former customer's, whose id was given again."""
    return query.filter(**{f"{column}__gte": customer.created_at}) if customer.created_at else query


def _payments(customer: BranchCustomer) -> dict[str, Any]:
    own = _own_times(Instruction.objects.filter(customer=customer), customer, "created_at")
    ids = list(own.values_list("pk", flat=True))
    accounts = list(Account.objects.filter(customer=customer, business__isnull=True).values_list("pk", flat=True))
    legs = _own_times(PostingLeg.objects.filter(account_id__in=accounts), customer, "posting__posted_at")
    return {
        "instructions": rows(own, *columns_of(Instruction, "content_hash", "payee_key", "fee_row_id")),
        "postings": rows(
            Posting.objects.filter(instruction_id__in=ids), "instruction_id", "reference", "kind", "posted_at"
        ),
        "on_own_accounts": rows(
            legs, "posting__reference", "posting__posted_at", "account_id", "amount", "balance_after"
        ),
        "own_limits": rows(
            _own_times(OwnLimit.objects.filter(customer=customer), customer, "changed_at"),
            *columns_of(OwnLimit, "id", "customer_id"),
        ),
        "limits_used": rows(_limits_used(customer), "code", "period", "used"),
    }


def _limits_used(customer: BranchCustomer) -> QuerySet[Any]:
    used = LimitUsage.objects.filter(customer=customer)
    if customer.created_at is None:
        return used
    day = customer.created_at.astimezone(clock.NAIROBI).date().isoformat()
    month = Q(code=Limit.Code.MONTHLY_OUT, period__gte=day[:7])
    return used.filter(Q(period__gte=day) | month)


def _requests(customer: BranchCustomer) -> list[dict[str, Any]]:
    inner = ("instruction_id", "problem", "look_again_at", "flips", "decided_by", "customer_id")
    own = _own_times(ApprovalRequest.objects.filter(customer=customer), customer, "created_at")
    return rows(own, *columns_of(ApprovalRequest, *inner))


def _online_access(customer: BranchCustomer) -> dict[str, Any]:
    own = [user.pk for user in User.objects.filter(customer=customer) if links.link_is_intact(user, customer)]
    users = User.objects.filter(pk__in=own)  # a login that fits another person stays shut, in here too
    sessions = SignedInSession.objects.filter(user_id__in=own)
    known = KnownDevice.objects.filter(user_id__in=own)
    tries = SignInAttempt.objects.filter(user_id__in=own)
    apps = AuthenticatorApp.objects.filter(user_id__in=own, is_proven=True)
    return {
        "login": rows(
            users,
            "username",
            "known_phone",
            "known_phone_since",
            "known_email",
            "preferred_way",
            "language",
            "hide_amounts",
            "date_format",
            "theme",
            "text_size",
            "default_account",
            "display_currency",
            "history_years",
            "is_active",
            "created_at",
        ),
        "sign_ins": rows(tries, "at", "outcome", "ip", "user_agent", "is_new_device"),
        "sessions": rows(sessions, "started_at", "last_seen_at", "ended_at", "ip", "user_agent"),
        "authenticator_app": rows(apps, "created_at", "used_at"),
        "passkeys": rows(Passkey.objects.filter(user_id__in=own), "name", "is_synced", "made_at", "used_at"),
        "known_browsers": rows(known, "first_seen_at", "last_seen_at", "ip", "user_agent", "trusted_until"),
    }


def _stops_and_calls(customer: BranchCustomer) -> dict[str, Any]:
    since = customer.created_at
    stops = Freeze.objects.filter(customer_id=customer.user_id, since__gte=since)
    calls = BankCall.objects.filter(customer_id=customer.user_id, opened_at__gte=since)
    views = SupportView.objects.filter(customer_id=customer.user_id, asked_at__gte=since)
    looks = SupportLook.objects.filter(view__in=list(views))
    return {
        "support_views": rows(views, *columns_of(SupportView, "open_for", "staff_id", "staff_code")),
        "pages_looked_at": rows(looks, "view_id", "at", "page", "address"),
        "stops": rows(stops, *columns_of(Freeze, "open_for", "by_staff", "reason")),
        "calls": rows(calls, *columns_of(BankCall, "open_for", "staff_id", "staff_code")),
    }


def _messages(customer: BranchCustomer) -> dict[str, Any]:
    """What was said. A code is left out: its row says only that one was sent."""
    sent = _own_times(OutboxMessage.objects.filter(customer_id=customer.user_id), customer, "created_at")
    about = ("channel", "event", "to", "created_at", "sent_at", "state")
    chosen = MessageHabits.objects.filter(customer_id=customer.user_id, fingerprint=links.fingerprint(customer))
    choices = MessageChoice.objects.filter(habits__in=chosen)
    told = _own_times(LowBalanceTold.objects.filter(customer_id=customer.user_id), customer, "told_at")
    inbox = _own_times(InboxItem.objects.filter(customer_id=customer.user_id), customer, "created_at")
    return {
        "sent": rows(sent.filter(is_secret=False), *about, "subject", "body"),
        "codes_sent": rows(sent.filter(is_secret=True), *about),
        "choices": rows(choices, *columns_of(MessageChoice, "id", "habits_id")),
        "habits": rows(chosen, *columns_of(MessageHabits, "id", "customer_id", "fingerprint")),
        "told_of_low_balance": rows(told, *columns_of(LowBalanceTold, "customer_id")),
        "inbox": rows(inbox, "created_at", "category", "title", "text", "read_at", "archived_at"),
    }


def _papers(customer: BranchCustomer) -> list[dict[str, Any]]:
    papers = _own_times(IssuedPaper.objects.filter(customer_id=customer.user_id), customer, "issued_at")
    return rows(papers, "code", "kind", "subject", "language", "edition", "issued_at", "facts", "revoked_at")


def _events(customer: BranchCustomer) -> list[dict[str, Any]]:
    """What happened to the customer's data and money: when and what; who of the staff it was is the bank's to know."""
    own = _own_times(AuditEvent.objects.filter(customer_id=customer.user_id), customer, "at")
    return rows(own, "at", "verb", "actor_kind", "subject")


def _uploads(customer: BranchCustomer) -> list[dict[str, Any]]:
    """What was handed in, by name; the files themselves are given back on the pages they belong to."""
    own = _own_times(Upload.objects.filter(customer_id=customer.user_id), customer, "received_at")
    return rows(own, *columns_of(Upload, "file_name", "looked_by"))
