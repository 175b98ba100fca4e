"""Hostile text in every text column: no page, paper, message or table believes it, whoever looks."""

from io import BytesIO
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils.html import escape
from openpyxl import Workbook
from pytest_django import Settings

from tests import polyglots
from tests.pages import PUBLIC_PAGES, Scene, signed_in_pages
from tests.polyglots import TAG, text_columns, to_fill
from tests.support import sign_in
from tests.test_url_guards import POST_ONLY, address, names
from wekeza_portal.documents import pdf
from wekeza_portal.staff.roles import ROLES
from wekeza_portal.staff.site import portal_admin
from wekeza_portal.staff.tests.scenes import signed_in, staff
from wekeza_portal.staff.tests.test_door import addresses

pytestmark = pytest.mark.django_db

TABLES = {"text/csv", "text/csv; charset=utf-8"}
DEMO_PAGES = ["/demo/branch/", "/demo/phone/", "/demo/phone/?format=json", "/demo/style/"]


@pytest.fixture
def scene() -> Scene:
    made = Scene.set_up()
    polyglots.fill(made)
    return made


def customer_pages(scene: Scene) -> list[str]:
    """Every address that a customer may open, from the map of all addresses."""
    every = {address(name, scene) for name in names() - POST_ONLY - {"movement"}}
    return sorted(every | set(signed_in_pages(scene)) | set(PUBLIC_PAGES) | set(DEMO_PAGES))


def staff_pages() -> list[str]:
    """Every address of the staff's, its newest row in the place of a parameter."""
    found = addresses()
    for model in portal_admin._registry:
        newest = model._base_manager.order_by("-pk").first()
        name = f"{model._meta.app_label}_{model._meta.model_name}_change"
        if newest is not None and name in found:
            found[name] = reverse(f"admin:{name}", args=[newest.pk])
    return sorted(path for name, path in found.items() if name not in {"logout", "login"})


def look(client: Client, paths: list[str]) -> dict[str, bytes]:
    """What each page answered; a crash is raised here. A CSV file is no page: formulas are looked for in it below."""
    answers = {path: client.get(path) for path in paths}
    return {path: answer.getvalue() for path, answer in answers.items() if answer.get("Content-Type") not in TABLES}


def believing(pages: dict[str, bytes]) -> list[str]:
    return [path for path, content in pages.items() if TAG.encode() in content and not is_json(content)]


def is_json(content: bytes) -> bool:
    return content[:1] in {b"[", b"{"}


def showing(pages: dict[str, bytes]) -> set[str]:
    return {path for path, content in pages.items() if escape(TAG).encode() in content}


def test_every_text_column_is_filled_or_says_why_not(scene: Scene) -> None:
    empty = [polyglots.label(model, field) for model, field in to_fill() if not polyglots.holds_it(model, field)]
    assert empty == []
    known = {polyglots.label(model, field) for model, field in text_columns()}
    assert set().union(*polyglots.NOT_FILLED.values()) - known == set(), "columns that are not there any more"
    assert known >= polyglots.NEWEST_ONLY


def test_no_page_of_a_customer_believes_what_a_column_says(scene: Scene, settings: Settings) -> None:
    settings.DEMO = True
    client = Client()
    sign_in(client, scene.user)
    pages = look(client, customer_pages(scene))
    assert believing(pages) == []
    assert showing(pages) >= {"/", "/view/", "/move/", "/settings/", "/demo/phone/"}
    assert believing(look(Client(), customer_pages(scene))) == []


@pytest.mark.parametrize("role", ROLES)
def test_no_page_of_any_role_believes_it(scene: Scene, role: str) -> None:
    pages = look(signed_in(staff(role)), staff_pages())
    assert believing(pages) == []
    assert "/admin/accounts/accounttransaction/" in showing(pages)
    assert len(showing(pages)) >= 5


def test_nothing_to_take_away_believes_it(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    """No paper takes it for HTML, no table holds a formula."""
    printed: list[str] = []

    def render(template: str, context: dict[str, Any]) -> str:
        printed.append(original(template, context))
        return printed[-1]

    original = pdf.render_to_string
    monkeypatch.setattr(pdf, "render_to_string", render)
    client = Client()
    sign_in(client, scene.user)
    for path in customer_pages(scene):
        answer = client.get(path)
        kind = answer.get("Content-Type", "")
        if kind.startswith("text/csv"):
            assert polyglots.formulas_in_csv(answer.getvalue().decode()) == [], path
        elif "spreadsheetml" in kind:
            assert polyglots.formulas_in_workbook(answer.getvalue()) == [], path
    assert printed, "the walk must meet papers"
    ours_alone = "<title>Stop everything"  # the card by the door says nothing of anybody
    assert [html for html in printed if TAG in html or (escape(TAG) not in html and ours_alone not in html)] == []


def test_the_search_for_formulas_would_find_one() -> None:
    assert polyglots.formulas_in_csv('a,=1+1\n"\t=1",-5.00\n@x,\'=1\n') == ["=1+1", "\t=1", "@x"]
    book, content = Workbook(), BytesIO()
    book.active.append(["=1+1", "x"])
    book.save(content)
    assert polyglots.formulas_in_workbook(content.getvalue()) == ["=1+1"]
