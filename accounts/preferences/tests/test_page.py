"""Settings, Preferences: what is saved, what is refused, and whose it is."""

import pytest
from django.conf import settings
from django.test import Client

from accounts.models import Account, User
from accounts.preferences.tests.helpers import AS_IT_WAS, PAGE, kept, somebody
from tests.factories import AccountFactory
from wekeza_portal.audit.models import AuditEvent

pytestmark = pytest.mark.django_db

ALL_OTHER = {
    "date_format": "YMD",
    "theme": "dark",
    "text_size": "larger",
    "display_currency": "GBP",
    "history_years": "5",
}


def test_everything_is_saved_and_stands_on_the_page_again() -> None:
    client, user = somebody()
    account = AccountFactory(customer=user.customer)
    wanted = {**AS_IT_WAS, **ALL_OTHER, "default_account": account.account_number}
    answer = client.post(PAGE, wanted)
    assert (answer.status_code, answer["Location"]) == (303, PAGE)
    assert kept(user) == wanted
    page = client.get(PAGE).content.decode()
    for value in wanted.values():
        assert f'<option value="{value}" selected>' in page
    assert "Saved." in page


def test_only_what_matters_later_is_recorded() -> None:
    client, user = somebody()
    account = AccountFactory(customer=user.customer)
    client.post(PAGE, {**AS_IT_WAS, **ALL_OTHER, "default_account": account.account_number})
    event = AuditEvent.objects.get(verb="preferences.changed")
    assert event.customer_id == user.customer_id
    assert event.data == {"default_account": account.account_number, "history_years": "5"}


@pytest.mark.parametrize("again", [AS_IT_WAS, {**AS_IT_WAS, "theme": "dark"}])
def test_saving_what_was_or_only_a_colour_records_nothing(again: dict[str, str]) -> None:
    client, user = somebody()
    assert client.post(PAGE, again).status_code == 303
    assert kept(user) == again
    assert not AuditEvent.objects.filter(verb="preferences.changed").exists()


@pytest.mark.parametrize("name", [*AS_IT_WAS])
@pytest.mark.parametrize(
    "value", ['"><script>alert(1)</script>', "x" * 10_000, "1e9", "٢", "😀", "-1", "DMY\x00", "=HYPERLINK(1)"]
)
def test_what_is_not_offered_is_refused_beside_its_field_and_changes_nothing(name: str, value: str) -> None:
    client, user = somebody()
    answer = client.post(PAGE, {**AS_IT_WAS, "theme": "light", name: value})
    page = answer.content.decode()
    assert answer.status_code == 200
    assert f'id="id_{name}_error"' in page
    assert "<script>alert" not in page
    assert len(page) < 60_000
    assert kept(user) == AS_IT_WAS


@pytest.mark.parametrize("name", ["date_format", "theme", "text_size", "history_years"])
def test_a_choice_that_is_left_out_is_asked_for(name: str) -> None:
    client, user = somebody()
    answer = client.post(PAGE, {key: value for key, value in AS_IT_WAS.items() if key != name} | {"extra": "1"})
    assert answer.status_code == 200
    assert "Choose one of the list." in answer.content.decode()
    assert kept(user) == AS_IT_WAS


def test_each_chooses_for_themselves() -> None:
    _theirs, stranger = somebody()
    client, user = somebody()
    client.post(PAGE, {**AS_IT_WAS, "theme": "dark", "user": str(stranger.pk), "id": str(stranger.pk)})
    assert (kept(user)["theme"], kept(stranger)["theme"]) == ("dark", "device")


def test_it_needs_signing_in_and_a_form_of_ours() -> None:
    assert Client().get(PAGE)["Location"].startswith("/login/")
    signed_in, user = somebody()
    careful = Client(enforce_csrf_checks=True)
    careful.cookies = signed_in.cookies
    assert careful.post(PAGE, {**AS_IT_WAS, "theme": "dark"}).status_code == 403
    assert kept(user) == AS_IT_WAS


def test_showing_everything_changes_nothing_else_and_leads_back_to_our_own_pages_only() -> None:
    client, user = somebody(theme="dark", history_years=1)
    answer = client.post("/settings/preferences/whole-history/", {"next": "//evil.example/"})
    assert (answer.status_code, answer["Location"]) == (303, "/view/")
    assert kept(user) == {**AS_IT_WAS, "theme": "dark"}
    assert client.get("/settings/preferences/whole-history/").status_code == 405


# --- The first account --------------------------------------------------------------------------------------------


@pytest.fixture
def two() -> tuple[Client, User, Account, Account]:
    client, user = somebody()
    return client, user, AccountFactory(customer=user.customer), AccountFactory(customer=user.customer)


def preselected(client: Client) -> str:
    page = client.get("/move/wekeza/").content.decode()
    chosen = page.split('name="from_account"')[1].split(" selected>")[0]
    return chosen.rsplit('value="', 1)[1].strip('"')


def test_the_chosen_account_stands_first_and_pays_unless_another_is_chosen(
    two: tuple[Client, User, Account, Account],
) -> None:
    client, _user, older, newer = two
    assert preselected(client) == older.account_number
    client.post(PAGE, {**AS_IT_WAS, "default_account": newer.account_number})
    assert preselected(client) == newer.account_number
    home = client.get("/").content.decode()
    assert home.index(newer.account_number) < home.index(older.account_number)


def test_a_chosen_account_that_was_closed_silently_stands_back(two: tuple[Client, User, Account, Account]) -> None:
    client, _user, older, newer = two
    client.post(PAGE, {**AS_IT_WAS, "default_account": newer.account_number})
    Account.objects.filter(pk=newer.pk).update(status="DISABLED")
    assert preselected(client) == older.account_number
    page = client.get(PAGE).content.decode()
    assert f'value="{newer.account_number}"' not in page
    assert client.post(PAGE, AS_IT_WAS).status_code == 303


@pytest.mark.parametrize("whose", ["a stranger's", "a closed one", "a business's"])
def test_only_an_active_account_of_ones_own_can_stand_first(
    two: tuple[Client, User, Account, Account], whose: str
) -> None:
    client, user, _older, newer = two
    if whose == "a stranger's":
        number = AccountFactory().account_number
    elif whose == "a closed one":
        Account.objects.filter(pk=newer.pk).update(status="DISABLED")
        number = newer.account_number
    else:
        number = "BUS0000001"
    answer = client.post(PAGE, {**AS_IT_WAS, "default_account": number})
    assert 'id="id_default_account_error"' in answer.content.decode()
    assert kept(user) == AS_IT_WAS


def test_a_number_that_came_to_belong_to_somebody_else_shows_nothing_of_theirs(
    two: tuple[Client, User, Account, Account],
) -> None:
    client, user, older, _newer = two
    foreign = AccountFactory()
    User.objects.filter(pk=user.pk).update(default_account=foreign.account_number)
    assert preselected(client) == older.account_number
    assert foreign.account_number not in client.get("/").content.decode()


# --- How it looks -------------------------------------------------------------------------------------------------


def root_of(client: Client, address: str) -> str:
    page = client.get(address).content.decode()
    return page[page.index("<html") : page.index("<title>")]


def test_colours_and_size_stand_on_the_page_and_stay_in_the_browser_after_signing_out() -> None:
    client, _user = somebody()
    assert "data-" not in root_of(client, "/help/")
    answer = client.post(PAGE, {**AS_IT_WAS, "theme": "dark", "text_size": "larger"})
    cookie = answer.cookies[settings.LOOK_COOKIE_NAME]
    assert (cookie.value, cookie["httponly"], cookie["samesite"]) == ("dark.larger", True, "Lax")
    assert 'data-theme="dark" data-text="larger"' in root_of(client, PAGE)
    client.post("/logout/")
    assert 'data-theme="dark" data-text="larger"' in root_of(client, "/login/")


def test_signed_in_the_customers_own_choice_counts_and_not_the_browsers() -> None:
    client, _user = somebody(theme="light")
    client.cookies[settings.LOOK_COOKIE_NAME] = "dark.larger"
    assert 'data-theme="light"' in root_of(client, "/")
    assert "data-text" not in root_of(client, "/")


def test_two_peoples_pages_of_one_process_are_not_mixed_up() -> None:
    (dark, _one), (light, _two), (plain, _three) = somebody(theme="dark"), somebody(theme="light"), somebody()
    for _again in range(2):
        for client, said in [(dark, 'content="dark"'), (light, 'content="light"'), (plain, 'content="light dark"')]:
            assert f'<meta name="color-scheme" {said}>' in client.get("/more/").content.decode()


@pytest.mark.parametrize(
    "value",
    [
        '"><script>alert(1)</script>',
        'dark"><script>.large',
        "dark.larger.x",
        "dark",
        ".",
        "DARK.LARGE",
        "dark.larger ",
        "\xf0\x9f\x98\x80.large",
        "x" * 3_900,
    ],
)
def test_a_cookie_somebody_wrote_into_is_as_if_there_were_none(value: str) -> None:
    client = Client()
    client.cookies[settings.LOOK_COOKIE_NAME] = value
    answer = client.get("/login/")
    assert answer.status_code == 200
    assert "data-theme" not in answer.content.decode()
    assert "data-text" not in answer.content.decode()
    assert "<script>alert" not in answer.content.decode()


def test_a_theme_nobody_offers_in_the_table_is_not_shown() -> None:
    client, user = somebody()
    User.objects.filter(pk=user.pk).update(theme='"><b>')
    assert "data-theme" not in root_of(client, "/")


def test_the_dark_colours_are_the_same_whoever_asks_for_them() -> None:
    sheet = (settings.BASE_DIR / "static" / "portal.css").read_text()

    def tokens(after: str) -> set[str]:
        block = sheet.split(after, 1)[1].split("}", 1)[0]
        return {token.strip() for token in block.replace("\n", " ").split(";") if "--" in token}

    by_device = tokens(":root:not([data-theme=light]) {")
    assert by_device == tokens(":root[data-theme=dark] {")
    assert len(by_device) > 15
