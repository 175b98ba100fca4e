"""Every page as a person meets it: readable by everyone, nothing reported, nothing sideways, light on data."""

import gzip
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.test import Client

from accounts.models import User
from tests.browser.conftest import AXE, DESKTOP, PHONE, Visitor
from tests.factories import PASSWORD
from tests.pages import PUBLIC_PAGES, Scene, pages_while_mpesa_rests, signed_in_pages

pytestmark = [pytest.mark.browser, pytest.mark.mariadb, pytest.mark.django_db(transaction=True)]

Visit = Callable[..., Visitor]
NARROWEST = {"width": 320, "height": 700}

WATCH_POLICY = """
  window.__reports = [];
  document.addEventListener('securitypolicyviolation',
    e => window.__reports.push(e.violatedDirective + ' ' + e.blockedURI + ' ' + e.sourceFile));
"""
STICKING_OUT = """() => [...document.querySelectorAll("main *, header *, footer *")]
  .filter(one => one.getBoundingClientRect().right > document.documentElement.clientWidth && !one.closest(".table"))
  .map(one => one.tagName + "." + one.getAttribute("class") + " " + one.textContent.trim().slice(0, 30)).slice(0, 6)"""
SIDEWAYS = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"
# Links inside running text may be smaller than 44 px (WCAG 2.5.8 exempts them); everything pressed on its own is not.
SMALL_TARGETS = """
  () => [...document.querySelectorAll('button, input:not([type=hidden]), select, textarea, nav a, .btn, summary')]
    .filter(e => e.offsetParent !== null && !e.closest('.unseen'))
    .map(e => [e, (e.closest('label') || e).getBoundingClientRect()])
    .filter(([e, box]) => box.width > 1 && (box.height < 43.5 || box.width < 43.5))
    .map(([e, box]) => e.outerHTML.slice(0, 80) + ' ' + Math.round(box.width) + 'x' + Math.round(box.height))
"""


def open_watched(visit: Visit, **how: Any) -> Visitor:
    visitor = visit(**how)
    visitor.page.add_init_script(WATCH_POLICY)
    return visitor


def faults_of(visitor: Visitor, path: str) -> list[str]:
    visitor.go(path)
    page = visitor.page
    found = [f"{path}: policy report {report}" for report in page.evaluate("window.__reports")]
    page.evaluate(AXE.read_text(encoding="utf-8"))
    result = page.evaluate("async () => JSON.stringify((await axe.run()).violations)")
    for violation in json.loads(result):
        nodes = "; ".join(node["html"][:120] for node in violation["nodes"][:3])
        found.append(f"{path}: axe {violation['id']}: {nodes}")
    if page.locator("h1").count() != 1:
        found.append(f"{path}: {page.locator('h1').count()} headings of level 1")
    if not page.title().endswith("Wekeza Personal Banking"):
        found.append(f"{path}: title {page.title()!r}")
    return found


def layout_faults_of(visitor: Visitor, path: str) -> list[str]:
    visitor.go(path)
    found = []
    if visitor.page.evaluate(SIDEWAYS) > 0:
        wide = visitor.page.evaluate(STICKING_OUT)
        found.append(f"{path}: scrolls sideways by {visitor.page.evaluate(SIDEWAYS)} px: {wide}")
    found += [f"{path}: small target {target}" for target in visitor.page.evaluate(SMALL_TARGETS)]
    return found


@pytest.fixture
def scene() -> Scene:
    return Scene.set_up()


@pytest.mark.parametrize(
    ("scheme", "language", "viewport"),
    [("light", "en", DESKTOP), ("dark", "en", PHONE), ("light", "sw", PHONE)],
    ids=["light-english-desktop", "dark-english-phone", "light-kiswahili-phone"],
)
def test_no_page_has_a_fault(visit: Visit, scene: Scene, scheme: str, language: str, viewport: dict[str, int]) -> None:
    visitor = open_watched(visit, scheme=scheme, language=language, viewport=viewport)
    faults = [fault for path in PUBLIC_PAGES for fault in faults_of(visitor, path)]
    visitor.sign_in(scene.user, PASSWORD)
    faults += [fault for path in signed_in_pages(scene) for fault in faults_of(visitor, path)]
    unexpected = [text for text in visitor.complaints if "404" not in text]
    assert faults + unexpected == []


@pytest.mark.parametrize("size", ["normal", "larger"])
def test_no_page_scrolls_sideways_and_every_target_fits_a_thumb(visit: Visit, scene: Scene, size: str) -> None:
    User.objects.filter(pk=scene.user.pk).update(text_size=size)
    visitor = visit(viewport=NARROWEST)
    look = {"name": settings.LOOK_COOKIE_NAME, "value": f"device.{size}", "url": visitor.address}
    visitor.page.context.add_cookies([look])
    faults = [fault for path in PUBLIC_PAGES for fault in layout_faults_of(visitor, path)]
    visitor.sign_in(scene.user, PASSWORD)
    faults += [fault for path in signed_in_pages(scene) for fault in layout_faults_of(visitor, path)]
    assert "\n".join(faults) == ""


def test_what_is_said_while_a_rail_rests_has_no_fault_either(visit: Visit, scene: Scene) -> None:
    visitor = open_watched(visit, viewport=NARROWEST)
    visitor.sign_in(scene.user, PASSWORD)
    pages = pages_while_mpesa_rests(scene)
    faults = [fault for path in pages for fault in [*faults_of(visitor, path), *layout_faults_of(visitor, path)]]
    assert faults + visitor.complaints == []
    assert "PesaLink to a phone works" in visitor.page.content()


def test_the_wildest_texts_stay_text(visit: Visit, scene: Scene) -> None:
    """Whatever the branch's columns hold is shown as text, in one column, and never runs."""
    scene.fill_branch_with("\"'><script>window.__x=1</script><img src=x onerror=window.__x=1>{{7*7}}😀‮" + "W" * 60)
    visitor = open_watched(visit, viewport=PHONE)
    visitor.sign_in(scene.user, PASSWORD)
    for path in signed_in_pages(scene):
        visitor.go(path)
        assert visitor.page.evaluate("window.__x") is None, path
        assert visitor.page.evaluate("window.__reports") == [], path
        assert visitor.page.evaluate(SIDEWAYS) <= 0, path


def test_pages_are_light(scene: Scene) -> None:
    """First load under 60 KB with everything it needs, later pages under 15 KB, compressed."""
    root = Path(__file__).resolve().parent.parent.parent / "static"
    first = ["portal.css", "icons.svg", "favicon.svg", *(f"js/{path.name}" for path in (root / "js").glob("*.js"))]
    static = sum(len(gzip.compress((root / name).read_bytes())) for name in first)
    client = Client(headers={"accept-encoding": "gzip"})
    from tests.support import sign_in

    login = len(client.get("/login/").content)
    assert static + login < 60_000, f"first load {static + login}"
    sign_in(client, scene.user)
    for path in signed_in_pages(scene):
        size = len(client.get(path).content)
        assert size < 15_000, f"{path} weighs {size}"


def test_works_by_keyboard_alone(visit: Visit, scene: Scene) -> None:
    visitor = visit(viewport=DESKTOP)
    page = visitor.page
    visitor.go("/login/")
    page.keyboard.press("Tab")
    assert "#" in (page.evaluate("document.activeElement.getAttribute('href')") or ""), "first stop: skip to content"
    assert scene.user.customer is not None
    page.focus("[name=email]")
    page.keyboard.type(scene.user.customer.email)
    page.keyboard.press("Tab")
    page.focus("[name=password]")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url("**/login/code/**")
    from tests.browser.conftest import newest_code

    page.focus("[name=code]")
    page.keyboard.type(newest_code(scene.user.customer.user_id))
    page.keyboard.press("Enter")
    page.wait_for_url(f"{visitor.address}/")


def test_at_double_size_nothing_is_lost(visit: Visit, scene: Scene) -> None:
    visitor = visit(viewport={"width": 640, "height": 450})
    visitor.sign_in(scene.user, PASSWORD)
    for path in signed_in_pages(scene):
        visitor.go(path)
        assert visitor.page.evaluate(SIDEWAYS) <= 0, path
