"""`portal_admin`: Django's admin as the bank's staff see it, at /admin/.

Other apps register their tables (`portal_admin.register`), pages (`add_board`) and lines of the front page
(`add_panel`) in their admin.py, which is imported when the apps are ready.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import wraps
from typing import Any

from csp.decorators import csp_replace
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import path as url_path
from django.utils.decorators import method_decorator
from django.utils.translation import gettext_lazy as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST
from django_otp.admin import OTPAdminSite

from wekeza_portal.audit.services import record
from wekeza_portal.staff import door
from wekeza_portal.staff.readonly import ReadOnlyAdmin

__all__ = ["Board", "Panel", "PortalAdminSite", "ReadOnlyAdmin", "portal_admin"]

View = Callable[..., Any]
# Django's admin runs on jQuery, which writes HTML: the one thing Trusted Types forbid.
WITHOUT_TRUSTED_TYPES = {"require-trusted-types-for": None, "trusted-types": None}


with_staff_policy = csp_replace(WITHOUT_TRUSTED_TYPES)


@dataclass(frozen=True, slots=True)
class Board:
    """A page of the staff's that is not a table: below /admin/boards/, behind one permission."""

    name: str
    path: str
    view: View
    title: Any
    permission: str
    is_linked: bool = True

    @property
    def is_listed(self) -> bool:
        """Pages with a parameter, and those that only take a form, are reached from others."""
        return self.is_linked and "<" not in self.path


@dataclass(frozen=True, slots=True)
class Panel:
    """A box on the front page. `lines` gives (words, value, is it alarming?) for this moment."""

    title: Any
    permission: str
    lines: Callable[[], Sequence[tuple[Any, Any, bool]]]


class PortalAdminSite(OTPAdminSite):  # type: ignore[misc] # a library without types
    """Every page needs password, TOTP and an active row in the branch's staff table, asked anew at each request."""

    name = "admin"
    site_header = _("Staff")
    site_title = _("Staff")
    index_title = _("Staff pages")
    index_template = "staff/index.html"
    app_index_template = "staff/app_index.html"
    password_change_done_template = "staff/password_done.html"  # noqa: S105 - a template
    final_catch_all_view = False
    enable_nav_sidebar = False
    site_url = None

    def __init__(self, name: str = "admin") -> None:
        super().__init__(name)
        self.boards: list[Board] = []
        self.panels: list[tuple[int, Panel]] = []

    def add_board(
        self, name: str, path: str, view: View, title: Any, permission: str, *, is_linked: bool = True
    ) -> None:
        """A page at /admin/boards/<path>, URL name `admin:<name>`, for staff with `permission` ("app.codename").

        LookupError when the name is taken.
        """
        if any(board.name == name for board in self.boards):
            raise LookupError(f"board {name!r} is registered twice")
        self.boards.append(Board(name, path, view, title, permission, is_linked))

    def add_panel(self, order: int, title: Any, permission: str, lines: Callable[[], Any]) -> None:
        """A box on the front page, for staff with `permission`; lower `order` stands first."""
        self.panels.append((order, Panel(title, permission, lines)))

    def has_permission(self, request: HttpRequest) -> bool:
        return door.stands(request)

    def admin_view(self, view: View, cacheable: bool = False) -> View:
        wrapped: View = with_staff_policy(super().admin_view(view, cacheable))
        return wrapped

    def board_view(self, board: Board) -> View:
        @wraps(board.view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
            if not request.user.has_perm(board.permission):
                raise PermissionDenied
            return board.view(request, *args, **kwargs)

        return self.admin_view(guarded)

    def get_urls(self) -> list[Any]:
        unwanted = {"view_on_site", "autocomplete"}
        own = [url_path(f"boards/{board.path}", self.board_view(board), name=board.name) for board in self.boards]
        return [*own, *(entry for entry in super().get_urls() if getattr(entry, "name", None) not in unwanted)]

    def page(self, request: HttpRequest, template: str, title: Any, **context: Any) -> HttpResponse:
        """Render a board's template (extends admin/base_site.html) with what every staff page needs."""
        return render(request, template, {**self.each_context(request), "title": title, **context})

    def each_context(self, request: Any) -> dict[str, Any]:
        boards = [b for b in self.boards if b.is_listed and self.has_permission(request)]
        permitted = [b for b in boards if request.user.has_perm(b.permission)]
        return {**super().each_context(request), "boards": permitted, "log_entries": ()}

    def index(self, request: HttpRequest, extra_context: Any = None) -> Any:
        """The front page: how things stand, the boards, the tables."""
        panels = [
            (panel.title, panel.lines())
            for _order, panel in sorted(self.panels, key=lambda pair: pair[0])
            if request.user.has_perm(panel.permission)
        ]
        return super().index(request, {**(extra_context or {}), "panels": panels})

    @method_decorator(sensitive_post_parameters("password", "code"))
    def _sign_in(self, request: HttpRequest) -> HttpResponse:
        from wekeza_portal.staff import views

        return views.sign_in(request)

    def login(self, request: HttpRequest, extra_context: Any = None) -> Any:
        """Staff code, password and code on one form."""
        return with_staff_policy(require_http_methods(["GET", "HEAD", "POST"])(self._sign_in))(request)

    def logout(self, request: HttpRequest, extra_context: Any = None) -> Any:
        """End the session here and on the server. POST only."""
        return require_POST(self._sign_out)(request)

    def _sign_out(self, request: HttpRequest) -> HttpResponseRedirect:
        if self.has_permission(request):
            record("staff.signed_out", actor=door.actor_from(request))
        request.session.flush()
        return redirect("admin:login")

    def password_change(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        from wekeza_portal.staff import views

        return views.change_password(request)


portal_admin = PortalAdminSite()
