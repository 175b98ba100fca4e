"""What is left of a page when nothing on it may be pressed."""

import pytest

from accounts.supporting.readonly import without_controls


def lead(address: str) -> str | None:
    return f"/admin/look{address}" if address.startswith("/view/") else None


def read(html: str) -> str:
    return without_controls(html, lead)


@pytest.mark.parametrize(
    "html",
    [
        "<!doctype html>", "<p>a &amp; b &#39;c&#39; &lt;script&gt;</p>", '<use href="/static/icons.svg#bell"/>',
        '<td class="num">84,406.00</td>', '<input-like x="1">', "<p>مرحبا 🎉</p>", '<a href="#main">x</a>',
        '<link rel="stylesheet" href="/static/portal.css" integrity="sha384-x">',
    ],
)  # fmt: skip
def test_what_is_only_read_stays_as_it_is(html: str) -> None:
    assert read(html) == html


@pytest.mark.parametrize(
    "html",
    [
        "<script>x()</script>", '<script type="module" src="/static/js/portal.js"></script>',
        "<dialog><form method=post action=/x><button>go</button></form></dialog>",
        '<div data-secret><p>4821 <b>9304</b></p><div>more</div></div>', '<input type="hidden" name="csrf" value="t">',
        '<input type="password" name="p" value="x">', '<meta http-equiv="refresh" content="5">', '<base href="//evil">',
        '<input data-secret value="1234">',
    ],
)  # fmt: skip
def test_what_runs_asks_or_is_secret_is_left_out_whole(html: str) -> None:
    assert read(f"<p>before</p>{html}<p>after</p>") == "<p>before</p><p>after</p>"


def test_a_form_that_changes_something_is_no_form_and_its_fields_are_disabled() -> None:
    shown = read(
        '<form method="post" action="/pay/"><input name="amount" value="5"><select name="a"><option selected>x</option>'
        '</select><textarea name="t">words</textarea><button formaction="/x">Pay</button></form>'
    )
    assert "<form" not in shown
    assert "action" not in shown
    assert "name=" not in shown
    assert shown.count("disabled") == 4
    assert 'value="5"' in shown
    assert "words" in shown


def test_a_field_that_belongs_to_a_form_elsewhere_is_disabled_too() -> None:
    assert read('<button form="pay" name="x">Pay</button>') == "<button disabled>Pay</button>"


@pytest.mark.parametrize(
    "form", ['<form method="get" action="/move/">', "<form method=POST>", '<form action="//evil">']
)
def test_a_form_that_leads_elsewhere_is_none(form: str) -> None:
    assert read(f"{form}<button>x</button></form>") == "<div><button disabled>x</button></div>"


def test_a_filter_of_the_same_page_can_be_used() -> None:
    assert read('<form method="get"><input name="q"><button>x</button></form>').count("disabled") == 0
    assert (
        read('<form action="/view/"><button>x</button></form>')
        == '<form action="/admin/look/view/"><button>x</button></form>'
    )


def test_after_a_form_that_may_be_sent_another_one_still_may_not() -> None:
    shown = read('<form><input name="q"></form><form method="post"><button>x</button></form><button>y</button>')
    assert shown == '<form><input name="q"></form><div><button disabled>x</button></div><button disabled>y</button>'


@pytest.mark.parametrize(
    "address", ["/move/", "https://elsewhere.example/", "//x", "javascript:x()", "tel:+254", "/admin-x/"]
)
def test_a_link_to_elsewhere_leads_nowhere(address: str) -> None:
    assert read(f'<a class="row" href="{address}">x</a>') == '<a class="row">x</a>'


def test_a_link_to_what_may_be_looked_at_leads_there() -> None:
    assert read('<a href="/view/?a=1&amp;b=2">x</a>') == '<a href="/admin/look/view/?a=1&amp;b=2">x</a>'


def test_an_attribute_cannot_break_out() -> None:
    assert (
        read('<a href="/view/?q=&quot;&gt;&lt;script&gt;">x</a>')
        == '<a href="/admin/look/view/?q=&quot;&gt;&lt;script&gt;">x</a>'
    )
