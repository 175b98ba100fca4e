"""Addresses of View: the history, one movement, the course of the balance."""

from django.urls import path, register_converter

from statements import views
from statements.converters import ReferenceConverter, YearConverter
from statements.disputes.views import dispute
from statements.exporting.views import history_csv, history_xlsx
from statements.year.views import year_csv_file, year_pdf_file, year_summary

register_converter(ReferenceConverter, "reference")
register_converter(YearConverter, "year")

urlpatterns = [
    path("", views.history, name="view"),
    path("movements/<reference:reference>/", views.movement, name="movement"),
    path("movements/<reference:reference>/dispute/", dispute, name="dispute"),
    path("history.csv", history_csv, name="history_csv"),
    path("history.xlsx", history_xlsx, name="history_xlsx"),
    path("year/<year:year>/", year_summary, name="year_summary"),
    path("year/<year:year>/summary.pdf", year_pdf_file, name="year_pdf"),
    path("year/<year:year>/summary.csv", year_csv_file, name="year_csv"),
    path("balance/", views.balance, name="balance_history"),
]
