"""Explaining what does not tie, and signing: two different people, each once, for good."""

from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import ProofExplanation, ProofSheet, ProofSignature
from accounts.proofs import genuine, reading
from wekeza_portal import clock
from wekeza_portal.actors import Actor
from wekeza_portal.audit.services import record
from wekeza_portal.errors import PortalError

MAY_SIGN = "accounts.sign_proofsheet"


class MayNotSign(PortalError):
    code = "may_not_sign"
    message = _("Your role does not allow this.")


class NotExplained(PortalError):
    code = "not_explained"
    message = _("Every difference needs an explanation before the sheet can be signed.")


class NoExplanation(PortalError):
    code = "no_explanation"
    message = _("Write in a sentence why the difference is there.")


class NoSuchDifference(PortalError):
    code = "no_such_difference"
    message = _("The sheet has no such difference.")


class ExplainedAlready(PortalError):
    code = "explained_already"
    message = _("Somebody has explained this already.")


class SignedAlready(PortalError):
    code = "signed_already"
    message = _("You signed this sheet already. Another person has to be the second.")


class SignedTwice(PortalError):
    code = "signed_twice"
    message = _("The sheet carries both signatures already.")


class NotAsMade(PortalError):
    code = "not_as_made"
    message = _("The sheet is not as it was made: somebody wrote into the database. It can't be signed.")


def explain(sheet: ProofSheet, number: int, text: str, *, user: Any, actor: Actor) -> ProofExplanation:
    """Write down, once, why difference `number` (from 1) is there.

    Raises MayNotSign, NoExplanation, NoSuchDifference or ExplainedAlready.
    """
    if not user.has_perm(MAY_SIGN):
        raise MayNotSign()
    if not text.strip():
        raise NoExplanation()
    with transaction.atomic():
        locked = _locked(sheet)
        if not 1 <= number <= locked.differences:
            raise NoSuchDifference()
        if locked.explanations.filter(number=number).exists():
            raise ExplainedAlready()
        explanation = ProofExplanation(
            sheet=locked,
            number=number,
            text=text.strip()[:500],
            explained_by=user.pk,
            explained_by_code=user.get_username(),
            explained_at=clock.now(),
        )
        explanation.save(force_insert=True)
        data = {"number": number, "text": explanation.text, "mark": genuine.mark_of_explanation(explanation, locked)}
        record("proof.explained", actor=actor, subject=f"proof:{locked.day}", data=data)
    return explanation


def sign(sheet: ProofSheet, remark: str, *, user: Any, actor: Actor) -> ProofSignature:
    """Put a name under the sheet, under a lock on it: of two people at once one is the first and one the second.

    Raises MayNotSign, NotAsMade, NotExplained, SignedAlready or SignedTwice; then nothing has changed.
    """
    if not user.has_perm(MAY_SIGN):
        raise MayNotSign()
    with transaction.atomic():
        locked = _locked(sheet)
        _refuse_unless_ready(locked, user)
        signature = ProofSignature(
            sheet=locked,
            position=locked.signatures.count() + 1,
            signed_by=user.pk,
            signed_by_code=user.get_username(),
            remark=remark.strip()[:500],
            digest=locked.digest,
            signed_at=clock.now(),
        )
        signature.save(force_insert=True)
        data = {
            "digest": locked.digest,
            "position": signature.position,
            "remark": signature.remark,
            "mark": genuine.mark_of_signature(signature),
        }
        record("proof.signed", actor=actor, subject=f"proof:{locked.day}", data=data)
    return signature


def _locked(sheet: ProofSheet) -> ProofSheet:
    return ProofSheet.objects.select_for_update().get(pk=sheet.pk)


def _refuse_unless_ready(sheet: ProofSheet, user: Any) -> None:
    if not genuine.is_whole(sheet):
        raise NotAsMade()
    if sheet.explanations.count() < sheet.differences:
        raise NotExplained()
    if sheet.signatures.filter(signed_by=user.pk).exists():
        raise SignedAlready()
    if sheet.signatures.count() >= reading.SIGNATURES:
        raise SignedTwice()
