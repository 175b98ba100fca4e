"""How the examining process says no: a code that the portal turns into a sentence."""


class Refusal(Exception):
    """`code` is one of wekeza_portal.uploads.errors.BY_CODE."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code
