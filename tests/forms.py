"""Reads the forms of a page as a browser would, so that tests can send them with something else inside."""

from dataclasses import dataclass, field
from html.parser import HTMLParser


@dataclass
class PageForm:
    """One form: where it goes, how, and what it would send as it stands."""

    action: str
    method: str
    values: dict[str, str] = field(default_factory=dict)
    choices: dict[str, list[str]] = field(default_factory=dict)


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.forms: list[PageForm] = []
        self._select = ""

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        has = {name: value or "" for name, value in attributes}
        if tag == "form":
            self.forms.append(PageForm(has.get("action", ""), has.get("method", "get").lower()))
        elif self.forms and has.get("name") and tag in {"input", "select", "textarea", "button"}:
            self._field(tag, has)
        elif self.forms and tag == "option" and self._select:
            self._option(has, is_chosen="selected" in has)

    def handle_endtag(self, tag: str) -> None:
        if tag == "select":
            self._select = ""

    def _field(self, tag: str, has: dict[str, str]) -> None:
        name, form = has["name"], self.forms[-1]
        if tag == "select":
            self._select = name
        elif has.get("type") in {"radio", "checkbox"}:
            form.choices.setdefault(name, []).append(has.get("value", "on"))
            if "checked" in has or name not in form.values:
                form.values[name] = has.get("value", "on")
        else:
            form.values.setdefault(name, has.get("value", ""))

    def _option(self, has: dict[str, str], *, is_chosen: bool) -> None:
        form = self.forms[-1]
        form.choices.setdefault(self._select, []).append(has.get("value", ""))
        if is_chosen or self._select not in form.values:
            form.values[self._select] = has.get("value", "")


def forms_on(html: str) -> list[PageForm]:
    """Every form of a page, in their order."""
    reader = _Reader()
    reader.feed(html)
    return reader.forms
