"""Addresses of the settings."""

from django.urls import path

from accounts.preferences import views

urlpatterns = [
    path("settings/", views.settings, name="settings"),
    path("settings/hide-amounts/", views.hide_amounts, name="hide_amounts"),
    path("language/", views.language, name="language"),
]
