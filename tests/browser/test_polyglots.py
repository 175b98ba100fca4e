"""Chromium on every page of a bank whose every text column attacks it: nothing runs, nothing is reported."""

from collections.abc import Callable

import pytest
from django.contrib.auth.models import Group
from django.test import Client
from pytest_django import Settings

from tests import polyglots
from tests.browser.conftest import DESKTOP, Visitor
from tests.browser.test_pages import open_watched
from tests.pages import Scene
from tests.support import sign_in
from tests.test_polyglots import customer_pages, staff_pages
from wekeza_portal.staff.roles import ROLES
from wekeza_portal.staff.tests.scenes import signed_in, staff

pytestmark = [pytest.mark.browser, pytest.mark.mariadb, pytest.mark.django_db(transaction=True)]

Visit = Callable[..., Visitor]
RAN = "() => [window.__x, document.querySelectorAll('w-x').length, window.__reports]"


def attacked(visitor: Visitor, client: Client, paths: list[str]) -> list[str]:
    """What ran, was taken for a tag, or broke the policy, on the pages a browser shows. Cookies as the client's."""
    visitor.page.context.add_cookies(
        [{"name": name, "value": morsel.value, "url": visitor.address} for name, morsel in client.cookies.items()]
    )
    found: list[str] = []
    visitor.page.on("dialog", lambda dialog: (found.append(f"dialog {dialog.message}"), dialog.dismiss()))
    seen = 0
    for path in paths:
        answer = client.get(path)
        if not answer.get("Content-Type", "").startswith("text/html") or answer.status_code in {302, 403}:
            continue
        visitor.go(path)
        seen += 1
        ran, tags, reports = visitor.page.evaluate(RAN)
        if ran is not None or tags or reports:
            found.append(f"{path}: ran {ran}, {tags} tags, {reports}")
    assert seen >= 10, "the walk must see pages"
    return found


def test_nothing_runs_on_a_customers_pages(visit: Visit, settings: Settings) -> None:
    settings.DEMO = True
    scene = Scene.set_up()
    polyglots.fill(scene)
    client = Client()
    sign_in(client, scene.user)
    assert attacked(open_watched(visit, viewport=DESKTOP), client, customer_pages(scene)) == []


def test_nothing_runs_on_the_staffs_pages(visit: Visit) -> None:
    """By somebody with every role, who sees everything that any role sees."""
    scene = Scene.set_up()
    polyglots.fill(scene)
    member = staff("operations")
    member.groups.set(Group.objects.filter(name__in=ROLES))
    client = signed_in(member)
    assert attacked(open_watched(visit, viewport=DESKTOP), client, staff_pages()) == []


def test_a_page_that_believed_it_would_be_noticed(visit: Visit) -> None:
    """The tag is found, and a script of ours that wrote the text as HTML is stopped by the policy and reported."""
    visitor = open_watched(visit)
    visitor.go("/login/")
    visitor.page.evaluate(
        "text => { document.body.append(document.createElement('w-x')); "
        "try { document.body.innerHTML = text } catch { /* the policy */ } }",
        polyglots.RUNS,
    )
    _ran, tags, reports = visitor.page.evaluate(RAN)
    assert tags == 1
    assert reports
