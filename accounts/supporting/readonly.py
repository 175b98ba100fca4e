"""A page of the portal without anything that could be pressed: a copy to read, not a copy to use.

What comes in is our own pages' HTML, as the templates have escaped it. Out go scripts, dialogs, what is marked as a
secret and everything that sends a form; fields stay as they stand, disabled. A link stays one where its page may be
looked at too. What belongs to the look itself leads below /admin/ and stays as it is.
"""

from collections.abc import Callable, Collection, Mapping
from html import escape
from html.parser import HTMLParser

Lead = Callable[[str], str | None]
"""An address on a customer's page -> the one where it can be looked at; None where it can't."""
Attributes = Mapping[str, str | None]

GONE = frozenset({"script", "dialog", "noscript", "template", "iframe", "object", "embed"})
WITHOUT_END = frozenset({"br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"})
CONTROLS = frozenset({"button", "input", "select", "textarea"})
NEVER_SHOWN = frozenset({"hidden", "password", "file"})
SECRET = "data-secret"  # noqa: S105 - the mark in templates
STAFF = "/admin/"


def without_controls(html: str, lead: Lead) -> str:
    """The page to be read only."""
    page = _Page(lead)
    page.feed(html)
    page.close()
    return "".join(page.out)


class _Page(HTMLParser):
    """Says again what it reads, but for what is left out."""

    def __init__(self, lead: Lead) -> None:
        super().__init__(convert_charrefs=False)
        self.lead = lead
        self.out: list[str] = []
        self.left_out: list[str] = []
        """The element that is being left out, and those of its own name inside it."""
        self.forms: list[bool] = []
        """The open forms, each with whether it may be sent."""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if self.left_out or tag in GONE or SECRET in given:
            if tag not in WITHOUT_END and (not self.left_out or self.left_out[0] == tag):
                self.left_out.append(tag)
            return
        self._open(tag, given)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if not self.left_out and tag not in GONE and SECRET not in dict(attrs):
            self._open(tag, dict(attrs))

    def handle_endtag(self, tag: str) -> None:
        if self.left_out:
            if tag == self.left_out[0]:
                self.left_out.pop()
        elif tag == "form" and self.forms:
            self.out.append("</form>" if self.forms.pop() else "</div>")
        else:
            self.out.append(f"</{tag}>")

    def handle_data(self, data: str) -> None:
        self._say(data)

    def handle_entityref(self, name: str) -> None:
        self._say(f"&{name};")

    def handle_charref(self, name: str) -> None:
        self._say(f"&#{name};")

    def handle_decl(self, decl: str) -> None:
        self._say(f"<!{decl}>")

    def _open(self, tag: str, given: Attributes) -> None:
        if tag == "form":
            self._open_form(given)
        elif tag in CONTROLS and not (self.forms and self.forms[-1]):
            if tag != "input" or given.get("type") not in NEVER_SHOWN:
                self._element(tag, {**given, "disabled": None}, but={"formaction", "form", "name", "autofocus"})
        elif tag in {"a", "area"}:
            address = self._led(given.get("href") or "")
            self._element(tag, {**given, "href": address} if address else given, but=() if address else {"href"})
        elif tag != "base" and not (tag == "meta" and "http-equiv" in given):
            self._say(self.get_starttag_text() or "")

    def _open_form(self, given: Attributes) -> None:
        """A form that only asks for the same page in another way may be sent; so may the look's own."""
        address = given.get("action") or ""
        is_ours = address.startswith(STAFF)
        led = address if is_ours else self._led(address or "?")
        may = is_ours or ((given.get("method") or "get").lower() == "get" and led is not None)
        self.forms.append(may)
        kept = {**given, "action": led} if address else given
        self._element("form" if may else "div", kept, but=() if may else {"action", "method", "enctype", "novalidate"})

    def _led(self, address: str) -> str | None:
        """Places on this page and further pages of it stay; others lead where they can be looked at."""
        return address if address.startswith(("#", "?", STAFF)) else self.lead(address)

    def _element(self, tag: str, given: Attributes, *, but: Collection[str]) -> None:
        told = (
            name if value is None else f'{name}="{escape(value)}"' for name, value in given.items() if name not in but
        )
        self._say(f"<{' '.join([tag, *told])}>")

    def _say(self, text: str) -> None:
        if not self.left_out:
            self.out.append(text)
