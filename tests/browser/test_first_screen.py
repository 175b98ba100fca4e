"""What stands on a phone's first screen, without scrolling: the things people come for."""

from collections.abc import Callable

import pytest
from django.urls import reverse

from accounts.models import Account
from tests.browser.conftest import PHONE, Visitor
from tests.factories import PASSWORD
from tests.pages import Scene

pytestmark = [pytest.mark.browser, pytest.mark.mariadb, pytest.mark.django_db(transaction=True)]

Visit = Callable[..., Visitor]


@pytest.fixture
def scene() -> Scene:
    return Scene.set_up()


def bottom_of(visitor: Visitor, what: str) -> float:
    box = visitor.page.locator(what).first.bounding_box()
    assert box is not None
    return box["y"] + box["height"]


def first_screen(visitor: Visitor) -> float:
    """Where the first screen ends: the bar at the bottom covers the rest."""
    bar = visitor.page.locator(".tabs").bounding_box()
    assert bar is not None
    return bar["y"]


@pytest.mark.parametrize("language", ["en", "sw"])
def test_the_quick_actions_are_on_the_first_screen_with_two_accounts(visit: Visit, scene: Scene, language: str) -> None:
    visitor = visit(viewport=PHONE, language=language)
    visitor.sign_in(scene.user, PASSWORD)
    assert visitor.page.locator(".balance").count() == 2
    assert bottom_of(visitor, ".do") <= first_screen(visitor)


@pytest.mark.parametrize("language", ["en", "sw"])
def test_the_button_to_send_is_on_the_first_screen_of_the_review(visit: Visit, scene: Scene, language: str) -> None:
    visitor = visit(viewport=PHONE, language=language)
    visitor.sign_in(scene.user, PASSWORD)
    visitor.go(reverse("payment_review", args=[scene.draft.id]))
    assert bottom_of(visitor, ".foot .btn") <= first_screen(visitor)
    for link in visitor.page.locator(".change a").all():
        box = link.bounding_box()
        assert box is not None
        assert min(box["width"], box["height"]) >= 43.5


@pytest.mark.parametrize(("language", "other"), [("en", "Kiswahili"), ("sw", "English")])
def test_the_other_language_is_offered_at_the_top_before_signing_in(visit: Visit, language: str, other: str) -> None:
    visitor = visit(viewport=PHONE, language=language)
    visitor.go("/login/")
    button = visitor.page.get_by_role("banner").get_by_role("button", name=other)
    visitor.press(f"header button:has-text('{other}')")
    assert visitor.path == "/login/"
    assert visitor.page.get_attribute("html", "lang") != language
    assert not button.is_visible()


def test_hiding_takes_the_figures_and_the_chart_off_the_page_and_brings_them_back(visit: Visit, scene: Scene) -> None:
    visitor = visit(viewport=PHONE)
    visitor.sign_in(scene.user, PASSWORD)
    page, button = visitor.page, "[data-hide-amounts] button"
    before = page.inner_text("main")
    balances = [row.balance for row in Account.objects.filter(customer=scene.user.customer)]
    figures = [f"{figure:,.2f}" for figure in (*balances, sum(balances))]
    assert all(figure in before for figure in figures)
    assert "Lowest" in before
    page.click(button)
    hidden = page.inner_text("main")
    for told in (*figures, "30,000", "11,000", "Lowest", "Highest"):
        assert told not in hidden
    assert "the chart is too" in hidden
    right = "e => e.map(x => Math.round(x.getBoundingClientRect().right))"
    assert len(set(page.eval_on_selector_all(".rows .sum [aria-hidden]", right))) == 1, "dots end where figures end"
    page.click(button)
    assert page.inner_text("main").replace("Hide", "Show") == before.replace("Hide", "Show")
