"""A kind of paper for these tests alone, and who asks for it."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.template import engines

from wekeza_portal.actors import Actor
from wekeza_portal.documents.kinds import Fact, PaperKind, as_kes, as_moment, paper_kinds
from wekeza_portal.documents.models import IssuedPaper
from wekeza_portal.documents.papers import Draft

OWNER, STRANGER = 71, 72
FALLEN: set[str] = set()


def still_stands(paper: IssuedPaper) -> bool:
    return paper.subject not in FALLEN


@pytest.fixture(autouse=True)
def _kind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A letter: one fact of each sort, on a template of the family."""
    (tmp_path / "letter.html").write_text(
        "{% extends 'documents/base.html' %}{% block title %}Letter{% endblock %}"
        "{% block content %}<h1>Letter</h1><p>{{ secret }}</p>{% endblock %}"
    )
    engine = engines["django"].engine
    monkeypatch.setattr(engine, "dirs", [*engine.dirs, str(tmp_path)])
    facts = {"at": Fact("When", as_moment), "amount": Fact("Amount", as_kes), "name": Fact("Name")}
    kind = PaperKind(title="Letter", template="letter.html", facts=facts, still_stands=still_stands)
    monkeypatch.setitem(paper_kinds._entries, "LETTER", kind)
    yield
    FALLEN.clear()


@pytest.fixture
def actor() -> Actor:
    return Actor(kind="customer", id="1", customer_id=OWNER)


def a_letter(**changes: Any) -> Draft:
    values: dict[str, Any] = {
        "kind": "LETTER",
        "subject": "AAAA-BBBB-CCCC",
        "customer_id": OWNER,
        "language": "en",
        "facts": {"at": "2026-11-23T09:30:00+03:00", "amount": "1234.50", "name": "WANJIKU M."},
        "context": {"secret": "ACC1000015"},
    }
    return Draft(**{**values, **changes})
