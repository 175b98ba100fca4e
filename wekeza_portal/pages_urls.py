"""Addresses of the platform's own pages."""

from django.urls import path

from wekeza_portal import pages

urlpatterns = [
    path("more/", pages.more, name="more"),
    path("help/", pages.help_page, name="help"),
    path("manifest.webmanifest", pages.manifest, name="manifest"),
    path("demo/style/", pages.styleguide, name="styleguide"),
]
