"""A sheet stays as it was made: what somebody writes into it or beside it is seen."""

from datetime import timedelta
from typing import Any

import pytest

from accounts.checking import differences
from accounts.models import (
    Account,
    ProofBalance,
    ProofExplanation,
    ProofSheet,
    ProofSignature,
)
from accounts.proofs import making, reading, signing
from accounts.tests.proofs.scenes import DAY, Clock, D, actor, spoil_balance, tomorrow
from wekeza_portal import clock
from wekeza_portal.staff.tests.scenes import staff

pytestmark = pytest.mark.django_db


def test_nothing_of_a_sheet_is_changed_or_deleted(sheet: ProofSheet) -> None:
    sheet.differences = 7
    with pytest.raises(TypeError):
        sheet.save(update_fields=["differences"])
    with pytest.raises(TypeError):
        sheet.delete()
    with pytest.raises(TypeError):
        sheet.balances.first().delete()


@pytest.mark.parametrize("change", [{"differences": 1}, {"made_by": "somebody"}, {"content": {}}, {"digest": "0" * 64}])
def test_a_sheet_somebody_wrote_into_shows_it_and_cannot_be_signed(sheet: ProofSheet, change: dict[str, Any]) -> None:
    assert reading.is_as_made(ProofSheet.objects.get(pk=sheet.pk))
    ProofSheet.objects.filter(pk=sheet.pk).update(**change)
    assert not reading.is_as_made(ProofSheet.objects.get(pk=sheet.pk))
    user = staff("audit")
    with pytest.raises(signing.NotAsMade):
        signing.sign(sheet, "", user=user, actor=actor(user))
    assert not ProofSignature.objects.exists()


def test_a_balance_planted_beside_a_sheet_is_named_and_the_sheet_not_signed(
    sheet: ProofSheet, account: Account, nairobi: Clock
) -> None:
    """Where the next proof begins: a higher one would hide what was taken."""
    assert reading.shown(sheet)["is_as_made"]
    ProofBalance(sheet=sheet, account_id=account.pk + 1000, closing=D("1000000.00")).save(force_insert=True)
    assert not reading.shown(sheet)["is_as_made"]
    user = staff("audit")
    with pytest.raises(signing.NotAsMade):
        signing.sign(sheet, "", user=user, actor=actor(user))
    assert ("proof_changed", f"proof {sheet.day}") in {(row.kind, row.subject) for row in differences()}
    tomorrow(nairobi)
    assert [row["kind"] for row in making.make_proof(DAY + timedelta(days=1)).content["differences"]] == [
        "proof_changed"
    ]


def test_a_balance_changed_beside_a_sheet_is_named(sheet: ProofSheet) -> None:
    ProofBalance.objects.update(closing=D("7.00"))
    assert not reading.shown(sheet)["is_as_made"]


@pytest.mark.parametrize("digest", ["x", None])
def test_signatures_made_by_sql_sign_nothing(sheet: ProofSheet, digest: str | None) -> None:
    for position, by in ((1, 9001), (2, 9002)):
        ProofSignature(
            sheet=sheet,
            position=position,
            signed_by=by,
            signed_by_code=f"AUDIT{position}",
            digest=digest or sheet.digest,
            signed_at=clock.now(),
        ).save(force_insert=True)
    shown = reading.shown(sheet)
    assert (shown["signatures"], shown["is_complete"], shown["is_as_made"]) == ([], False, False)
    assert reading.unsigned() == 1
    assert reading.page().sheets[0].marks == 0
    assert {row.kind for row in differences()} == {"proof_changed"}


def test_a_signature_altered_afterwards_is_nobodys(sheet: ProofSheet) -> None:
    user = staff("audit")
    signing.sign(sheet, "Seen", user=user, actor=actor(user))
    assert len(reading.shown(sheet)["signatures"]) == 1
    ProofSignature.objects.update(signed_by_code="OTHER")
    assert reading.shown(sheet)["signatures"] == []


def test_an_explanation_made_by_sql_explains_nothing(account: Account, nairobi: Clock) -> None:
    spoil_balance(account)
    tomorrow(nairobi)
    sheet, user = making.make_proof(DAY), staff("audit")
    ProofExplanation(
        sheet=sheet, number=1, text="Agreed", explained_by=1, explained_by_code="OPS1", explained_at=clock.now()
    ).save(force_insert=True)
    shown = reading.shown(sheet)
    assert (shown["is_explained"], shown["differences"][0]["explanation"]) == (False, None)
    with pytest.raises(signing.NotAsMade):
        signing.sign(sheet, "", user=user, actor=actor(user))
