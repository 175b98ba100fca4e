"""Addresses of View: the history, one movement, the course of the balance."""

from django.urls import path, register_converter

from statements import views
from statements.converters import ReferenceConverter
from statements.disputes.views import dispute
from statements.exporting.views import history_csv, history_xlsx

register_converter(ReferenceConverter, "reference")

urlpatterns = [
    path("", views.history, name="view"),
    path("movements/<reference:reference>/", views.movement, name="movement"),
    path("movements/<reference:reference>/dispute/", dispute, name="dispute"),
    path("history.csv", history_csv, name="history_csv"),
    path("history.xlsx", history_xlsx, name="history_xlsx"),
    path("balance/", views.balance, name="balance_history"),
]
