"""Every date of a customer's pages is written as they chose."""

import re
from datetime import date
from types import SimpleNamespace
from unittest.mock import patch

import pytest
from django.test import Client

from accounts.approvals import messages as approval_messages
from accounts.models import User
from tests.pages import Scene, signed_in_pages
from tests.support import sign_in
from wekeza_portal import dates
from wekeza_portal.notifications.models import InboxItem

pytestmark = pytest.mark.django_db

MONTHS = "January|February|March|April|May|June|July|August|September|October|November|December"
IN_WORDS = rf"\d{{1,2}} (?:{MONTHS}|Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sep|Sept|Oct|Nov|Dec)\b"
IN_FIGURES = r"\b\d{2}/\d{2}/\d{4}\b"
TOLD = ("/inbox/", "/verify/")
"""Pages of what was told: messages and papers are written the same for everybody."""
OF_NOBODY = {"31/12/2026", "12/31/2026", "31 December", "1 January"}
"""Examples beside fields, and the bounds a field has."""

NOT_OURS = r"<time datetime=\"[^\"]*\"><b>.*?</time>|<blockquote.*?</blockquote>"
"""A calendar leaf is a drawing; what is quoted is a message to be sent."""


def shown_dates(page: str, pattern: str) -> set[str]:
    """The dates that a page shows, without its machine-readable attributes."""
    main = page[page.index("<main") : page.index("</main>")].replace("</b>", "</b> ")
    main = re.sub(NOT_OURS, "", main)
    return set(re.findall(pattern, re.sub(r"<[^>]+>", " ", main))) - OF_NOBODY


@pytest.fixture
def scene(db: None) -> Scene:
    return Scene.set_up()


def faults(scene: Scene, style: str, pattern: str) -> str:
    User.objects.filter(pk=scene.user.pk).update(date_format=style)
    client = Client()
    sign_in(client, scene.user)
    found = []
    for path in signed_in_pages(scene):
        if path.startswith(TOLD):
            continue
        answer = client.get(path)
        page = answer.getvalue().decode("utf-8", "replace")
        if "<main" in page and (wrong := shown_dates(page, pattern)):
            found.append(f"{path}: {sorted(wrong)}")
    return "\n".join(found)


def test_no_page_writes_a_month_as_a_word_for_whoever_chose_figures(scene: Scene) -> None:
    assert faults(scene, "YMD", f"{IN_WORDS}|{IN_FIGURES}") == ""


def test_no_page_writes_figures_for_whoever_chose_words(scene: Scene) -> None:
    assert faults(scene, "WRITTEN", IN_FIGURES) == ""


def test_the_walk_would_see_a_date_that_does_not_follow(scene: Scene) -> None:
    assert faults(scene, "DMY", IN_FIGURES).count("\n") > 10
    assert faults(scene, "WRITTEN", IN_WORDS).count("\n") > 10


def test_the_style_ends_with_the_page(scene: Scene) -> None:
    """The next page of this thread is somebody else's."""
    client = Client(raise_request_exception=False)
    sign_in(client, scene.user)
    client.get("/settings/")
    assert dates.style() == ""
    with patch("accounts.preferences.views._profile", side_effect=RuntimeError("broken")):
        assert client.get("/settings/").status_code == 500
    assert dates.style() == ""


def test_a_message_names_its_dates_in_words_while_its_readers_page_has_figures(scene: Scene) -> None:
    dates.begin("YMD")
    named = SimpleNamespace(describe=lambda _request: dates.shown(date(2026, 3, 4)))
    with patch.object(approval_messages, "approval_executors", SimpleNamespace(get=lambda _kind: named)):
        approval_messages.tell_refused(scene.wish)
    dates.begin("")
    said = InboxItem.objects.filter(customer_id=scene.user.customer_id).latest("pk")
    assert "4 March 2026" in said.text
    assert "2026-03-04" not in said.text
