"""Many files at once on MariaDB: the quota holds, and without its lock it would not."""

import threading
import uuid
from collections.abc import Callable
from datetime import timedelta

import pytest

from tests.factories import UploadFactory, UploadTurnFactory
from tests.together import at_once
from wekeza_portal import clock
from wekeza_portal.actors import Actor
from wekeza_portal.documents.models import StoredFile
from wekeza_portal.uploads import cleaning, services
from wekeza_portal.uploads.models import Upload, UploadTurn
from wekeza_portal.uploads.tests.files import picture, sent

pytestmark = [pytest.mark.mariadb, pytest.mark.django_db(transaction=True)]

OWNER = 71
ACTOR = Actor(kind="customer", id="1", customer_id=OWNER)


@pytest.fixture(autouse=True)
def _examined_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Twenty processes on a small machine would only make the race slower, not closer."""
    monkeypatch.setattr(cleaning, "clean", lambda kind, content, whose: cleaning.Clean(content=bytes(1_000_000)))


def one_more(about: uuid.UUID | None = None) -> Callable[[], Upload]:
    def accept() -> Upload:
        return services.accept(
            OWNER,
            sent("x.jpg", picture()),
            "REQUEST",
            about=about or uuid.uuid4(),
            keep_until=clock.now() + timedelta(hours=1),
            actor=ACTOR,
        )

    return accept


def outcomes(results: list[Upload | Exception]) -> dict[str, int]:
    kinds = [type(result).__name__ for result in results]
    return {kind: kinds.count(kind) for kind in kinds}


def test_without_the_turn_two_papers_pass_the_quota_together(monkeypatch: pytest.MonkeyPatch) -> None:
    UploadFactory(customer_id=OWNER, size=services.QUOTA - 1_500_000)
    UploadTurnFactory(customer_id=OWNER)
    barrier = threading.Barrier(2)
    refuse_full = services._refuse_full

    def both_look(held: list[Upload], purpose: str, about: uuid.UUID, size: int) -> None:
        refuse_full(held, purpose, about, size)
        if size:
            barrier.wait(timeout=30)

    monkeypatch.setattr(services, "_refuse_full", both_look)
    monkeypatch.setattr(services, "_wait_for_the_turn", lambda customer_id: None)
    assert outcomes(at_once([one_more(), one_more()])) == {"Upload": 2}
    assert sum(Upload.objects.values_list("size", flat=True)) > services.QUOTA


def test_of_twenty_papers_at_once_those_that_fit_are_kept() -> None:
    UploadFactory(customer_id=OWNER, size=services.QUOTA - 7_500_000)
    assert outcomes(at_once([one_more() for _ in range(20)])) == {"Upload": 7, "NoRoom": 13}
    assert sum(Upload.objects.values_list("size", flat=True)) == services.QUOTA - 500_000
    assert StoredFile.objects.count() == 8
    assert UploadTurn.objects.count() == 1


def test_of_twenty_papers_at_once_for_one_thing_ten_are_kept() -> None:
    about = uuid.uuid4()
    assert outcomes(at_once([one_more(about) for _ in range(20)])) == {"Upload": 10, "TooManyFiles": 10}
    assert Upload.objects.filter(about=about).count() == StoredFile.objects.count() == 10


def test_one_paper_removed_ten_times_at_once_is_removed_once() -> None:
    upload = one_more()()
    results = at_once([lambda: services.remove(OWNER, upload.uuid, actor=ACTOR)] * 10)
    assert results.count(None) == 1
    assert {type(result).__name__ for result in results if result is not None} == {"Http404"}
    assert not StoredFile.objects.exists()
