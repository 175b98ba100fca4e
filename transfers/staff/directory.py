"""Whom money can be sent to, changed by two people: banks, billers and brokers added, changed, switched off."""

import re
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django import forms
from django.db import models, transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from transfers import account_rules
from transfers.models import Bank, Biller, Broker
from wekeza_portal.errors import PortalError
from wekeza_portal.staff import proposals
from wekeza_portal.staff.models import Proposal
from wekeza_portal.staff.proposals import Payload, ProposalKind

KIND = "directory"
PROPOSE, APPROVE = "transfers.propose_directory", "transfers.approve_directory"
_CODE = re.compile(r"[A-Z0-9_]{2,30}", re.ASCII)
_PAYBILL = re.compile(r"[0-9]{5,7}", re.ASCII)
_BANK_ACCOUNT = re.compile(r"[0-9]{6,16}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Table:
    """One table of the directory and the columns that staff may set, in the order of the form."""

    title: Any
    model: type[models.Model]
    columns: tuple[str, ...]


TABLES: dict[str, Table] = {
    "billers": Table(
        gettext_lazy("Billers"),
        Biller,
        ("code", "name", "category", "paybill", "bank_code", "bank_account", "account_label_en", "account_label_sw",
         "account_pattern", "account_example", "minimum", "maximum", "is_exact", "gives_token", "is_active", "note"),
    ),
    "brokers": Table(
        gettext_lazy("Brokers"), Broker, ("code", "name", "paybill", "bank_code", "bank_account", "is_active", "note")
    ),
    "banks": Table(gettext_lazy("Banks"), Bank, ("code", "name", "bic", "usual_length", "is_active")),
}  # fmt: skip
LABELS = {
    "code": gettext_lazy("Code"),
    "name": gettext_lazy("Name"),
    "category": gettext_lazy("Category"),
    "paybill": gettext_lazy("Paybill number"),
    "bank_code": gettext_lazy("Or bank (its two digits)"),
    "bank_account": gettext_lazy("and account there"),
    "account_label_en": gettext_lazy("What its number is called, in English"),
    "account_label_sw": gettext_lazy("What its number is called, in Kiswahili"),
    "account_pattern": gettext_lazy("Rule for the number, such as \\d{6,12}"),
    "account_example": gettext_lazy("An example that fits"),
    "minimum": gettext_lazy("Least in KES"),
    "maximum": gettext_lazy("Most in KES"),
    "is_exact": gettext_lazy("Takes only the amount it asks for"),
    "gives_token": gettext_lazy("Gives a token for a meter"),
    "is_active": gettext_lazy("Switched on"),
    "note": gettext_lazy("Note for staff: how sure we are, and why"),
    "bic": gettext_lazy("BIC"),
    "usual_length": gettext_lazy("Usual digits of its account numbers"),
}


class CodeTaken(PortalError):
    code = "code_taken"
    field = "code"
    message = gettext_lazy("There is already one with this code.")


class ChangedMeanwhile(PortalError):
    code = "changed_meanwhile"
    message = gettext_lazy("It was changed since this was proposed. Look at it as it is now and propose again.")


class NothingChanges(PortalError):
    code = "nothing_changes"
    message = gettext_lazy("This is how it stands already.")


class OddDestination(PortalError):
    code = "odd_destination"
    field = "paybill"
    message = gettext_lazy(
        "Give a paybill number of 5 to 7 digits, or a bank of the list with an account there. Not both, or neither."
    )


class OddRule(PortalError):
    code = "odd_rule"
    field = "account_pattern"
    message = gettext_lazy(
        "A rule is made of letters, digits, \\d for any digit, classes such as [A-Z0-9/-], and groups in brackets with "
        "|. Each may have a count: ? or {11} or {4,10}. Not * or +, and no ^ or $: the whole number has to fit anyway."
    )


class WideRule(OddRule):
    code = "wide_rule"
    message = gettext_lazy(
        "This rule is too wide: it lets more than 40 characters through, or has too many counts side by side or one "
        "inside the other. Give narrower counts."
    )


class ExampleDoesNotFit(PortalError):
    code = "example_does_not_fit"
    field = "account_example"
    message = gettext_lazy("The example does not fit the rule.")


class OddBounds(PortalError):
    code = "odd_bounds"
    field = "maximum"
    message = gettext_lazy("The least must be above zero, and the most not below it.")


class OddCode(PortalError):
    code = "odd_code"
    field = "code"
    message = gettext_lazy("A code is 2 to 30 capital letters, digits or underscores; a bank's is its two digits.")


def form_class(table: Table) -> type[Any]:
    """The form of one row; validates, never saves."""
    labels: Any = {name: LABELS[name] for name in table.columns}
    fields = {"reason": forms.CharField(label=gettext_lazy("Reason"), max_length=300)}
    no_help = dict.fromkeys(table.columns, "")
    form: Any = forms.modelform_factory(table.model, fields=table.columns, labels=labels, help_texts=no_help)
    return type("DirectoryForm", (form,), fields)


def values_of(table: Table, row: Any) -> dict[str, Any]:
    """The row's columns as JSON keeps them: amounts as strings."""
    found = {name: getattr(row, name) for name in table.columns}
    return {name: str(value) if isinstance(value, Decimal) else value for name, value in found.items()}


def payload_of(name: str, row: Any, typed: dict[str, Any]) -> Payload:
    """What a proposal keeps: how it stands (None for a new one) and how it is to stand."""
    table = TABLES[name]
    wanted = {
        column: str(typed[column]) if isinstance(typed[column], Decimal) else typed[column] for column in table.columns
    }
    before = values_of(table, row) if row is not None else None
    return {"table": name, "pk": row.pk if row is not None else None, "before": before, "values": wanted}


def refuse_if_wrong(payload: Payload) -> None:
    """Raises one of this module's refusals."""
    table, values = TABLES[payload["table"]], payload["values"]
    if payload["before"] == values:
        raise NothingChanges()
    _refuse_moved(table, payload)
    if not _CODE.fullmatch(values["code"]) or (table.model is Bank and not re.fullmatch("[0-9]{2}", values["code"])):
        raise OddCode()
    before = payload["before"] or {}
    if any(before.get(name) != values.get(name) for name in ("paybill", "bank_code", "bank_account")):
        _refuse_destination(values)
    if "account_pattern" in values:
        _refuse_rule(values)


def _refuse_moved(table: Table, payload: Payload) -> None:
    rows = table.model._default_manager
    if rows.filter(code=payload["values"]["code"]).exclude(pk=payload["pk"]).exists():
        raise CodeTaken()
    if payload["pk"] is None:
        return
    row = rows.filter(pk=payload["pk"]).first()
    if row is None or values_of(table, row) != payload["before"]:
        raise ChangedMeanwhile()


def _refuse_destination(values: dict[str, Any]) -> None:
    paybill, bank, account = values["paybill"], values["bank_code"], values["bank_account"]
    by_bank = bool(bank and account)
    if (bool(paybill) and bool(bank or account)) or bool(bank) != bool(account):
        raise OddDestination()
    if paybill and not _PAYBILL.fullmatch(paybill):
        raise OddDestination()
    if by_bank and not (_BANK_ACCOUNT.fullmatch(account) and Bank.objects.filter(code=bank).exists()):
        raise OddDestination()


def _refuse_rule(values: dict[str, Any]) -> None:
    least, most = Decimal(values["minimum"]), Decimal(values["maximum"])
    if not least.is_finite() or least <= 0 or most < least:
        raise OddBounds()
    rule = values["account_pattern"]
    try:
        account_rules.read(rule)
    except account_rules.TooManyWays:
        raise WideRule() from None
    except (account_rules.NotARule, re.error):
        raise OddRule() from None
    if not account_rules.fits(rule, "".join(values["account_example"].split()).upper()):
        raise ExampleDoesNotFit()


def describe(payload: Payload) -> str:
    """ "Billers, ZUKU: Paybill number 320320 -> 320321"."""
    table, values, before = TABLES[payload["table"]], payload["values"], payload["before"]
    name = f"{table.title}, {values['code']}"
    if before is None:
        facts = "; ".join(f"{LABELS[column]} {value}" for column, value in values.items() if value not in ("", None))
        return _("%(which)s, new: %(facts)s") % {"which": name, "facts": facts}
    changes = [
        f"{LABELS[column]} {before[column]} \N{RIGHTWARDS ARROW} {value}"
        for column, value in values.items()
        if before[column] != value
    ]
    return f"{name}: {'; '.join(changes)}"


def apply(proposal: Proposal) -> None:
    """Add or change the row. ChangedMeanwhile when somebody else was quicker: asked again under its lock."""
    payload = proposal.payload
    table = TABLES[payload["table"]]
    with transaction.atomic():
        if payload["pk"] is None:
            row = table.model()
        else:
            row = table.model._default_manager.select_for_update().get(pk=payload["pk"])
            _refuse_moved(table, payload)
        for column, value in payload["values"].items():
            field: Any = table.model._meta.get_field(column)
            setattr(row, column, field.to_python(value))
        if payload["pk"] is None:
            row.save(force_insert=True)
        else:
            row.save(update_fields=[*table.columns])


def register() -> None:
    """Once, when the staff's pages are made."""
    kind = ProposalKind(
        title=gettext_lazy("Bank, biller or broker"),
        make_permission=PROPOSE,
        check_permission=APPROVE,
        describe=describe,
        refuse_if_wrong=refuse_if_wrong,
        apply=apply,
    )
    proposals.kinds.register(KIND, kind)
