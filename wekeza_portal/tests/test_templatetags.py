"""Figures become text in one way, and a form field ties label, hint and error together."""

import re
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from django import forms
from django.conf import settings
from django.template import Context, Template
from django.utils import translation

from wekeza_portal.templatetags import portal

D = Decimal
MINUS = "\N{MINUS SIGN}"


class Sample(forms.Form):
    email = forms.EmailField(label="E-mail", help_text="The one the branch knows.")
    password = forms.CharField(label="Password", widget=forms.PasswordInput)
    account = forms.ChoiceField(label="From", choices=[("A", "ACC1"), ("B", "ACC2")])
    how = forms.ChoiceField(label="How", choices=[("s", "SMS"), ("e", "E-mail")], widget=forms.RadioSelect)
    note = forms.CharField(label="Note", required=False, widget=forms.Textarea)
    sure = forms.BooleanField(label="I am sure")
    step = forms.CharField(widget=forms.HiddenInput, required=False)

    def clean(self) -> None:
        if self.data.get("note") == "bad":
            raise forms.ValidationError("These do not go together.")


def shown(source: str, **context: object) -> str:
    return Template("{% load portal %}" + source).render(Context(context))


def field(form: forms.Form, name: str) -> str:
    return shown("{% field bound %}", bound=form[name])


@pytest.mark.parametrize("given", [1, 1.0, "1", None, True, ""])
@pytest.mark.parametrize("name", ["kes", "figure", "signed"])
def test_printing_money_refuses_what_is_not_a_decimal(name: str, given: object) -> None:
    with pytest.raises(TypeError):
        shown("{{ amount|" + name + " }}", amount=given)


def test_a_missing_amount_is_an_error_and_not_an_empty_place() -> None:
    with pytest.raises(TypeError):
        shown("{{ nothing_here|kes }}")


@pytest.mark.parametrize("given", ["1.001", "NaN", "Infinity"])
def test_printing_money_never_loses_a_part_of_a_cent(given: str) -> None:
    with pytest.raises(ValueError, match=r"exact|two places"):
        portal.kes(D(given))


def test_money_prints_with_currency_commas_and_cents() -> None:
    assert portal.kes(D("1234.5")) == "KES 1,234.50"
    assert portal.figure(D("1234567.89")) == "1,234,567.89"
    assert portal.figure(D("-5")) == f"{MINUS}5.00"


def test_signed_money_carries_a_plus_or_a_true_minus() -> None:
    assert portal.signed(D("1234.5")) == "+1,234.50"
    assert portal.signed(D("-1234.5")) == f"{MINUS}1,234.50"
    assert portal.signed(D("0")) == "0.00"


@pytest.mark.parametrize("language", ["en", "sw"])
def test_money_and_dates_look_the_same_in_both_languages(language: str) -> None:
    with translation.override(language):
        assert shown("{{ a|kes }}", a=D("1234.5")) == "KES 1,234.50"
        assert shown("{{ d|date:'SHORT_DATE_FORMAT' }}", d=date(2026, 3, 9)) == "09/03/2026"


def test_written_dates_name_the_month() -> None:
    with translation.override("en"):
        assert shown("{{ d|date }}", d=date(2026, 3, 9)) == "9 March 2026"


@pytest.mark.parametrize(
    ("number", "masked"), [("ACC1000014", "ACC***0014"), ("12345678", "***78"), ("7", "***7"), ("ACC10001", "***01")]
)
def test_a_masked_number_never_shows_the_middle(number: str, masked: str) -> None:
    assert portal.mask_account(number) == masked


@pytest.mark.parametrize(
    ("count", "words"), [(0, "0 KB"), (1, "1 KB"), (12_001, "13 KB"), (999_001, "1.0 MB"), (1_400_000, "1.4 MB")]
)
def test_data_used_is_rounded_up(count: int, words: str) -> None:
    assert portal.data_size(count) == words


@pytest.mark.parametrize(
    ("status", "word", "tone"),
    [("ACTIVE", "Active", "good"), ("FROZEN", "Frozen", "bad"), ("DORMANT", "Dormant", "quiet")],
)
def test_a_status_is_a_word_and_not_only_a_colour(status: str, word: str, tone: str) -> None:
    with translation.override("en"):
        assert portal.status_tag(status) == f'<span class="tag tag--{tone}">{word}</span>'


def test_a_disabled_account_is_called_closed() -> None:
    with translation.override("en"):
        assert ">Closed<" in portal.status_tag("DISABLED")


def test_an_unknown_status_is_shown_as_it_is_and_escaped() -> None:
    assert "On hold" in portal.status_tag("ON_HOLD")
    assert "<b>" not in portal.status_tag("<b>")


def test_icons_are_hidden_from_screen_readers_unless_they_are_named() -> None:
    assert 'aria-hidden="true"' in portal.icon("send")
    assert 'role="img" aria-label="Send"' in portal.icon("send", "Send")


def test_every_icon_a_template_asks_for_is_in_the_sprite() -> None:
    sprite = (settings.BASE_DIR / "static" / "icons.svg").read_text()
    drawn = set(re.findall(r'<symbol id="([\w-]+)"', sprite))
    asked = set()
    for page in Path(settings.BASE_DIR / "templates").rglob("*.html"):
        asked |= set(re.findall(r'{% icon "([\w-]+)"', page.read_text()))
        asked |= set(re.findall(r'drawing="([\w-]+)"', page.read_text()))
    assert asked <= drawn, asked - drawn


def test_a_field_ties_its_hint_to_the_control() -> None:
    html = field(Sample(), "email")
    assert '<label for="id_email">E-mail</label>' in html
    assert 'id="id_email_hint">The one the branch knows.' in html
    assert 'aria-describedby="id_email_hint"' in html
    assert "aria-invalid" not in html


def test_a_refused_field_says_error_in_words_and_keeps_what_was_typed() -> None:
    html = field(Sample({"email": "emmanuel@"}), "email")
    assert "Error:" in html
    assert "Enter a valid email address." in html
    assert 'aria-describedby="id_email_hint id_email_error"' in html
    assert 'aria-invalid="true"' in html
    assert 'value="emmanuel@"' in html


def test_what_was_typed_is_escaped() -> None:
    assert "<script>" not in field(Sample({"email": "<script>"}), "email")


def test_a_password_can_be_shown_but_is_never_sent_back() -> None:
    html = field(Sample({"password": "secret words"}), "password")
    assert 'data-reveal="id_password"' in html
    assert "secret words" not in html


def test_the_reveal_button_is_hidden_until_the_script_can_serve_it() -> None:
    assert re.search(r'<button type="button" class="reveal" hidden', field(Sample(), "password"))


def test_choices_are_one_group_with_a_legend() -> None:
    html = field(Sample({"how": "x"}), "how")
    assert "<fieldset" in html
    assert "<legend>How</legend>" in html
    assert 'for="id_how_0"' in html
    assert 'aria-describedby="id_how_error"' in html


def test_every_kind_of_control_is_drawn() -> None:
    form = Sample()
    assert "<select" in field(form, "account")
    assert "<textarea" in field(form, "note")
    assert "(optional)" in field(form, "note")
    assert "(optional)" not in shown("{% field bound mark_optional=False %}", bound=form["note"])
    assert 'type="checkbox"' in field(form, "sure")
    assert field(form, "step").strip().startswith('<input type="hidden"')


def test_only_form_fields_are_drawn_as_fields() -> None:
    with pytest.raises(TypeError):
        shown("{% field bound %}", bound="")


def test_the_summary_is_empty_while_nothing_is_wrong() -> None:
    assert shown("{% error_summary form %}", form=Sample()).strip() == ""


def test_the_summary_links_each_error_to_its_field() -> None:
    html = shown("{% error_summary form %}", form=Sample({"email": "x", "note": "bad"}))
    assert 'role="alert"' in html
    assert 'tabindex="-1"' in html
    assert '<a href="#id_email">Enter a valid email address.</a>' in html
    assert 'href="#id_how_0"' in html
    assert "<li>These do not go together.</li>" in html


def test_the_title_says_error_first_when_a_form_was_refused() -> None:
    assert shown("{% title_prefix form %}", form=Sample({})) == "Error: "
    assert shown("{% title_prefix form %}", form=Sample()) == ""
    assert shown("{% title_prefix form %}") == ""


def test_the_chart_says_its_lowest_and_highest_in_words() -> None:
    points = [(date(2026, 9, 1) + timedelta(days=day), D(1000 * (day + 1))) for day in range(3)]
    html = shown("{% balance_chart points %}", points=points)
    assert "Lowest KES 1,000.00 on 1 September, highest KES 3,000.00 on 3 September" in html
    assert "<title" in html
    assert "style=" not in html


def test_the_chart_refuses_what_is_not_money() -> None:
    with pytest.raises(TypeError):
        shown("{% balance_chart points %}", points=[(date(2026, 9, 1), 1.5)])


def test_a_chart_without_movements_says_so() -> None:
    assert "<svg" not in shown("{% balance_chart points %}", points=[])


def test_the_copy_button_waits_for_the_script_and_escapes_its_text() -> None:
    html = shown("{% copy_button text %}", text='A"B')
    assert "hidden" in html
    assert 'data-copy="A&quot;B"' in html
