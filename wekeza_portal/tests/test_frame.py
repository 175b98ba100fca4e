"""What frames every page is drawn once, and holds nothing of anybody's own."""

import pytest
from django.template import Context, Template
from django.test import override_settings
from django.utils import translation

from wekeza_portal.templatetags import frame


def drawn(template: Template, **context: object) -> str:
    return template.render(Context(context))


def test_it_is_drawn_once_for_each_value() -> None:
    template = Template(
        "{% load frame %}{% shared section=section %}{% now 'u' as at %}{{ section }} {{ at }}{% endshared %}"
    )
    home = drawn(template, section="home")
    assert home.startswith("home ")
    assert drawn(template, section="home") == home
    assert drawn(template, section="move").startswith("move ")


def test_it_is_drawn_anew_in_another_language() -> None:
    template = Template("{% load frame i18n %}{% shared %}{% translate 'Home' %}{% endshared %}")
    with translation.override("en"):
        english = drawn(template)
    with translation.override("sw"):
        assert drawn(template) != english
    with translation.override("en"):
        assert drawn(template) == english


def test_nothing_of_the_page_s_own_can_slip_into_it() -> None:
    template = Template(
        "{% load frame %}{% shared %}[{{ customer }}{{ request.path }}{{ user }}{{ csrf_token }}{{ amounts_hidden }}]"
        "{% endshared %} {{ customer }}"
    )
    page = drawn(template, customer="Wanjiku", user="w", csrf_token="t", amounts_hidden=True)
    assert page == "[] Wanjiku"
    assert drawn(template, customer="Otieno") == "[] Otieno"


@pytest.mark.parametrize("value", [7, 1.5, None, object(), ["home"]])
def test_a_value_that_could_be_anything_is_refused(value: object) -> None:
    template = Template("{% load frame %}{% shared section=section %}{{ section }}{% endshared %}")
    with pytest.raises(TypeError):
        drawn(template, section=value)


def test_what_it_is_given_is_escaped() -> None:
    template = Template("{% load frame %}{% shared section=section %}{{ section }}{% endshared %}")
    assert drawn(template, section="<script>") == "&lt;script&gt;"


def test_other_settings_draw_it_anew() -> None:
    template = Template("{% load frame %}{% shared %}{% now 'u' %}{% endshared %}")
    drawn(template)
    assert frame._kept
    with override_settings(BANK_NAME="Another bank"):
        assert not frame._kept


def test_values_by_mistake_without_end_are_not_kept_without_end() -> None:
    template = Template("{% load frame %}{% shared section=section %}{{ section }}{% endshared %}")
    for number in range(frame.MOST_KEPT + 10):
        assert drawn(template, section=str(number)) == str(number)
    assert len(frame._kept) <= frame.MOST_KEPT
