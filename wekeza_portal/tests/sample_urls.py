"""A handful of pages that behave and misbehave in every way the middleware must cope with."""

from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import PermissionDenied
from django.db import InterfaceError, OperationalError
from django.http import FileResponse, HttpRequest, HttpResponse, JsonResponse
from django.urls import include, path
from django.views.decorators.cache import cache_control

from wekeza_portal.urls import handler400, handler403, handler404, handler500


@login_not_required
def page(request: HttpRequest) -> HttpResponse:
    return HttpResponse("<p>Hello</p>" * 200)


@login_not_required
@cache_control(public=True, max_age=60)
def cached(request: HttpRequest) -> HttpResponse:
    return HttpResponse("<p>Hello</p>")


@login_not_required
def ends(request: HttpRequest) -> HttpResponse:
    return HttpResponse("<p>Signed out</p>")


@login_not_required
def forbidden(request: HttpRequest) -> HttpResponse:
    raise PermissionDenied


@login_not_required
def crash(request: HttpRequest) -> HttpResponse:
    raise ZeroDivisionError


@login_not_required
def away(request: HttpRequest) -> HttpResponse:
    raise OperationalError(2002, "Can't connect to local server")


@login_not_required
def cut(request: HttpRequest) -> HttpResponse:
    raise InterfaceError(0, "connection already closed")


@login_not_required
def echo(request: HttpRequest) -> JsonResponse:
    names = ("REMOTE_ADDR", "HTTP_X_FORWARDED_FOR", "HTTP_X_FORWARDED_PROTO", "HTTP_X_FORWARDED_HOST")
    return JsonResponse({"id": request.request_id, **{name: request.META.get(name) for name in names}})


@login_not_required
def paper(request: HttpRequest) -> FileResponse:
    return FileResponse(iter([b"%PDF-"]), content_type="application/pdf", headers={"Content-Length": "5"})


urlpatterns = [
    path("sample/page/", page),
    path("sample/cached/", cached),
    path("sample/logout/", ends, name="logout"),
    path("sample/forbidden/", forbidden),
    path("sample/crash/", crash),
    path("sample/away/", away),
    path("sample/cut/", cut),
    path("sample/echo/", echo),
    path("sample/paper/", paper),
    path("", include("wekeza_portal.urls")),
]

__all__ = ["handler400", "handler403", "handler404", "handler500", "urlpatterns"]
