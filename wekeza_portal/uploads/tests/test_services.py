"""Who may hand in what, how much, and that what is deleted is gone."""

import socket
import threading
import uuid
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.http import Http404

from tests.factories import UploadFactory
from wekeza_portal import clock, ratelimit
from wekeza_portal.actors import Actor
from wekeza_portal.audit.models import AuditEvent
from wekeza_portal.documents.models import StoredFile
from wekeza_portal.uploads import cleaning, errors, housekeeping, names, scanning, services
from wekeza_portal.uploads.models import Upload
from wekeza_portal.uploads.tests.files import noise, pdf, picture, sent

pytestmark = pytest.mark.django_db(transaction=True)

OWNER, STRANGER = 71, 72
ACTOR = Actor(kind="customer", id="1", customer_id=OWNER)
ABOUT = uuid.UUID(int=7)
State = Upload.State


def accept(name: str = "ID.jpg", content: bytes | None = None, **changes: Any) -> Upload:
    values = {
        "about": ABOUT,
        "keep_until": clock.now() + timedelta(hours=24),
        "actor": ACTOR,
        "customer_id": OWNER,
        "purpose": "REQUEST",
        "file": sent(name, picture() if content is None else content),
    }
    return services.accept(**{**values, **changes})


@pytest.fixture
def never_examined(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fails a test in which the dear part is reached."""

    def examine(kind: str, content: bytes, whose: str) -> cleaning.Clean:
        raise AssertionError("examined")

    monkeypatch.setattr(cleaning, "clean", examine)


# --- In ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "content", "kind"),
    [("ID.jpg", picture(), "JPEG"), ("ID.PNG", picture("PNG"), "PNG"), ("bill.pdf", pdf(3), "PDF")],
)
def test_a_paper_is_kept_and_read_back(name: str, content: bytes, kind: str) -> None:
    upload = accept(name, content)
    kept = Upload.objects.get()
    assert (kept.uuid, kept.customer_id, kept.kind, kept.state) == (upload.uuid, OWNER, kind, State.OPEN)
    stored = services.read(kept)
    assert len(stored) == kept.size
    assert stored.startswith(services.MAGIC[kind])
    assert (kept.pages, kept.width) == ((3, None) if kind == "PDF" else (None, 60))
    event = AuditEvent.objects.get(verb="upload.received")
    assert (event.customer_id, event.subject) == (OWNER, f"upload:{kept.uuid}")
    assert "ID" not in str(event.data)


def test_the_stored_name_says_nothing_and_the_bytes_are_encrypted() -> None:
    upload = accept("Wanjiku.jpg")
    row = StoredFile.objects.get()
    assert row.name == upload.file_name
    assert str(upload.uuid) not in row.name
    assert "Wanjiku" not in row.name
    assert b"\xff\xd8\xff" not in bytes(row.content)
    assert accept("Wanjiku.jpg").file_name != upload.file_name


@pytest.mark.parametrize(
    "name",
    [
        "x.gif",
        "x.svg",
        "x.html",
        "x.jpg.php",
        "x.exe",
        "x",
        "jpg",
        ".jpg",
        "x.jpg\0.php",
        "x.heic",
        "x.pdf.",
        "x.docx",
        "",
    ],
)
def test_every_other_kind_of_name_is_refused_unread(name: str, never_examined: None) -> None:
    file = sent("x", picture())
    file._name = name
    with pytest.raises(errors.NotTaken):
        accept(file=file)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("photo.php.jpg", b"<?php system($_GET[0]); ?>"),
        ("x.jpg", b"GIF89a/*" + picture("GIF") + b"*/=1;alert(1)"),
        ("x.png", b"<svg onload='alert(1)'/>"),
        ("x.jpg", picture("PNG")),
        ("x.png", picture()),
        ("x.pdf", picture()),
        ("x.jpg", pdf()),
        ("x.pdf", b"\n" + pdf()),
        ("x.pdf", b"MZ" + pdf()),
        ("x.jpg", b"RIFF....WEBP"),
    ],
)
def test_content_that_is_not_what_the_name_says_is_refused_unread(
    name: str, content: bytes, never_examined: None
) -> None:
    with pytest.raises(errors.NotWhatItSays):
        accept(name, content)
    assert not Upload.objects.exists()


def test_nothing_and_too_much_are_refused_unread(never_examined: None) -> None:
    with pytest.raises(errors.Empty):
        accept("x.jpg", b"")
    with pytest.raises(errors.TooLarge):
        accept("x.jpg", picture() + bytes(services.LARGEST))


def test_five_megabytes_to_the_byte_are_taken() -> None:
    content = picture()
    assert accept("x.jpg", content + bytes(services.LARGEST - len(content))).size < 2000


def test_a_photograph_with_a_script_behind_it_is_kept_without_it() -> None:
    upload = accept("photo.php.jpg", picture() + b"<?php system($_GET[0]); ?>")
    assert upload.name == "photo_php.jpg"
    assert b"php" not in services.read(upload)


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("../../etc/passwd.jpg", "passwd.jpg"),
        ("..\\..\\windows\\x.jpg", "x.jpg"),
        ("C:\\Users\\Wanjiku\\kitambulisho changu.JPEG", "kitambulisho changu.jpg"),
        ("gpj.\u202eexe.jpg", "gpj_exe.jpg"),
        ("<script>alert(1)</script>.jpg", "script>.jpg"),
        ("<script>.jpg", "<script>.jpg"),
        ("\U0001f600 picha.jpg", "\U0001f600 picha.jpg"),
        ("\u0627\u0644\u0647\u0648\u064a\u0629.jpg", "\u0627\u0644\u0647\u0648\u064a\u0629.jpg"),
        ("x" * 10_000 + ".jpg", "x" * 60 + ".jpg"),
        ("\0\r\n\t .jpg", "paper.jpg"),
        ("...jpg", "paper.jpg"),
        ('a"; filename="b.exe.jpg', 'a"; filename="b_exe.jpg'),
        ("=HYPERLINK(1).jpg", "=HYPERLINK(1).jpg"),
    ],
)
def test_a_name_is_shown_without_what_could_mislead(name: str, shown: str) -> None:
    assert names.cleaned(name, "JPEG") == shown


def test_no_more_than_ten_for_one_thing(never_examined: None) -> None:
    for _number in range(10):
        UploadFactory(customer_id=OWNER, about=ABOUT)
    with pytest.raises(errors.TooManyFiles):
        accept()
    with pytest.raises(AssertionError, match="examined"):
        accept(about=uuid.uuid4())


def test_twenty_megabytes_are_all_the_room_there_is() -> None:
    UploadFactory(customer_id=OWNER, size=services.QUOTA - 100)
    UploadFactory(customer_id=STRANGER, size=services.QUOTA)
    with pytest.raises(errors.NoRoom):
        accept()
    assert Upload.objects.count() == 2
    Upload.objects.filter(customer_id=OWNER).update(size=services.QUOTA - 5000)
    accept()


def test_what_was_handed_in_before_today_takes_no_room() -> None:
    """Kept for years, it would lock its owner out for as long."""
    yesterday = clock.now() - timedelta(days=1, seconds=1)
    UploadFactory(customer_id=OWNER, size=services.QUOTA, state=Upload.State.HANDED_IN, received_at=yesterday)
    accept()
    UploadFactory(customer_id=OWNER, size=services.QUOTA - 100, state=Upload.State.HANDED_IN)
    with pytest.raises(errors.NoRoom):
        accept()


def test_sixty_files_an_hour_are_examined_the_wrong_ones_too() -> None:
    for _number in range(60):
        ratelimit.consume(services.UPLOADING, str(OWNER))
    with pytest.raises(ratelimit.TooMany):
        accept()
    accept(customer_id=STRANGER)


def test_what_is_not_wanted_any_more_when_it_is_ready_is_not_kept() -> None:
    def gone() -> None:
        raise errors.TooLate()

    with pytest.raises(errors.TooLate):
        accept(still_wanted=gone)
    assert not Upload.objects.exists()
    assert not StoredFile.objects.exists()


def test_a_failure_while_storing_leaves_neither_row_nor_bytes(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*args: object, **kwargs: object) -> None:
        raise RuntimeError("power cut")

    monkeypatch.setattr(services, "record", fail)
    with pytest.raises(RuntimeError, match="power cut"):
        accept()
    assert not Upload.objects.exists()
    assert not StoredFile.objects.exists()


# --- Out ----------------------------------------------------------------------------------------------------------


def test_removing_deletes_row_and_bytes() -> None:
    upload, other = accept(), accept()
    services.remove(OWNER, upload.uuid, actor=ACTOR)
    assert list(Upload.objects.all()) == [other]
    assert list(StoredFile.objects.values_list("name", flat=True)) == [other.file_name]
    assert AuditEvent.objects.filter(verb="upload.removed", subject=f"upload:{upload.uuid}").count() == 1


def test_a_stranger_neither_gets_nor_removes_it() -> None:
    upload = accept()
    with pytest.raises(Http404):
        services.get(STRANGER, upload.uuid)
    with pytest.raises(Http404):
        services.remove(STRANGER, upload.uuid, actor=ACTOR)
    assert services.of(STRANGER, "REQUEST", ABOUT) == []
    assert services.give_up(STRANGER, "REQUEST", ABOUT, actor=ACTOR) == 0
    assert services.hand_in(STRANGER, "REQUEST", ABOUT) == 0
    assert Upload.objects.get().state == State.OPEN


def test_what_was_handed_in_stays_for_seven_years_and_then_goes() -> None:
    upload = accept()
    assert services.hand_in(OWNER, "REQUEST", ABOUT) == 1
    with pytest.raises(errors.TooLate):
        services.remove(OWNER, upload.uuid, actor=ACTOR)
    assert services.give_up(OWNER, "REQUEST", ABOUT, actor=ACTOR) == 0
    for days, left in ((2556, 1), (2558, 0)):
        assert services.forget_old(clock.now() + timedelta(days=days), actor=ACTOR) == 1 - left
        assert (Upload.objects.count(), StoredFile.objects.count()) == (left, left)


def test_what_was_not_handed_in_goes_with_its_time() -> None:
    upload = accept()
    assert housekeeping.tidy() == 0
    with time_machine.travel(clock.now() + timedelta(hours=25)):
        housekeeping.cache.clear()
        assert housekeeping.tidy() == 1
        assert housekeeping.tidy() == 0
    assert (Upload.objects.count(), StoredFile.objects.count()) == (0, 0)
    assert AuditEvent.objects.filter(verb="upload.expired", subject=f"upload:{upload.uuid}").count() == 1


def test_bytes_put_under_another_paper_are_not_given_out() -> None:
    upload, other = accept(), accept("x.png", picture("PNG"))
    Upload.objects.filter(pk=upload.pk).update(file_name="gone")
    Upload.objects.filter(pk=other.pk).update(file_name=upload.file_name)
    with pytest.raises(OSError, match="changed"):
        services.read(Upload.objects.get(pk=other.pk))


# --- The scanner --------------------------------------------------------------------------------------------------


class Scanner:
    """Speaks clamd's INSTREAM on a socket of its own and gives one answer."""

    def __init__(self, path: Path, answer: bytes) -> None:
        self.received = b""
        self._answer = answer
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(str(path))
        self._listener.listen()
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def _serve(self) -> None:
        line, _address = self._listener.accept()
        with line, line.makefile("rb") as stream:
            assert stream.read(10) == b"zINSTREAM\0"
            while length := int.from_bytes(stream.read(4), "big"):
                self.received += stream.read(length)
            line.sendall(self._answer)

    def stop(self) -> None:
        self._listener.close()
        self._thread.join(timeout=5)


@pytest.fixture
def scanner_says(tmp_path: Path, settings: Any) -> Iterator[Any]:
    made: list[Scanner] = []

    def says(answer: bytes) -> Scanner:
        settings.CLAMD_SOCKET = str(tmp_path / "clamd.ctl")
        made.append(Scanner(tmp_path / "clamd.ctl", answer))
        return made[-1]

    yield says
    for scanner in made:
        scanner.stop()


def test_the_scanner_sees_the_file_as_it_was_sent(scanner_says: Any) -> None:
    content = noise("JPEG", (300, 300))
    scanner = scanner_says(b"stream: OK\0")
    accept("x.jpg", content)
    assert scanner.received == content


@pytest.mark.parametrize(
    ("answer", "refusal"),
    [
        (b"stream: Eicar-Test-Signature FOUND\0", errors.Infected),
        (b"INSTREAM size limit exceeded. ERROR\0", errors.NoScanner),
        (b"", errors.NoScanner),
        (b"stream: OK but\0", errors.NoScanner),
    ],
)
def test_only_a_clear_yes_of_the_scanner_lets_a_file_in(
    answer: bytes, refusal: type[Exception], scanner_says: Any, never_examined: None
) -> None:
    scanner_says(answer)
    with pytest.raises(refusal):
        accept()
    assert not Upload.objects.exists()


def test_without_its_scanner_the_bank_takes_nothing(settings: Any, tmp_path: Path, never_examined: None) -> None:
    settings.CLAMD_SOCKET = str(tmp_path / "nobody-listens")
    with pytest.raises(errors.NoScanner):
        accept()


@pytest.mark.skipif(not Path("/run/clamav/clamd.ctl").exists(), reason="no clamd on this machine")
def test_the_real_scanner_knows_eicar(settings: Any) -> None:
    settings.CLAMD_SOCKET = "/run/clamav/clamd.ctl"
    with pytest.raises(errors.Infected):
        scanning.scan(rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*")
