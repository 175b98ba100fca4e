"""Addresses of Insure."""

from django.urls import path

from insurance import views

urlpatterns = [
    path("", views.insure, name="insure"),
]
