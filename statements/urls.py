"""Addresses of View: the history, one movement, the course of the balance."""

from django.urls import path, register_converter

from statements import views
from statements.converters import ReferenceConverter

register_converter(ReferenceConverter, "reference")

urlpatterns = [
    path("", views.history, name="view"),
    path("movements/<reference:reference>/", views.movement, name="movement"),
    path("balance/", views.balance, name="balance_history"),
]
