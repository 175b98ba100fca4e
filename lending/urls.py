"""Addresses of Borrow."""

from django.urls import path

from lending import views

urlpatterns = [
    path("", views.borrow, name="borrow"),
]
