"""Addresses of the settings."""

from django.urls import path

from accounts.preferences import page, views

urlpatterns = [
    path("settings/", views.settings, name="settings"),
    path("settings/hide-amounts/", views.hide_amounts, name="hide_amounts"),
    path("settings/preferences/", page.preferences, name="preferences"),
    path("settings/preferences/whole-history/", page.show_all_history, name="show_all_history"),
    path("language/", views.language, name="language"),
]
