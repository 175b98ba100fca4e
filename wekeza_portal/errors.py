"""Errors that carry a sentence for the customer.

A service refuses by raising a `PortalError`; the view shows `message` beside `field` (or on top of the page).
"""

from typing import Any, ClassVar


class PortalError(Exception):
    """A refusal in the customer's words.

    `message` is a lazily translated sentence with optional %(name)s places, filled from the keyword arguments of
    the constructor. `code` is stable and machine-readable (audit, tests). `field` names the form field it is about.
    """

    code: ClassVar[str] = "refused"
    message: ClassVar[Any] = ""
    field: ClassVar[str | None] = None

    def __init__(self, **values: object) -> None:
        super().__init__(self.code)
        self.values = values

    def __str__(self) -> str:
        text = str(self.message)
        return text % self.values if self.values else text
