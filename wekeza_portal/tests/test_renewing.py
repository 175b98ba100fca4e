"""A new key in front of FIELD_KEYS, and everything that is stored put under it, also when somebody pulls the plug."""

import re
from pathlib import Path
from typing import Any

import pytest
from cryptography.fernet import InvalidToken
from django.apps import apps
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.management import CommandError, call_command

from accounts.models import AuthenticatorApp, KeptForm
from tests.factories import (
    AuthenticatorAppFactory,
    OutboxMessageFactory,
    RailTokenFactory,
    StaffTotpFactory,
    UserFactory,
)
from tests.pages import Scene
from transfers.models import Payment
from transfers.tests.scripted import pay_out
from wekeza_portal import clock, crypto, errands, renewing
from wekeza_portal.audit.models import AuditEvent
from wekeza_portal.documents.models import StoredFile
from wekeza_portal.models import Errand
from wekeza_portal.notifications.models import OutboxMessage
from wekeza_portal.rails.models import RailToken
from wekeza_portal.registry import encrypted_columns
from wekeza_portal.staff.models import StaffTotp

pytestmark = pytest.mark.django_db
OLD, NEW = "the first key of the bank, long enough", "the second key of the bank, long enough"
SECRET = "4417 is a secret"


@pytest.fixture
def stored(settings: Any) -> None:
    """Something in every column, under the old key; then the new one is put in front."""
    settings.FIELD_KEYS = [OLD]
    default_storage.save("uploads/a", ContentFile(SECRET.encode()))
    AuthenticatorAppFactory(encrypted_key=crypto.encrypt(SECRET))
    StaffTotpFactory(encrypted_key=crypto.encrypt(SECRET))
    OutboxMessageFactory(is_secret=True, body=crypto.encrypt(SECRET))
    OutboxMessageFactory(is_secret=True, body="")
    OutboxMessageFactory(is_secret=False, body="said in the clear")
    RailTokenFactory(token=crypto.encrypt(SECRET))
    errands.leave("test", {"what": SECRET})
    KeptForm.objects.create(user=UserFactory(), path="/move/", data=crypto.encrypt(SECRET), created_at=clock.now())
    payment = pay_out(Scene.set_up().account)
    Payment.objects.filter(pk=payment.pk).update(token=crypto.encrypt(SECRET))
    settings.FIELD_KEYS = [NEW, OLD]


def tokens() -> list[bytes]:
    found = []
    for _name, column in encrypted_columns.items():
        for value in (
            apps.get_model(column.model)._base_manager.filter(column.where).values_list(column.column, flat=True)
        ):
            found.append(value.encode() if isinstance(value, str) else bytes(value))
    return found


@pytest.mark.usefixtures("stored")
def test_everything_stored_is_read_with_the_new_key_alone_afterwards(settings: Any) -> None:
    assert not any(crypto.is_newest(token) for token in tokens())
    before = list(OutboxMessage.objects.filter(is_secret=False).values_list("body", flat=True))
    call_command("renewkeys")
    settings.FIELD_KEYS = [NEW]
    assert tokens()
    assert all(crypto.is_newest(token) for token in tokens())
    with default_storage.open("uploads/a") as file:
        assert file.read() == SECRET.encode()
    assert SECRET in {crypto.decrypt(row.encrypted_key) for row in AuthenticatorApp.objects.all()}
    assert crypto.decrypt(StaffTotp.objects.get().encrypted_key) == SECRET
    assert crypto.decrypt(RailToken.objects.get(token__gt="").token) == SECRET
    assert SECRET in crypto.decrypt(Errand.objects.get(kind="test").data)
    assert list(OutboxMessage.objects.filter(is_secret=False).values_list("body", flat=True)) == before
    assert OutboxMessage.objects.filter(is_secret=True, body="").exists()


class Killed(BaseException):
    """What no code of ours catches, as kill -9."""


@pytest.mark.usefixtures("stored")
@pytest.mark.parametrize("after", [0, 1, 4])
def test_killed_halfway_nothing_is_lost_and_the_next_run_goes_on(after: int, monkeypatch: pytest.MonkeyPatch) -> None:
    real, done = crypto.renewed, []

    def dies(token: bytes) -> bytes:
        if len(done) == after:
            raise Killed
        done.append(token)
        return real(token)

    monkeypatch.setattr(crypto, "renewed", dies)
    with pytest.raises(Killed):
        call_command("renewkeys")
    assert sum(crypto.is_newest(token) for token in tokens()) == after
    for token in tokens():
        crypto.decrypt_bytes(token)
    monkeypatch.setattr(crypto, "renewed", real)
    total = len(tokens())
    call_command("renewkeys")
    assert all(crypto.is_newest(token) for token in tokens())
    renewed = AuditEvent.objects.get(verb="keys.renewed").data["values"]
    assert renewed == total - after, "what was renewed before is not done again"


@pytest.mark.usefixtures("stored")
def test_a_second_run_changes_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    call_command("renewkeys")
    before = tokens()
    call_command("renewkeys")
    assert tokens() == before
    call_command("renewkeys", "--check")
    assert " 0 older, 0 unreadable" in capsys.readouterr().out


@pytest.mark.usefixtures("stored")
def test_check_counts_and_changes_nothing() -> None:
    before = tokens()
    with pytest.raises(CommandError, match="are under older keys"):
        call_command("renewkeys", "--check")
    assert tokens() == before


@pytest.mark.usefixtures("stored")
def test_a_value_of_a_key_that_is_gone_is_named_left_and_holds_up_no_other(settings: Any) -> None:
    StaffTotp.objects.update(encrypted_key="gAAAAA-nonsense")
    with pytest.raises(CommandError, match="1 values fit no key"):
        call_command("renewkeys")
    assert StaffTotp.objects.get().encrypted_key == "gAAAAA-nonsense"
    settings.FIELD_KEYS = [NEW]
    assert sum(not crypto.is_newest(token) for token in tokens()) == 1


def test_a_row_that_went_meanwhile_is_passed_over(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.FIELD_KEYS = [NEW, OLD]
    gone = errands.leave("test", {"what": "x"})
    Errand.objects.filter(pk=gone.pk).delete()
    found, column = renewing.Found("errands"), encrypted_columns.get("errands")
    renewing._meet(renewing._rows(column), column.column, gone.pk, found, changes=True)
    assert found == renewing.Found("errands")


def test_every_column_that_says_it_is_encrypted_is_walked() -> None:
    said = {
        (model._meta.label, field.name)
        for model in apps.get_models()
        for field in model._meta.get_fields()
        if re.search(r"[Ee]ncrypted|wekeza_portal.crypto", str(getattr(field, "help_text", "")))
    }
    assert said == {(column.model, column.column) for _name, column in encrypted_columns.items()}


def test_nothing_else_encrypts() -> None:
    """A new place that stores what crypto makes is named here once its column is registered."""
    root = Path(__file__).resolve().parents[2]
    found = {
        str(path.relative_to(root))
        for path in root.glob("*/**/*.py")
        if "tests" not in path.parts
        and ".venv" not in path.parts
        and re.search(r"crypto\.encrypt", path.read_text(encoding="utf-8"))
    }
    assert found == {
        "wekeza_portal/errands.py", "wekeza_portal/notifications/services.py", "wekeza_portal/staff/totp.py",
        "wekeza_portal/rails/tokens.py", "wekeza_portal/documents/storage.py", "accounts/identity/factors/app.py",
        "accounts/identity/keptforms.py", "accounts/demofactors.py", "transfers/outside/finishing.py",
        "transfers/outside/carrying.py", "accounts/profile/births.py",
    }  # fmt: skip


def test_without_the_old_key_what_was_not_renewed_is_unreadable(settings: Any) -> None:
    settings.FIELD_KEYS = [OLD]
    token = crypto.encrypt(SECRET)
    settings.FIELD_KEYS = [NEW]
    with pytest.raises(InvalidToken):
        crypto.decrypt(token)
    assert StoredFile.objects.count() == 0
