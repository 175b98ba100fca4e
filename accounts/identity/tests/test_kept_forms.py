"""What is kept of a form: only of pages that ask for it, little, few, and not too often."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import time_machine
from django.conf import settings
from django.http import QueryDict
from django.test import Client

from accounts.identity import keptforms
from accounts.models import KeptForm, User
from tests.factories import KeptFormFactory, UserFactory
from tests.support import sign_in
from tests.together import at_once
from wekeza_portal import clock

pytestmark = pytest.mark.django_db
TEMPLATES = Path(settings.BASE_DIR) / "templates"
MARKED = re.compile(r"<form[^>]*action=\"\{% url '(\w+)'[^>]*data-keep")


@pytest.fixture
def nine() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(datetime(2026, 11, 23, 6, 0, tzinfo=UTC), tick=False) as traveller:
        yield traveller


@pytest.fixture
def wanjiku(client: Client) -> User:
    user = UserFactory()
    sign_in(client, user)
    return user


@pytest.fixture
def any_page(monkeypatch: pytest.MonkeyPatch) -> None:
    """Movements have as many addresses as one likes."""
    monkeypatch.setattr(keptforms, "KEEPS", {*keptforms.KEEPS, "movement"})


def page(number: int) -> str:
    return f"/view/movements/TX-{number}/"


def keep(user: User, path: str, note: str = "Kodi") -> None:
    keptforms.keep(user.pk, path, QueryDict(f"note={note}"))


def test_every_form_that_asks_to_be_kept_is_kept() -> None:
    """A template's data-keep without its name in KEEPS would lose what was typed."""
    marked = {name for path in TEMPLATES.rglob("*.html") for name in MARKED.findall(path.read_text())}
    assert "move_wekeza" in marked
    assert marked <= keptforms.KEEPS


@pytest.mark.parametrize("path", ["/", "/settings/sign-ins/", page(1), "/help/", "/no/such/page/", "/move/wekeza/x"])
def test_nothing_is_kept_for_a_page_without_such_a_form(client: Client, wanjiku: User, path: str) -> None:
    assert client.post("/session/keep/", {"_path": path, "note": "Kodi"}).status_code == 204
    keep(wanjiku, path)
    assert not KeptForm.objects.exists()


def test_at_most_five_forms_are_kept_the_oldest_goes(
    wanjiku: User, any_page: None, nine: time_machine.Traveller
) -> None:
    KeptFormFactory(path="/a/strangers/")
    for number in range(7):
        keep(wanjiku, page(number))
        nine.shift(timedelta(minutes=1))
    left = KeptForm.objects.filter(user=wanjiku).order_by("created_at").values_list("path", flat=True)
    assert list(left) == [page(number) for number in range(2, 7)]
    assert KeptForm.objects.count() == 6


def test_typing_on_keeps_a_form_young(wanjiku: User, any_page: None, nine: time_machine.Traveller) -> None:
    for number in (0, 1, 2, 3, 4, 0, 5):
        keep(wanjiku, page(number))
        nine.shift(timedelta(minutes=1))
    assert not KeptForm.objects.filter(path=page(1)).exists()
    assert KeptForm.objects.filter(path=page(0)).exists()


def test_no_row_is_larger_than_ten_kilobytes(wanjiku: User) -> None:
    for size in (5_000, 7_000, 8_000, 20_000):
        KeptForm.objects.all().delete()
        keep(wanjiku, "/move/wekeza/", "x" * size)
        assert KeptForm.objects.exists() is (size <= 7_000)
        assert all(len(row.data) <= 10 * 1024 for row in KeptForm.objects.all())


def test_keeping_too_often_is_stopped(client: Client, wanjiku: User, nine: time_machine.Traveller) -> None:
    typed = {"_path": "/move/wekeza/", "note": "Kodi"}
    answers = [client.post("/session/keep/", typed).status_code for _ in range(32)]
    assert answers == [204] * 30 + [429] * 2
    stranger = Client()
    sign_in(stranger, UserFactory())
    assert stranger.post("/session/keep/", typed).status_code == 204


@pytest.mark.mariadb
@pytest.mark.django_db(transaction=True)
def test_twelve_forms_kept_at_once_are_five_in_the_end(any_page: None) -> None:
    user = UserFactory()
    results = at_once([lambda n=n: keep(user, page(n)) for n in range(12)])
    assert results == [None] * 12
    assert KeptForm.objects.filter(user=user).count() == 5
    assert clock.now() - KeptForm.objects.latest("created_at").created_at < timedelta(minutes=1)
