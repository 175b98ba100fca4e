"""The same hostile text in every text column of the bank: ours and the branch's, those of today and of tomorrow.

It starts like a formula, closes attributes and tags, and would run if any page believed it. The walk is over the
models, so a new column is filled by itself; one that can't be is in `NOT_FILLED` with its reason.
"""

import re
from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal, InvalidOperation
from functools import cache
from typing import Any
from uuid import UUID

from django.apps import apps
from django.db import IntegrityError, models, transaction
from factory.base import FactoryMetaClass

from accounts.books import proving
from accounts.books.kinds import kinds
from accounts.identity.links import fingerprint
from accounts.models import Account, BankLetter, BranchCustomer, Instruction, Posting, ProofSheet, User
from accounts.proofs import reading
from tests import factories
from tests.pages import Scene
from wekeza_portal.actors import system
from wekeza_portal.audit.services import record
from wekeza_portal.branch import ddl
from wekeza_portal.documents import papers
from wekeza_portal.documents.models import IssuedPaper
from wekeza_portal.forms import NOTE_LENGTH
from wekeza_portal.money import exact
from wekeza_portal.staff import switches

TAG = "<w-x>"
"""An element that no page of ours has."""
RUNS = (
    f"\"'>{TAG}<script>__x=1</script><img src=x onerror=__x=1><svg onload=__x=1>"
    "<a href=javascript:__x=1>x</a></title></style></textarea><!--{{7*7}}{% now 'Y' %}${7*7}\\u003cw-x>"
)
STARTS = ("=1+1", "+1", "-1", "@SUM(1)", "\t=1", "\r=1")
"""What a spreadsheet takes for the beginning of a formula."""
SHORTEST = max(map(len, STARTS)) + len("\"'>") + len(TAG)

REFERS = re.compile(r"FOREIGN KEY \((\w+)\) REFERENCES (\w+) \((\w+)\)")

Field = Any
"""A concrete text field of a model; Django's own class is generic for type checkers alone."""

NOT_FILLED: dict[str, set[str]] = {
    "the name by which code finds the row: another text is another row": {
        "auth.Permission.name", "auth.Permission.codename", "auth.Group.name", "contenttypes.ContentType.app_label",
        "contenttypes.ContentType.model", "sessions.Session.session_key", "staff.Proposal.kind",
        "staff.PortalSwitch.code", "platform.RateCounter.policy", "platform.RateCounter.key", "platform.Errand.kind",
        "documents.StoredFile.name", "documents.IssuedPaper.kind",
        "documents.IssuedPaper.subject", "documents.IssuedPaper.file_name", "uploads.Upload.file_name",
        "rails.RailCircuit.rail", "rails.RailToken.rail", "rails.RailCallback.rail", "staff.KeptCheck.name",
        "accounts.User.username", "staff.StaffPost.role",
        "accounts.StaffMember.staff_code", "accounts.ApprovalRequest.kind", "accounts.ApprovalRequest.reference_id",
        "accounts.ApprovalRequest.transaction_type", "accounts.ApprovalRequest.queue_id", "accounts.Instruction.kind",
        "accounts.Instruction.payee_key", "accounts.Posting.kind", "accounts.PostingLeg.internal_account",
        "accounts.LimitUsage.code", "accounts.TailPosition.name", "accounts.KeptForm.path",
        "accounts.OneTimeCode.binding", "transfers.StandingOrder.kind", "transfers.StandingOrder.payee_key",
        "transfers.SavedPayee.kind", "transfers.SavedPayee.payee_key", "transfers.SavedPayee.guard_key",
        "transfers.ScamPause.kind", "transfers.ScamPause.payee_key", "transfers.ScamPause.guard_key",
        "transfers.RailId.value",
        "transfers.MoneyRequest.open_key", "transfers.PaymentFileRow.payee_key", "transfers.Payment.destination",
    },
    "a digest, a seal, a hash or encrypted: no page shows it": {
        "sessions.Session.session_data", "staff.StaffTotp.encrypted_key", "platform.Errand.data",
        "staff.StaffPost.person",
        "accounts.ProofSheet.digest", "accounts.ProofSignature.digest", "uploads.Upload.sha256",
        "rails.RailCallback.digest", "rails.RailToken.token", "audit.AuditSeal.digest", "audit.AuditHead.digest",
        "audit.AuditHead.proof", "documents.IssuedPaper.seal", "documents.IssuedPaper.sha256",
        "accounts.BranchCustomer.password_hash", "accounts.User.password", "accounts.User.fingerprint",
        "accounts.User.branch_secret_digest", "accounts.OneTimeCode.code_hash", "accounts.PendingPassword.replaces",
        "accounts.PendingPassword.encoded", "accounts.ActivationCode.digest",
        "accounts.ResetLink.token_digest", "accounts.ResetLink.replaces",
        "accounts.Instruction.content_hash",
        "accounts.SignedInSession.session_key_digest", "accounts.KnownDevice.token_digest", "accounts.KeptForm.data",
        "accounts.KnownDevice.trusted_as",
        "accounts.AuthenticatorApp.encrypted_key", "accounts.BackupCode.digest",
        "accounts.Passkey.credential_id", "accounts.Passkey.credential_digest", "accounts.Passkey.public_key",
        "accounts.PasskeyChallenge.binding", "accounts.PasskeyChallenge.challenge",
        "accounts.Posting.content_hash", "transfers.PayeeLookup.account_number_digest",
        "transfers.StandingOrder.fingerprint", "transfers.StandingOrder.content_hash",
        "transfers.Payment.token", "accounts.ContactChange.undo_digest", "accounts.CustomerIdentity.fingerprint",
        "accounts.MessageHabits.fingerprint",
        "accounts.BankLetter.fingerprint",
        "transfers.PaymentFile.sha256", "transfers.PaymentFile.fingerprint", "transfers.PaymentFileRow.content_hash",
    },
    "nothing writes it: Django's own log of changes, which our read-only tables never make": {
        "admin.LogEntry.object_id", "admin.LogEntry.object_repr", "admin.LogEntry.change_message",
    },
}  # fmt: skip
# Where the other rows must stay what they are, for pages to be the usual ones: the newest row alone is filled.
NEWEST_ONLY = {
    "accounts.AccountTransaction.txn_type", "accounts.AccountTransaction.reference_code",
    "accounts.AuthorizationItem.queue_id", "accounts.AuthorizationItem.reference_id",
    "accounts.AuthorizationItem.maker_id", "accounts.AuthorizationItem.operation_data",
    "transfers.KnownPayee.guard_key",
}  # fmt: skip
# Leaves of a JSON column by which code finds its way.
JSON_KEYS = {
    "about", "figure", "code", "keys", "state", "kind", "order", "rhythm", "mode", "on_holiday", "network",
    "client_type", "card_kind", "letter", "until",
}  # fmt: skip


_SWITCHED_OFF = {
    "code": switches.INTERNAL_TRANSFERS, "is_on": False, "notice_en": "Back at 6.", "notice_sw": "Saa kumi na mbili.",
    "since": "2026-01-31",
}  # fmt: skip


def label(model: type[models.Model], field: Field) -> str:
    return f"{model._meta.label}.{field.name}"


def text_columns() -> Iterator[tuple[type[models.Model], Field]]:
    """Every column that holds text of any length which an attack fits into."""
    for model in apps.get_models():
        for field in model._meta.concrete_fields:
            if isinstance(field, models.CharField | models.TextField | models.JSONField) and _can_hold_it(model, field):
                yield model, field


def _can_hold_it(model: type[models.Model], field: Field) -> bool:
    is_long_enough = (field.max_length or SHORTEST) >= SHORTEST
    is_key = (model._meta.db_table, field.column) in _keys()
    return is_long_enough and not field.choices and not is_key and not _is_enum(model, field)


@cache
def _keys() -> set[tuple[str, str]]:
    """(table, column) of the branch's foreign keys, both ends: a text there must be that of another row."""
    found = set()
    for table in ddl.load("live").values():
        for own, other, column in REFERS.findall(table.sql):
            found |= {(table.name, own), (other, column)}
    return found


def _is_enum(model: type[models.Model], field: Field) -> bool:
    table = ddl.load("live").get(model._meta.db_table)
    column = table.columns.get(field.column or "") if table and not model._meta.managed else None
    return column is not None and bool(column.enum_values)


def to_fill() -> Iterator[tuple[type[models.Model], Field]]:
    unfilled = set().union(*NOT_FILLED.values())
    return ((model, field) for model, field in text_columns() if label(model, field) not in unfilled)


def fill(scene: Scene) -> None:
    """A row of everything, the scene's customer's where it can be, and the text in every column of every row."""
    for factory in vars(factories).values():
        if isinstance(factory, FactoryMetaClass) and not factory._meta.abstract:
            _row(factory, scene)
    factories.ProposalFactory(kind=switches.KIND, payload=_SWITCHED_OFF)
    for start, (model, field) in enumerate(to_fill()):
        rows = model._base_manager.order_by("-pk")
        for number, row in enumerate(rows[:1] if label(model, field) in NEWEST_ONLY else rows):
            value = _hostile(getattr(row, field.attname), field, STARTS[start % len(STARTS)], number)
            model._base_manager.filter(pk=row.pk).update(**{field.attname: value})
    _sign_again()


def _row(factory: FactoryMetaClass, scene: Scene) -> None:
    model = factory._meta.model
    theirs: dict[Any, Any] = {BranchCustomer: scene.user.customer, Account: scene.account, User: scene.user}
    tied = {f.name: theirs[f.related_model] for f in model._meta.concrete_fields if f.related_model in theirs}
    if any(f.name == "customer_id" for f in model._meta.concrete_fields):
        tied["customer_id"] = scene.user.customer_id
    try:
        with transaction.atomic():
            factory(**tied)
    except IntegrityError:
        factory()  # the scene's customer has the only one allowed


def _hostile(value: Any, field: Field, start: str, number: int) -> Any:
    if isinstance(field, models.JSONField):
        return _hostile_json(value or {"text": "x"}, start)
    text = (start[:1] if field.max_length and field.max_length < 30 else start) + RUNS
    mark = f"~{number}" if field.unique else ""
    return text[: (field.max_length or 2000) - len(mark)] + mark


def _hostile_json(value: Any, start: str) -> Any:
    if isinstance(value, dict):
        return {key: leaf if key in JSON_KEYS else _hostile_json(leaf, start) for key, leaf in value.items()}
    if isinstance(value, list):
        return [_hostile_json(leaf, start) for leaf in value]
    return (start + RUNS)[:NOTE_LENGTH] if isinstance(value, str) and not _is_figure(value) else value


def _is_figure(text: str) -> bool:
    """Numbers, dates and ids inside JSON stay: code reads them as such."""
    for reads in (Decimal, datetime.fromisoformat, UUID):
        try:
            reads(text)
        except (ValueError, InvalidOperation):
            continue
        return True
    return False


def _sign_again() -> None:
    """What no longer fits its digest (logins, papers, proofs, payments) would hide behind a refusal, unseen."""
    for user in User.objects.filter(customer__isnull=False).select_related("customer"):
        assert user.customer is not None
        user.fingerprint = fingerprint(user.customer)
        user.save(update_fields=["fingerprint"])
        BankLetter.objects.filter(customer_id=user.customer_id).update(fingerprint=user.fingerprint)
    for paper in IssuedPaper.objects.all():
        paper.seal = papers.seal(paper)
        paper.save(update_fields=["seal"])
    for sheet in ProofSheet.objects.all():
        ProofSheet.objects.filter(pk=sheet.pk).update(digest=reading.digest_of(sheet))
    asked = {instruction.pk: instruction for instruction in Instruction.objects.all()}
    for posting in Posting.objects.filter(instruction_id__in=asked):
        _record_again(posting, asked[posting.instruction_id])


def _record_again(posting: Posting, instruction: Instruction) -> None:
    """The event by which a posting is known, as the ledger writes it: the text is in the one there was."""
    verb = kinds.get(posting.kind).verb
    says = {"kind": posting.kind, "amount": str(exact(instruction.amount)), "fee": str(exact(instruction.fee))}
    record(
        verb,
        actor=system("test"),
        customer_id=instruction.customer_id,
        subject=f"posting:{posting.reference}",
        data={**says, **proving.facts_of(posting, instruction, verb)},
    )


def holds_it(model: type[models.Model], field: Field) -> bool:
    """Whether some row of that column has the text now."""
    values = model._base_manager.values_list(field.attname, flat=True)
    return any(TAG in str(value) for value in values)


def formulas_in_csv(text: str) -> list[str]:
    """Cells that a spreadsheet would compute: they begin like a formula and are no plain number."""
    import csv

    cells = [cell for row in csv.reader(text.splitlines()) for cell in row]
    return [cell for cell in cells if cell[:1] in "=+-@\t\r\0" and cell and not re.fullmatch(r"[+-]?[\d,.]+", cell)]


def formulas_in_workbook(content: bytes) -> list[str]:
    """Cells of an XLSX that are formulas."""
    from io import BytesIO

    from openpyxl import load_workbook

    book = load_workbook(BytesIO(content))
    return [str(cell.value) for sheet in book for row in sheet for cell in row if cell.data_type == "f"]
