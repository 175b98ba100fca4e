"""What frames every page (head, navigation, footer) is the same for everybody and is drawn once per process.

A page's frame is more than half of its template work, and only its language, its section and the bank's settings tell
one from another. What is somebody's own can't slip into it: inside the tag there is nothing of the page's context.
"""

from typing import Any

from django import template
from django.core.signals import setting_changed
from django.template import Context, Node, NodeList
from django.template.base import FilterExpression, Parser, Token, token_kwargs
from django.utils import translation

from wekeza_portal import dates

register = template.Library()

MOST_KEPT = 1000
"""Drawings kept in one process. Values come from short lists, so this is only ever reached by mistake."""

_kept: dict[tuple[Any, ...], str] = {}


class SharedNode(Node):
    """Draws its content once for each language and each combination of its values."""

    def __init__(self, nodelist: NodeList, values: dict[str, FilterExpression]) -> None:
        self.nodelist, self.values = nodelist, values

    def render(self, context: Context) -> str:
        values = {name: expression.resolve(context) for name, expression in self.values.items()}
        for name, value in values.items():
            if not isinstance(value, str | bool):
                raise TypeError(f"{name} of {{% shared %}} is {type(value).__name__}: only short lists may tell apart")
        key = (self, translation.get_language(), *values.values())
        drawn = _kept.get(key)
        if drawn is None:
            if len(_kept) >= MOST_KEPT:
                _kept.clear()
            alone = context.new({"portal": context.get("portal"), "LANGUAGE_CODE": key[1], **values})
            with dates.as_written():
                drawn = _kept[key] = self.nodelist.render(alone)
        return drawn


@register.tag
def shared(parser: Parser, token: Token) -> SharedNode:
    """`{% shared section=section %}...{% endshared %}`: a part that is the same for everybody.

    Its content sees the bank (`portal`), the language and the values named in the tag, nothing else: neither request
    nor user nor a CSRF token, and dates are written as the page has them, however somebody wants theirs. TypeError for
    a value that is neither text nor yes or no.
    """
    bits = token.split_contents()[1:]
    values = token_kwargs(bits, parser)
    if bits:
        raise template.TemplateSyntaxError("{% shared %} takes name=value only")
    nodelist = parser.parse(("endshared",))
    parser.delete_first_token()
    return SharedNode(nodelist, values)


def forget(**_: Any) -> None:
    """Draw everything anew: the settings are others now."""
    _kept.clear()


setting_changed.connect(forget, dispatch_uid="frame")
