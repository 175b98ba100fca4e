"""The register of issued papers: `issue()` gives one out, `find()` verifies it, `revoke()` stops that.

The register keeps the PDF as it was given out: the same paper downloaded again is the same bytes, whatever version of
the renderer runs by then, so that its fingerprint holds.
"""

import hashlib
import hmac
import json
import logging
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import IntegrityError, transaction
from django.db.models import QuerySet

from wekeza_portal import clock, crypto, identifiers
from wekeza_portal.actors import Actor
from wekeza_portal.audit.services import record
from wekeza_portal.documents import codes, pdf
from wekeza_portal.documents.kinds import PaperKind, paper_kinds
from wekeza_portal.documents.models import IssuedPaper

logger = logging.getLogger(__name__)

FACT_LENGTH = 100


@dataclass(frozen=True, slots=True)
class Draft:
    """A paper to be given out.

    `facts` are what the public page will show: names declared by the kind, texts only (amounts like "1234.50",
    instants in ISO). `context` is for the template alone and is not kept.
    """

    kind: str
    subject: str
    customer_id: int
    language: str
    facts: dict[str, str]
    context: dict[str, Any]


def issue(draft: Draft, *, actor: Actor) -> tuple[IssuedPaper, bytes]:
    """The paper of this draft and its PDF: the one given out before while it still says the same, else a new edition.

    Renders for 0.1 to 0.3 s when it is new: never inside a transaction. ValueError when a fact is not declared.
    """
    kind = paper_kinds.get(draft.kind)
    _refuse_undeclared(kind, draft.facts)
    latest = _latest(draft)
    content = _kept(latest, draft)
    if latest is not None and content is not None:
        return latest, content
    paper = _blank(draft, edition=latest.edition + 1 if latest else 1)
    content = _rendered(paper, kind, draft)
    try:
        _enter(paper, content, actor)
    except IntegrityError:  # somebody else gave out this edition meanwhile: theirs is the paper
        paper = IssuedPaper.objects.get(
            kind=paper.kind, subject=paper.subject, language=paper.language, edition=paper.edition
        )
        return paper, default_storage.open(paper.file_name).read()
    return paper, content


def find(text: str) -> IssuedPaper | None:
    """The paper that carries this code; None for every other code: unknown, stopped, or with a broken seal."""
    paper = IssuedPaper.objects.filter(code=codes.normal(text)).first()
    if paper is None or paper.revoked_at is not None:
        return None
    if not hmac.compare_digest(paper.seal, seal(paper)):
        logger.error("issued paper %s does not match its seal", paper.pk)
        return None
    return paper


def revoke(*, kind: str, subject: str, customer_id: int, actor: Actor) -> int:
    """Stop every paper about `subject` from being verified, in all languages; how many. Only the owner's own."""
    with transaction.atomic():
        stopped = active(kind=kind, subject=subject, customer_id=customer_id).update(revoked_at=clock.now())
        if stopped:
            record("paper.revoked", actor=actor, customer_id=customer_id, subject=f"paper:{subject}")
    return stopped


def active(*, kind: str, subject: str, customer_id: int) -> QuerySet[IssuedPaper]:
    """The papers about `subject` that can be verified now, as a query."""
    return IssuedPaper.objects.filter(kind=kind, subject=subject, customer_id=customer_id, revoked_at=None)


def seal(paper: IssuedPaper) -> str:
    """HMAC over what the paper says, so that a row changed or invented in the database verifies nothing."""
    said = [
        paper.code,
        paper.kind,
        paper.subject,
        paper.language,
        str(paper.customer_id),
        str(int(paper.issued_at.timestamp())),
        paper.sha256,
        json.dumps(paper.facts, sort_keys=True, ensure_ascii=False),
    ]
    return crypto.keyed_digest("issued-paper", "\n".join(said))


def _refuse_undeclared(kind: PaperKind, facts: dict[str, str]) -> None:
    undeclared = set(facts) - set(kind.facts)
    if undeclared:
        raise ValueError(f"not a public fact of this kind of paper: {sorted(undeclared)}")
    if any(not isinstance(text, str) or len(text) > FACT_LENGTH for text in facts.values()):
        raise ValueError(f"a public fact is a text of at most {FACT_LENGTH} characters")


def _latest(draft: Draft) -> IssuedPaper | None:
    papers = IssuedPaper.objects.filter(kind=draft.kind, subject=draft.subject, language=draft.language)
    return papers.order_by("-edition").first()


def _kept(paper: IssuedPaper | None, draft: Draft) -> bytes | None:
    """The bytes given out before, if that paper still says the same and is whole."""
    if paper is None or paper.revoked_at is not None or paper.seal != seal(paper):
        return None
    if paper.facts != draft.facts or paper.customer_id != draft.customer_id:
        return None
    try:
        content: bytes = default_storage.open(paper.file_name).read()
    except OSError:
        logger.exception("the file of issued paper %s cannot be read", paper.pk)
        return None
    return content if hashlib.sha256(content).hexdigest() == paper.sha256 else None


def _blank(draft: Draft, *, edition: int) -> IssuedPaper:
    return IssuedPaper(
        code=identifiers.new_reference(),
        kind=draft.kind,
        subject=draft.subject,
        language=draft.language,
        edition=edition,
        customer_id=draft.customer_id,
        issued_at=clock.now(),
        facts=draft.facts,
    )


def _rendered(paper: IssuedPaper, kind: PaperKind, draft: Draft) -> bytes:
    issued_at: datetime = paper.issued_at
    context = {**draft.context, "check": codes.check_of(paper.code), "made_at": issued_at}
    return pdf.render(kind.template, context, language=draft.language)


def _enter(paper: IssuedPaper, content: bytes, actor: Actor) -> None:
    """Write the row, the file and the event together. The row first: whoever comes second must fail at it."""
    paper.sha256 = hashlib.sha256(content).hexdigest()
    paper.file_name = f"papers/{paper.code}.pdf"
    paper.seal = seal(paper)
    with transaction.atomic():
        paper.save(force_insert=True)
        default_storage.save(paper.file_name, ContentFile(content))
        subject = f"paper:{paper.subject}"
        record("paper.issued", actor=actor, customer_id=paper.customer_id, subject=subject, data={"kind": paper.kind})
