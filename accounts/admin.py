"""Customers, accounts, money and figures as the bank's staff see them: looked at, searched, never touched."""

from typing import TYPE_CHECKING, Any

from django.contrib.admin import TabularInline, display
from django.core.cache import cache
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from accounts import boards
from accounts.calling import staff as calls
from accounts.cards import admin as cards
from accounts.freezing import staff as freezes
from accounts.identity import staff as ways_back
from accounts.identity.branchsecrets import REPLACED
from accounts.identity.contacts import international
from accounts.models import (
    Account,
    AccountTransaction,
    BranchCustomer,
    Fee,
    IndicativeRate,
    Instruction,
    Limit,
    Posting,
    PostingLeg,
    Rate,
    User,
)
from accounts.privacy import boards as privacy_boards
from accounts.profile import birthboards, paperboards
from accounts.profile import boards as profile_boards
from accounts.profile.rights import RIGHTS
from accounts.servicing import admin as servicing
from accounts.servicing.catalogue import DAYS
from accounts.supporting import staff as looks
from wekeza_portal.staff import figures, roles
from wekeza_portal.staff.site import ReadOnlyAdmin, portal_admin

if TYPE_CHECKING:
    _TabularInline = TabularInline[PostingLeg, Posting]
else:
    _TabularInline = TabularInline

SECRETS_REMEMBERED = 300
"""Seconds: the count reads the whole of `users`."""


class CustomerAdmin(ReadOnlyAdmin):
    """By name's beginning, e-mail, phone, ID number or user_id. The branch's password is never read here."""

    list_display = ("full_name", "user_id", "email", "phone_number", "kyc_tier", "is_active")
    fields = (
        "full_name",
        "user_id",
        "email",
        "phone_number",
        "masked_id",
        "kyc_tier",
        "is_active",
        "created_at",
        "online",
        "stopped",
        "looked_in",
        "account_numbers",
    )
    readonly_fields = ("masked_id", "online", "stopped", "looked_in", "account_numbers")
    text_search = ("full_name__istartswith", "email__iexact", "phone_number", "national_id")
    number_search = ("user_id",)
    needs_search = True

    def customer_id_of(self, row: BranchCustomer) -> int | None:
        return row.user_id

    def condition_for(self, term: str) -> Q:
        phone = international(term)
        spellings = {phone, phone.removeprefix("+"), f"0{phone.removeprefix('+254')}"} if phone else set()
        return super().condition_for(term) | Q(phone_number__in=spellings)

    @staticmethod
    def masked_id(row: BranchCustomer) -> str:
        """The last three digits: enough to ask the caller for the rest."""
        return f"••••{(row.national_id or '')[-3:]}"

    @staticmethod
    def online(row: BranchCustomer) -> str:
        return str(_("Enrolled") if User.objects.filter(customer=row, is_active=True).exists() else _("Not enrolled"))

    @staticmethod
    @display(description=_("Everything stopped"))
    def stopped(row: BranchCustomer) -> str:
        return freezes.link_for(row)

    @staticmethod
    @display(description=_("Support view"))
    def looked_in(row: BranchCustomer) -> str:
        return looks.link_for(row)

    @staticmethod
    def account_numbers(row: BranchCustomer) -> str:
        numbers = Account.objects.filter(customer=row).order_by("account_id").values_list("account_number", flat=True)
        return ", ".join(numbers[:50])


class AccountAdmin(ReadOnlyAdmin):
    list_display = ("account_number", "account_id", "customer_id", "balance", "currency", "status")
    fields = ("account_number", "customer_id", "balance", "currency", "status", "created_at")
    readonly_fields = ("customer_id",)
    text_search = ("account_number",)
    number_search = ("account_id", "customer_id")
    needs_search = True


class TransactionAdmin(ReadOnlyAdmin):
    """The branch's rows, newest first, or of one account or reference. Never counted: there are millions."""

    list_display = ("reference_code", "account", "txn_type", "amount", "created_at", "story")
    list_select_related = ("account",)
    fields = (
        "reference_code",
        "transaction_id",
        "account_number",
        "txn_type",
        "amount",
        "description",
        "created_at",
        "story",
    )
    readonly_fields = ("transaction_id", "account_number", "story")
    text_search = ("reference_code",)
    number_search = ("transaction_id",)

    def customer_id_of(self, row: AccountTransaction) -> int | None:
        return row.account.customer_id

    def get_queryset(self, request: HttpRequest) -> QuerySet[AccountTransaction]:
        rows: QuerySet[AccountTransaction] = super().get_queryset(request).select_related("account")
        return rows

    def condition_for(self, term: str) -> Q:
        """An account number is looked up first: the index of `transactions` is by account_id alone."""
        account = Account.objects.filter(account_number=term).first()
        return Q(account_id=account.account_id) if account is not None else super().condition_for(term)

    @staticmethod
    @display(description=_("Story"))
    def story(row: AccountTransaction) -> str:
        return boards.link_to(row.reference_code)

    @staticmethod
    def account_number(row: AccountTransaction) -> str:
        return row.account.account_number


class InstructionAdmin(ReadOnlyAdmin):
    """What customers asked for: by its id, the customer's user_id or the reference of its posting."""

    list_display = ("id", "customer_id", "kind", "amount", "fee", "state", "created_at", "posted_at", "story")
    fields = (
        "id",
        "customer_id",
        "kind",
        "payload",
        "amount",
        "fee",
        "fee_row_id",
        "state",
        "created_at",
        "expires_at",
        "stepped_up_at",
        "posted_at",
        "story",
    )
    readonly_fields = ("id", "customer_id", "story")
    number_search = ("customer_id",)
    uuid_search = ("id",)
    needs_search = True

    @staticmethod
    @display(description=_("Story"))
    def story(row: Instruction) -> str:
        return boards.link_to(row.id)

    def condition_for(self, term: str) -> Q:
        posted = Posting.objects.filter(reference=term.upper()).values_list("instruction_id", flat=True)
        return super().condition_for(term) | Q(id__in=list(posted))


class LegInline(_TabularInline):
    """The legs of a posting: they sum to zero."""

    model = PostingLeg
    fields = ("position", "account", "internal_account", "amount", "balance_after", "transaction_id")
    readonly_fields = fields
    ordering = ("position",)
    extra = 0
    can_delete = False

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def get_queryset(self, request: HttpRequest) -> QuerySet[PostingLeg]:
        return super().get_queryset(request).select_related("account")


class PostingAdmin(ReadOnlyAdmin):
    """What was posted, newest first: by reference or the id of its instruction."""

    list_display = ("reference", "kind", "posted_at", "business_date", "actor_kind", "story")
    fields = (
        "reference",
        "instruction_id",
        "kind",
        "posted_at",
        "business_date",
        "actor_kind",
        "actor_id",
        "reverses",
        "story",
    )
    readonly_fields = ("story",)
    text_search = ("reference",)
    uuid_search = ("instruction_id",)
    inlines = (LegInline,)

    @staticmethod
    @display(description=_("Story"))
    def story(row: Posting) -> str:
        return boards.link_to(row.reference)

    def customer_id_of(self, row: Posting) -> int | None:
        return Instruction.objects.filter(id=row.instruction_id).values_list("customer_id", flat=True).first()

    def customers_on(self, rows: list[Any]) -> set[int]:
        """One query for the whole page."""
        ids = [row.instruction_id for row in rows]
        return set(Instruction.objects.filter(id__in=ids).values_list("customer_id", flat=True))


def readable_secrets() -> list[tuple[Any, Any, bool]]:
    """How many of the branch's enrolment secrets somebody with the table could read or guess, by how they are kept.

    Of the whole table and of the customers enrolled here, whose secret ought to be replaced.
    """
    counts = cache.get("staff:readable-secrets")
    if counts is None:
        counts = _count_secrets()
        cache.set("staff:readable-secrets", counts, SECRETS_REMEMBERED)
    words = {"plain": _("Plain text"), "sha256": _("SHA-256"), "bcrypt": _("bcrypt")}
    lines: list[tuple[Any, Any, bool]] = []
    for name, label in words.items():
        lines.append((_("%(format)s, enrolled customers") % {"format": label}, counts["enrolled"][name], True))
        lines.append((_("%(format)s, whole table") % {"format": label}, counts["all"][name], True))
    return [(label, number, number > 0) for label, number, _alarm in lines]


def _count_secrets() -> dict[str, dict[str, int]]:
    enrolled = User.objects.exclude(customer=None).values_list("customer_id", flat=True)
    rows = BranchCustomer.objects.order_by()
    return {"all": _by_format(rows), "enrolled": _by_format(rows.filter(pk__in=enrolled))}


def _by_format(rows: QuerySet[BranchCustomer]) -> dict[str, int]:
    ours = Q(password_hash__startswith=REPLACED) | Q(password_hash="")
    bcrypt = Q(password_hash__regex=r"^\$2[abxy]\$[0-9][0-9]\$.{53}$")  # noqa: S106 - a pattern
    sha256 = Q(password_hash__iregex=r"^[0-9a-f]{64}$")  # noqa: S106 - a pattern
    found = rows.aggregate(
        all=Count("pk", filter=~ours),
        bcrypt=Count("pk", filter=bcrypt),
        sha256=Count("pk", filter=sha256),
    )
    plain = found["all"] - found["bcrypt"] - found["sha256"]
    return {"plain": plain, "sha256": found["sha256"], "bcrypt": found["bcrypt"]}


portal_admin.register(BranchCustomer, CustomerAdmin)
portal_admin.register(Account, AccountAdmin)
portal_admin.register(AccountTransaction, TransactionAdmin)
portal_admin.register(Instruction, InstructionAdmin)
portal_admin.register(Posting, PostingAdmin)
portal_admin.add_panel(10, _("Readable secrets in the branch's users table"), "staff.view_health", readable_secrets)

figures.register(
    "limits",
    figures.Figure(
        title=_("Limits"),
        model=Limit,
        keys=("code", "kyc_tier"),
        value="value",
        labels={"code": _("Limit"), "kyc_tier": _("Tier"), "value": _("Figure")},
        counts=frozenset(
            {
                Limit.Code.PAYEE_LOOKUPS,
                Limit.Code.UNFREEZE_MINUTES,
                Limit.Code.HELD_BACK_DAYS,
                Limit.Code.CALL_MINUTES,
                Limit.Code.SUPPORT_ASK_MINUTES,
                Limit.Code.SUPPORT_VIEW_MINUTES,
                Limit.Code.OWN_LIMIT_HOURS,
                Limit.Code.ADULT_AGE,
                Limit.Code.CARD_LOOSEN_HOURS,
                Limit.Code.CARD_NEW_DAYS,
                Limit.Code.CARD_REPLACE_DAYS,
                *DAYS,
                *RIGHTS,
            }
        ),
    ),
)
figures.register(
    "fees",
    figures.Figure(
        title=_("Fees"), model=Fee, keys=("code",), value="amount", labels={"code": _("Fee"), "amount": _("Fee in KES")}
    ),
)
figures.register(
    "rates",
    figures.Figure(
        title=_("Rates"),
        model=Rate,
        keys=("code",),
        value="per_cent",
        labels={"code": _("Rate"), "per_cent": _("Per cent")},
    ),
)
figures.register(
    "indicative_rates",
    figures.Figure(
        title=_("Foreign money, indicative"),
        model=IndicativeRate,
        keys=("code",),
        value="kes",
        labels={"code": _("Currency"), "kes": _("KES for one")},
    ),
)

roles.grant_all(
    "accounts.view_branchcustomer",
    "accounts.view_account",
    "accounts.view_accounttransaction",
    "accounts.view_instruction",
    "accounts.view_posting",
    "accounts.view_postingleg",
)
boards.register()
freezes.register()
calls.register()
looks.register()
ways_back.register()
profile_boards.register()
paperboards.register()
privacy_boards.register()
birthboards.register()
cards.register()
servicing.register()
