"""Adding papers in Chromium: what was chosen is shown before it is sent, and comes back as a file."""

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from accounts.approvals import details
from tests.browser.conftest import Visitor
from tests.factories import PASSWORD, UserFactory
from wekeza_portal.uploads.models import Upload
from wekeza_portal.uploads.tests.files import noise, pdf

pytestmark = [pytest.mark.browser, pytest.mark.mariadb, pytest.mark.django_db(transaction=True)]

Visit = Callable[..., Visitor]
ADD = "#papers-form .btn"
PAPERS = "[name=papers]"


def file(name: str, content: bytes) -> dict[str, object]:
    return {"name": name, "mimeType": "application/octet-stream", "buffer": content}


@pytest.mark.parametrize("javascript", [True, False])
def test_papers_are_chosen_added_and_saved_again(visit: Visit, javascript: bool) -> None:
    user = UserFactory()
    assert user.customer is not None
    customer = visit(javascript=javascript)
    customer.sign_in(user, PASSWORD)
    draft = details.draft(user.customer, detail="email", value="new@example.com")
    customer.go(f"/settings/requests/{draft.id}/")
    two = [file("ID <b>.jpg", noise("JPEG", (200, 200))), file("deed.pdf", pdf(2))]
    customer.page.set_input_files(PAPERS, two)
    if javascript:
        expect(customer.page.locator(".chosen li")).to_have_count(3)
        expect(customer.page.locator(".chosen")).to_contain_text("ID <b>.jpg")
    customer.press(ADD)
    expect(customer.page.locator(".paper")).to_have_count(2)
    with customer.page.expect_download() as saved:
        customer.page.locator(".paper a").first.click()
    assert saved.value.suggested_filename.startswith("ID ")
    customer.page.set_input_files(PAPERS, [file("x.gif", b"GIF89a")])
    customer.press("button[formaction$='/send/']")
    expect(customer.page.locator(".refused")).to_contain_text("x.gif: We take JPEG and PNG")
    customer.press("button[formaction$='/send/']")
    expect(customer.page.locator(".paper")).to_have_count(2)
    assert set(Upload.objects.values_list("state", flat=True)) == {"HANDED_IN"}
    assert customer.complaints == []


def test_too_much_for_one_go_is_said_before_it_is_sent(visit: Visit) -> None:
    user = UserFactory()
    assert user.customer is not None
    customer = visit()
    customer.sign_in(user, PASSWORD)
    draft = details.draft(user.customer, detail="email", value="new@example.com")
    customer.go(f"/settings/requests/{draft.id}/")
    customer.page.set_input_files(PAPERS, [file(f"{n}.jpg", bytes(3_000_000)) for n in range(2)])
    expect(customer.page.locator(".chosen .over")).to_have_text(
        "That is more than 5 MB in one go. Add large files one at a time."
    )
    customer.press(ADD)
    expect(customer.page.locator(".refused")).to_contain_text("That was more than 5 MB in one go")
    assert customer.complaints == []
